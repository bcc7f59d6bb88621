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
  /** Whether all is done and proven that goes before this plan. */
  readonly cleared: boolean
  readonly executor: Executor
  /** Folder for what does not fit into memory; the caller removes it. */
  readonly scratch: string
  /** Told of copies that are there. */
  readonly onStanding: OnStanding
}

/**
 * Makes the copies of a plan, wave by wave: one begins when all before it are done and proven. What waits for one that
 * is not is held back. Gives whether all copies are done and proven; rejects with the first failure, when every copy
 * has its row that can have one.
 */
export async function copyInWaves(run: Run, ready: Ready, deps: CopyingDeps): Promise<boolean> {
  const { request, facts, sessions, toolchain, paths } = ready
  const { plan, survey, cleared } = deps
  const { batches, uploads } = paths
  const { ports } = run
  const copies = new PlanCopies({
    plan,
    survey,
    facts,
    sessions,
    toolchain,
    request,
    paths: { batches, uploads, uploadsState: stateName('uploads', request) },
    ports,
  })
  const copying = new Copying(run, ready, deps)
  if (!cleared) {
    await copying.holdBack(copies.whole)
    return false
  }
  const failures: unknown[] = []
  for (const wave of copies.waves) {
    const cleared = await copying.carryOut(wave).catch((error: unknown) => {
      failures.push(error)
      return false
    })
    if (cleared) continue
    if (wave.next !== undefined)
      await copying.holdBack(copies.from(wave.next)).catch((error: unknown) => {
        failures.push(error)
      })
    if (failures.length > 0) throw failures[0]
    return false
  }
  return true
}

/** The name of a wave, as the log has it. */
function nameOf({ waves }: CopyWave): string | undefined {
  if (!waves) return undefined
  const { first, last } = waves
  return first === last ? `wave ${first}` : `waves ${first} to ${last}`
}

/** Carries out waves, and adds up what they come to. */
class Copying {
  readonly #run: Run
  readonly #ready: Ready
  readonly #deps: CopyingDeps
  /** Of all waves so far. */
  #claims: readonly Spool[] = []

  constructor(run: Run, ready: Ready, deps: CopyingDeps) {
    this.#run = run
    this.#ready = ready
    this.#deps = deps
  }

  /** Gives whether all of it is done and proven. */
  async carryOut(wave: CopyWave): Promise<boolean> {
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

  /** The rows of what must wait for others that are not done. */
  async holdBack(wave: CopyWave): Promise<void> {
    const { executor } = this.#deps
    const round = this.#copyRound(wave)
    await runStage(this.#run, wave.stage, () => executor.run(wave, false), round)
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
