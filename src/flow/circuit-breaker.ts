import type { Stopped } from '../model/engine.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Clock } from '../ports.ts'

/** How nobody answers, in the words of Node and of Go. */
const UNREACHABLE = /ECONNREFUSED|ENOTFOUND|connection refused|no such host/

/** Whether there was nobody to take the request; who answers in such words is somebody. */
export const isUnreachable = ({
  message = '',
  httpStatus,
}: Pick<Outcome, 'message' | 'httpStatus'>): boolean =>
  httpStatus === undefined && UNREACHABLE.test(message)

/** Without any success for so long, there is no use in going on. */
const PATIENCE_MS = 90_000
/** So many failures in a row are no accident. */
const MANY = 100
/** So many at the end of a pass tell that nobody is there any more. */
const SOME = 5

const NOBODY: Stopped = {
  status: 'failed',
  code: 'Unreachable',
  message: 'The service stopped responding before this object was started.',
}

/** Gives a service up when nobody answers, or nothing has succeeded for long: nobody else does. */
export class CircuitBreaker {
  readonly #clock: Pick<Clock, 'now'>
  readonly #giveUp: (why: Stopped) => void
  #answeredMs: number
  #passSucceeded = false
  #failedInRow = 0
  #unreachableInRow = 0

  /** `giveUp` is called once there is no use in beginning anything more. */
  constructor(clock: Pick<Clock, 'now'>, giveUp: (why: Stopped) => void) {
    this.#clock = clock
    this.#giveUp = giveUp
    this.#answeredMs = clock.now()
  }

  /** An op is done, or a service gave an answer that is needed for one. */
  succeeded(): void {
    this.#answeredMs = this.#clock.now()
    this.#passSucceeded = true
    this.#failedInRow = 0
    this.#unreachableInRow = 0
  }

  /** An op failed that may be tried again. */
  failed(outcome: Outcome): void {
    this.#failedInRow++
    this.#unreachableInRow = isUnreachable(outcome) ? this.#unreachableInRow + 1 : 0
    const isGone = this.#unreachableInRow >= MANY
    if (isGone || (this.#failedInRow >= MANY && this.#isSilent)) this.#giveUp(NOBODY)
  }

  /** Whether the pass that just ended was the last one; `unreachable`: none of what it left came through. */
  isOver({ unreachable }: { readonly unreachable: boolean }): boolean {
    const isDead = unreachable && (!this.#passSucceeded || this.#unreachableInRow >= SOME)
    this.#passSucceeded = false
    return this.#isSilent || isDead
  }

  get #isSilent(): boolean {
    return this.#clock.now() - this.#answeredMs >= PATIENCE_MS
  }
}
