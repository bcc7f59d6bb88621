import { survey } from './batch/survey.ts'
import { openSession, type Session } from './credentials/session.ts'
import { execute } from './execute/execute.ts'
import { readRequest } from './inputs/inputs.ts'
import { toolchainFor } from './install/toolchain.ts'
import type { Plan } from './model/op.ts'
import type { Toolchain } from './model/report.ts'
import type { SyncRequest } from './model/request.ts'
import { makePlanFile } from './plan/plan.ts'
import { readOps } from './plan/plan-file.ts'
import type { Ports } from './ports.ts'
import { type Facts, preflight } from './preflight/preflight.ts'
import * as lines from './report/lines.ts'
import { clearFolder, type ReportPaths, reportPaths } from './report/paths.ts'
import { publish } from './report/publish.ts'
import { enter, newWalk, type Walk, writes } from './report/record.ts'
import { verify } from './verify/verify.ts'

/** All that is settled before anything is listed. */
interface Ready {
  readonly request: SyncRequest
  readonly toolchain: Toolchain | undefined
  readonly session: Session
  readonly facts: Facts
  readonly paths: ReportPaths
}

/** One run, from the inputs to the exit code. */
export async function sync(ports: Ports): Promise<0 | 1> {
  const walk = newWalk(ports)
  try {
    const ready = await prepare(walk)
    const plan = await makePlan(walk, ready)
    await carryOut(walk, ready, plan)
  } catch (error) {
    walk.record.failure = error
  }
  return conclude(walk)
}

async function prepare(walk: Walk): Promise<Ready> {
  const { ports, record } = walk
  const request = await enter(walk, 'inputs', async () => {
    const read = readRequest(ports.host, ports.files)
    walk.log = ports.host.log(read.tell.logLevel)
    await clearFolder(ports.files, read.tell.reportDir)
    record.request = read
    return [read, lines.inputs(read)]
  })
  const toolchain = await enter(walk, 'install', async () => {
    const { how, install } = request
    const had = await toolchainFor({ engine: how.engine, request: install }, ports, walk.log)
    Object.assign(record, had)
    if (had.toolchainProblem) record.warnings.push(had.toolchainProblem)
    return [had.toolchain, lines.install(had)]
  })
  const session = await enter(walk, 'credentials', async () => {
    const opened = await openSession(request, ports, walk.log)
    record.session = opened
    return [opened, lines.credentials(opened)]
  })
  const facts = await enter(walk, 'preflight', async () => {
    const { credentials } = session
    const found = await preflight({ request, credentials, openStore: ports.store })
    record.facts = found
    return [found, lines.preflight(found)]
  })
  return {
    request,
    toolchain,
    session,
    facts,
    paths: reportPaths(ports.files, request.tell.reportDir),
  }
}

const makePlan = (walk: Walk, { request, facts, paths }: Ready): Promise<Plan> =>
  enter(walk, 'plan', async () => {
    const { files, clock, host } = walk.ports
    const plan = await makePlanFile({
      ...facts,
      rules: request.what,
      files,
      path: paths.plan,
      signal: host.cancelled,
      log: walk.log,
      nowMs: clock.now(),
    })
    walk.record.plan = plan
    if (plan.trailer.copies.objects === 0 && allFiltered(plan))
      walk.record.warnings.push('No source object passes include and exclude.')
    return [plan, lines.plan(plan)]
  })

const allFiltered = ({ trailer: { listed, reasons } }: Plan): boolean =>
  listed.source > 0 && (reasons['filtered']?.objects ?? 0) >= listed.source

async function carryOut(walk: Walk, ready: Ready, plan: Plan): Promise<void> {
  const { ports, record } = walk
  const { request, facts, paths } = ready
  if (!writes(record) || plan.trailer.copies.objects === 0) return
  const signal = ports.host.cancelled
  const scratch = await ports.files.temporaryFolder()
  try {
    const seen = await enter(walk, 'batch', async () => {
      const { destination } = facts
      const { engine } = request.how
      const routes = { engine, s5cmdAvailable: ready.toolchain !== undefined, destination }
      const surveyed = await survey(readOps(ports.files, plan), routes, request.how)
      return [surveyed, lines.batch(surveyed)]
    })
    const execution = await enter(walk, 'execute', async () => {
      record.executing = true
      const ground = {
        ...ready,
        plan,
        survey: seen,
        how: request.how,
        ports,
        log: walk.log,
        signal,
        scratch,
      }
      const carried = await execute({
        ...ground,
        resultsPath: paths.results,
        batchFolder: paths.batches,
      })
      record.execution = carried
      return [carried, lines.execute(carried)]
    })
    if (request.how.verify === 'outcomes') return
    await enter(walk, 'verify', async () => {
      const { destination } = facts
      const { claims } = execution
      const seen = await verify({ claims, destination, files: ports.files, scratch, signal })
      record.verification = seen
      return [seen, lines.verify(seen)]
    })
  } finally {
    await ports.files.remove(scratch)
  }
}

async function conclude(walk: Walk): Promise<0 | 1> {
  const { exitCode } = await publish(walk)
  return exitCode
}
