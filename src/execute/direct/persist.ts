import { isTransient, serviceFailure } from '../../errors.ts'
import type { Clock } from '../../ports.ts'
import { isThrottling } from '../pace.ts'
import type { Gate } from './gate.ts'

/** What requests are made with. */
export interface RequestGround {
  readonly gate: Gate
  readonly clock: Clock
  /** Further attempts at one request. */
  readonly retryCount: number
  readonly onRetry: () => void
  readonly signal: AbortSignal
}

const SHORTEST_MS = 50
/** Where the service is overloaded, a moment does not help. */
const SHORTEST_THROTTLED_MS = 500
const LONGEST_MS = 20_000

/** Exponential, with full jitter. */
function backoffMs(attempt: number, throttled: boolean, { clock }: RequestGround): number {
  const first = throttled ? SHORTEST_THROTTLED_MS : SHORTEST_MS
  return Math.round(clock.random() * Math.min(LONGEST_MS, first * 2 ** attempt))
}

/** Makes a request, again and again while that may help. Throws what the last attempt threw. */
export async function persist<T>(request: () => Promise<T>, ground: RequestGround): Promise<T> {
  const { gate, clock, retryCount, onRetry, signal } = ground
  for (let attempt = 0; ; attempt++) {
    try {
      return await gate.pass(() => {
        signal.throwIfAborted()
        return request()
      })
    } catch (error) {
      const failure = serviceFailure(error)
      const throttled = isThrottling(failure.code)
      if (throttled) gate.slower()
      // New credentials are had by asking for them.
      const worthIt = isTransient(failure) || failure.code === 'ExpiredToken'
      if (signal.aborted || attempt >= retryCount || !worthIt) throw error
      onRetry()
      await clock.sleep(backoffMs(attempt, throttled, ground), signal)
    }
  }
}
