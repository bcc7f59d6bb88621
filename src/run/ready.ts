import type { Sessions } from '../credentials/session.ts'
import type { Manifest } from '../model/manifest.ts'
import type { Toolchain } from '../model/report.ts'
import type { SyncRequest } from '../model/request.ts'
import type { Facts } from '../preflight/preflight.ts'
import type { Run } from './pipeline.ts'
import type { PlanDir } from './plan-dir.ts'
import type { ReportPaths } from './report-paths.ts'
import type { Assessment } from './stage-results.ts'

/** All that is settled before anything is listed. */
export interface Ready {
  readonly request: SyncRequest
  readonly paths: ReportPaths
  readonly toolchain: Toolchain | undefined
  readonly sessions: Sessions
  readonly facts: Facts
  /** What names the objects; undefined: the listing of the source. */
  readonly manifest: Manifest | undefined
  /** Nothing is begun behind it. */
  readonly deadline: AbortSignal
  /** Where a plan is that another run made. */
  readonly planDir: PlanDir
}

/** A transfer that is planned, and refused by no guard. */
export interface Planned {
  readonly run: Run
  readonly ready: Ready
  readonly assessment: Assessment
  /** Whether all is done that others were to do before. */
  readonly isCleared: boolean
}
