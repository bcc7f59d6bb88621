import { SyncError } from '../errors/sync-error.ts'
import { inParallel } from '../flow/pool.ts'
import { type HandedRows, type MergedRows, mergeRows } from '../ledger/handed-rows.ts'
import { cut, MESSAGE_CHARS } from '../model/cut.ts'
import { IDLE_ENGINE } from '../model/engine-totals.ts'
import { addTally, NO_TALLY, type Plan, type PlanTrailer } from '../model/op.ts'
import { safe } from '../model/safe.ts'
import { INDEX_FILE } from '../model/shard.ts'
import type { JobPart, PlanIndex, PlanPart } from '../model/shard-schema.ts'
import { isOfBucket, urlOf } from '../model/shared-folder.ts'
import { humanObjects } from '../model/units.ts'
import { adoptPlanFile } from '../plan/adopt.ts'
import { checkPlanFile } from '../plan/check-plan.ts'
import type { PlanContext, PlanRequest } from '../plan/compare.ts'
import { headerOf } from '../plan/header.ts'
import { readCopies, writePlan } from '../plan/plan-file.ts'
import { checkedFile, MOST_INDEX_BYTES, type PlanInParts, readIndex } from '../plan/plan-index.ts'
import type { Execution } from '../transfer/copy/wave.ts'
import { addVerification, type Verification } from '../verify/findings.ts'
import { refuseGone } from './copied-but-gone.ts'
import { type FoundShard, findShards, LEFT_NOTHING } from './find-shards.ts'
import { verificationOfShards } from './handed-facts.ts'
import { ReportFlaw, saidOfJob } from './job-report.ts'
import { lookAtPart, planOfPart, type UnprovenPart } from './lost-shard.ts'
import { type Run, runStage } from './pipeline.ts'
import { bytesOf } from './plan-dir.ts'
import type { Ready } from './ready.ts'
import { type HandedShard, JOB_SHARD } from './stage-results.ts'

/** A plan whose parts were carried out by others. */
export interface Gathered {
  readonly inParts: PlanInParts
  /** What is left of it, a plan by itself. */
  readonly restPath: string
  readonly shards: readonly HandedShard[]
  /** Whether every copy of every part is done. */
  readonly allDone: boolean
}

const FILES_AT_ONCE = 4

/** How it begins why a shard is lost whose job says so itself. */
const FAILED = 'its job failed: '

/** How a shard is told of; the job of S3 Batch Operations has no number of its own. */
const shardName = (number: number): string =>
  number === JOB_SHARD ? 'the job of S3 Batch Operations' : `shard ${number}`

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** What is to be done about shards that are lost, and about files that are of none. */
function remedyOf(lost: readonly HandedShard[], foreign: readonly string[]): string {
  const isJobLost = lost.some(({ number }) => number === JOB_SHARD)
  const again = isJobLost ? ', download the report of S3 Batch Operations again' : ''
  const isOf = (why: string): boolean => lost.some((shard) => shard.lost?.startsWith(why))
  const parts = [
    ...(foreign.length > 0 ? ['Remove the files of another plan from shards-dir.'] : []),
    ...(isOf(LEFT_NOTHING)
      ? ['Check that shards-dir is the folder with the files of all shards.']
      : []),
    ...(isOf(FAILED) ? ['Resolve why these jobs failed.'] : []),
    lost.length > 0
      ? `Run the jobs of these shards again${again}, then this job: finished copies are not repeated.`
      : 'Then run this job again.',
    'Nothing was deleted.',
  ]
  return parts.join(' ')
}

