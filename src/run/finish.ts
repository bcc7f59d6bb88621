import { SyncError } from '../errors/sync-error.ts'
import { type HandedRows, type MergedRows, mergeRows } from '../ledger/handed-rows.ts'
import { addTally, NO_TALLY, type Plan, type PlanTrailer } from '../model/op.ts'
import type { PlanPart } from '../model/shard-schema.ts'
import { humanObjects } from '../model/units.ts'
import { adoptPlanFile } from '../plan/adopt.ts'
import { checkPlanFile } from '../plan/check-plan.ts'
import type { PlanContext, PlanRequest } from '../plan/compare.ts'
import { headerOf } from '../plan/header.ts'
import { writePlan } from '../plan/plan-file.ts'
import { checkedFile, type PlanInParts, readIndex } from '../plan/plan-index.ts'
import type { Execution } from '../transfer/copy/wave.ts'
import { findShards } from './find-shards.ts'
import { engineOfShards, verificationOfShards } from './handed-facts.ts'
import { lookAtLost } from './lost-shard.ts'
import { type Run, runStage } from './pipeline.ts'
import type { Ready } from './ready.ts'
import type { HandedShard } from './stage-results.ts'

/** A plan whose parts were carried out by others. */
export interface Gathered {
  readonly inParts: PlanInParts
  /** What is left of it, a plan by itself. */
  readonly restPath: string
  readonly shards: readonly HandedShard[]
  /** Whether every copy of every part is done. */
  readonly allDone: boolean
}

/** What is told of shards that are lost, and of files that are of none. */
function lossOf(shards: readonly HandedShard[], foreign: readonly string[]): SyncError | undefined {
  const lost = shards.filter((shard) => shard.lost !== undefined)
  if (lost.length + foreign.length === 0) return undefined
  const named = lost.map(({ number, lost: why }) => `- shard ${number}: ${why}`)
  const others = foreign.map((file) => `- ${file} is of no part of this plan`)
  const what = [
    ...(lost.length > 0
      ? [
          `${humanObjects(lost.length, 'shard')} of ${shards.length} ${lost.length === 1 ? 'is' : 'are'} lost`,
        ]
      : []),
    ...(foreign.length > 0 ? [`${humanObjects(foreign.length, 'file')} of other shards`] : []),
  ].join(', and ')
  return new SyncError('lost-shard', `${what}:\n${[...named, ...others].join('\n')}`, {
    title:
      lost.length === 1 && foreign.length === 0
        ? `Shard ${lost[0]?.number} is lost: ${lost[0]?.lost}`
        : what,
    hint: 'Run the jobs of these shards again, and this one behind them: what is done is not done twice. Nothing was deleted.',
  })
}

/** What all shards copied, as the stage of one run tells it. */
function executionOf(shards: readonly HandedShard[], path: string): Execution {
  const all = shards.map(({ rows }) => rows.totals.status)
  const count = all.reduce(
    (sum, { done, failed, unknown }) => sum + done.objects + failed.objects + unknown.objects,
    0,
  )
  const receipts = shards.flatMap(({ receipt }) => receipt ?? [])
  return {
    results: { path, count },
    claims: [],
    done: all.reduce((sum, { done }) => sum + done.objects, 0),
    engine: engineOfShards(receipts),
    peakBytesPerSecond: receipts.reduce((sum, { report }) => sum + report.peakBytesPerSecond, 0),
  }
}

/** The end of the whole plan, as far as what is left of it is known. */
function wholeOf({ index }: PlanInParts, rest: PlanTrailer): PlanTrailer {
  const { totals, parts, header } = index
  const ofParts = parts
    .map(({ ops: objects, bytes }) => ({ objects, bytes }))
    .reduce(addTally, NO_TALLY)
  const reasons = Object.entries(totals.reasons).filter(
    ([reason]) => !(header.delete && reason === 'only-at-destination'),
  )
  return {
    trailer: true,
    ...totals,
    copies: addTally(ofParts, rest.copies),
    deletes: rest.deletes,
    ...(totals.waves ? { waves: [ofParts, ...(rest.waves ?? []).slice(1)] } : {}),
    reasons: Object.fromEntries([
      ...reasons,
      ...(rest.deletes.objects > 0 ? [['only-at-destination', rest.deletes] as const] : []),
    ]),
    digest: '',
  }
}

const withWhole = (plan: Plan, inParts: PlanInParts): Plan => ({
  ...plan,
  whole: wholeOf(inParts, plan.trailer),
})

const isDone = ({ rows: { totals } }: HandedShard): boolean =>
  totals.status.failed.objects + totals.status.unknown.objects === 0

/** Merges what shards left; the objects of one that is lost are looked at. */
class Gathering {
  readonly #run: Run
  readonly #ready: Ready
  readonly #inParts: PlanInParts
  readonly #folder: string

  constructor(run: Run, ready: Ready, inParts: PlanInParts, folder: string) {
    this.#run = run
    this.#ready = ready
    this.#inParts = inParts
    this.#folder = folder
  }

