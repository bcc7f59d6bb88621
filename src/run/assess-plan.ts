import { SyncError } from '../errors/sync-error.ts'
import type { Plan, Tally } from '../model/op.ts'
import { orAborted } from '../model/or-aborted.ts'
import { previews, writesOf } from '../model/request.ts'
import { refuseOneBucket, refuseSharedPlace } from '../plan/one-bucket.ts'
import { readCopyBlocks } from '../plan/plan-file.ts'
import { planLines } from '../plan/plan-lines.ts'
import type { Ports, System } from '../ports.ts'
import type { Facts } from '../preflight/preflight.ts'
import { usesUpPorts } from '../transfer/router.ts'
import { type Survey, type SurveyInput, survey } from '../transfer/workload.ts'
import type { Run } from './pipeline.ts'
import type { Ready } from './ready.ts'
import type { Assessment } from './stage-results.ts'

const EXECUTABLES =
  'Some files can be run here: S3 keeps no such bit, so what is downloaded has to be made executable again.'

/** Judges the plan to the end. Throws SyncError where it is refused and not only looked at. */
export async function assessPlan(run: Run, ready: Ready, listed: Plan): Promise<Assessment> {
  const { request, facts } = ready
  for (const line of planLines(listed, request, facts)) run.log.line('info', line)
  if (facts.source.store.local?.hasExecutables) run.log.line('info', EXECUTABLES)
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

/** Sees that no other transfer of the step has a place where this one writes, under another name. Throws SyncError where one has. */
export async function refuseSharedPlaces(
  { log, ports: { files, host } }: Run,
  { ready, assessment: { plan } }: PlannedTransfer,
  others: readonly PlannedTransfer[],
): Promise<void> {
  const { destination, transferPath } = ready.facts
  // Whether folders of this runner overlap was seen by their paths.
  if (destination.folder !== undefined) return
  const { write, requestTimeoutMs: timeoutMs } = ready.request.transfer
  const writer = { objects: transferPath.carrier.objects, write, timeoutMs }
  for (const { facts, request, manifest } of others.map((other) => other.ready)) {
    const deletes = ready.request.selection.delete || request.selection.delete
    // Rows are judged one by one, and a folder of this runner is no bucket.
    const isApart = manifest !== undefined || facts.source.folder !== undefined
    for (const source of isApart ? [facts.destination] : [facts.destination, facts.source]) {
      if (source.folder !== undefined) continue
      const look = { source, destination, plan, deletes, files, writer }
      const doubt = await orAborted(host.cancelled, refuseSharedPlace(look))
      if (doubt !== undefined) log.line('warn', doubt)
    }
  }
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