/** What is told of shards that are lost, and of files that are of none. */
function lossOf(shards: readonly HandedShard[], foreign: readonly string[]): SyncError | undefined {
  const lost = shards.filter((shard) => shard.lost !== undefined)
  if (lost.length + foreign.length === 0) return undefined
  const named = lost.map(({ number, lost: why }) => `- ${shardName(number)}: ${why}`)
  const others = foreign.map((file) => `- ${file} does not belong to this plan`)
  const what = [
    ...(lost.length > 0
      ? [
          `${humanObjects(lost.length, 'shard')} of ${shards.length} ${lost.length === 1 ? 'is' : 'are'} lost`,
        ]
      : []),
    ...(foreign.length > 0 ? [`${humanObjects(foreign.length, 'file')} of another plan`] : []),
  ].join(', and ')
  return new SyncError('lost-shard', `${what}:\n${[...named, ...others].join('\n')}`, {
    title:
      lost.length === 1 && foreign.length === 0
        ? `${sentence(shardName(lost[0]?.number ?? 0))} is lost: ${lost[0]?.lost}`
        : what,
    hint: remedyOf(lost, foreign),
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
    // What engines did stands in what they left.
    engine: IDLE_ENGINE,
    peakBytesPerSecond: Math.max(0, ...receipts.map(({ report }) => report.peakBytesPerSecond)),
  }
}

/** The end of the whole plan, as far as what is left of it is known. */
function wholeOf({ index }: PlanInParts, rest: PlanTrailer): PlanTrailer {
  const { totals, parts, job, header } = index
  const ofParts = [...parts, ...(job ? [job] : [])]
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
  /** What the destination showed of what a job reported. */
  verification: Verification | undefined

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
    const { ports } = this.#run
    const { index } = this.#inParts
    const found = await findShards(ports.files, await this.#shardsDir(), index)
    const job = index.job && index.job.ops > 0 ? index.job : undefined
    const shards: HandedShard[] = []
    for (const [at, part] of index.parts.entries()) {
      const number = at + 1
      const one = found.shards.get(number) ?? LEFT_NOTHING
      // Of a part without copies nothing can be lost: it is there so that a matrix has a job.
      if (part.ops === 0 && one === LEFT_NOTHING) continue
      const receipt = typeof one === 'string' ? undefined : one.receipt
      const rows =
        typeof one === 'string'
          ? one
          : await this.#merge({ name: `shard-${number}`, path: one.rowsPath, sum: part.rows })
      if (typeof rows !== 'string') {
        shards.push({ number, rows, receipt })
        continue
      }
      shards.push(await this.#lost(number, part, this.#whyLost(rows, receipt)))
    }
    if (job) shards.push(await this.#job({ ...index, job }, found.reports))
    const reports = job ? [] : found.reports.map(() => 'the report of a job')
    return { shards, loss: lossOf(shards, [...found.foreign, ...reports]) }
  }

  /** What a job of S3 Batch Operations reported; it is proven here, as nobody did it there. */
  async #job(
    index: PlanIndex & { readonly job: JobPart },
    paths: readonly string[],
  ): Promise<HandedShard> {
    const { files } = this.#run.ports
    const { job: part } = index
    const plan = () => planOfPart(this.#run, this.#ready, { inParts: this.#inParts, part })
    const copies = async function* () {
      yield* readCopies(files, await plan())
    }
    try {
      const said = await saidOfJob(files, { paths, index, copies, folder: this.#folder })
      const { rows, seen } = await this.#lookAt('job', part, { said })
      this.verification = seen
      return { number: JOB_SHARD, rows, receipt: undefined }
    } catch (error) {
      if (!(error instanceof ReportFlaw)) throw error
      return this.#lost(JOB_SHARD, part, `its report ${error.message}`)
    }
  }

  async #lost(number: number, part: PlanPart, why: string): Promise<HandedShard> {
    const name = sentence(shardName(number))
    const objects = humanObjects(part.ops)
    this.#run.log.line(
      'warn',
      `${name} is lost: ${why}. Looking for its ${objects} at the destination.`,
    )
    const { rows } = await this.#lookAt(`lost-${number}`, part).catch((error: unknown) => {
      if (!(error instanceof SyncError) || error.kind !== 'verify') throw error
      this.#run.log.line('warn', `${error.message} The copies of ${shardName(number)} are unknown.`)
      return this.#lookAt(`unseen-${number}`, part, { isUnseen: true })
    })
    return { number, rows, receipt: undefined, lost: why }
  }

  /** Why a shard is lost, with where its files were looked for, or why its job failed. */
  #whyLost(why: string, receipt: FoundShard['receipt'] | undefined): string {
    if (why === LEFT_NOTHING) return `${why} in ${this.#shownDir}`
    const { title } = receipt?.report.failure ?? {}
    return title === undefined ? why : `${FAILED}${cut(safe(title), MESSAGE_CHARS)}`
  }

  /** Where the shards left their files, as it is told. */
  get #shownDir(): string {
    const { shardsDir: folder } = this.#ready.request
    if (!folder) return ''
    return isOfBucket(folder) ? `${urlOf(folder)}${this.#inParts.index.planId}/` : folder.path
  }

  /** Where what the shards left is on this machine. */
  async #shardsDir(): Promise<string> {
    const { ports } = this.#run
    const { request, sessions } = this.#ready
    const { shardsDir: folder } = request
    if (!isOfBucket(folder)) return folder?.path ?? ''
    const path = ports.files.join(this.#folder, 'shards')
    const { fetchShards } = await import('./shards-bucket.ts')
    const session = sessions.destination
    const signal = ports.host.cancelled
    await fetchShards({ folder, request, session, signal }, this.#inParts.index, path, ports)
    return path
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

  async #lookAt(
    name: string,
    part: PlanPart,
    known: Pick<UnprovenPart, 'said' | 'isUnseen'> = {},
  ): Promise<{ readonly rows: MergedRows; readonly seen: Verification }> {
    const folder = this.#folder
    const path = this.#run.ports.files.join(folder, `${name}.ndjson`)
    const inParts = this.#inParts
    const { said, isUnseen } = known
    const unproven = { inParts, part, name, path, folder, said, isUnseen }
    const seen = await lookAtPart(this.#run, this.#ready, unproven)
    const rows = await this.#merge({ name, path, sum: part.rows })
    if (typeof rows !== 'string') return { rows, seen }
    throw new SyncError('internal', `The rows of ${part.file} cannot be read: ${rows}.`)
  }
}

/**
 * Reads the plan in parts and what its shards left of it. A shard that is lost is the run's failure, and does not end it:
 * what is left is held back then. Throws SyncError where the plan is not the one to be carried out.
 */
export async function gather(run: Run, ready: Ready, planned: PlanRequest): Promise<Gathered> {
  const { ports, record } = run
  const { files, clock } = ports
  const { planDir } = ready
  const { planId } = ready.request
  const header = headerOf(planned, planned, clock.now())
  await planDir.bring(INDEX_FILE, MOST_INDEX_BYTES)
  const inParts = await readIndex({ files, planDir: planDir.path, header, planId })
  const { parts: numbered, job, finish } = inParts.index
  const parts = [...numbered, ...(job ? [job] : [])]
  const rest = { file: finish.file, ops: finish.copies.objects + finish.deletes.objects }
  await inParallel([...parts, rest], FILES_AT_ONCE, ({ file, ops }) =>
    planDir.bring(file, bytesOf(ops)),
  )
  for (const part of parts) await checkedFile(files, inParts, part)
  const restPath = await checkedFile(files, inParts, finish)
  const folder = await files.temporaryFolder()
  record.found.parts = { index: inParts.index, handed: [], folder }
  let shards: readonly HandedShard[] = []
  const gathering = new Gathering(run, ready, inParts, folder)
  await runStage(
    run,
    'copy',
    async () => {
      const { shards: found, loss } = await gathering.run()
      shards = found
      record.found.parts = { index: inParts.index, handed: found, folder }
      if (loss) record.failure ??= loss
      return executionOf(found, ready.paths.results)
    },
    { name: 'shards', total: (found) => found },
  )
  const verification = verificationOfShards(shards.flatMap(({ receipt }) => receipt ?? []))
  if (verification) record.found.verify = verification
  if (gathering.verification)
    record.found.verify = addVerification(verification, gathering.verification)
  return {
    inParts,
    restPath,
    shards,
    allDone: record.failure === undefined && shards.every(isDone),
  }
}

/**
 * Whether the last job has to see what stands there though nothing may be left to do: SHA256SUMS tells of all of it, extras
 * wait from when they are first seen, and nobody but this runner sees whether its shards wrote to the disk that it has.
 */
function hasToLook({ destination, rules }: PlanRequest, { index }: PlanInParts): boolean {
  const { copies, deletes } = index.finish
  const isAsked = rules.sums !== undefined || rules.deleteAfterMs !== undefined
  return copies.objects + deletes.objects > 0 || isAsked || destination.folder !== undefined
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
  if (!hasToLook(planned, inParts)) {
    const { trailer: _trailer, digest: _digest, ...totals } = rest.trailer
    const nothing = { totals, samples: {} }
    const { plan } = await writePlan({ files, path: paths.carried }, header, async () => nothing)
    return withWhole(plan, inParts)
  }
  if (!allDone) return withWhole(rest, inParts)
  const added = shards.reduce((sum, { rows }) => sum + rows.added, 0)
  const left = { approvedPath: restPath, path: paths.carried, added }
  const plan = await adoptPlanFile(planned, left, context)
  const { missing = [] } = plan.approval ?? {}
  const gone = await refuseGone(missing, shards, inParts.index, { files, signal })
  // It comes first, as it makes the counts wrong that guards judge.
  return withWhole({ ...plan, refused: gone ?? plan.refused }, inParts)
}
