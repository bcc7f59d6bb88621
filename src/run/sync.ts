import { Identities, openSessions } from '../credentials/session.ts'
import { SyncError } from '../errors/sync-error.ts'
import { readStep } from '../inputs/inputs.ts'
import { type OnStanding, PublishedCopies } from '../ledger/published.ts'
import type { CopyOp, Plan } from '../model/op.ts'
import { orAborted } from '../model/or-aborted.ts'
import type { Place } from '../model/place.ts'
import { type StepRequest, type SyncRequest, writesOf } from '../model/request.ts'
import { unfinishedPath } from '../model/unfinished.ts'
import { adoptPlanFile } from '../plan/adopt.ts'
import { makePlanFile } from '../plan/plan.ts'
import { fullWaves, readCopies } from '../plan/plan-file.ts'
import type { Files, Log, Ports } from '../ports.ts'
import { Asked } from '../preflight/asked.ts'
import { checkWriting, openBuckets, preflight, requireReady } from '../preflight/preflight.ts'
import { type ToolchainResult, toolchainFor } from '../s5cmd/install/toolchain.ts'
import { DeleteWave } from '../transfer/delete/wave.ts'
import { Executor } from '../transfer/executor.ts'
import { assessPlan, refuseSharedPlaces } from './assess-plan.ts'
import { copyInWaves } from './copy-in-waves.ts'
import { causeOfAll, holdBack } from './hold-back.ts'
import {
  namesSourceLater,
  type WithManifest,
  withLocalManifest,
  withRemoteManifest,
} from './manifest.ts'
import { newRun, type Run, runOf, runStage, type Step, timed } from './pipeline.ts'
import { postState, stateName } from './post-request.ts'
import type { Ready } from './ready.ts'
import { claimFolders } from './report-folder.ts'
import { reportPaths } from './report-paths.ts'
import { inputsLine } from './stage-lines.ts'
import type { Assessment } from './stage-results.ts'
import { tidyTarget } from './target-notes.ts'

/**
 * One step from the inputs to the last delete, and what is known of it however it ended: nothing is told yet. All of its
 * transfers are planned before the first of them writes, and deletes come behind the copies of all.
 */
export async function sync(ports: Ports): Promise<Step> {
  const run = newRun(ports)
  let step: Step = { run, transfers: [run], request: undefined }
  try {
    const given: WithManifest[] = []
    const read = (): Promise<StepRequest> => readInputs(run, given)
    const request = await timed(run, { stage: 'inputs' }, read, inputsLine)
    run.log = logFor(request, ports)
    const asked = given.map((one) => ({ run: runOf(run, one.request), given: one }))
    step = { run, transfers: asked.map((one) => one.run), request }
    const shared = await openShared(run, request)
    const planned = await eachOrNone(asked, (one) => plan(one, shared))
    const allowed = await eachOrNone(planned.filter(hasToWrite), (one) => seenToWrite(one, planned))
    const begun = await eachOrNone(allowed, begin)
    let cleared = true
    for (const one of begun) cleared = await copyAll(one, cleared && !heldByOthers(one, begun))
    for (const one of begun) await deleteExtras(one, cleared)
    for (const one of begun) await end(one)
  } catch (error) {
    for (const { record } of step.transfers) record.failure ??= error
  }
  run.record.failure ??= causeOfAll(step.transfers)
  run.over.abort()
  for (const folder of run.scratch) await ports.files.remove(folder).catch(() => {})
  return step
}

/** The inputs with the manifests that they name, and a folder for what is told of each transfer. */
async function readInputs(run: Run, given: WithManifest[]): Promise<StepRequest> {
  const { host, files } = run.ports
  const { transfers: asked, reportDir } = await readStep(host, files)
  for (const one of asked) given.push(...(await withLocalManifest(run, one)))
  const [first, ...others] = given.map((one) => one.request)
  if (!first) throw new SyncError('internal', 'There is no transfer, and nobody knows why.')
  const transfers = [first, ...others] as const
  const workspace = host.env['GITHUB_WORKSPACE'] ?? ''
  const folders = transfers.map(({ mode, planDir, reporting }) => ({
    path: reporting.reportDir,
    workspace,
    plan: mode === 'execute' ? planIn(planDir, files) : undefined,
  }))
  const shared = transfers.length > 1 || first.name !== undefined
  await claimFolders(files, [
    ...(shared ? [{ path: reportDir, workspace, plan: undefined }] : []),
    ...folders,
  ])
  for (const one of transfers) host.saveState(stateName('request', one), postState(one))
  return { transfers, reportDir }
}

/** As loud as the request asks. */
const logFor = ({ transfers: [{ reporting }] }: StepRequest, { host }: Ports): Log =>
  host.log(reporting.logLevel, reporting.logLines)

/** What the transfers of a step share: one program, one login for each identity, one look at each place, one end. */
interface Shared {
  readonly tool: ToolchainResult
  readonly identities: Identities
  readonly asked: Asked
  readonly deadline: AbortSignal
}

