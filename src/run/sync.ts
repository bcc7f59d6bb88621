import { openSessions } from '../credentials/session.ts'
import { SyncError } from '../errors/sync-error.ts'
import { readRequest } from '../inputs/inputs.ts'
import type { CopyOp, Plan } from '../model/op.ts'
import { orAborted } from '../model/or-aborted.ts'
import { type SyncRequest, writesOf } from '../model/request.ts'
import { adoptPlanFile } from '../plan/adopt.ts'
import { makePlanFile } from '../plan/plan.ts'
import { fullWaves, readCopies } from '../plan/plan-file.ts'
import type { Files, Ports } from '../ports.ts'
import {
  type Buckets,
  checkWriting,
  openBuckets,
  preflight,
  requireReady,
} from '../preflight/preflight.ts'
import { toolchainFor } from '../s5cmd/install/toolchain.ts'
import { DeleteWave } from '../transfer/delete/wave.ts'
import { Executor } from '../transfer/executor.ts'
import { assessPlan } from './assess-plan.ts'
import { copyInWaves } from './copy-in-waves.ts'
import { newRun, type Run, runStage } from './pipeline.ts'
import { postState } from './post-request.ts'
import type { Ready } from './ready.ts'
import { claimFolder } from './report-folder.ts'
import { reportPaths } from './report-paths.ts'
import type { Assessment } from './stage-results.ts'

/** One run from the inputs to the last delete, and what is known of it however it ended: nothing is told yet. */
export async function sync(ports: Ports): Promise<Run> {
  const run = newRun(ports)
  try {
    const ready = await prepare(run)
    const listed = await runStage(run, 'list', () => listBoth(run, ready))
    const assessment = await runStage(run, 'plan', () => assessPlan(run, ready, listed))
    if (writesOf(ready.request)) await carryOut(run, ready, assessment)
  } catch (error) {
    run.record.failure = error
  }
  run.over.abort()
  return run
}

/** From the inputs to what both places are. */
async function prepare(run: Run): Promise<Ready> {
  const { ports } = run
  const { host, files } = ports
  const request = await runStage(run, 'inputs', () => readInputs(ports))
  const log = host.log(request.reporting.logLevel, request.reporting.logLines)
  run.log = log
  const deadline = deadlineOf(request, run)
  const wanted = { engine: engineFor(request), request: request.install }
  const tool = await runStage(run, 'install', () => toolchainFor(wanted, ports, log))
  let asked: Buckets | undefined
  const sessions = await runStage(run, 'credentials', () =>
    openSessions(request, { ports, log }, (unproven) => {
      asked = openBuckets(unproven, request, ports)
    }),
  )
  const buckets = asked ?? openBuckets(sessions, request, ports)
  const found = await runStage(run, 'preflight', () =>
    orAborted(deadline, preflight({ request, sessions, tool, ports, buckets })),
  )
  const facts = requireReady(found)
  const paths = reportPaths(files, request.reporting.reportDir)
  return { request, paths, toolchain: tool.toolchain, sessions, facts, deadline }
}

/** The inputs, and a folder for what is told of the run. */
async function readInputs({ host, files }: Ports): Promise<SyncRequest> {
  const request = await readRequest(host, files)
  await claimFolder(files, {
    path: request.reporting.reportDir,
    workspace: host.env['GITHUB_WORKSPACE'] ?? '',
    plan: request.mode === 'execute' ? planIn(request.planDir, files) : undefined,
  })
  host.saveState('request', postState(request))
  return request
}

/** A check copies nothing, so that it needs no s5cmd. */
const engineFor = ({ mode, transfer }: SyncRequest): SyncRequest['transfer']['engine'] =>
  mode === 'check' ? 'direct' : transfer.engine

/** Ends when the run has taken as long as it may. */
function deadlineOf({ transfer }: SyncRequest, { ports, record, over }: Run): AbortSignal {
  const deadline = new AbortController()
  if (transfer.maxDurationMs !== undefined)
    void ports.clock
      .sleep(record.startedMs + transfer.maxDurationMs - ports.clock.now(), over.signal)
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
  const { files, host, clock, system } = ports
  const { source, destination } = facts
  const { mode, selection: rules } = request
  const signal = AbortSignal.any([host.cancelled, deadline])
  const planned = { source, destination, rules, mode, write: request.transfer.write }
  const context = { files, clock, system, signal, log }
  if (mode !== 'execute') return makePlanFile(planned, paths.plan, context)
  const approvedPath = planIn(request.planDir, files)
  return adoptPlanFile(planned, { approvedPath, path: paths.carried }, context)
}

/**
 * Carries out a plan: its copies wave by wave, then its deletes. However a wave ended, those behind it are gone
 * through, so that every op has its row: the first failure is thrown then.
 */
async function carryOut(run: Run, ready: Ready, { plan, survey }: Assessment): Promise<void> {
  const { files } = run.ports
  const deletes = plan.trailer.deletes.objects > 0
  if (!survey && !deletes) return
  if (survey) await askToWrite(run, ready, plan)
  const scratch = await files.temporaryFolder()
  const executor = executorOf(run, ready, scratch)
  let cleared = true
  const failures: unknown[] = []
  const note = (error: unknown): void => {
    failures.push(error)
    cleared = false
  }
  if (survey)
    await copyInWaves(run, ready, { plan, survey, executor, scratch }).then((done) => {
      cleared = done
    }, note)
  if (deletes) await deleteExtras(run, ready, { plan, executor, cleared }).catch(note)
  await files.remove(scratch).catch(note)
  if (failures.length > 0) throw failures[0]
}

/** Deletes are the last wave. */
async function deleteExtras(
  run: Run,
  { request, facts }: Ready,
  {
    plan,
    executor,
    cleared,
  }: { readonly plan: Plan; readonly executor: Executor; readonly cleared: boolean },
): Promise<void> {
  const { files } = run.ports
  const wave = new DeleteWave({ plan, facts, request, files })
  await runStage(run, wave.stage, () => executor.run(wave, cleared))
}

function executorOf({ ports, log }: Run, ready: Ready, scratch: string): Executor {
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
