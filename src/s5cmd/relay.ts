import { serviceFailure } from '../errors/service-failure.ts'
import { type Ended, type Stopped, stoppedBy } from '../model/engine.ts'
import type { Clock, Processes } from '../ports.ts'
import type { Flight } from './flights.ts'
import { type Launch, type ProcessEvents, Worker } from './worker.ts'
import type { WorkerCount } from './workers.ts'

/** What the processes of a run work with. */
export interface RelayDeps {
  /** The next process, for so many objects at a time, with credentials that are valid now. */
  readonly launch: (workers: number) => Promise<Launch>
  readonly workers: WorkerCount
  readonly requestTimeoutMs: number
  readonly processes: Processes
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly events: ProcessEvents
}

const LINES_PER_PROCESS = 10_000
const FEEDING_MS = 10 * 60_000
/** Lines that wait in a process beyond one for each worker, so that it never runs dry. */
const SPARE = 16
/** Processes in a row that die without settling a single op, before no more are started. */
const BARREN_LIMIT = 3
/** Processes that drain at a time; more would multiply the load on S3. */
const DRAINING_LIMIT = 1

const stopped = (code: string, message: string): Stopped => ({ status: 'unknown', code, message })

interface Running {
  readonly worker: Worker
  readonly workers: number
  readonly startedAtMs: number
  readonly dueAtMs: number | undefined
}

/** Processes one after the other, as ops come; each starts while the one before it drains, so that there is no gap. */
export class Relay {
  readonly #deps: RelayDeps
  #share: () => number
  #onEnded: (ended: Ended) => void
  readonly #draining = new Set<Promise<void>>()
  /** Processes that died one after the other without settling anything. */
  #barren = 0
  #isWorthIt = true
  #running: Running | undefined
  /** Why no process takes ops any more. */
  #dead: Stopped | undefined

  /** `share`: objects at a time of a process that is started now. */
  constructor(deps: RelayDeps, share: () => number, onEnded: (ended: Ended) => void) {
    this.#deps = deps
    this.#share = share
    this.#onEnded = onEnded
  }

  /** Takes ops again that are told of elsewhere, with another share. */
  resume(share: () => number, onEnded: (ended: Ended) => void): void {
    this.#share = share
    this.#onEnded = onEnded
  }

  /** Settles when all that it was given has ended; a process stays open for more. */
  async rest(): Promise<void> {
    const running = this.#running
    if (running && !(await running.worker.rest())) {
      this.#running = undefined
      void this.#retire(running)
    }
    await Promise.all(this.#draining)
  }

  /** Hands an op to a process; gives why no process takes it any more. */
  async feed(flight: Flight): Promise<Stopped | undefined> {
    while (!this.#dead && !this.#deps.signal.aborted) {
      const running = await this.#current()
      if (!running) break
      if (await running.worker.feed(flight)) return undefined
      this.#running = undefined
      // Only a process that is gone tells whether the next one is worth a try.
      await this.#retire(running)
      if (!this.#isWorthIt || this.#barren >= BARREN_LIMIT)
        this.#dead = stopped(
          'EngineLost',
          's5cmd exited unexpectedly several times; it was not started again.',
        )
    }
    return this.#dead ?? stoppedBy(this.#deps.signal)
  }

  /** Settles when all processes are gone. */
  async end(): Promise<void> {
    if (this.#running) void this.#retire(this.#running)
    this.#running = undefined
    await Promise.all(this.#draining)
  }

  async #current(): Promise<Running | undefined> {
    if (this.#running && this.#isWorn(this.#running)) {
      void this.#retire(this.#running)
      this.#running = undefined
      while (this.#draining.size > DRAINING_LIMIT) await Promise.race(this.#draining)
    }
    try {
      this.#running ??= await this.#start()
    } catch (error) {
      if (!this.#deps.signal.aborted)
        this.#dead = stopped('CredentialsLost', serviceFailure(error).message)
    }
    return this.#running
  }

  #isWorn({ worker, workers, startedAtMs, dueAtMs }: Running): boolean {
    const { clock } = this.#deps
    const nowMs = clock.now()
    return (
      worker.fed >= LINES_PER_PROCESS ||
      worker.hasExpired ||
      workers !== this.#share() ||
      nowMs - startedAtMs >= FEEDING_MS ||
      (dueAtMs !== undefined && nowMs >= dueAtMs)
    )
  }

  async #start(): Promise<Running> {
    const {
      launch,
      workers: count,
      processes,
      clock,
      requestTimeoutMs,
      signal,
      events,
    } = this.#deps
    const workers = Math.max(1, this.#share())
    const next = await launch(workers)
    // s5cmd takes a worker count of 1 as 2, so one at a time is kept by feeding one at a time.
    const window = workers === 1 ? 1 : 2 * workers + SPARE
    events.process()
    const worker = new Worker(next, window, (ended) => this.#onEnded(ended), {
      processes,
      clock,
      requestTimeoutMs,
      workers: count,
      events,
    })
    const stop = () => void worker.stop(stoppedBy(signal))
    signal.addEventListener('abort', stop, { once: true })
    void worker.gone.then(() => signal.removeEventListener('abort', stop))
    if (signal.aborted) stop()
    return { worker, workers, startedAtMs: clock.now(), dueAtMs: next.dueAtMs }
  }

  /** Lets a process drain, and keeps count of those that died without settling anything. */
  #retire({ worker }: Running): Promise<void> {
    const drained: Promise<void> = worker.finish().then(() => {
      this.#draining.delete(drained)
      if (worker.lost === 0) return
      this.#isWorthIt = this.#deps.events.crash() && this.#isWorthIt
      this.#barren = worker.heard > 0 ? 0 : this.#barren + 1
    })
    this.#draining.add(drained)
    return drained
  }
}
