import { isExpiry, isThrottling } from '../../errors/catalogue.ts'
import { isTransient, type ServiceFailure, serviceFailure } from '../../errors/service-failure.ts'
import type { Clock } from '../../ports.ts'
import type { Throttle } from '../throttle.ts'
import type { Gate } from './gate.ts'

/** What requests are made with. */
export interface RequestGround {
  readonly gate: Gate
  readonly throttle: Throttle
  readonly clock: Clock
  /** Further attempts at one request. */
  readonly retryCount: number
  /** Told why a request is made again. */
  readonly onRetry: (failure: ServiceFailure) => void
  readonly signal: AbortSignal
}

/** The first wait at most, and any wait at most. */
const WAIT_MS = { first: 50, any: 20_000 }
/** Where the service is overloaded a moment does not help, and the gate keeps to what it bears. */
const THROTTLED_WAIT_MS = { first: 1000, any: 4000 }

/** Exponential, with full jitter. */
function backoffMs(attempt: number, throttled: boolean, { clock }: RequestGround): number {
  const { first, any } = throttled ? THROTTLED_WAIT_MS : WAIT_MS
  return Math.round(clock.random() * Math.min(any, first * 2 ** attempt))
}

/** Makes a request that moves so many bytes, again and again while that may help. Throws what the last attempt threw. */
export async function persist<T>(
  request: () => Promise<T>,
  ground: RequestGround,
  bytes = 0,
): Promise<T> {
  const { gate, throttle, clock, retryCount, onRetry, signal } = ground
  for (let attempt = 0; ; attempt++) {
    await throttle(bytes)
    try {
      return await gate.pass(() => {
        signal.throwIfAborted()
        return request()
      })
    } catch (error) {
      const failure = serviceFailure(error)
      const throttled = isThrottling(failure.code)
      if (throttled) gate.slower()
      // The next attempt has new credentials.
      const worthIt = isTransient(failure) || isExpiry(failure.code)
      if (signal.aborted || attempt >= retryCount || !worthIt) throw error
      onRetry(failure)
      await clock.sleep(backoffMs(attempt, throttled, ground), signal)
    }
  }
}
