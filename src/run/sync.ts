import { Identities, openSessions, type Sessions } from '../credentials/session.ts'
import { SyncError } from '../errors/sync-error.ts'
import type { Plan } from '../model/op.ts'
import { orAborted } from '../model/or-aborted.ts'
import { lockOf, type StepRequest, type SyncRequest, writesOf } from '../model/request.ts'
import { isOfBucket } from '../model/shared-folder.ts'
import { unfinishedPath } from '../model/unfinished.ts'
import type { PlanContext, PlanRequest } from '../plan/compare.ts'
import type { Log, Ports } from '../ports.ts'
import { Asked } from '../preflight/asked.ts'
import { openBuckets, preflight, requireReady } from '../preflight/preflight.ts'
import { type ToolchainResult, toolchainFor } from '../s5cmd/install/toolchain.ts'
import {
  type AskedStep,
  type AskedTransfer,
  planIn,
  readInputs,
  withListedSources,
} from './asked-transfers.ts'
import type { Gathered } from './finish.ts'
import { causeOfAll, eachOrNone } from './hold-back.ts'
import {
  namesSourceLater,
  refuseOtherReadings,
  type WithManifest,
  withRemoteManifest,
} from './manifest.ts'
import { newRun, type Run, runOf, runStage, type Step, timed } from './pipeline.ts'
import { bytesOf, planDirOf } from './plan-dir.ts'
import type { Planned, Ready } from './ready.ts'
import { PLAN_FILE, reportPaths } from './report-paths.ts'
import { inputsLine } from './stage-lines.ts'
import type { Assessment } from './stage-results.ts'
import type { StepLock } from './step-lock.ts'
import { noteSpace, tidyTarget } from './target-notes.ts'

/**
 * One step from the inputs to the last delete, and what is known of it however it ended: nothing is told yet. All of its
 * transfers are planned before the first of them writes, and deletes come behind the copies of all.
 */
export async function sync(ports: Ports): Promise<Step> {
  const run = newRun(ports)
  let step: Step = { run, transfers: [run], request: undefined }
  let lock: StepLock | undefined
  try {
    const { request, given } = await timed(
      run,
      { stage: 'inputs' },
      () => readInputs(run),
      (read) => inputsLine(read.request),
    )
    run.log = logFor(request, ports)
    lock = await lockFor(request, run)
    const carrier = lock?.ports ?? ports
    const asked = given.map((one) => ({ run: runOf(run, one.request, carrier), given: one }))
    step = stepOf(run, { request, asked })
    const shared = await openShared(run, request, lock)
    const listed = await withListedSources({ request, asked }, shared)
    step = stepOf(run, listed)
    const planned = await eachOrNone(listed.asked, (one) => plan(one, shared))
    refuseOtherReadings(planned.map((one) => one.ready))
    const apart = await eachOrNone(planned.filter(hasWork), (one) => toldApart(one, planned))
    const leaving = planned.filter(leavesPlan)
    if (leaving.length > 0 && !hasFailed(step))
      await (await import('./leave-plan.ts')).leavePlans(leaving)
    const writers = apart.filter(hasToWrite)
    // What writes is loaded behind the listings: most runs have nothing to do.
    if (writers.length > 0) await (await import('./carry-out.ts')).carryOut(writers)
  } catch (error) {
    for (const { record } of step.transfers) record.failure ??= error
  }
  run.record.failure ??= causeOfAll(step.transfers)
  run.over.abort()
  await giveBack(lock, step)
  for (const folder of run.scratch) await ports.files.remove(folder).catch(() => {})
  return step
}

const stepOf = (run: Run, { request, asked }: AskedStep): Step => ({
  run,
  transfers: asked.map((one) => one.run),
  request,
})

/** The lock of a step; undefined where it takes none, as most do: what takes one is loaded only then. */
async function lockFor(
  { transfers: [first] }: StepRequest,
  { ports, log }: Run,
): Promise<StepLock | undefined> {
  const lock = lockOf(first)
  if (!lock) return undefined
  const { StepLock } = await import('./step-lock.ts')
  return new StepLock(lock, ports, log)
}

