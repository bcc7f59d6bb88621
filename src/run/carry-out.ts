import { RateBudget } from '../flow/throttle.ts'
import { type OnStanding, PublishedCopies } from '../ledger/published.ts'
import type { CopyOp, Plan } from '../model/op.ts'
import { orAborted } from '../model/or-aborted.ts'
import type { Place } from '../model/place.ts'
import { fullWaves, readCopies } from '../plan/plan-file.ts'
import { checkWriting } from '../preflight/preflight.ts'
import { Executor } from '../transfer/executor.ts'
import { Copying, copyInWaves } from './copy-in-waves.ts'
import { deleteExtras } from './delete-extras.ts'
import { eachOrNone } from './hold-back.ts'
import type { Run } from './pipeline.ts'
import { publishSums } from './publish-sums.ts'
import type { Planned, Ready } from './ready.ts'

/**
 * Carries plans out, of all transfers of a step: each may write before the first of them does, and deletes come behind the
 * copies of all. What breaks on the way is a failure of its transfer.
 */
export async function carryOut(planned: readonly Planned[]): Promise<void> {
  const allowed = await eachOrNone(planned, seenToWrite)
  const [first] = allowed
  if (!first) return
  // Every transfer has these limits from the step.
  const budget = new RateBudget(first.ready.request.transfer)
  const begun = await eachOrNone(allowed, (one) => begin(one, budget))
  let cleared = begun.every(({ isCleared }) => isCleared)
  for (const some of byPlace(begun))
    cleared = await copyAll(some, {
      cleared: cleared && !some.some((one) => heldByOthers(one, begun)),
      runs: begun.map(({ run }) => run),
    })
  for (const one of begun) cleared = await publishSumsOf(one, cleared)
  for (const { run, ready, assessment, executor, scratch } of begun)
    await deleteExtras({ run, ready, plan: assessment.plan, executor, scratch }, cleared)
  for (const one of begun) await end(one)
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
async function seenToWrite(planned: Planned): Promise<Planned> {
  const { plan, survey } = planned.assessment
  if (survey) await askToWrite(planned.run, planned.ready, plan)
  return planned
}

async function begin(planned: Planned, budget: RateBudget): Promise<Begun> {
  const { run, ready, assessment, isCleared } = planned
  const { files } = run.ports
  const scratch = await files.temporaryFolder()
  const path = run.record.published
  const folder = folderPrefix(ready.facts.destination)
  const published = path ? await PublishedCopies.open(files, path, folder) : undefined
  const executor = executorOf(run, ready, { scratch, budget, onStanding: standing(published) })
  return { run, ready, assessment, isCleared, executor, scratch, published }
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

/** Transfers into one place are those of one manifest, and have their waves together; those of a list never share one. */
function byPlace(begun: readonly Begun[]): readonly (readonly Begun[])[] {
  const placeOf = ({ ready: { facts } }: Begun): string => {
    const { endpoint, bucket, folder, prefix } = facts.destination
    return JSON.stringify([endpoint, bucket, folder, prefix])
  }
  return [...Map.groupBy(begun, placeOf).values()]
}

/** Makes the copies of plans for one place, as `copyInWaves` does. */
function copyAll(
  begun: readonly Begun[],
  step: { readonly cleared: boolean; readonly runs: readonly Run[] },
): Promise<boolean> {
  const copying = begun.flatMap(({ run, ready, assessment, executor, scratch, published }) => {
    const { plan, survey } = assessment
    const onStanding = standing(published)
    return survey ? [new Copying(run, ready, { plan, survey, executor, scratch, onStanding })] : []
  })
  return copyInWaves(copying, step)
}

/** Writes SHA256SUMS once it is known what stands at the destination. Gives whether deletes may follow. */
async function publishSumsOf(
  { run, ready, scratch, published }: Begun,
  cleared: boolean,
): Promise<boolean> {
  if (!ready.request.selection.sums) return cleared
  try {
    await published?.close()
  } catch (error) {
    run.record.failure ??= error
    return false
  }
  return publishSums(run, ready, scratch, cleared)
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
  {
    scratch,
    budget,
    onStanding,
  }: {
    readonly scratch: string
    readonly budget: RateBudget
    readonly onStanding: OnStanding
  },
): Executor {
  const { request, facts, paths, deadline } = ready
  const { files, system, clock, host } = ports
  const { cancelled: signal, cancelledForMs, hide } = host
  return new Executor(
    { log, clock, budget, signal, deadline, cancelledForMs },
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
  // Nobody reads a log for what was not looked at.
  if (looked.check.status !== 'not-needed') log.line('info', `preflight: ${looked.check.detail}`)
  if (looked.problem) throw looked.problem
}

/** The first of some copies that can be carried at all. */
async function firstCarried(copies: AsyncIterable<CopyOp>): Promise<CopyOp | undefined> {
  for await (const op of copies)
    if (!op.unnameable && !op.archived && op.reason !== 'destination-conflict') return op
  return undefined
}
