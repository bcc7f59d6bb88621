import { isPart, PARTS_FOLDER, receiptFile, rowsFile, type ShardRequest } from '../model/shard.ts'
import type { Files } from '../ports.ts'

/** A plan that is one file. */
export const PLAN_FILE = 'plan.ndjson'

/** The files of a run, absolute. */
export interface ReportPaths {
  readonly plan: string
  /** What is carried out of a plan that another run wrote. */
  readonly carried: string
  readonly batches: string
  readonly results: string
  readonly failed: string
  /** Rows of a manifest that were skipped, as the source has no such object. */
  readonly notInSource: string
  /** What stands at the destination behind the run. */
  readonly published: string
  /** SHA-256 of what stands there. */
  readonly sums: string
  readonly report: string
  readonly policy: string
  /** Paths of what was overwritten or deleted. */
  readonly changed: string
  /** The job summary. */
  readonly summary: string
  readonly uploads: string
  /** What says that the others are this action's. */
  readonly note: string
  /** The folder of a plan in parts. */
  readonly parts: string
  /** What a shard says of itself; undefined: the run is none. */
  readonly receipt: string | undefined
}

/** Where the files of a run lie in its report folder; the rows of a shard have its number in their name. */
export const reportPaths = (
  files: Pick<Files, 'join'>,
  folder: string,
  shard?: ShardRequest,
): ReportPaths => ({
  plan: files.join(folder, PLAN_FILE),
  carried: files.join(folder, 'carried.ndjson'),
  batches: files.join(folder, 'batches'),
  results: files.join(folder, isPart(shard) ? rowsFile(shard.number) : 'results.ndjson'),
  failed: files.join(folder, 'failed.ndjson'),
  notInSource: files.join(folder, 'not-in-source.ndjson'),
  published: files.join(folder, 'published.ndjson'),
  sums: files.join(folder, 'SHA256SUMS'),
  report: files.join(folder, 'report.json'),
  policy: files.join(folder, 'policy.json'),
  changed: files.join(folder, 'changed-paths.txt'),
  summary: files.join(folder, 'summary.md'),
  uploads: files.join(folder, 'uploads.ndjson'),
  note: files.join(folder, 's3-direct-sync.json'),
  parts: files.join(folder, PARTS_FOLDER),
  receipt: isPart(shard) ? files.join(folder, receiptFile(shard.number)) : undefined,
})
