import { usesUpPorts } from '../batch/route.ts'
import { type Survey, type SurveyGround, survey } from '../batch/survey.ts'
import { openSessions, type Sessions } from '../credentials/session.ts'
import { SyncError } from '../errors/sync-error.ts'
import { carryDeletes } from '../execute/deletes.ts'
import { execute } from '../execute/execute.ts'
import { readRequest } from '../inputs/inputs.ts'
import { toolchainFor } from '../install/toolchain.ts'
import type { CopyOp, Plan, Tally } from '../model/op.ts'
import { orAborted } from '../model/or-aborted.ts'
import type { Toolchain } from '../model/report.ts'
import { previews, type SyncRequest, writesOf } from '../model/request.ts'
import { adoptPlanFile } from '../plan/adopt.ts'
import { refuseOneBucket } from '../plan/one-bucket.ts'
import { makePlanFile } from '../plan/plan.ts'
import { readCopies } from '../plan/plan-file.ts'
import { planLines } from '../plan/plan-lines.ts'
import type { Files, Ports, System } from '../ports.ts'
import { type Facts, lookAtWriting, preflight, standOn } from '../preflight/preflight.ts'
import { verify } from '../verify/verify.ts'
import type { Decision } from './findings.ts'
import { hurried, newRun, type Run, runStage } from './pipeline.ts'
import { postState } from './post-request.ts'
import { claimFolder } from './report-folder.ts'
import { type ReportPaths, reportPaths } from './report-paths.ts'

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

/** One run from the inputs to the last delete, and what is known of it however it ended: nothing is told yet. */
export async function sync(ports: Ports): Promise<Run> {
  const run = newRun(ports)
  try {
    const ready = await prepare(run)
    const listed = await runStage(run, 'list', () => listBoth(run, ready))
    const decision = await runStage(run, 'plan', () => decide(run, ready, listed))
    await carryOut(run, ready, decision)
  } catch (error) {
    run.record.failure = error
  }
  run.over.abort()
  return run
}

