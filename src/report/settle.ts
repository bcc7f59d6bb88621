import type { OutcomeStatus, ResultRow } from '../model/outcome.ts'
import type { Files } from '../ports.ts'
import type { Verification } from '../verify/verify.ts'
import { merge, NO_OUTCOMES, type OutcomeTotals, totalsOf } from './totals.ts'

/** A row as the verification leaves it: what the destination does not hold is not done. */
function judged(row: ResultRow, verification: Verification | undefined): ResultRow {
  const mismatch = row.status === 'done' ? verification?.mismatches.get(row.to) : undefined
  const status: OutcomeStatus = 'failed'
  return mismatch === undefined ? row : { ...row, status, code: 'NotVerified', message: mismatch }
}

/**
 * Reads all rows once: writes those that did not end well to `failedPath`, rewrites results.ndjson
 * where the verification changed rows, and gives the totals.
 */
export async function settleRows(
  files: Files,
  paths: { readonly results: string; readonly failed: string },
  verification: Verification | undefined,
): Promise<OutcomeTotals> {
  const rewrite = (verification?.mismatches.size ?? 0) > 0
  const rewritten = `${paths.results}.part`
  const failed = await files.writer(paths.failed)
  const results = rewrite ? await files.writer(rewritten) : undefined
  let totals = NO_OUTCOMES
  for await (const line of files.lines(paths.results)) {
    const row = judged(JSON.parse(line) as ResultRow, verification)
    totals = merge(totals, totalsOf(row))
    await results?.write(JSON.stringify(row))
    if (row.status !== 'done') await failed.write(JSON.stringify(row))
  }
  await failed.close()
  await results?.close()
  if (rewrite) await files.rename(rewritten, paths.results)
  return totals
}