/** Gives the lock of a step back, and lets the reports of all its transfers tell of it. */
async function giveBack(lock: StepLock | undefined, { run, transfers }: Step): Promise<void> {
  const facts = await lock?.release()
  if (facts) for (const one of [run, ...transfers]) one.lock = facts
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
  /** undefined: the step takes none. */
  readonly lock: StepLock | undefined
}

async function openShared(
  run: Run,
  { transfers }: StepRequest,
  lock: StepLock | undefined,
): Promise<Shared> {
  const { ports, log } = run
  const [{ install, transfer }] = transfers
  const deadline = deadlineOf(transfer, run)
  const wanted = { engine: engineFor(transfers), request: install }
  const tool = await runStage(run, 'install', () => toolchainFor(wanted, ports, log))
  return { tool, identities: new Identities(ports, log), asked: new Asked(), deadline, lock }
}

/** A check copies nothing, so that it needs no s5cmd. */
const engineOf = ({ mode, transfer }: SyncRequest): SyncRequest['transfer']['engine'] =>
  mode === 'check' ? 'direct' : transfer.engine

/** What the transfers need together. */
function engineFor(transfers: readonly SyncRequest[]): SyncRequest['transfer']['engine'] {
  const engines = transfers.map(engineOf)
  return (['s5cmd', 'auto'] as const).find((engine) => engines.includes(engine)) ?? 'direct'
}

/** One transfer as far as one can go without a write. */
async function plan(asked: AskedTransfer, shared: Shared): Promise<Planned> {
  const { run } = asked
  const ready = await prepare(asked, shared)
  const look = await lookOf(run, ready)
  const toldOf = (error: unknown): never => {
    throw ready.planDir.told(error)
  }
  const gathered =
    ready.request.mode === 'finish'
      ? await (await import('./finish.ts')).gather(run, ready, look.planned).catch(toldOf)
      : undefined
  const listed = await runStage(run, 'list', () =>
    listBoth(run, ready, look, gathered).catch(toldOf),
  )
  const { assessPlan } = await import('./assess-plan.ts')
  const assessment = await runStage(run, 'plan', async () => {
    const found = await assessPlan(run, ready, listed)
    if (ready.request.shard) await (await import('./parts.ts')).cutParts(run, ready, found.plan)
    return found
  })
  tidyTarget(run, ready)
  // What unfinished files took is free by now.
  await noteSpace(run, ready, assessment.plan.trailer.copies.bytes)
  return { run, ready, assessment, isCleared: gathered?.allDone ?? true }
}

/** From the request to what both places are. */
async function prepare(
  { run, given, sessions: opened }: AskedTransfer,
  shared: Shared,
): Promise<Ready> {
  const { ports, record } = run
  const { identities, asked, deadline, lock } = shared
  const { request: early } = given
  const tool = engineOf(early) === 'direct' ? {} : shared.tool
  record.found.install = tool
  const openEarly = (): Promise<Sessions> =>
    openSessions(early, identities, (unproven) => {
      // What was listed before the wait for a lock may be another's by then.
      if (!lock && !namesSourceLater(early)) openBuckets(unproven, { request: early, ports, asked })
    })
  const sessions = opened ?? (await runStage(run, 'credentials', openEarly))
  // Who waited for it plans with what is there then.
  if (lock) await lock.take(early, sessions.destination, deadline)
  let read = given
  const found = await runStage(run, 'preflight', async () => {
    read = await orAborted(deadline, withManifest(run, given, sessions))
    const { request, manifest } = read
    record.found.inputs = request
    const buckets = openBuckets(sessions, { request, ports, asked })
    const input = { request, sessions, tool, ports, buckets, manifest, asked }
    return orAborted(deadline, preflight(input))
  })
  const facts = requireReady(found)
  const { request, manifest } = read
  const paths = reportPaths(ports.files, request.reporting.reportDir, request.shard)
  const { toolchain } = tool
  const planDir = await planDirOf(run, request, { session: sessions.destination, deadline })
  return { request, paths, toolchain, sessions, facts, manifest, deadline, planDir }
}

