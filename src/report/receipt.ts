import type { Report } from '../model/report.ts'
import { sealedText } from '../model/sealed.ts'
import { isPart, RECEIPT_SCHEMA, rowsFile } from '../model/shard.ts'
import { isOfBucket } from '../model/shared-folder.ts'
import type { Run } from '../run/pipeline.ts'
import { reportPaths } from '../run/report-paths.ts'

/** Which attempt of its workflow run this is; 0 where the runner does not tell. */
function attemptOf({ env }: Run['ports']['host']): number {
  const { GITHUB_RUN_ATTEMPT: attempt = '' } = env
  return /^\d{1,9}$/.test(attempt) ? Number(attempt) : 0
}

/** Writes what a shard says of itself, by which the last job knows its rows; a run that is none writes nothing. */
export async function writeReceipt(
  { record, ports: { files, host } }: Run,
  report: Report,
): Promise<void> {
  const { found } = record
  const index = found.parts?.index
  const shard = found.inputs?.shard
  if (!found.inputs || !index || !isPart(shard)) return
  const { number, of } = shard
  const { results, receipt } = reportPaths(files, found.inputs.reporting.reportDir, shard)
  const part = index.parts[number - 1]
  if (receipt === undefined || !part) return
  // A part without copies has no rows, and a file of none.
  if (!(await files.exists(results))) await files.writeText(results, '')
  const said = {
    schema: RECEIPT_SCHEMA,
    planId: index.planId,
    shard: number,
    of,
    attempt: attemptOf(host),
    part: part.digest,
    rows: { file: rowsFile(number), digest: await files.sha256(results) },
    report: JSON.parse(JSON.stringify(report)) as object,
  }
  await files.writeText(receipt, sealedText(said, 'digest'))
}

/**
 * Leaves what a shard left in a bucket, where the last job is to find it there; a run that is none leaves nothing. Throws
 * where it cannot.
 */
export async function handOver(run: Run, report: Report): Promise<void> {
  const { inputs: request, credentials, parts } = run.record.found
  if (!request || !credentials || !parts || !isPart(request.shard)) return
  const { shardsDir: folder } = request
  if (!isOfBucket(folder)) return
  await writeReceipt(run, report)
  const { leaveShard } = await import('../run/shards-bucket.ts')
  const session = credentials.destination
  await leaveShard({ folder, request, session }, parts.index, run.ports)
}
