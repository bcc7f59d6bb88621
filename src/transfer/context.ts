import type { Ends, Stopped } from '../model/engine.ts'
import type { Clock, Host, Log } from '../ports.ts'

/** What all that is carried out in a run has to do with: where it is told, what time it is, and what ends it. */
export interface RunContext extends Ends {
  readonly log: Log
  readonly clock: Clock
  /** Milliseconds since the cancel; 0 while there is none. */
  readonly cancelledForMs: Host['cancelledForMs']
}

/** Ends the work of one wave before that of the run: at once, or so that nothing more is begun. */
export class Halt implements Ends {
  readonly signal: AbortSignal
  readonly deadline: AbortSignal
  readonly #stop = new AbortController()
  readonly #giveUp = new AbortController()

  constructor({ signal, deadline }: Ends) {
    this.signal = AbortSignal.any([signal, this.#stop.signal])
    this.deadline = AbortSignal.any([deadline, this.#giveUp.signal])
  }

  /** At once: our own files cannot be read or written any more. */
  stop(): void {
    this.#stop.abort()
  }

  /** In order: there is no use in beginning anything more. */
  giveUp(why: Stopped): void {
    this.#giveUp.abort(why)
  }
}
