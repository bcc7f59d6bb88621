import type { Sessions } from '../credentials/session.ts'
import type { Manifest } from '../model/manifest.ts'
import type { Toolchain } from '../model/report.ts'
import type { SyncRequest } from '../model/request.ts'
import type { Facts } from '../preflight/preflight.ts'
import type { ReportPaths } from './report-paths.ts'

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
}
