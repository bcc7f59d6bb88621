import { writeBatchFile } from '../batch/batch-file.ts'
import type { LineRules } from '../batch/line.ts'
import { type RouteRules, routeToDirect } from '../batch/route.ts'
import type { Survey } from '../batch/survey.ts'
import { batchOps } from '../batch/tuning.ts'
import type { RoutedOp } from '../model/batch.ts'
import type { Plan } from '../model/op.ts'
import type { Outcome } from '../model/outcome.ts'
import type { EngineFacts } from '../model/report.ts'
import { readOps } from '../plan/plan-file.ts'
import { type EngineGround, enginesOf } from './engines.ts'
import { type Ledger, openLedger, type Spool } from './ledger.ts'
import { looker } from './look.ts'
import { type PassGround, runPasses } from './passes.ts'
import { startProgress } from './progress.ts'

/** What a plan is carried out with. */
export interface ExecuteGround extends Omit<EngineGround, 'lineRules' | 'workers' | 'counts'> {
  readonly plan: Plan
  readonly survey: Survey
  /** Folder of the run's own files. */
  readonly scratch: string
  readonly resultsPath: string
  readonly batchFolder: string
}

/** What became of a plan. */
export interface Execution {
  /** Rows of results.ndjson: one for every planned op. */
  readonly results: Spool
  /** Copies that are still to be seen at the destination. */
  readonly claims: Spool
  readonly engine: EngineFacts
}

async function* routed(ground: ExecuteGround, rules: RouteRules): AsyncGenerator<RoutedOp> {
  for await (const op of readOps(ground.ports.files, ground.plan)) {
    const route = routeToDirect(op, rules)
    yield { op, engine: route ? 'direct' : 's5cmd', route, attempts: 0 }
  }
}

const ledgerFor = (ground: ExecuteGround, onSettled: (outcome: Outcome) => void): Promise<Ledger> =>
  openLedger({
    files: ground.ports.files,
    resultsPath: ground.resultsPath,
    claimsPath: ground.ports.files.join(ground.scratch, 'claims.ndjson'),
    destinationPrefix: ground.facts.destination.prefix,
    prove: ground.how.verify !== 'outcomes',
    onSettled,
  })

type Packing = Pick<PassGround, 'packRules' | 'onBatch'> & { readonly batches: () => number }

function packing({ how, ports, facts, batchFolder }: ExecuteGround, lineRules: LineRules): Packing {
  const { files, clock } = ports
  const startedAtMs = clock.now()
  let batches = 0
  return {
    batches: () => batches,
    packRules: {
      opsPerBatch: (sizeClass) => batchOps(how, sizeClass),
      nextId: () => ++batches,
      serverTimeMs: () => facts.destination.store.serverTimeMs() ?? clock.now(),
    },
    onBatch: async (batch) => {
      if (batch.engine === 's5cmd')
        await writeBatchFile(batch, lineRules, { files, folder: batchFolder, startedAtMs })
    },
  }
}

/**
 * Carries out a plan: every op ends done, failed or unknown, exactly once, as a row of results.ndjson.
 * Rejects only when our own files cannot be read or written any more.
 */
export async function execute(outer: ExecuteGround): Promise<Execution> {
  const stopped = new AbortController()
  const ground = { ...outer, signal: AbortSignal.any([outer.signal, stopped.signal]) }
  const { plan, facts, how, ports, log, signal, scratch, toolchain } = ground
  const { files, clock } = ports
  const { destination } = facts
  const { workers, s5cmdOps, directOps } = ground.survey
  const lineRules = { ...facts, metadataDirective: toolchain?.metadataDirective ?? false }
  const counts = { processes: 0, crashes: 0, requestRetries: 0 }
  const routes: Partial<Record<string, number>> = {}
  await files.makeFolder(ground.batchFolder)
  const progress = startProgress(plan.trailer.copies, clock, log)
  const ledger = await ledgerFor(ground, ({ op, route }) => {
    progress.settled(op.size)
    if (route) routes[route] = (routes[route] ?? 0) + 1
  })
  const { batches, ...packed } = packing(ground, lineRules)
  const extraPasses = await runPasses(() => routed(ground, ground.survey.routes), {
    engines: enginesOf({ ...ground, lineRules, workers, counts }),
    ...packed,
    ...{ ledger, files, clock, log, signal, ...how, folder: scratch },
    look: looker(destination.store, destination.bucket),
    stop: () => stopped.abort(),
  }).finally(progress.stop)
  const { results, claims } = await ledger.close()
  const used = [
    ...(s5cmdOps > 0 ? ['s5cmd' as const] : []),
    ...(directOps > 0 ? ['direct' as const] : []),
  ]
  const engine = {
    used,
    toolchain,
    numworkers: workers,
    extraPasses,
    routes,
    batches: batches(),
    ...counts,
  }
  return { results, claims, engine }
}
