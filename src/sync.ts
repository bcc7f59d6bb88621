import { type Survey, type SurveyGround, survey } from './batch/survey.ts'
import { openSessions, type Sessions } from './credentials/session.ts'
import { SyncError } from './errors/sync-error.ts'
import { carryDeletes } from './execute/deletes.ts'
import { execute } from './execute/execute.ts'
import { readRequest } from './inputs/inputs.ts'
import { toolchainFor } from './install/toolchain.ts'
import type { CopyOp, Plan, Tally } from './model/op.ts'
import { orAborted } from './model/or-aborted.ts'
import type { Toolchain } from './model/report.ts'
import { previews, type SyncRequest, writesOf } from './model/request.ts'
import { adoptPlanFile } from './plan/adopt.ts'
import { refuseOneBucket } from './plan/one-bucket.ts'
import { makePlanFile } from './plan/plan.ts'
import { readCopies } from './plan/plan-file.ts'
import type { Files, Ports, System } from './ports.ts'
import { type Facts, lookAtWriting, preflight, standOn } from './preflight/preflight.ts'
import { claimFolder } from './report/folder.ts'
import { type ReportPaths, reportPaths } from './report/paths.ts'
import { planLines } from './report/plan-lines.ts'
import { publish } from './report/publish.ts'
import { enter, hurried, newWalk, type Walk } from './report/record.ts'
import { verify } from './verify/verify.ts'

/** All that is settled before anything is listed. */
interface Ready {
  readonly request: SyncRequest
  readonly paths: ReportPaths
  readonly toolchain: Toolchain | undefined
  readonly sessions: Sessions
  readonly facts: Facts
  /** Nothing is begun behind it. */
  readonly deadline: AbortSignal
}

/** One run, from the inputs to the exit code. */
export async function sync(ports: Ports): Promise<0 | 1> {
  const walk = newWalk(ports)
  try {
    const ready = await prepare(walk)
    const plan = await makePlan(walk, ready)
    if (plan.refused && !previews(ready.request)) throw plan.refused
    await tellBucketsApart(walk, ready, plan)
    await carryOut(walk, ready, plan)
  } catch (error) {
    walk.record.failure = error
  }
  return conclude(walk)
}

async function prepare(walk: Walk): Promise<Ready> {
  const { ports } = walk
  const { host, files } = ports
  const request = await enter(walk, 'inputs', async () => {
    const read = await readRequest(host, files)
    await claimFolder(files, {
      path: read.tell.reportDir,
      workspace: host.env['GITHUB_WORKSPACE'] ?? '',
      plan: read.mode === 'execute' ? planIn(read.planDir, files) : undefined,
    })
    return read
  })
  const log = host.log(request.tell.logLevel, request.tell.logLines)
  walk.log = log
  const deadline = deadlineOf(request, walk)
  const tool = await enter(walk, 'install', () =>
    toolchainFor({ engine: engineFor(request), request: request.install }, ports, log),
  )
  const sessions = await enter(walk, 'credentials', () => openSessions(request, ports, log))
  const found = await enter(walk, 'preflight', () =>
    orAborted(deadline, preflight({ request, sessions, tool, ports })),
  )
  const facts = standOn(found)
  const paths = reportPaths(files, request.tell.reportDir)
  return { request, paths, toolchain: tool.toolchain, sessions, facts, deadline }
}

/** A check copies nothing, so that it needs no s5cmd. */
const engineFor = ({ mode, how }: SyncRequest): SyncRequest['how']['engine'] =>
  mode === 'check' ? 'direct' : how.engine

/** Ends when the run has taken as long as it may. */
function deadlineOf({ how }: SyncRequest, { ports, record, over }: Walk): AbortSignal {
  const deadline = new AbortController()
  if (how.maxDurationMs !== undefined)
    void ports.clock
      .sleep(record.startedMs + how.maxDurationMs - ports.clock.now(), over.signal)
      .then(() => deadline.abort(TOO_LONG))
  return deadline.signal
}

const TOO_LONG = new SyncError(
  'execute',
  'The run reached max-duration before its plan was made.',
  {
    hint: 'Nothing was copied. Raise max-duration, or narrow source or include.',
  },
)

const planIn = (folder: string, files: Pick<Files, 'join'>): string =>
  reportPaths(files, folder).plan

const makePlan = (walk: Walk, ready: Ready): Promise<Plan> =>
  enter(walk, 'plan', async () => {
    const { request, facts, paths, deadline } = ready
    const { files, host } = walk.ports
    const ground = {
      ...facts,
      ...walk.ports,
      rules: request.what,
      mode: request.mode,
      write: request.how.write,
      signal: AbortSignal.any([host.cancelled, deadline]),
      log: walk.log,
    }
    const plan = await (request.mode === 'execute'
      ? adoptPlanFile({ ...ground, path: paths.carried }, planIn(request.planDir, files))
      : makePlanFile({ ...ground, path: paths.plan }))
    for (const line of planLines(plan, request, facts)) walk.log.line('info', line)
    return plan.refused || !previews(request) ? plan : foreseen(walk, ready, plan)
  })

