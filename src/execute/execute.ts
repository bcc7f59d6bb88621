import { writeBatchFile } from '../batch/batch-file.ts'
import type { LineRules } from '../batch/line.ts'
import { type RouteRules, routeToDirect } from '../batch/route.ts'
import { batchOps } from '../batch/tuning.ts'
import { SyncError } from '../errors/sync-error.ts'
import { JsonLines } from '../ledger/json-lines.ts'
import { Ledger, type Recorder, type Settled } from '../ledger/ledger.ts'
import type { RoutedOp } from '../model/batch.ts'
import { lateness } from '../model/late.ts'
import { type Plan, skippedBy } from '../model/op.ts'
import type { EngineFacts } from '../model/report.ts'
import type { UploadTrace } from '../model/upload-trace.ts'
import { readCopies, readOutdated } from '../plan/plan-file.ts'
import type { Facts } from '../preflight/preflight.ts'
import { journaled, type UploadJournal } from '../storage/journaled.ts'
import type { Stopped } from './engine.ts'
import {
  type EngineCounts,
  type EngineGround,
  enginesOf,
  goesDirect,
  isGivenUp,
  newCounts,
} from './engines.ts'
import { heldBack } from './held-back.ts'
import { abortLeftovers, carrierSession } from './leftovers.ts'
import { looker } from './look.ts'
import { outcomeOfOutdated } from './outdated.ts'
import { type PassGround, runPasses } from './passes.ts'
import { startProgress } from './progress.ts'
import { watchResources } from './resources.ts'

/** What a plan is carried out with. */
export interface ExecuteGround extends Omit<EngineGround, 'lineRules' | 'counts' | 'objects'> {
  readonly plan: Plan
  /** Folder of the run's own files. */
  readonly scratch: string
  readonly resultsPath: string
  readonly batchFolder: string
  /** Where uploads that are under way are noted, for the post step. */
  readonly uploadsPath: string
}

/** What became of the copies of a plan: every one has a row in results.ndjson. */
export interface Execution extends Settled {
  readonly engine: EngineFacts
  /** In the best ten seconds. */
  readonly peakBytesPerSecond: number
}

async function* routed(ground: ExecuteGround, rules: RouteRules): AsyncGenerator<RoutedOp> {
  for await (const op of readCopies(ground.ports.files, ground.plan)) {
    const route = routeToDirect(op, rules)
    yield { op, engine: route ? 'direct' : 's5cmd', route, attempts: 0 }
  }
}

type Packing = Pick<PassGround, 'packRules' | 'onBatch'> & { readonly batches: () => number }

function packing(ground: ExecuteGround, lineRules: LineRules): Packing {
  const { how, ports, facts, batchFolder, survey } = ground
  const { files, clock } = ports
  const startedAtMs = clock.now()
  let batches = 0
  return {
    batches: () => batches,
    packRules: {
      opsPerBatch: (sizeClass) => batchOps(how, sizeClass, survey.work.classes).value,
      nextId: () => ++batches,
      serverTimeMs: () => serverTime(facts),
    },
    onBatch: async (batch) => {
      if (batch.engine === 's5cmd')
        await writeBatchFile(batch, lineRules, { files, folder: batchFolder, startedAtMs })
    },
  }
}

/** The destination's clock. It has been listed, so that its time is known. */
function serverTime({ destination }: Facts): number {
  const ms = destination.store.serverTimeMs()
  if (ms !== undefined) return ms
  throw new SyncError('copy', 'The destination answers without a Date, so no copy can be proven.', {
    hint: 'Check the service or the proxy in front of it, or set verify: outcomes.',
  })
}

/** Opens the ledger of a run whose progress is logged while it is open. */
async function openBooks(ground: ExecuteGround, stop: () => void) {
  const { ports, plan, facts, how, log } = ground
  const { copies: planned, reasons } = plan.trailer
  const goal = { planned, skipped: skippedBy(reasons).objects }
  const progress = startProgress(goal, ports.clock, log)
  const { files, host } = ports
  const claims = files.join(ground.scratch, 'claims.ndjson')
  const ledger = new Ledger(
    await JsonLines.open(files, ground.resultsPath, { onLost: stop }),
    await JsonLines.open(files, claims, { onLost: stop }),
    {
      destinationPrefix: facts.destination.prefix,
      verify: how.verify,
      hide: host.hide,
      onRecorded: ({ op, status }) => progress.settled(status === 'done' ? op.size : 0),
    },
  )
  const { peakBytesPerSecond } = progress
  return { ledger, peakBytesPerSecond, close: () => ledger.close().finally(progress.stop) }
}

/** Settles every op of a plan that must not be carried out. */
async function holdBack({ ports, plan, log }: ExecuteGround, ledger: Recorder): Promise<number> {
  log.line('warn', 'The plan has objects that overwrite: never forbids: nothing is copied.')
  for await (const op of readCopies(ports.files, plan)) ledger.record(heldBack(op))
  return 0
}