/** With its list, where that lies at S3 and is not read yet; here it is of one bucket. */
async function withManifest(
  run: Run,
  given: WithManifest,
  sessions: Sessions,
): Promise<WithManifest> {
  const { request, manifest } = given
  if (!request.selection.manifest || manifest) return given
  const [only = given] = await withRemoteManifest(run, request, sessions)
  return only
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

const TOO_LONG = new SyncError(
  'list',
  'The run reached max-duration before the plan was complete.',
  {
    hint: 'Nothing was copied. Raise max-duration, or narrow source or include.',
  },
)

const hasWork = ({ ready, assessment }: Planned): boolean => {
  const { trailer, extras } = assessment.plan
  const { copies, deletes } = trailer
  const { request } = ready
  // What is there already is to be told, too, and since when extras wait.
  const others = extras?.isNews === true || request.selection.sums !== undefined
  return request.mode !== 'check' && (copies.objects + deletes.objects > 0 || others)
}

/** Whether other jobs find the plan in a bucket. */
const leavesPlan = ({ ready: { request } }: Planned): boolean =>
  request.mode === 'plan' && isOfBucket(request.planDir)

const hasFailed = ({ transfers }: Step): boolean =>
  transfers.some(({ record }) => record.failure !== undefined)

const hasToWrite = ({ ready }: Planned): boolean => writesOf(ready.request)

/** What both places are looked at with. */
interface LookAtBoth {
  readonly planned: PlanRequest
  readonly context: PlanContext
}

async function lookOf({ ports, log, scratch }: Run, ready: Ready): Promise<LookAtBoth> {
  const { request, facts, paths, deadline, manifest: list } = ready
  const { files, host, clock, system } = ports
  const { source, destination } = facts
  const { mode, selection: rules, transfer, shard } = request
  const signal = AbortSignal.any([host.cancelled, deadline])
  const { failed: failedPath, notInSource: skippedPath } = paths
  const manifest = list && { manifest: list, transfer, failedPath, skippedPath }
  // A shard sees a part of what stands there.
  const publishes = writesOf(request) && !shard
  const publishedPath = publishes ? unfinishedPath(paths.published) : undefined
  const { write, requestTimeoutMs, requestsPerSecond, retryCount } = transfer
  const looks = { requestTimeoutMs, requestsPerSecond, retryCount }
  const planned = { source, destination, rules, mode, write, looks, manifest, publishedPath }
  const extrasFolder = rules.deleteAfterMs === undefined ? undefined : await files.temporaryFolder()
  if (extrasFolder !== undefined) scratch.push(extrasFolder)
  return { planned, context: { files, clock, system, signal, log, extrasFolder } }
}

/** Lists both places and writes the plan, in `mode: execute` what still holds of an approved one. */
async function listBoth(
  run: Run,
  ready: Ready,
  { planned, context }: LookAtBoth,
  gathered: Gathered | undefined,
): Promise<Plan> {
  const { request, paths } = ready
  const { files } = context
  const { publishedPath } = planned
  if (publishedPath && (gathered?.allDone ?? true)) run.record.published = publishedPath
  if (gathered) {
    const { listRest } = await import('./finish.ts')
    return listRest(run, ready, gathered, planned, context)
  }
  if (request.mode !== 'execute') {
    const { makePlanFile } = await import('../plan/plan.ts')
    return makePlanFile(planned, paths.plan, context)
  }
  if (request.shard) {
    const { listPart } = await import('./parts.ts')
    const part = await listPart(run, ready, planned, context)
    if (part) return part
  }
  const { adoptPlanFile } = await import('../plan/adopt.ts')
  const { planDir } = ready
  await planDir.bring(PLAN_FILE, bytesOf())
  const approvedPath = planIn(planDir.path, files)
  return adoptPlanFile(planned, { approvedPath, path: paths.carried }, context)
}

/** Sees that no other transfer is in the way of one. Throws SyncError where one is. */
async function toldApart(planned: Planned, all: readonly Planned[]): Promise<Planned> {
  const { run, ready, assessment, isCleared } = planned
  const others = all.filter((one) => one !== planned)
  const { toldFromOthers } = await import('./assess-plan.ts')
  const plan = await toldFromOthers(run, planned, others)
  const told: Assessment = { plan, survey: assessment.survey }
  run.record.found.plan = told
  return { run, ready, assessment: told, isCleared }
}
