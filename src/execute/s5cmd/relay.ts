import { serviceFailure } from '../../errors.ts'
import type { Clock, Processes, ProcessSpec } from '../../ports.ts'
import { CANCELLED, type Ending, type OnEnded } from '../engine.ts'
import type { Flight } from './flights.ts'
import { startWorker, type Worker } from './worker.ts'

/** A process to be started, and when it should be replaced. */
export interface NextProcess {
  readonly spec: ProcessSpec
  /** When its credentials are due for renewal, milliseconds since the epoch. */
  readonly dueAtMs: number | undefined
}

/** What the processes of a run work with. */
export interface RelayGround {
  /** The next process, with credentials that are valid now. */
  readonly nextProcess: () => Promise<NextProcess>
  /** Objects in parallel. */
  readonly workers: number
  readonly requestTimeoutMs: number
  readonly processes: Processes
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProcess: () => void
  readonly onCrash: () => void
  readonly onRetry: () => void
  readonly onOther: (text: string) => void
}

/** Processes one after the other; each starts while the one before it drains, so that there is no gap. */
export interface Relay {
  /** Hands an op to a process; gives its ending when no process takes it any more. */
  feed(flight: Flight): Promise<Ending | undefined>
  /** Settles when all processes are gone. */
  end(): Promise<void>
}

const LINES_PER_PROCESS = 10_000
const FEEDING_MS = 10 * 60_000
/** Lines that wait in a process beyond one for each worker, so that it never runs dry. */
const SPARE = 16
/** Processes in a row that die without settling a single op, before no more are started. */
const BARREN_LIMIT = 3

const lost = (code: string, message: string): Ending => ({ status: 'unknown', code, message })

interface Running {
  readonly worker: Worker
  readonly startedAtMs: number
  readonly dueAtMs: number | undefined
}

const worn = ({ worker: { state }, startedAtMs, dueAtMs }: Running, nowMs: number): boolean =>
  state.fed >= LINES_PER_PROCESS ||
  state.expired ||
  nowMs - startedAtMs >= FEEDING_MS ||
  (dueAtMs !== undefined && nowMs >= dueAtMs)

async function start(ground: RelayGround, onEnded: OnEnded): Promise<Running> {
  const { spec, dueAtMs } = await ground.nextProcess()
  // s5cmd takes a worker count of 1 as 2, so one at a time is kept by feeding one at a time.
  const window = ground.workers === 1 ? 1 : 2 * ground.workers + SPARE
  ground.onProcess()
  const worker = startWorker({ ...ground, spec, window, onEnded })
  const stop = () => void worker.stop()
  if (ground.signal.aborted) stop()
  else ground.signal.addEventListener('abort', stop, { once: true })
  return { worker, startedAtMs: ground.clock.now(), dueAtMs }
}

/** Starts processes as ops come. */
export function createRelay(ground: RelayGround, onEnded: OnEnded): Relay {
  const draining = new Set<Promise<void>>()
  let running: Running | undefined
  let barren = 0
  let dead: Ending | undefined

  function retire({ worker }: Running): void {
    running = undefined
    const drained: Promise<void> = worker.finish().then(() => {
      draining.delete(drained)
      if (worker.state.lost === 0) return
      ground.onCrash()
      barren = worker.state.heard > 0 ? 0 : barren + 1
      if (barren >= BARREN_LIMIT)
        dead = lost(
          'EngineLost',
          's5cmd ended again and again without a word; it was not started any more.',
        )
    })
    draining.add(drained)
  }

  async function current(): Promise<Running | undefined> {
    if (running && worn(running, ground.clock.now())) retire(running)
    if (running) return running
    try {
      running = await start(ground, onEnded)
    } catch (error) {
      dead = lost('CredentialsLost', serviceFailure(error).message)
    }
    return running
  }

  return {
    feed: async (flight) => {
      while (!dead && !ground.signal.aborted) {
        const now = await current()
        if (!now) break
        if (await now.worker.feed(flight)) return undefined
        if (running === now) retire(now)
        // Only a process that is gone tells whether the next one is worth a try.
        await Promise.all(draining)
      }
      return dead ?? CANCELLED
    },
    end: async () => {
      if (running) retire(running)
      await Promise.all(draining)
    },
  }
}
