import type { ErrorKind } from '../errors/sync-error.ts'
import type { Result } from '../model/report.ts'

/** What the verdict is judged by. */
export interface VerdictFacts {
  /** What a run comes to that finds ops and carries none of them out; undefined: it carries them out. */
  readonly found?: 'planned' | 'drift' | undefined
  /** Whether a guard refuses the plan: that is told of a plan without ops too. */
  readonly refused?: boolean
  /** Ops of the plan; 0 when none was made. */
  readonly planned: number
  /** Ops that are done, and proven as far as asked; failed and unknown ones do not count. */
  readonly done: number
  /** Whether the run was aborted by a signal. */
  readonly aborted: boolean
  /** Kind of the error that ended the run, if one did. */
  readonly failure?: ErrorKind | undefined
  readonly failOn: 'failed' | 'never'
}

/** How a run ended, and what the process says of it. */
export interface Verdict {
  readonly result: Result
  readonly exitCode: 0 | 1
}

function resultOf({ found, refused, planned, done, aborted, failure }: VerdictFacts): Result {
  if (aborted || failure === 'cancelled') return 'cancelled'
  if (failure !== undefined) return done > 0 ? 'partial' : 'failed'
  if (planned === 0 && !refused) return 'nothing-to-do'
  if (found) return found
  if (done === planned) return 'success'
  return done > 0 ? 'partial' : 'failed'
}

const FINE: ReadonlySet<Result> = new Set<Result>(['success', 'nothing-to-do', 'planned'])

const FORGIVEN: ReadonlySet<Result> = new Set<Result>(['partial', 'drift'])

/** What the process says of a result; `fail-on: never` forgives `partial` and `drift`, and nothing else. */
export const exitCodeOf = (result: Result, failOn: VerdictFacts['failOn']): Verdict['exitCode'] =>
  FINE.has(result) || (FORGIVEN.has(result) && failOn === 'never') ? 0 : 1

/** The result by the contract's table. */
export function verdict(facts: VerdictFacts): Verdict {
  const result = resultOf(facts)
  return { result, exitCode: exitCodeOf(result, facts.failOn) }
}

/** What the transfers of a step come to together; `done`: ops of all of them. */
export function resultOfAll(results: readonly Result[], done: number): Result {
  const has = (...some: readonly Result[]) => results.some((result) => some.includes(result))
  if (has('cancelled')) return 'cancelled'
  if (has('failed', 'partial')) return done > 0 ? 'partial' : 'failed'
  const found = (['drift', 'planned', 'success'] as const).find((result) => has(result))
  return found ?? 'nothing-to-do'
}