async function prepare(run: Run): Promise<Ready> {
  const { ports } = run
  const { host, files } = ports
  const request = await runStage(run, 'inputs', async () => {
    const read = await readRequest(host, files)
    await claimFolder(files, {
      path: read.tell.reportDir,
      workspace: host.env['GITHUB_WORKSPACE'] ?? '',
      plan: read.mode === 'execute' ? planIn(read.planDir, files) : undefined,
    })
    host.saveState('request', postState(read))
    return read
  })
  const log = host.log(request.tell.logLevel, request.tell.logLines)
  run.log = log
  const deadline = deadlineOf(request, run)
  const tool = await runStage(run, 'install', () =>
    toolchainFor({ engine: engineFor(request), request: request.install }, ports, log),
  )
  const sessions = await runStage(run, 'credentials', () => openSessions(request, ports, log))
  const found = await runStage(run, 'preflight', () =>
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
function deadlineOf({ how }: SyncRequest, { ports, record, over }: Run): AbortSignal {
  const deadline = new AbortController()
  if (how.maxDurationMs !== undefined)
    void ports.clock
      .sleep(record.startedMs + how.maxDurationMs - ports.clock.now(), over.signal)
      .then(() => deadline.abort(TOO_LONG))
  return deadline.signal
}

const TOO_LONG = new SyncError('list', 'The run reached max-duration before its plan was made.', {
  hint: 'Nothing was copied. Raise max-duration, or narrow source or include.',
})

const planIn = (folder: string, files: Pick<Files, 'join'>): string =>
  reportPaths(files, folder).plan

/** Lists both places and writes the plan, in `mode: execute` what still holds of an approved one. */
function listBoth({ ports, log }: Run, ready: Ready): Promise<Plan> {
  const { request, facts, paths, deadline } = ready
  const { files, host } = ports
  const ground = {
    ...facts,
    ...ports,
    rules: request.what,
    mode: request.mode,
    write: request.how.write,
    signal: AbortSignal.any([host.cancelled, deadline]),
    log,
  }
  return request.mode === 'execute'
    ? adoptPlanFile({ ...ground, path: paths.carried }, planIn(request.planDir, files))
    : makePlanFile({ ...ground, path: paths.plan })
}

/** Judges the plan to the end. Throws SyncError where it is refused and not only looked at. */
async function decide(run: Run, ready: Ready, listed: Plan): Promise<Decision> {
  const { request, facts } = ready
  for (const line of planLines(listed, request, facts)) run.log.line('info', line)
  if (listed.refused) {
    if (!previews(request)) throw listed.refused
    return { plan: listed, survey: undefined }
  }
  const { survey: work, refused } = await surveyed(run, ready, listed)
  const plan = await toldApart(run, ready, { ...listed, refused })
  return { plan, survey: work }
}

/** What the engines have to do; a plan that is only looked at tells, too, where they cannot. */
async function surveyed(
  { ports }: Run,
  ready: Ready,
  plan: Plan,
): Promise<Pick<Decision, 'survey'> & Pick<Plan, 'refused'>> {
  const { request } = ready
  const asked = writesOf(request) || (previews(request) && request.how.engine === 's5cmd')
  if (!asked || plan.trailer.copies.objects === 0) return { survey: undefined, refused: undefined }
  try {
    return { survey: await surveyOf(ports, ready, plan), refused: undefined }
  } catch (error) {
    if (!previews(request) || !(error instanceof SyncError) || error.kind !== 'guard') throw error
    return { survey: undefined, refused: error }
  }
}

const surveyOf = (
  { files, system }: Ports,
  { request, toolchain, facts }: Ready,
  plan: Plan,
): Promise<Survey> =>
  survey(readCopies(files, plan), {
    routes: {
      how: request.how,
      s5cmd: toolchain,
      destination: facts.destination,
      fewPorts: usesUpPorts(system.platform, plan.trailer.copies.objects),
    },
    how: request.how,
    work: workloadOf(plan.trailer.copies, facts, system),
  })

/** Sees before the first write that two names do not mean one bucket where that would do harm. */
async function toldApart(
  { log, ports: { files, host } }: Run,
  { request, facts }: Ready,
  plan: Plan,
): Promise<Plan> {
  if (request.mode === 'check') return plan
  const { source, destination, transfer } = facts
  const { what, how } = request
  const { write, requestTimeoutMs: timeoutMs } = how
  const { objects } = transfer.carrier
  const writer = writesOf(request) ? { objects, write, timeoutMs } : undefined
  const look = { source, destination, plan, deletes: what.delete, files, writer }
  const told = await orAborted(host.cancelled, refuseOneBucket(look))
  if (told === undefined) return plan
  const { doubt, refused } = told
  log.line('warn', refused ? `A real run would be refused: ${refused.message}` : `${doubt}`)
  return { ...plan, doubt, refused: plan.refused ?? refused }
}

async function carryOut(run: Run, ready: Ready, { plan, survey: work }: Decision): Promise<void> {
  if (!writesOf(ready.request)) return
  const { deletes } = plan.trailer
  let copied = work === undefined
  try {
    if (work) copied = await copyAll(run, ready, plan, work)
  } finally {
    // Where copies have rows the deletes have theirs, however the copies ended.
    if (deletes.objects > 0 && (copied || run.record.entered.has('copy')))
      await deleteExtra(run, ready, { plan, copied })
  }
}

/** Gives whether every copy of the plan is done and proven. */
async function copyAll(run: Run, ready: Ready, plan: Plan, work: Survey): Promise<boolean> {
  const { request, facts, paths } = ready
  const { ports, log } = run
  const { how, mode, what } = request
  const { overwrite } = what
  await askToWrite(run, ready, plan)
  const scratch = await ports.files.temporaryFolder()
  const signal = ports.host.cancelled
  const folders = {
    ...{ scratch, resultsPath: paths.results, batchFolder: paths.batches },
    uploadsPath: paths.uploads,
  }
  const { claims, done } = await runStage(run, 'copy', () =>
    execute({ ...ready, ...folders, mode, overwrite, plan, survey: work, how, ports, log, signal }),
  )
  const { mismatches } = await runStage(run, 'verify', () =>
    verify({
      source: facts.source,
      destination: facts.destination,
      requestTimeoutMs: how.requestTimeoutMs,
      asked: how.verify,
      claims,
      files: ports.files,
      scratch,
      cancelled: signal,
      hurried: hurried(run),
    }),
  )
  await ports.files.remove(scratch)
  signal.throwIfAborted()
  return done === plan.trailer.copies.objects && mismatches.size === 0
}

/** Asks before the first copy whether the first planned object may be written. Throws SyncError where it may not. */
async function askToWrite(run: Run, { request, facts }: Ready, plan: Plan): Promise<void> {
  const { ports, record, log } = run
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
    if (!op.unnameable && !op.archived && op.reason !== 'destination-conflict') return op
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
  // Where nobody tells how much is free, half of it may be.
  memoryBytes: system.availableMemoryBytes() ?? system.totalMemoryBytes() / 2,
})

function deleteExtra(
  run: Run,
  { request, facts, paths, deadline }: Ready,
  { plan, copied }: { readonly plan: Plan; readonly copied: boolean },
): Promise<unknown> {
  const { ports, log } = run
  const ends = { signal: ports.host.cancelled, deadline }
  const resultsPath = paths.results
  return runStage(run, 'delete', () =>
    carryDeletes({ plan, copied, facts, request, ports, resultsPath, log, ends }),
  )
}
