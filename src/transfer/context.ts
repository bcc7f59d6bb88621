import type { RateBudget } from '../flow/throttle.ts'
import type { Ends, Stopped } from '../model/engine.ts'
import type { Clock, Host, Log } from '../ports.ts'

/** What all that is carried out in a run has to do with: where it is told, what time it is, and what ends it. */
export interface RunContext extends Ends {
  readonly log: Log
  readonly clock: Clock
  /** Of all transfers of the step. */
  readonly budget: RateBudget
  /** Milliseconds since the cancel; 0 while there is none. */
  readonly cancelledForMs: Host['cancelledForMs']
}

/**
 * Is aborted with a signal, for the same reason. Not by AbortSignal.any(): Node asks all signals behind it whenever it is
 * asked, which each op does several times.
 */
function abortedBy(signal: AbortSignal): AbortController {
  const controller = new AbortController()
  const abort = () => controller.abort(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return controller
}

/** Ends the work of one wave before that of the run: at once, or so that nothing more is begun. */
export class Halt implements Ends {
  readonly #stop: AbortController
  readonly #giveUp: AbortController

  constructor({ signal, deadline }: Ends) {
    this.#stop = abortedBy(signal)
    this.#giveUp = abortedBy(deadline)
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  get deadline(): AbortSignal {
    return this.#giveUp.signal
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
