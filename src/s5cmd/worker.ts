import { hasExpired, isThrottling } from '../errors/catalogue.ts'
import { SHUTDOWN_MS } from '../flow/shutdown.ts'
import type { Ended, Ending, Stopped } from '../model/engine.ts'
import type { Child, Clock, Processes, ProcessSpec } from '../ports.ts'
import { createFlights, type Flight, type Flights } from './flights.ts'
import { readLogLine } from './log.ts'
import type { WorkerCount } from './workers.ts'

/** How a process is started, and what ends its use. */
export interface Launch {
  readonly spec: ProcessSpec
  /** When its credentials are due for renewal, milliseconds since the epoch; undefined: never. */
  readonly dueAtMs: number | undefined
  /** When they expire, milliseconds since the epoch; undefined: never. */
  readonly expiresAtMs: number | undefined
  /** Told when s5cmd says that they ran out. */
  readonly onExpired: () => void
}

/** What is told of processes beside the ends of their ops. */
export interface ProcessEvents {
  /** One starts. */
  process(): void
  /** One ended unexpectedly; gives whether another one is worth a try. */
  crash(): boolean
  /** One makes a request again. */
  retry(): void
  /** One printed something else. */
  other(text: string): void
}

/** What processes work with. */
export interface WorkerDeps {
  readonly processes: Processes
  readonly clock: Clock
  readonly requestTimeoutMs: number
  readonly workers: WorkerCount
  readonly events: ProcessEvents
}

const WATCH_MS = 1000
const RETRY_PATIENCE_MS = 300_000

const LOST: Ending = {
  status: 'unknown',
  code: 'EngineLost',
  message: 's5cmd exited without reporting a result for this object.',
}

/** One s5cmd process that is fed line by line. */
export class Worker {
  readonly #launch: Launch
  readonly #window: number
  readonly #deps: WorkerDeps
  readonly #flights: Flights
  readonly #child: Child
  readonly #gone: Promise<void>
  readonly #exited = new AbortController()
  #fed = 0
  #heard = 0
  #hasExpired = false
  #hasRetried = false
  /** Why it was ended; undefined: it was not. */
  #stopped: Stopped | undefined
  #lost = 0
  /** When it last told of an op, or was given its first one. */
  #heardAtMs: number

  /** Starts the process. `window`: ops that may be in it at a time, waiting ones included. */
  constructor(launch: Launch, window: number, onEnded: (ended: Ended) => void, deps: WorkerDeps) {
    const { processes, clock } = deps
    this.#launch = launch
    this.#window = window
    this.#deps = deps
    this.#flights = createFlights({ window, clock, onEnded })
    this.#heardAtMs = clock.now()
    this.#child = processes.spawn(launch.spec, (_stream, line) => this.#read(line))
    this.#gone = this.#child.exit.then(() => {
      const left = this.#flights.settleAll(this.#stopped ?? LOST)
      if (!this.#stopped) this.#lost = left
      this.#exited.abort()
    })
    void this.#watch()
  }

  /** Lines fed. */
  get fed(): number {
    return this.#fed
  }

  /** Ops that ended by a line of s5cmd's. */
  get heard(): number {
    return this.#heard
  }

  /** It said that its credentials ran out. */
  get hasExpired(): boolean {
    return this.#hasExpired
  }

  /** Ops that it left unsettled, uncalled for. */
  get lost(): number {
    return this.#lost
  }

  /** Settles when the process is gone, whyever. */
  get gone(): Promise<void> {
    return this.#gone
  }

  /** Hands an op over, when there is room; false when it was not taken. */
  async feed(flight: Flight): Promise<boolean> {
    while (this.#isOpen && this.#flights.size() >= this.#window) await this.#flights.room()
    if (!this.#isOpen || !this.#flights.add(flight)) return false
    if (this.#flights.size() === 1) this.#heardAtMs = this.#deps.clock.now()
    this.#fed++
    await this.#child.write(`${flight.line}\n`)
    return true
  }

  /** Settles when all that it was given has ended; gives whether it waits for more: else it is gone, or about to go. */
  async rest(): Promise<boolean> {
    await this.#flights.none()
    return this.#isOpen
  }

  /** Ends the input; settles when the process is gone. */
  finish(): Promise<void> {
    this.#child.endInput()
    return this.#gone
  }

  /** Ends the input and the process, as `why` says of what is not settled: SIGTERM at once, SIGKILL after 4 s. Settles when it is gone. */
  async stop(why: Stopped): Promise<void> {
    this.#stopped ??= why
    this.#flights.wake()
    this.#child.endInput()
    this.#child.kill('SIGTERM')
    await this.#deps.clock.sleep(SHUTDOWN_MS.engines, this.#exited.signal)
    if (!this.#isGone) this.#child.kill('SIGKILL')
    return this.#gone
  }

  get #isGone(): boolean {
    return this.#exited.signal.aborted
  }

  get #isOpen(): boolean {
    return !this.#isGone && !this.#stopped
  }

  #read(line: string): void {
    const { workers, events, clock } = this.#deps
    const event = readLogLine(line)
    if (event.kind === 'done') {
      this.#settle(event.job, { status: 'done' })
      workers.copied()
    } else if (event.kind === 'failed') {
      const { expiresAtMs, onExpired } = this.#launch
      const expired = hasExpired(event.code, expiresAtMs, clock.now())
      if (expired && !this.#hasExpired) onExpired()
      this.#hasExpired ||= expired
      const code = expired ? 'ExpiredToken' : event.code
      const { message, httpStatus } = event
      // The destination tells. The status, a 200, would say that nothing is to be tried again.
      if (event.mayStand) this.#settle(event.job, { status: 'unknown', code, message })
      else this.#settle(event.job, { status: 'failed', code, message, httpStatus })
    } else if (event.kind === 'retry') {
      this.#hasRetried = true
      if (isThrottling(event.code)) workers.throttled()
      events.retry()
    } else events.other(event.text)
  }

  #settle(job: string, ending: Ending): void {
    // What is printed about nothing is no sign that anything goes on.
    if (!this.#flights.settle(job, ending)) {
      this.#deps.events.other(`s5cmd reported an object that was not in its input: ${job}`)
      return
    }
    this.#heard++
    this.#heardAtMs = this.#deps.clock.now()
  }

  /** Ends a process that has been silent for longer than any of its ops may take: s5cmd has no timeout. */
  async #watch(): Promise<void> {
    const { clock, requestTimeoutMs } = this.#deps
    while (!this.#isGone) {
      await clock.sleep(WATCH_MS, this.#exited.signal)
      if (this.#flights.size() === 0) continue
      const patienceMs =
        this.#flights.longestLimitMs(requestTimeoutMs) + (this.#hasRetried ? RETRY_PATIENCE_MS : 0)
      if (clock.now() - this.#heardAtMs > patienceMs) this.#child.kill('SIGKILL')
    }
  }
}