async function openShared(run: Run, { transfers }: StepRequest): Promise<Shared> {
  const { ports, log } = run
  const [{ install, transfer }] = transfers
  const deadline = deadlineOf(transfer, run)
  const wanted = { engine: engineFor(transfers), request: install }
  const tool = await runStage(run, 'install', () => toolchainFor(wanted, ports, log))
  return { tool, identities: new Identities(ports, log), asked: new Asked(), deadline }
}

/** A check copies nothing, so that it needs no s5cmd. */
const engineOf = ({ mode, transfer }: SyncRequest): SyncRequest['transfer']['engine'] =>
  mode === 'check' ? 'direct' : transfer.engine

/** What the transfers need together. */
function engineFor(transfers: readonly SyncRequest[]): SyncRequest['transfer']['engine'] {
  const engines = transfers.map(engineOf)
  return (['s5cmd', 'auto'] as const).find((engine) => engines.includes(engine)) ?? 'direct'
}

/** A transfer that is asked for. */
interface AskedTransfer {
  readonly run: Run
  readonly given: WithManifest
}

/** A transfer that is planned, and refused by no guard. */
interface Planned {
  readonly run: Run
  readonly ready: Ready
  readonly assessment: Assessment
}

/** One transfer as far as one can go without a write. */
async function plan({ run, given }: AskedTransfer, shared: Shared): Promise<Planned> {
  const ready = await prepare(run, given, shared)
  const listed = await runStage(run, 'list', () => listBoth(run, ready))
  const assessment = await runStage(run, 'plan', () => assessPlan(run, ready, listed))
  tidyTarget(run, ready)
  return { run, ready, assessment }
}

/** From the request to what both places are. */
async function prepare(run: Run, given: WithManifest, shared: Shared): Promise<Ready> {
  const { ports, record } = run
  const { identities, asked, deadline } = shared
  const { request: early } = given
  const tool = engineOf(early) === 'direct' ? {} : shared.tool
  record.found.install = tool
  const sessions = await runStage(run, 'credentials', () =>
    openSessions(early, identities, (unproven) => {
      if (!namesSourceLater(early)) openBuckets(unproven, { request: early, ports, asked })
    }),
  )
  let read = given
  const found = await runStage(run, 'preflight', async () => {
    read = await orAborted(deadline, withRemoteManifest(run, given, sessions))
    const { request, manifest } = read
    record.found.inputs = request
    const buckets = openBuckets(sessions, { request, ports, asked })
    const input = { request, sessions, tool, ports, buckets, manifest, asked }
    return orAborted(deadline, preflight(input))
  })
  const facts = requireReady(found)
  const { request, manifest } = read
  const paths = reportPaths(ports.files, request.reporting.reportDir)
  return { request, paths, toolchain: tool.toolchain, sessions, facts, manifest, deadline }
}

/** Ends when the step has taken as long as it may. */
function deadlineOf(
  { maxDurationMs }: SyncRequest['transfer'],
  { ports, record, over }: Run,
): AbortSignal {
  const deadline = new AbortController()
  if (maxDurationMs !== undefined)
    void ports.clock
      .sleep(record.startedMs + maxDurationMs - ports.clock.now(), over.signal)
      .then(() => deadline.abort(TOO_LONG))
  return deadline.signal
}

const TOO_LONG = new SyncError('list', 'The run reached max-duration before its plan was made.', {
  hint: 'Nothing was copied. Raise max-duration, or narrow source or include.',
})

const planIn = (folder: string, files: Pick<Files, 'join'>): string =>
  reportPaths(files, folder).plan

/** Goes on with one transfer after the other; where one fails, none of those that would write does. */
async function eachOrNone<Item extends { readonly run: Run }, Found>(
  transfers: readonly Item[],
  work: (transfer: Item) => Promise<Found>,
): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const transfer of transfers)
    try {
      found.push(await work(transfer))
    } catch (error) {
      transfer.run.record.failure = error
    }
  const runs = transfers.map(({ run }) => run)
  return found.length < transfers.length && holdBack(runs) ? [] : found
}

const hasToWrite = ({ ready, assessment }: Planned): boolean => {
  const { copies, deletes } = assessment.plan.trailer
  return writesOf(ready.request) && copies.objects + deletes.objects > 0
}

