import type { Spool } from '../ledger/json-lines.ts'
import type { OnStanding } from '../ledger/published.ts'
import type { Plan } from '../model/op.ts'
import { addExecution, type CopyWave, type Execution, PlanCopies } from '../transfer/copy/wave.ts'
import type { Executor } from '../transfer/executor.ts'
import type { Survey } from '../transfer/workload.ts'
import { addVerification, type Verification } from '../verify/findings.ts'
import { verify } from '../verify/verify.ts'
import { hurried, type Round, type Run, runStage } from './pipeline.ts'
import { stateName } from './post-request.ts'
import type { Ready } from './ready.ts'

/** What the copies of a plan are carried out with. */
export interface CopyingDeps {
  readonly plan: Plan
  readonly survey: Survey
  readonly executor: Executor
  /** Folder for what does not fit into memory; the caller removes it. */
  readonly scratch: string
  /** Told of copies that are there. */
  readonly onStanding: OnStanding
}

/**
 * Makes the copies of plans for one place, wave by wave: one begins when all before it are done and proven, whichever plan
 * they are of. What waits for one that is not is held back. `cleared`: all is done and proven that goes before them; `runs`:
 * those of the step. Gives whether all copies are done and proven. However they ended, every copy has its row that can have
 * one; the first failure of a plan is that of its run.
 */
export async function copyInWaves(
  plans: readonly Copying[],
  { cleared, runs }: { readonly cleared: boolean; readonly runs: readonly Run[] },
): Promise<boolean> {
  let isCleared = cleared
  const rounds = plans.flatMap((plan) => plan.waves.map((wave) => ({ plan, wave })))
  const inOrder = rounds.toSorted(
    ({ wave: one }, { wave: other }) => numberOf(one) - numberOf(other),
  )
  for (const { plan, wave } of inOrder)
    if (isCleared) isCleared = await plan.carryOut(wave)
    else await plan.holdBack(wave, runs.some(hasCopied))
  return isCleared
}

const hasCopied = ({ record }: Run): boolean => record.entered.has('copy')

/** Of a plan without waves it is that of all its copies. */
const numberOf = ({ waves }: CopyWave): number => waves?.first ?? 0

/** The name of a wave, as the log has it. */
function nameOf({ waves }: CopyWave): string | undefined {
  if (!waves) return undefined
  const { first, last } = waves
  return first === last ? `wave ${first}` : `waves ${first} to ${last}`
}

/** The copies of one plan: carries out its waves, and adds up what they come to. */
export class Copying {
  readonly #run: Run
  readonly #ready: Ready
  readonly #deps: CopyingDeps
  readonly #copies: PlanCopies
  /** Of all waves so far. */
  #claims: readonly Spool[] = []
  /** Whether some of it was begun. */
  #isBegun = false
  /** Whether what is left of it has its rows. */
  #isHeldBack = false

  constructor(run: Run, ready: Ready, deps: CopyingDeps) {
    const { request, facts, sessions, toolchain, paths } = ready
    const { plan, survey } = deps
    const { batches, uploads } = paths
    this.#run = run
    this.#ready = ready
    this.#deps = deps
    this.#copies = new PlanCopies({
      plan,
      survey,
      facts,
      sessions,
      toolchain,
      request,
      paths: { batches, uploads, uploadsState: stateName('uploads', request) },
      ports: run.ports,
    })
  }

  /** Those that have copies, in their order. */
  get waves(): readonly CopyWave[] {
    return this.#copies.waves
  }

  /** Gives whether all of it is done and proven. */
  async carryOut(wave: CopyWave): Promise<boolean> {
    this.#isBegun = true
    try {
      return await this.#carryOut(wave)
    } catch (error) {
      this.#run.record.failure ??= error
      return false
    }
  }

  /**
   * The rows of a wave, and of all behind it, that must wait for others that are not done. `isUnderWay`: the step has begun
   * to copy.
   */
  async holdBack(wave: CopyWave, isUnderWay: boolean): Promise<void> {
    if (this.#isHeldBack) return
    this.#isHeldBack = true
    // So that it has rows when the step is cancelled, too.
    if (isUnderWay) this.#run.record.entered.add('copy')
    const rest = this.#isBegun ? this.#copies.from(numberOf(wave)) : this.#copies.whole
    const round = this.#copyRound(rest)
    const work = () => this.#deps.executor.run(rest, false)
    await runStage(this.#run, rest.stage, work, round).catch((error: unknown) => {
      this.#run.record.failure ??= error
    })
  }

  async #carryOut(wave: CopyWave): Promise<boolean> {
    const { ports } = this.#run
    const { executor } = this.#deps
    const copied = await runStage(
      this.#run,
      wave.stage,
      () => executor.run(wave, true),
      this.#copyRound(wave),
    )
    this.#claims = [...this.#claims, ...copied.claims]
    const allDone = copied.done === wave.goal.planned.objects
    // Where one is not done, no wave follows: what the destination has by now is all that is to be seen.
    const isEnd = wave.next === undefined || !allDone
    const seen = await this.#prove(wave, copied, isEnd)
    ports.host.cancelled.throwIfAborted()
    return allDone && seen.mismatches.size === 0
  }

  #copyRound(wave: CopyWave): Round<Execution> | undefined {
    const name = nameOf(wave)
    const before = this.#run.record.found.copy
    return name === undefined ? undefined : { name, total: (found) => addExecution(before, found) }
  }

  /** Looks at the destination again for the copies of a wave; one listing that is asked for shows all waves at once. */
  async #prove(wave: CopyWave, copied: Execution, isEnd: boolean): Promise<Verification> {
    const run = this.#run
    const { record, ports } = run
    const { source, destination } = this.#ready.facts
    const { requestTimeoutMs, verify: asked } = this.#ready.request.transfer
    // What little time a cancel leaves is for what nobody looked at yet.
    const listsAll = asked === 'listing' && isEnd && !ports.host.cancelled.aborted
    const name = nameOf(wave)
    const before = listsAll ? undefined : record.found.verify
    const round =
      name === undefined
        ? undefined
        : { name, total: (found: Verification) => addVerification(before, found) }
    const seen = await runStage(
      run,
      'verify',
      () =>
        verify(
          {
            source,
            destination,
            requestTimeoutMs,
            asked: asked === 'listing' && !isEnd ? 'auto' : asked,
            claims: listsAll ? this.#claims : copied.claims,
            // The listing at the end tells of all.
            onStanding: asked === 'listing' && !isEnd ? undefined : this.#deps.onStanding,
          },
          {
            files: ports.files,
            scratch: this.#deps.scratch,
            cancelled: ports.host.cancelled,
            hurried: hurried(run),
          },
        ),
      round,
    )
    const own = wave.waves?.first ?? 0
    // Looks that were cut short say nothing of what was seen before.
    const from = listsAll && seen.inTime === undefined ? 0 : own
    for (let at = from; at <= own; at++) record.proofs.set(at, seen)
    return seen
  }
}
