import { SyncError } from '../errors.ts'
import type { Files } from '../ports.ts'

/** The files of a run, absolute. */
export interface ReportPaths {
  readonly plan: string
  readonly batches: string
  readonly results: string
  readonly failed: string
  readonly report: string
}

/** Where the files of a run lie in its report folder. */
export const reportPaths = (files: Pick<Files, 'join'>, folder: string): ReportPaths => ({
  plan: files.join(folder, 'plan.ndjson'),
  batches: files.join(folder, 'batches'),
  results: files.join(folder, 'results.ndjson'),
  failed: files.join(folder, 'failed.ndjson'),
  report: files.join(folder, 'report.json'),
})

/** Makes the report folder and removes what an earlier run left there. Throws SyncError when it cannot be written. */
export async function clearFolder(files: Files, folder: string): Promise<void> {
  try {
    await files.makeFolder(folder)
    for (const path of Object.values(reportPaths(files, folder))) await files.remove(path)
    await files.writeText(files.join(folder, 'report.json'), '{}\n')
  } catch (cause) {
    throw new SyncError('input', `report-dir cannot be written: ${folder}`, {
      hint: 'Set report-dir to a folder that this job may write. Nothing was touched.',
      cause,
    })
  }
}
