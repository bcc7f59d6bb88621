import type { Sessions } from '../credentials/session.ts'
import type { Plan } from '../model/op.ts'
import type { SyncRequest } from '../model/request.ts'
import type { Preflight } from '../preflight/preflight.ts'
import type { ToolchainResult } from '../s5cmd/install/toolchain.ts'
import type { Execution } from '../transfer/copy/wave.ts'
import type { Deletion } from '../transfer/delete/wave.ts'
import type { Survey } from '../transfer/workload.ts'
import type { Verification } from '../verify/findings.ts'
import type { Sums } from '../verify/sums.ts'

/** What a plan comes to when it is judged to the end. */
export interface Assessment {
  /** With the guards' doubt and refusal. */
  readonly plan: Plan
  /** What the engines have to do; undefined where none of them has. */
  readonly survey: Survey | undefined
}

/** What each stage gives. */
export interface StageResults {
  readonly inputs: SyncRequest
  readonly install: ToolchainResult
  readonly credentials: Sessions
  readonly preflight: Preflight
  /** The plan as the listings make it. */
  readonly list: Plan
  readonly plan: Assessment
  readonly copy: Execution
  readonly verify: Verification
  /** Of the stage verify, too. */
  readonly sums: Sums
  readonly delete: Deletion
}

/** The plan as far as it is known. */
export const planOf = ({ list, plan }: Partial<StageResults>): Plan | undefined =>
  plan?.plan ?? list
