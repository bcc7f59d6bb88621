import type { Survey } from '../batch/survey.ts'
import type { Sessions } from '../credentials/session.ts'
import type { Deletion } from '../execute/deletes.ts'
import type { Execution } from '../execute/execute.ts'
import type { Had } from '../install/toolchain.ts'
import type { Plan } from '../model/op.ts'
import type { SyncRequest } from '../model/request.ts'
import type { Preflight } from '../preflight/preflight.ts'
import type { Verification } from '../verify/findings.ts'

/** What each room gives. */
export interface Findings {
  readonly inputs: SyncRequest
  readonly install: Had
  readonly credentials: Sessions
  readonly preflight: Preflight
  readonly plan: Plan
  readonly batch: Survey
  readonly execute: Execution
  readonly verify: Verification
  readonly delete: Deletion
}
