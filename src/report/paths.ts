import { isBatchFileName } from '../batch/batch-file.ts'
import { SyncError } from '../errors/sync-error.ts'
import type { Files } from '../ports.ts'

/** The files of a run, absolute. */
export interface ReportPaths {
  readonly plan: string
  /** What is carried out of a plan that another run wrote. */
  readonly carried: string
  readonly batches: string
  readonly results: string
  readonly failed: string
  readonly report: string
  readonly policy: string
  readonly uploads: string
}

/** Where the files of a run lie in its report folder. */
export const reportPaths = (files: Pick<Files, 'join'>, folder: string): ReportPaths => ({
  plan: files.join(folder, 'plan.ndjson'),
  carried: files.join(folder, 'carried.ndjson'),
  batches: files.join(folder, 'batches'),
  results: files.join(folder, 'results.ndjson'),
  failed: files.join(folder, 'failed.ndjson'),
  report: files.join(folder, 'report.json'),
  policy: files.join(folder, 'policy.json'),
  uploads: files.join(folder, 'uploads.ndjson'),
})

/**
 * Makes the report folder and removes the files of an earlier run from it, and nothing else; `kept` stays.
 * Throws SyncError when it cannot be written.
 */
export async function clearFolder(files: Files, folder: string, kept?: string): Promise<void> {
  const { batches, ...own } = reportPaths(files, folder)
  try {
    await files.makeFolder(folder)
    const keptFile = kept === undefined ? undefined : await files.realPath(kept)
    for (const path of Object.values(own))
      if ((await files.realPath(path)) !== keptFile) await files.remove(path)
    for (const name of await files.names(batches))
      if (isBatchFileName(name)) await files.remove(files.join(batches, name))
    const probe = files.join(folder, '.s3-direct-sync')
    await files.writeText(probe, '')
    await files.remove(probe)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SyncError('input', `report-dir cannot be written: ${why}`, {
      hint: 'Set report-dir to a folder that this job may write. Nothing was touched.',
      cause,
    })
  }
}