  async run(): Promise<{
    readonly shards: readonly HandedShard[]
    readonly loss: SyncError | undefined
  }> {
    const { ports, log } = this.#run
    const { index } = this.#inParts
    const shardsDir = this.#ready.request.shardsDir ?? ''
    const found = await findShards(ports.files, shardsDir, index)
    const shards: HandedShard[] = []
    for (const [at, part] of index.parts.entries()) {
      const number = at + 1
      const one = found.shards.get(number) ?? 'it left nothing'
      const receipt = typeof one === 'string' ? undefined : one.receipt
      const rows =
        typeof one === 'string'
          ? one
          : await this.#merge({ name: `shard-${number}`, path: one.rowsPath, sum: part.rows })
      if (typeof rows !== 'string') {
        shards.push({ number, rows, receipt })
        continue
      }
      const why = receipt?.report.failure ? `${rows}: ${receipt.report.failure.title}` : rows
      log.line(
        'warn',
        `Shard ${number} is lost: ${why}. Its ${humanObjects(part.ops)} are looked at.`,
      )
      shards.push({ number, rows: await this.#lookAt(number, part), receipt: undefined, lost: why })
    }
    return { shards, loss: lossOf(shards, found.foreign) }
  }

  #merge(handed: HandedRows): Promise<MergedRows | string> {
    const { ports } = this.#run
    return mergeRows(handed, {
      files: ports.files,
      folder: this.#folder,
      sourcePrefix: this.#ready.facts.source.prefix,
      signal: ports.host.cancelled,
    })
  }

  async #lookAt(number: number, part: PlanPart): Promise<MergedRows> {
    const { files } = this.#run.ports
    const path = files.join(this.#folder, `lost-${number}.ndjson`)
    await lookAtLost(this.#run, this.#ready, {
      inParts: this.#inParts,
      number,
      path,
      folder: this.#folder,
    })
    const rows = await this.#merge({ name: `lost-${number}`, path, sum: part.rows })
    if (typeof rows !== 'string') return rows
    throw new SyncError('internal', `The rows of the lost shard ${number} cannot be read: ${rows}.`)
  }
}

/**
 * Reads the plan in parts and what its shards left of it. A shard that is lost is the run's failure, and does not end it:
 * what is left is held back then. Throws SyncError where the plan is not the one to be carried out.
 */
export async function gather(run: Run, ready: Ready, planned: PlanRequest): Promise<Gathered> {
  const { ports, record } = run
  const { files, clock } = ports
  const { planDir, planId } = ready.request
  const header = headerOf(planned, planned, clock.now())
  const inParts = await readIndex({ files, planDir, header, planId })
  const { parts, finish } = inParts.index
  for (const part of parts) await checkedFile(files, inParts, part)
  const restPath = await checkedFile(files, inParts, finish)
  const folder = await files.temporaryFolder()
  record.found.parts = { index: inParts.index, handed: [], folder }
  let shards: readonly HandedShard[] = []
  await runStage(
    run,
    'copy',
    async () => {
      const { shards: found, loss } = await new Gathering(run, ready, inParts, folder).run()
      shards = found
      record.found.parts = { index: inParts.index, handed: found, folder }
      if (loss) record.failure ??= loss
      return executionOf(found, ready.paths.results)
    },
    { name: 'shards', total: (found) => found },
  )
  const verification = verificationOfShards(shards.flatMap(({ receipt }) => receipt ?? []))
  if (verification) record.found.verify = verification
  return {
    inParts,
    restPath,
    shards,
    allDone: record.failure === undefined && shards.every(isDone),
  }
}

/** What is left of a plan when its parts are carried out: listed and judged anew where it may be carried out. */
export async function listRest(
  run: Run,
  { paths }: Ready,
  { inParts, restPath, shards, allDone }: Gathered,
  planned: PlanRequest,
  context: PlanContext,
): Promise<Plan> {
  const { files, clock, signal } = context
  const { source, destination, rules } = planned
  const header = headerOf(planned, planned, clock.now())
  const check = { path: restPath, files, source, destination, rules, header, clock, signal }
  const rest = await checkPlanFile(check, () => {})
  // Whatever becomes of the listings, what was copied counts.
  run.record.found.list = withWhole(rest, inParts)
  const { copies, deletes } = inParts.index.finish
  if (copies.objects + deletes.objects === 0) {
    const { trailer: _trailer, digest: _digest, ...totals } = rest.trailer
    const plan = await writePlan({ files, path: paths.carried }, header, {
      lines: [],
      totals,
      samples: {},
    })
    return withWhole(plan, inParts)
  }
  if (!allDone) return withWhole(rest, inParts)
  const added = shards.reduce((sum, { rows }) => sum + rows.added, 0)
  const left = { approvedPath: restPath, path: paths.carried, added }
  const plan = await adoptPlanFile(planned, left, context)
  return withWhole(plan, inParts)
}
