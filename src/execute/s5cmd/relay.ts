import { serviceFailure } from '../../errors/service-failure.ts'
import type { Clock, Processes, ProcessSpec } from '../../ports.ts'
import { CANCELLED, type Ended, type Stopped } from '../engine.ts'
import type { Flight } from './flights.ts'
import { startWorker, type Worker } from './worker.ts'
import type { WorkerCount } from './workers.ts'

/** A process to be started, and how long its credentials last. */
export interface NextProcess {
  readonly spec: ProcessSpec
  /** When its credentials are due for renewal, milliseconds since the epoch; undefined: never. */
  readonly dueAtMs: number | undefined
  /** When they expire, milliseconds since the epoch; undefined: never. */
  readonly expiresAtMs: number | undefined
  /** Told when s5cmd says that they ran out. */
  readonly onExpired: () => void
}

/** What the processes of a run work with. */
export interface RelayGround {
  /** The next process, for so many objects at a time, with credentials that are valid now. */
  readonly nextProcess: (workers: number) => Promise<NextProcess>
  readonly workers: WorkerCount
  readonly requestTimeoutMs: number
  readonly processes: Processes
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProcess: () => void
  /** Gives whether another process is worth a try. */
  readonly onCrash: () => boolean
  readonly onRetry: () => void
  readonly onOther: (text: string) => void
}

/** Processes one after the other; each starts while the one before it drains, so that there is no gap. */
export interface Relay {
  /** Hands an op to a process; gives why no process takes it any more. */
  feed(flight: Flight): Promise<Stopped | undefined>
  /** Settles when all processes are gone. */
  end(): Promise<void>
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

function worn(running: Running, { clock, workers }: RelayGround): boolean {
  const { worker, startedAtMs, dueAtMs } = running
  const nowMs = clock.now()
  return (
    worker.state.fed >= LINES_PER_PROCESS ||
    worker.state.expired ||
    running.workers !== workers.count() ||
    nowMs - startedAtMs >= FEEDING_MS ||
    (dueAtMs !== undefined && nowMs >= dueAtMs)
  )
}

async function start(ground: RelayGround, onEnded: (ended: Ended) => void): Promise<Running> {
  const workers = ground.workers.count()
  const { dueAtMs, ...process } = await ground.nextProcess(workers)
  // s5cmd takes a worker count of 1 as 2, so one at a time is kept by feeding one at a time.
  const window = workers === 1 ? 1 : 2 * workers + SPARE
  ground.onProcess()
  const worker = startWorker({ ...ground, ...process, window, onEnded })
  const stop = () => void worker.stop()
  ground.signal.addEventListener('abort', stop, { once: true })
  void worker.gone.then(() => ground.signal.removeEventListener('abort', stop))
  if (ground.signal.aborted) stop()
  return { worker, workers, startedAtMs: ground.clock.now(), dueAtMs }
}

/** Lets processes drain and keeps count of those that died without settling anything. */
function createDrain(ground: RelayGround) {
  const draining = new Set<Promise<void>>()
  let barren = 0
  let worthIt = true
  return {
    retire({ worker }: Running): Promise<void> {
      const drained: Promise<void> = worker.finish().then(() => {
        draining.delete(drained)
        if (worker.state.lost === 0) return
        worthIt = ground.onCrash() && worthIt
        barren = worker.state.heard > 0 ? 0 : barren + 1
      })
      draining.add(drained)
      return drained
    },
    hopeless: () => !worthIt || barren >= BARREN_LIMIT,
    room: async () => {
      while (draining.size > DRAINING_LIMIT) await Promise.race(draining)
    },
    end: () => Promise.all(draining),
  }
}

/** Starts processes as ops come. */
export function createRelay(ground: RelayGround, onEnded: (ended: Ended) => void): Relay {
  const drain = createDrain(ground)
  let running: Running | undefined
  let dead: Stopped | undefined

  async function current(): Promise<Running | undefined> {
    if (running && worn(running, ground)) {
      void drain.retire(running)
      running = undefined
      await drain.room()
    }
    try {
      running ??= await start(ground, onEnded)
    } catch (error) {
      if (!ground.signal.aborted) dead = stopped('CredentialsLost', serviceFailure(error).message)
    }
    return running
  }

  return {
    feed: async (flight) => {
      while (!dead && !ground.signal.aborted) {
        const process = await current()
        if (!process) break
        if (await process.worker.feed(flight)) return undefined
        running = undefined
        // Only a process that is gone tells whether the next one is worth a try.
        await drain.retire(process)
        if (drain.hopeless())
          dead = stopped(
            'EngineLost',
            's5cmd ended again and again unexpectedly; it was not started any more.',
          )
      }
      return dead ?? CANCELLED
    },
    end: async () => {
      if (running) void drain.retire(running)
      await drain.end()
    },
  }
}
