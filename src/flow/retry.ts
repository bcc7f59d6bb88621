import { askedWaitMs } from '../errors/service-error.ts'
import { isTransient, type ServiceFailure, serviceFailure } from '../errors/service-failure.ts'
import type { Clock } from '../ports.ts'

const ATTEMPTS = 5
const BASE_MS = 500

/** Runs `attempt` until it succeeds or fails for good; transient failures are tried again with full jitter, and no sooner than asked for. */
export async function withRetry<T>(
  clock: Clock,
  attempt: () => Promise<T>,
  onRetry: (failure: ServiceFailure, delayMs: number) => void,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      const failure = serviceFailure(error)
      if (tried === ATTEMPTS || !isTransient(failure)) throw error
      const jitterMs = Math.round(clock.random() * BASE_MS * 2 ** tried)
      const delayMs = Math.max(askedWaitMs(failure), jitterMs)
      onRetry(failure, delayMs)
      await clock.sleep(delayMs)
    }
  }
}
