import type { ResultRow } from '../model/outcome.ts'
import { visibleJson } from '../model/safe.ts'
import { unfinishedPath } from '../model/unfinished.ts'
import type { Files } from '../ports.ts'
import type { Verification } from '../verify/findings.ts'
import { merge, NO_OUTCOMES, type OutcomeTotals, totalsOf } from './totals.ts'

/** How far copies that were reported done are proven: by a verification, by none that was asked for, or not at all. */
export type Proof = Verification | 'unproven'

const UNPROVEN = 'The copy was reported done, but the destination could not be looked at.'
const TOO_LATE = 'The copy was reported done, and the run was cancelled before it was looked at.'

const MISNAMED =
  'The copy was made, but the destination does not show it under this name; it shows one that it may take for the same.'

/** A row as what was seen leaves it: what the destination does not hold is not done, what was not looked at is unknown. */
function judged(row: ResultRow, { proof, misnamed }: SettleRules): ResultRow {
  if (row.op === 'copy' && row.status === 'done' && misnamed?.has(row.to ?? ''))
    return { ...row, status: 'failed', code: 'StoredUnderAnotherName', message: MISNAMED }
  if (row.op === 'delete' || row.status !== 'done' || row.proof) return row
  if (proof === 'unproven')
    return { ...row, status: 'unknown', code: 'NotVerified', message: UNPROVEN }
  if (proof.inTime && !proof.inTime.has(row.to ?? ''))
    return { ...row, status: 'unknown', code: 'NotVerified', message: TOO_LATE }
  const mismatch = proof.mismatches.get(row.to ?? '')
  return mismatch === undefined
    ? row
    : { ...row, status: 'failed', code: 'NotVerified', message: mismatch }
}

/** How rows are settled. */
export interface SettleRules {
  readonly proof: Proof
  /** Full keys of copies that the destination does not show under their names. */
  readonly misnamed?: ReadonlySet<string> | undefined
  readonly sourcePrefix: string
  /** Whether a cancelled run has to leave the rest as it is; what has no total counts as unknown. */
  readonly isLate: () => boolean
}

/**
 * Reads all rows once: writes those that did not end well to `failed`, rewrites `results` where the
 * proof changes rows, and gives the totals.
 */
export async function settleRows(
  files: Files,
  paths: { readonly results: string; readonly failed: string },
  rules: SettleRules,
): Promise<OutcomeTotals> {
  const { proof, misnamed, sourcePrefix, isLate } = rules
  const rewrite =
    proof === 'unproven' ||
    proof.mismatches.size > 0 ||
    proof.inTime !== undefined ||
    (misnamed?.size ?? 0) > 0
  const rewritten = unfinishedPath(paths.results)
  let late = false
  const failed = await files.writer(paths.failed)
  const results = rewrite ? await files.writer(rewritten) : undefined
  let totals = NO_OUTCOMES
  try {
    for await (const line of files.lines(paths.results)) {
      late = isLate()
      if (late) break
      const told = JSON.parse(line) as ResultRow
      const row = judged(told, rules)
      totals = merge(totals, totalsOf(row, sourcePrefix))
      const text = row === told ? line : visibleJson(row)
      await results?.write(text)
      if (row.status !== 'done') await failed.write(text)
    }
  } finally {
    await failed.close()
    await results?.close()
  }
  // A part of the rows must not take the place of all.
  if (rewrite && late) await files.removeFile(rewritten)
  else if (rewrite) await files.rename(rewritten, paths.results)
  return totals
}