/** Lists both places and writes the plan, in `mode: execute` what still holds of an approved one. */
function listBoth({ ports, log, record }: Run, ready: Ready): Promise<Plan> {
  const { request, facts, paths, deadline, manifest: list } = ready
  const { files, host, clock, system } = ports
  const { source, destination } = facts
  const { mode, selection: rules, transfer } = request
  const signal = AbortSignal.any([host.cancelled, deadline])
  const manifest = list && { manifest: list, transfer, failedPath: paths.failed }
  const publishedPath = writesOf(request) ? unfinishedPath(paths.published) : undefined
  if (publishedPath) record.published = publishedPath
  const { write, requestTimeoutMs, requestsPerSecond, retryCount } = transfer
  const looks = { requestTimeoutMs, requestsPerSecond, retryCount }
  const planned = { source, destination, rules, mode, write, looks, manifest, publishedPath }
  const context = { files, clock, system, signal, log }
  if (mode !== 'execute') return makePlanFile(planned, paths.plan, context)
  const approvedPath = planIn(request.planDir, files)
  return adoptPlanFile(planned, { approvedPath, path: paths.carried }, context)
}

/** A plan that is carried out. */
interface Begun extends Planned {
  readonly executor: Executor
  /** Folder for what does not fit into memory. */
  readonly scratch: string
  /** Where copies are added to what stays at the destination; undefined where nobody wants to know. */
  readonly published: PublishedCopies | undefined
}

/** Sees that a transfer may write. Throws SyncError where it may not. */
async function seenToWrite(planned: Planned, all: readonly Planned[]): Promise<Planned> {
  const { plan, survey } = planned.assessment
  const others = all.filter((one) => one !== planned)
  await refuseSharedPlaces(planned.run, planned, others)
  if (survey) await askToWrite(planned.run, planned.ready, plan)
  return planned
}

async function begin({ run, ready, assessment }: Planned): Promise<Begun> {
  const { files } = run.ports
  const scratch = await files.temporaryFolder()
  const path = run.record.published
  const folder = folderPrefix(ready.facts.destination)
  const published = path ? await PublishedCopies.open(files, path, folder) : undefined
  const executor = executorOf(run, ready, { scratch, onStanding: standing(published) })
  return { run, ready, assessment, executor, scratch, published }
}

/** Of a single object the folder that it lies in. */
const folderPrefix = ({ prefix }: Place): string => prefix.slice(0, prefix.lastIndexOf('/') + 1)

const standing =
  (published: PublishedCopies | undefined): OnStanding =>
  (copy) =>
    published?.add(copy)

/** Whether another transfer would overwrite what was published: that keeps all from copying. */
const heldByOthers = (one: Begun, begun: readonly Begun[]): boolean =>
  begun.some((other) => other !== one && (other.assessment.survey?.conflicts ?? 0) > 0)

/**
 * Makes the copies of a plan; `cleared`: all before it is done and proven. However they ended, every op has its row.
 * Gives whether all is done and proven now.
 */
async function copyAll(
  { run, ready, assessment, executor, scratch, published }: Begun,
  cleared: boolean,
): Promise<boolean> {
  const { plan, survey } = assessment
  if (!survey) return cleared
  try {
    const onStanding = standing(published)
    return await copyInWaves(run, ready, { plan, survey, cleared, executor, scratch, onStanding })
  } catch (error) {
    run.record.failure ??= error
    return false
  }
}

/** Deletes are the last wave of all. */
async function deleteExtras(
  { run, ready, assessment: { plan }, executor }: Begun,
  cleared: boolean,
): Promise<void> {
  if (plan.trailer.deletes.objects === 0) return
  const { request, facts } = ready
  const { files } = run.ports
  const wave = new DeleteWave({ plan, facts, request, files })
  await runStage(run, wave.stage, () => executor.run(wave, cleared)).catch((error: unknown) => {
    run.record.failure ??= error
  })
}

/** Removes what was only needed on the way. */
async function end({ run, ready, scratch, published }: Begun): Promise<void> {
  // Which names the folders of a local destination have is brought to the disk then.
  const closed = async () => ready.facts.destination.store.landing?.close()
  for (const closing of [closed(), run.ports.files.remove(scratch), published?.close()])
    await closing?.catch((error: unknown) => {
      run.record.failure ??= error
    })
}

function executorOf(
  { ports, log }: Run,
  ready: Ready,
  { scratch, onStanding }: { readonly scratch: string; readonly onStanding: OnStanding },
): Executor {
  const { request, facts, paths, deadline } = ready
  const { files, system, clock, host } = ports
  const { cancelled: signal, cancelledForMs, hide } = host
  return new Executor(
    { log, clock, signal, deadline, cancelledForMs },
    {
      files,
      system,
      hide,
      transfer: request.transfer,
      destinationPrefix: facts.destination.prefix,
      resultsPath: paths.results,
      onStanding,
      scratch,
    },
  )
}

/** Asks before the first copy whether the first planned object may be written. Throws SyncError where it may not. */
async function askToWrite(run: Run, { request, facts }: Ready, plan: Plan): Promise<void> {
  const { ports, record, log } = run
  // A key that is published later would be a sign of it.
  const [wave] = fullWaves(plan)
  const first = await firstCarried(readCopies(ports.files, plan, wave))
  const { cancelled } = ports.host
  const looked = await orAborted(cancelled, checkWriting(first, facts, request.transfer))
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