/** Settles the approved copies that cannot be carried out any more; in a cancelled run as far as there is time. */
async function settleOutdated({ ports, plan }: ExecuteGround, ledger: Recorder): Promise<void> {
  const isLate = lateness(ports.host.cancelledForMs)
  for await (const op of readOutdated(ports.files, plan, 'copy')) {
    if (isLate()) return
    ledger.record(outcomeOfOutdated(op))
  }
}

/** Aborts what an earlier run left, and opens the journal of this one's uploads, for the post step. */
async function openUploadJournal(ground: ExecuteGround): Promise<UploadJournal> {
  const { facts, sessions, ports, how, uploadsPath: path } = ground
  const { files } = ports
  await abortLeftovers({ ...ground, files, timeoutMs: how.requestTimeoutMs })
  const { endpoint, region, variant } = facts.destination
  const by = carrierSession(facts, sessions) === sessions.destination ? 'destination' : 'source'
  const trace: UploadTrace = { path, endpoint, region, variant, by }
  const onFirst = () => ports.host.saveState('uploads', JSON.stringify(trace))
  return journaled(facts.transfer.carrier.objects, { files, path, onFirst })
}

function engineFacts(
  { toolchain, how, survey }: ExecuteGround,
  { concurrency, ...counts }: EngineCounts,
  extraPasses: number,
): Omit<EngineFacts, 'used' | 'batches'> {
  const { classes } = survey.work
  return {
    ...{ toolchain, extraPasses, ...counts },
    numworkers: survey.workers.value,
    workersRule: survey.workers.rule,
    batchOps: Object.fromEntries(
      [...classes].map((sizeClass) => [sizeClass, batchOps(how, sizeClass, classes)]),
    ),
    concurrency: [...Map.groupBy(concurrency, ({ name }) => name)].map(([name, passes]) => ({
      name,
      initial: passes[0]?.initial ?? 0,
      final: passes.at(-1)?.now() ?? 0,
    })),
  }
}

/**
 * Carries out a plan: every op ends done, failed or unknown, exactly once, as a row of results.ndjson.
 * Rejects only when our own files cannot be read or written any more; what is known is in them then.
 */
export async function execute(outer: ExecuteGround): Promise<Execution> {
  const [stopper, scarce] = [new AbortController(), new AbortController()]
  const [stop, giveUp] = [() => stopper.abort(), (why: Stopped) => scarce.abort(why)]
  const ground = {
    ...outer,
    signal: AbortSignal.any([outer.signal, stopper.signal]),
    deadline: AbortSignal.any([outer.deadline, scarce.signal]),
  }
  const { facts, how, ports, log, signal, deadline, scratch, toolchain, survey } = ground
  const { files, clock } = ports
  const { metadataDirective = false } = toolchain ?? {}
  const lineRules = { ...facts, metadataDirective, options: how.write }
  const counts = newCounts()
  ports.system.growYoungMemory()
  await files.makeFolder(ground.batchFolder)
  const { batches, ...packed } = packing(ground, lineRules)
  const books = await openBooks(ground, stop)
  const uploads = await openUploadJournal(ground)
  const unwatch = watchResources({
    ...{ system: ports.system, files, folder: scratch, clock, log },
    lower: () => counts.concurrency.forEach(({ lower }) => void lower()),
    stop: giveUp,
  })
  const carried = () =>
    runPasses(() => routed(ground, survey.routes), {
      engines: enginesOf({ ...ground, lineRules, counts, objects: uploads.objects }),
      ...packed,
      ...{ files, clock, log, signal, deadline, stop, ledger: books.ledger, folder: scratch },
      ...{ maxRetries: how.maxRetries, retryDelayMs: how.retryDelayMs },
      isGivenUp: () => isGivenUp({ how, counts }),
      goesDirect: goesDirect(ground, counts),
      ...{ giveUp, cancelledForMs: ports.host.cancelledForMs },
      look: looker(facts.destination.store, facts.destination.bucket),
    })
  const passes = settleOutdated(ground, books.ledger).then(() =>
    survey.conflicts > 0 ? holdBack(ground, books.ledger) : carried(),
  )
  void passes.finally(unwatch).catch(() => {})
  // The rows are closed whatever happened, so that what is known is not lost.
  const close = () => Promise.all([books.close(), uploads.close()]).then(([settled]) => settled)
  const [ended, closed] = await Promise.allSettled([passes, passes.then(close, close)])
  if (ended.status === 'rejected') throw ended.reason
  if (closed.status === 'rejected') throw closed.reason
  const both = isGivenUp({ how, counts }) || counts.refusals > 0
  const used = both ? (['s5cmd', 'direct'] as const) : survey.engines
  return {
    ...closed.value,
    peakBytesPerSecond: books.peakBytesPerSecond(),
    engine: { ...engineFacts(ground, counts, ended.value), used, batches: batches() },
  }
}
