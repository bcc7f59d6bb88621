import type { Sessions } from '../credentials/session.ts'
import type { MergedRows } from '../ledger/handed-rows.ts'
import type { Plan } from '../model/op.ts'
import type { SyncRequest } from '../model/request.ts'
import type { PlanIndex, ShardReceipt } from '../model/shard-schema.ts'
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

/** What stands for the number of a shard with the job of S3 Batch Operations. */
export const JOB_SHARD = 0

/** What one shard of a plan came to. */
export interface HandedShard {
  /** From 1; `JOB_SHARD`. */
  readonly number: number
  readonly rows: MergedRows
  /** undefined: it is lost, and its objects were looked at. */
  readonly receipt: ShardReceipt | undefined
  /** Why it is lost. */
  readonly lost?: string | undefined
}

/** A plan in parts. */
export interface PartsRecord {
  readonly index: PlanIndex
  /** What its shards left, in the run that ends it. */
  readonly handed: readonly HandedShard[]
  /** Holds what was kept of their rows; whoever tells of them removes it. */
  readonly folder?: string | undefined
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
  /** The plan in parts that the run made, or takes part in. */
  readonly parts: PartsRecord
}

/** What stages give that are run as such. */
export type StagesRun = Omit<StageResults, 'inputs' | 'parts' | 'sums'>

/** The plan as far as it is known, as it is told: with all that others carried out of it. */
export function planOf({ list, plan }: Partial<StageResults>): Plan | undefined {
  const found = plan?.plan ?? list
  return found?.whole ? { ...found, trailer: found.whole } : found
}
