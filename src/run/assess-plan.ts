import { SyncError } from '../errors/sync-error.ts'
import { NO_TALLY, type Plan, type Tally } from '../model/op.ts'
import { orAborted } from '../model/or-aborted.ts'
import { previews, writesOf } from '../model/request.ts'
import { humanObjects } from '../model/units.ts'
import { refuseOneBucket, refuseSharedPlace } from '../plan/one-bucket.ts'
import { readCopyBlocks } from '../plan/plan-file.ts'
import { planLines } from '../plan/plan-lines.ts'
import { refusal } from '../plan/refusal.ts'
import type { Ports, System } from '../ports.ts'
import type { Facts } from '../preflight/preflight.ts'
import { usesUpPorts } from '../transfer/router.ts'
import { type Survey, type SurveyInput, survey } from '../transfer/workload.ts'
import type { Run } from './pipeline.ts'
import type { Ready } from './ready.ts'
import type { Assessment } from './stage-results.ts'

const EXECUTABLES =
  'Some files are executable: S3 does not store file permissions, so set them again after a download.'

/** Judges the plan to the end. Throws SyncError where it is refused and not only looked at. */
export async function assessPlan(run: Run, ready: Ready, listed: Plan): Promise<Assessment> {
  const { request, facts } = ready
  for (const line of planLines(listed, request, facts)) run.log.line('info', line)
  if (facts.source.store.local?.hasExecutables) run.log.line('info', EXECUTABLES)
  if (listed.refused) {
    if (!previews(request)) throw listed.refused
    return { plan: listed, survey: undefined }
  }
  const { survey: work, refused = keptByOthers(ready, listed) } = await surveyed(run, ready, listed)
  const plan = await toldApart(run, ready, { ...listed, refused })
  return { plan, survey: work }
}

/** What the engines have to do; a plan that is only looked at tells, too, where they cannot. */
async function surveyed(
  { ports }: Run,
  ready: Ready,
  plan: Plan,
): Promise<Pick<Assessment, 'survey'> & Pick<Plan, 'refused'>> {
  const { request } = ready
  const asked = writesOf(request) || (previews(request) && request.transfer.engine === 's5cmd')
  if (!asked || plan.trailer.copies.objects === 0) return { survey: undefined, refused: undefined }
  try {
    return { survey: await surveyOf(ports, ready, plan), refused: undefined }
  } catch (error) {
    if (!previews(request) || !(error instanceof SyncError) || error.kind !== 'guard') throw error
    return { survey: undefined, refused: error }
  }
}

/** Why a real run would copy nothing: it gives a row to each object that is in the way, and a plan that is looked at has none. */
function keptByOthers({ request }: Ready, { trailer: { reasons } }: Plan): SyncError | undefined {
  const { objects } = reasons['destination-conflict'] ?? NO_TALLY
  if (objects === 0 || !previews(request)) return undefined
  const exist = objects === 1 ? 'exists' : 'exist'
  return refusal(
    `${humanObjects(objects)} already ${exist} at the destination with other content`,
    `${humanObjects(objects)} already ${exist} at the destination with other content, and overwrite: never protects ${objects === 1 ? 'it' : 'them'}: nothing would be copied.`,
    'Publish under other keys, or remove the existing objects.',
  )
}

const surveyOf = (
  { files, system }: Ports,
  { request, toolchain, facts }: Ready,
  plan: Plan,
): Promise<Survey> =>
  survey(readCopyBlocks(files, plan), {
    routes: {
      transfer: request.transfer,
      s5cmd: toolchain,
      destination: facts.destination,
      fewPorts: usesUpPorts(system.platform, plan.trailer.copies.objects),
    },
    transfer: request.transfer,
    work: workloadOf(plan.trailer.copies, facts, system),
  })

/** Sees before the first write that two names do not mean one bucket where that would do harm. */
async function toldApart(
  { log, ports: { files, host } }: Run,
  { request, facts }: Ready,
  plan: Plan,
): Promise<Plan> {
  const { source, destination, transferPath } = facts
  if (request.mode === 'check' || source.folder !== undefined || destination.folder !== undefined)
    return plan
  const { selection, transfer } = request
  const { write, requestTimeoutMs: timeoutMs } = transfer
  const { objects } = transferPath.carrier
  const writer = writesOf(request) ? { objects, write, timeoutMs } : undefined
  const look = { source, destination, plan, deletes: selection.delete, files, writer }
  const told = await orAborted(host.cancelled, refuseOneBucket(look))
  if (told === undefined) return plan
  const { doubt, refused } = told
  log.line('warn', refused ? `A real run would be refused: ${refused.message}` : `${doubt}`)
  return { ...plan, doubt, refused: plan.refused ?? refused }
}

/** A transfer whose plan is made. */
interface PlannedTransfer {
  readonly ready: Ready
  readonly assessment: Assessment
}

/**
 * Sees that no other transfer of the step has a place where this one writes, under another name; gives the plan with
 * what there is to tell of it. Throws SyncError where one has, unless the plan is only looked at.
 */
export async function toldFromOthers(
  { log, ports: { files, host } }: Run,
  { ready, assessment: { plan } }: PlannedTransfer,
  others: readonly PlannedTransfer[],
): Promise<Plan> {
  const { destination, transferPath } = ready.facts
  // Whether folders of this runner overlap was seen by their paths.
  if (destination.folder !== undefined) return plan
  const { write, requestTimeoutMs: timeoutMs } = ready.request.transfer
  const { objects } = transferPath.carrier
  const writer = writesOf(ready.request) ? { objects, write, timeoutMs } : undefined
  const doubts = plan.doubt === undefined ? [] : [plan.doubt]
  for (const { facts, request, manifest } of others.map((other) => other.ready)) {
    const deletes = ready.request.selection.delete || request.selection.delete
    // Rows are judged one by one, and a folder of this runner is no bucket.
    const isApart = manifest !== undefined || facts.source.folder !== undefined
    for (const source of isApart ? [facts.destination] : [facts.destination, facts.source]) {
      if (source.folder !== undefined) continue
      const look = { source, destination, plan, deletes, files, writer }
      const doubt = await orAborted(host.cancelled, refuseSharedPlace(look))
      if (doubt === undefined) continue
      log.line('warn', doubt)
      doubts.push(doubt)
    }
  }
  return doubts.length === 0 ? plan : { ...plan, doubt: doubts.join(' ') }
}

const workloadOf = (
  { objects, bytes }: Tally,
  { source, destination, transferPath }: Facts,
  system: System,
): SurveyInput['work'] => ({
  averageBytes: bytes / Math.max(1, objects),
  streamed: transferPath.streamed !== undefined,
  sameRegion: source.region === destination.region,
  cores: system.cores(),
  // Where nobody tells how much is free, half of it may be.
  memoryBytes: system.availableMemoryBytes() ?? system.totalMemoryBytes() / 2,
})
