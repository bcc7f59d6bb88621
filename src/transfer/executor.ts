import { lateness, type RowShare } from '../flow/shutdown.ts'
import { Ledger } from '../ledger/ledger.ts'
import type { OnStanding } from '../ledger/published.ts'
import type { Op } from '../model/op.ts'
import type { Outcome } from '../model/outcome.ts'
import type { TransferRequest } from '../model/request.ts'
import type { Files, Host, System } from '../ports.ts'
import { Halt, type RunContext } from './context.ts'
import { Passes } from './passes.ts'
import { type Progress, startProgress } from './progress.ts'
import { watchResources } from './resources.ts'
import type { Wave, WaveWork } from './wave.ts'

/** What waves are carried out with. */
export interface ExecutorDeps {
  readonly files: Files
  readonly system: System
  /** Takes secrets out of what a service said. */
  readonly hide: Host['hide']
  readonly transfer: Pick<TransferRequest, 'maxRetries' | 'retryDelayMs' | 'verify'>
  /** What is still to be seen there is told by keys behind it. */
  readonly destinationPrefix: string
  readonly resultsPath: string
  /** Told of copies that need no further look. */
  readonly onStanding: OnStanding | undefined
  /** Folder for what does not fit into memory; the caller removes it. */
  readonly scratch: string
}

/** What one wave is carried out with. */
interface WaveDeps {
  readonly context: RunContext
  readonly halt: Halt
  readonly ledger: Ledger
  readonly folder: string
  /** What a cancel leaves for its rows. */
  readonly rowShare: RowShare
  readonly progress: Progress
}

/** Both, the second one whatever became of the first. Throws the first failure. */
async function andThen<A, B>(
  first: Promise<A>,
  second: () => Promise<B>,
): Promise<readonly [A, B]> {
  const [a, b] = await Promise.allSettled([first, first.then(second, second)])
  if (a.status === 'rejected') throw a.reason
  if (b.status === 'rejected') throw b.reason
  return [a.value, b.value]
}

type Stage = Wave<Op, unknown>['stage']

/** What a cancel leaves for the rows of a wave; `cleared`: it was begun, not held back. */
function shareOf(stage: Stage, cleared: boolean): RowShare {
  if (stage === 'delete') return 'deleteRows'
  return cleared ? 'copyRows' : 'heldRows'
}

/** Carries out waves, one after the other: every op ends done, failed or unknown, exactly once, as a row of results.ndjson. */
export class Executor {
  readonly #context: RunContext
  readonly #deps: ExecutorDeps
  /** What ends the waves of a stage: engines may work for several of them. */
  readonly #halts = new Map<Stage, Halt>()
  /** Waves that have begun. */
  #begun = 0
  /** Whether there are rows to add to. */
  #hasRows = false

  constructor(context: RunContext, deps: ExecutorDeps) {
    this.#context = context
    this.#deps = deps
  }

  /**
   * Carries out one wave; `cleared`: all of the waves before it are done and proven. Rejects only when our own files
   * cannot be read or written any more; what is known is in them then.
   */
  async run<T extends Op, Found>(wave: Wave<T, Found>, cleared: boolean): Promise<Found> {
    const { files, system, hide, transfer, destinationPrefix, resultsPath, scratch } = this.#deps
    const { onStanding } = this.#deps
    const { log, clock, budget, cancelledForMs } = this.#context
    const halt = this.#haltOf(wave.stage)
    const { signal, deadline } = halt
    const context: RunContext = { log, clock, budget, cancelledForMs, signal, deadline }
    const folder = files.join(scratch, `${wave.stage}-${++this.#begun}`)
    system.growYoungMemory()
    await files.makeFolder(folder)
    const progress = startProgress(wave.goal, clock, log)
    try {
      const paths = { results: resultsPath, claims: files.join(folder, 'claims.ndjson') }
      const rules = {
        destinationPrefix,
        verify: transfer.verify,
        hide,
        onRecorded: ({ op, status, engine }: Outcome) =>
          progress.settled(op.op === 'copy' && status === 'done' ? op.size : 0, engine),
        onLost: () => halt.stop(),
        onStanding,
      }
      const ledger = await Ledger.open(files, paths, rules, this.#hasRows ? 'append' : undefined)
      this.#hasRows = true
      const rowShare = shareOf(wave.stage, cleared)
      const ended = this.#execute(wave, cleared, {
        context,
        halt,
        ledger,
        folder,
        rowShare,
        progress,
      })
      // The rows are closed whatever happened, so that what is known is not lost.
      const [{ work, extraPasses }, rows] = await andThen(ended, () => ledger.close())
      const { results, claims, done } = rows
      const peakBytesPerSecond = progress.peakBytesPerSecond()
      return work.found({ results, claims, done, extraPasses, peakBytesPerSecond })
    } finally {
      progress.stop()
    }
  }

  #haltOf(stage: Stage): Halt {
    const halt = this.#halts.get(stage) ?? new Halt(this.#context)
    this.#halts.set(stage, halt)
    return halt
  }

  async #execute<T extends Op, Found>(
    wave: Wave<T, Found>,
    cleared: boolean,
    { context, halt, ledger, folder, rowShare, progress }: WaveDeps,
  ): Promise<{ readonly work: WaveWork<T, Found>; readonly extraPasses: number }> {
    const { files, system, transfer } = this.#deps
    const { log, clock } = context
    const work = await wave.begin(cleared, context, folder)
    progress.follow(() => work.movedBytes)
    const unwatch = watchResources({
      system,
      files,
      folder,
      clock,
      log,
      doing: wave.stage === 'copy' ? 'copied' : 'deleted',
      lower: () => work.lower(),
      stop: (why) => halt.giveUp(why),
    })
    const retry = transfer
    const passes = new Passes(work, { context, halt, ledger, files, folder, retry, rowShare })
    const isLate = lateness(context.cancelledForMs, rowShare)
    const done = this.#settle(work, isLate, ledger)
      .then(() => passes.run())
      .finally(unwatch)
    const [extraPasses] = await andThen(done, () => work.close())
    return { work, extraPasses }
  }

  /** The rows of ops that end without an engine; in a cancelled run as far as there is time. */
  async #settle<T extends Op>(
    work: WaveWork<T, unknown>,
    isLate: () => boolean,
    ledger: Ledger,
  ): Promise<void> {
    for await (const { op, ending } of work.settled()) {
      if (isLate()) return
      const { status } = ending
      const { code, message } = ending.status === 'done' ? {} : ending
      const resultEtag = ending.status === 'done' ? ending.etag : undefined
      const nobody = { engine: 'direct', attempts: 0, batchBeganMs: 0 } as const
      ledger.record({ op, status, ...nobody, code, message, resultEtag })
    }
  }
}
