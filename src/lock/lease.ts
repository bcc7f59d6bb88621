import type { Clock } from '../ports.ts'

/** The two clocks of this machine: a suspended one lets only the first go on, and a person who sets the time changes only that. */
export type LeaseClock = Pick<Clock, 'now' | 'steadyMs'>

/** A moment of this machine. */
export interface Moment {
  readonly wallMs: number
  readonly steadyMs: number
}

/** How old a write is by the service's clock, and when that was told. */
export interface ServedAge {
  readonly ageMs: number
  readonly told: Moment
}

/** Now, by both clocks. */
export const momentOf = (clock: LeaseClock): Moment => ({
  wallMs: clock.now(),
  steadyMs: clock.steadyMs(),
})

/**
 * How old the last sign of life is that a lock shows: by three clocks, of which the one counts that says most. Both of
 * this machine may stand still while it is paused, so the service's own goes with them.
 */
export class Lease {
  readonly #clock: LeaseClock
  readonly #ttlMs: number
  /** Before the write was sent that the service has: it cannot have it for longer. */
  #since: Moment
  /** The age by the service's clock, and when it was told. */
  #served: ServedAge | undefined

  constructor(ttlMs: number, since: Moment, clock: LeaseClock) {
    this.#ttlMs = ttlMs
    this.#since = since
    this.#clock = clock
  }

  get ttlMs(): number {
    return this.#ttlMs
  }

  /** The service has a write that was sent behind this moment. */
  renew(since: Moment): void {
    this.#since = since
    this.#served = undefined
  }

  /** The service says how old the write is; undefined: it does not. */
  saw(served: ServedAge | undefined): void {
    this.#served = served ?? this.#served
  }

  /** Milliseconds. */
  get ageMs(): number {
    const served = this.#served
    return Math.max(
      this.#passedMs(this.#since),
      served ? served.ageMs + this.#passedMs(served.told) : 0,
    )
  }

  /** By the clock of this machine that says more. */
  #passedMs(since: Moment): number {
    const { wallMs, steadyMs } = momentOf(this.#clock)
    return Math.max(steadyMs - since.steadyMs, wallMs - since.wallMs)
  }

  /** Nobody else can have the lock before this is true. */
  get isOver(): boolean {
    return this.ageMs >= this.#ttlMs
  }
}