/** A preview tells, too, what a real run would be refused by only when it gives work to the engines. */
async function foreseen({ ports }: Walk, ready: Ready, plan: Plan): Promise<Plan> {
  if (ready.request.how.engine !== 's5cmd') return plan
  try {
    await surveyOf(ports, ready, plan)
    return plan
  } catch (error) {
    if (error instanceof SyncError && error.kind === 'guard') return { ...plan, refused: error }
    throw error
  }
}

const surveyOf = (
  { files, system }: Ports,
  { request, toolchain, facts }: Ready,
  plan: Plan,
): Promise<Survey> =>
  survey(readCopies(files, plan), {
    routes: { ...facts, how: request.how, s5cmd: toolchain },
    how: request.how,
    work: workloadOf(plan.trailer.copies, facts, system),
  })

/** Sees before the first write that two names do not mean one bucket where that would do harm. */
async function tellBucketsApart(
  { record, log, ports: { files, host } }: Walk,
  { request, facts }: Ready,
  plan: Plan,
): Promise<void> {
  if (request.mode === 'check') return
  const { source, destination, transfer } = facts
  const { what, how } = request
  const { write, requestTimeoutMs: timeoutMs } = how
  const { objects } = transfer.carrier
  const writer = writesOf(request) ? { objects, write, timeoutMs } : undefined
  const look = { source, destination, plan, deletes: what.delete, files, writer }
  const told = await orAborted(host.cancelled, refuseOneBucket(look))
  if (told === undefined) return
  const { doubt, refused } = told
  log.line('warn', refused ? `A real run would be refused: ${refused.message}` : `${doubt}`)
  record.found.plan = { ...plan, doubt, refused: plan.refused ?? refused }
}

async function carryOut(walk: Walk, ready: Ready, plan: Plan): Promise<void> {
  if (!writesOf(ready.request)) return
  const { copies, deletes } = plan.trailer
  let copied = copies.objects === 0
  try {
    copied ||= await copyAll(walk, ready, plan)
  } finally {
    // Where copies have rows the deletes have theirs, however the copies ended.
    if (deletes.objects > 0 && (copied || walk.record.entered.has('execute')))
      await deleteExtra(walk, ready, { plan, copied })
  }
}

/** Gives whether every copy of the plan is done and proven. */
async function copyAll(walk: Walk, ready: Ready, plan: Plan): Promise<boolean> {
  const { request, facts, paths } = ready
  const { ports, log } = walk
  const { how, mode, what } = request
  const { overwrite } = what
  await askToWrite(walk, ready, plan)
  const work = await enter(walk, 'batch', () => surveyOf(ports, ready, plan))
  const scratch = await ports.files.temporaryFolder()
  const signal = ports.host.cancelled
  const folders = {
    ...{ scratch, resultsPath: paths.results, batchFolder: paths.batches },
    uploadsPath: paths.uploads,
  }
  const { claims, done } = await enter(walk, 'execute', () =>
    execute({ ...ready, ...folders, mode, overwrite, plan, survey: work, how, ports, log, signal }),
  )
  const { mismatches } = await enter(walk, 'verify', () =>
    verify({
      source: facts.source,
      destination: facts.destination,
      requestTimeoutMs: how.requestTimeoutMs,
      asked: how.verify,
      claims,
      files: ports.files,
      scratch,
      cancelled: signal,
      hurried: hurried(walk),
    }),
  )
  await ports.files.remove(scratch)
  signal.throwIfAborted()
  return done === plan.trailer.copies.objects && mismatches.size === 0
}

/** Asks before the first copy whether the first planned object may be written. Throws SyncError where it may not. */
async function askToWrite(walk: Walk, { request, facts }: Ready, plan: Plan): Promise<void> {
  const { ports, record, log } = walk
  const first = await firstCarried(readCopies(ports.files, plan))
  const { cancelled } = ports.host
  const looked = await orAborted(cancelled, lookAtWriting(first, facts, request.how))
  const { checks = [], problems = [] } = record.found.preflight ?? {}
  record.found.preflight = { checks: [...checks, looked.check], problems, facts }
  log.line('info', `preflight: ${looked.check.detail}`)
  if (looked.problem) throw looked.problem
}

/** The first of some copies that can be carried at all. */
async function firstCarried(copies: AsyncIterable<CopyOp>): Promise<CopyOp | undefined> {
  for await (const op of copies)
    if (!op.unnameable && !op.archived && op.reason !== 'in-the-way') return op
  return undefined
}

const workloadOf = (
  { objects, bytes }: Tally,
  { source, destination, transfer }: Facts,
  system: System,
): SurveyGround['work'] => ({
  averageBytes: bytes / Math.max(1, objects),
  streamed: transfer.streamed !== undefined,
  sameRegion: source.region === destination.region,
  cores: system.cores(),
  memoryBytes: system.availableMemoryBytes(),
})

function deleteExtra(
  walk: Walk,
  { request, facts, paths, deadline }: Ready,
  { plan, copied }: { readonly plan: Plan; readonly copied: boolean },
): Promise<unknown> {
  const { ports, log } = walk
  const ends = { signal: ports.host.cancelled, deadline }
  const resultsPath = paths.results
  return enter(walk, 'delete', () =>
    carryDeletes({ plan, copied, facts, request, ports, resultsPath, log, ends }),
  )
}

async function conclude(walk: Walk): Promise<0 | 1> {
  walk.over.abort()
  const { exitCode } = await publish(walk)
  return exitCode
}
