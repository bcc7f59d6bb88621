import { hasExpired, isThrottling } from '../../errors/catalogue.ts'
import type { Child, Clock, Processes, ProcessSpec } from '../../ports.ts'
import { CANCELLED, type Ended, type Ending } from '../engine.ts'
import { createFlights, type Flight, type Flights } from './flights.ts'
import { readLogLine } from './log.ts'
import type { WorkerCount } from './workers.ts'

/** What a process works with. */
export interface WorkerGround {
  readonly spec: ProcessSpec
  readonly processes: Processes
  readonly clock: Clock
  /** Ops that may be in the process at a time, waiting ones included. */
  readonly window: number
  readonly requestTimeoutMs: number
  /** When the credentials of the process expire, milliseconds since the epoch; undefined: never. */
  readonly expiresAtMs: number | undefined
  readonly onExpired: () => void
  readonly onEnded: (ended: Ended) => void
  readonly workers: WorkerCount
  readonly onRetry: () => void
  readonly onOther: (text: string) => void
}

/** One s5cmd process that is fed line by line. */
export interface Worker {
  /** Hands an op over, when there is room; false when it was not taken. */
  feed(flight: Flight): Promise<boolean>
  /** Ends the input; settles when the process is gone. */
  finish(): Promise<void>
  /** Ends the input and the process: SIGTERM at once, SIGKILL after 4 s. Settles when it is gone. */
  stop(): Promise<void>
  /** Settles when the process is gone, whyever. */
  readonly gone: Promise<void>
  /** What is known of it so far. */
  readonly state: Readonly<WorkerState>
}

interface WorkerState {
  /** Lines fed. */
  fed: number
  /** Ops that ended by a line of s5cmd's. */
  heard: number
  /** It said that its credentials ran out. */
  expired: boolean
  /** It reported that it tries a request again. */
  retried: boolean
  /** It was told to stop. */
  stopped: boolean
  gone: boolean
  /** Ops that it left unsettled, uncalled for. */
  lost: number
  /** When it last told of an op, or was given its first one. */
  heardAtMs: number
}

const KILL_AFTER_MS = 4000
const WATCH_MS = 1000
const RETRY_PATIENCE_MS = 300_000

const LOST: Ending = {
  status: 'unknown',
  code: 'EngineLost',
  message: 's5cmd ended without a word about this object.',
}

function reader(state: WorkerState, flights: Flights, ground: WorkerGround) {
  // What is printed about nothing is no sign that anything goes on.
  const alive = (): void => {
    state.heardAtMs = ground.clock.now()
  }
  const settle = (job: string, ending: Ending): void => {
    if (flights.settle(job, ending)) {
      state.heard++
      alive()
    } else ground.onOther(`s5cmd named an object that it was not given: ${job}`)
  }
  return (line: string): void => {
    const event = readLogLine(line)
    if (event.kind === 'done') {
      settle(event.job, { status: 'done' })
      ground.workers.copied()
    } else if (event.kind === 'failed') {
      const expired = hasExpired(event.code, ground.expiresAtMs, ground.clock.now())
      if (expired && !state.expired) ground.onExpired()
      state.expired ||= expired
      const code = expired ? 'ExpiredToken' : event.code
      const { message, httpStatus } = event
      // An answer that s5cmd cannot read may be one to a copy that was made: the destination tells.
      if (code === 'SerializationError') settle(event.job, { status: 'unknown', code, message })
      else settle(event.job, { status: 'failed', code, message, httpStatus })
    } else if (event.kind === 'retry') {
      state.retried = true
      if (isThrottling(event.code)) ground.workers.throttled()
      ground.onRetry()
    } else ground.onOther(event.text)
  }
}

/** Ends a process that has been silent for longer than any of its ops may take: s5cmd has no timeout. */
async function watch(
  state: WorkerState,
  flights: Flights,
  doors: { child: Child; ground: WorkerGround; exited: AbortSignal },
): Promise<void> {
  const { clock, requestTimeoutMs } = doors.ground
  while (!state.gone) {
    await clock.sleep(WATCH_MS, doors.exited)
    if (flights.size() === 0) continue
    const patienceMs =
      flights.longestLimitMs(requestTimeoutMs) + (state.retried ? RETRY_PATIENCE_MS : 0)
    if (clock.now() - state.heardAtMs > patienceMs) doors.child.kill('SIGKILL')
  }
}

function feeder(
  state: WorkerState,
  flights: Flights,
  doors: { child: Child; ground: WorkerGround },
) {
  return async (flight: Flight): Promise<boolean> => {
    const open = () => !state.gone && !state.stopped
    while (open() && flights.size() >= doors.ground.window) await flights.room()
    if (!open() || !flights.add(flight)) return false
    if (flights.size() === 1) state.heardAtMs = doors.ground.clock.now()
    state.fed++
    await doors.child.write(`${flight.line}\n`)
    return true
  }
}

/** Starts one s5cmd process. */
export function startWorker(ground: WorkerGround): Worker {
  const { clock } = ground
  const flights = createFlights(ground)
  const state: WorkerState = {
    fed: 0,
    heard: 0,
    expired: false,
    retried: false,
    stopped: false,
    gone: false,
    lost: 0,
    heardAtMs: clock.now(),
  }
  const exited = new AbortController()
  const read = reader(state, flights, ground)
  const child = ground.processes.spawn(ground.spec, (_stream, line) => read(line))
  const gone = child.exit.then(() => {
    state.gone = true
    const left = flights.settleAll(state.stopped ? CANCELLED : LOST)
    if (!state.stopped) state.lost = left
    exited.abort()
  })
  void watch(state, flights, { child, ground, exited: exited.signal })

  return {
    state,
    gone,
    feed: feeder(state, flights, { child, ground }),
    finish: () => {
      child.endInput()
      return gone
    },
    stop: async () => {
      state.stopped = true
      flights.wake()
      child.endInput()
      child.kill('SIGTERM')
      await clock.sleep(KILL_AFTER_MS, exited.signal)
      if (!state.gone) child.kill('SIGKILL')
      return gone
    },
  }
}
