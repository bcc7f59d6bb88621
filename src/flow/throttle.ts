import type { TransferRequest } from '../model/request.ts'
import type { Clock } from '../ports.ts'

/**
 * Resolves when one more request, which moves so many bytes, may begin; at once when the run is cancelled. undefined:
 * nothing was asked for, so that nobody waits.
 */
export type Throttle = (bytes: number) => Promise<void> | undefined

interface ThrottleDoors {
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  readonly signal: AbortSignal
}

/** What a timer came too late is made up for. */
const SLACK_MS = 50

/** Spreads amounts evenly over time: each begins when those before it have had theirs. */
class Spread {
  readonly #perSecond: number
  #nextAtMs = 0

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  async take(amount: number, { clock, signal }: ThrottleDoors): Promise<void> {
    if (signal.aborted || amount === 0) return
    const nowMs = clock.now()
    const atMs = Math.max(this.#nextAtMs, nowMs - SLACK_MS)
    this.#nextAtMs = atMs + (amount * 1000) / this.#perSecond
    if (atMs > nowMs) await clock.sleep(atMs - nowMs, signal)
  }
}

const spreadOf = (perSecond: number | undefined): Spread | undefined =>
  perSecond === undefined ? undefined : new Spread(perSecond)

/** The requests and bytes a second that were asked for: all who take of one budget keep to it together. */
export class RateBudget {
  readonly #requests: Spread | undefined
  readonly #bytes: Spread | undefined

  constructor({
    bytesPerSecond,
    requestsPerSecond,
  }: Pick<TransferRequest, 'bytesPerSecond' | 'requestsPerSecond'>) {
    this.#requests = spreadOf(requestsPerSecond)
    this.#bytes = spreadOf(bytesPerSecond)
  }

  /** Keeps some of its requests to it. */
  throttle(doors: ThrottleDoors): Throttle {
    const requests = this.#requests
    const bytes = this.#bytes
    if (!requests) return (size) => bytes?.take(size, doors)
    if (!bytes) return () => requests.take(1, doors)
    return async (size) => {
      await Promise.all([requests.take(1, doors), bytes.take(size, doors)])
    }
  }
}
