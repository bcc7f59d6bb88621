import type { Clock } from '../ports.ts'

/** How a limit begins, and how far it goes. */
export interface AdaptiveLimitRules {
  /** Requests at a time in the beginning. */
  readonly start: number
  /** Never more than this at a time. */
  readonly most: number
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  /** Nobody waits any more once it is aborted. */
  readonly signal: AbortSignal
}

const SECOND_MS = 1000
/** So often there may be room for twice as many. */
const STEP_MS = 500
/** As much of all is refused where the rate is right: less would be too little. */
const FAIR_SHARE = 0.1
/** Doubled with each step that goes well: near what the service bears by little, far from it fast. */
const FIRST_RISE = 0.02
const LEAST_PER_SECOND = 10
/** What a timer or a busy moment came too late is made up for. */
const SLACK_MS = 50

/** Counts what happens in a second: it knows the one that runs and the one before, and takes the latter as even. */
class Meter {
  readonly #clock: Pick<Clock, 'now'>
  #beganMs: number
  #before = 0
  #running = 0

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
    this.#beganMs = clock.now()
  }

  count(): void {
    this.#sinceTurnMs()
    this.#running++
  }

  /** How much happened in the last second. */
  get perSecond(): number {
    const sinceMs = this.#sinceTurnMs()
    return this.#running + this.#before * (1 - sinceMs / SECOND_MS)
  }

  /** Begins a new second when one is over; gives how long it lasts by now. */
  #sinceTurnMs(): number {
    const sinceMs = this.#clock.now() - this.#beganMs
    const seconds = Math.floor(sinceMs / SECOND_MS)
    if (seconds < 1) return sinceMs
    this.#before = seconds === 1 ? this.#running : 0
    this.#running = 0
    this.#beganMs += seconds * SECOND_MS
    return sinceMs - seconds * SECOND_MS
  }
}

/**
 * Lets requests through: so many at a time, and no more a second than the service bears. It doubles its room each half
 * second until it is told to be slower. From then on it keeps to a rate, what the service just bore and slowly more:
 * room alone would not do, as a service that answers at once is flooded through the smallest.
 */
export class AdaptiveLimit {
  readonly #rules: AdaptiveLimitRules
  readonly #waiting: (() => void)[] = []
  readonly #done: Meter
  readonly #refused: Meter
  #room: number
  #roomChangedAtMs: number
  #inside = 0
  /** Until the rate lets another one in. */
  #isAsleep = false
  #perSecond = Number.POSITIVE_INFINITY
  #rise = FIRST_RISE
  #nextAtMs = 0
  #refusedSinceMs: number

  constructor(rules: AdaptiveLimitRules) {
    const { start, most, clock } = rules
    this.#rules = rules
    this.#done = new Meter(clock)
    this.#refused = new Meter(clock)
    this.#room = Math.min(start, most)
    this.#roomChangedAtMs = clock.now()
    this.#refusedSinceMs = clock.now()
  }

  /** Requests at a time, as things stand. */
  get room(): number {
    return this.#room
  }

  /** Runs work when there is room for it. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#mayEnter)
      await new Promise<void>((enter) => {
        this.#waiting.push(enter)
        this.#letIn()
      })
    else this.#enter()
    try {
      const result = await work()
      this.#done.count()
      this.#grow()
      return result
    } finally {
      this.#inside--
      if (this.#waiting.length > 0) this.#letIn()
    }
  }

  /** The service asked for fewer requests. */
  slower(): void {
    const nowMs = this.#rules.clock.now()
    this.#roomChangedAtMs = nowMs
    if (this.#refused.perSecond === 0) this.#refusedSinceMs = nowMs
    this.#refused.count()
    this.#rise = FIRST_RISE
    const [done, refused] = [this.#done.perSecond, this.#refused.perSecond]
    // What a service bears shows in a second of refusals, not before.
    if (refused / (refused + done) < FAIR_SHARE || nowMs - this.#refusedSinceMs < SECOND_MS) return
    this.#refusedSinceMs = nowMs
    // A moment in which we were busy ourselves tells little of the service.
    const least = this.#isPaced ? this.#perSecond / 2 : LEAST_PER_SECOND
    this.#perSecond = Math.max(LEAST_PER_SECOND, least, Math.min(this.#perSecond, done))
    this.#room = this.#rules.most
  }

  get #isPaced(): boolean {
    return this.#perSecond !== Number.POSITIVE_INFINITY
  }

  /** Whether a request may begin at once; those that wait come first. */
  get #mayEnter(): boolean {
    return this.#inside < this.#room && this.#waiting.length === 0 && this.#waitMs() <= 0
  }

  #waitMs(): number {
    const { clock, signal } = this.#rules
    return !this.#isPaced || signal.aborted ? 0 : this.#nextAtMs - clock.now()
  }

  #enter(): void {
    this.#inside++
    if (!this.#isPaced) return
    const nowMs = this.#rules.clock.now()
    this.#nextAtMs = Math.max(this.#nextAtMs, nowMs - SLACK_MS) + SECOND_MS / this.#perSecond
  }

  #letIn(): void {
    while (this.#inside < this.#room && this.#waiting.length > 0 && !this.#isAsleep) {
      const waitMs = this.#waitMs()
      if (waitMs > 0) {
        this.#letInAfter(waitMs)
        return
      }
      this.#enter()
      this.#waiting.shift()?.()
    }
  }

  #letInAfter(ms: number): void {
    const { clock, signal } = this.#rules
    this.#isAsleep = true
    void clock.sleep(ms, signal).then(() => {
      this.#isAsleep = false
      this.#letIn()
    })
  }

  /** Room that nobody needs says nothing about what the service can bear. */
  #grow(): void {
    if (this.#waiting.length === 0) return
    const nowMs = this.#rules.clock.now()
    if (nowMs - this.#roomChangedAtMs < STEP_MS) return
    this.#roomChangedAtMs = nowMs
    this.#room = Math.min(this.#rules.most, this.#room * 2)
    this.#perSecond *= 1 + this.#rise
    this.#rise = Math.min(1, this.#rise * 2)
  }
}
