import { waveOf } from '../model/op.ts'
import { awaitsLook, mayHaveChanged, type ResultRow } from '../model/outcome.ts'
import { visibleJson } from '../model/safe.ts'
import { unfinishedPath } from '../model/unfinished.ts'
import type { Files } from '../ports.ts'
import { JsonLines } from './json-lines.ts'
import { OutcomeTotals } from './totals.ts'

/** What was seen of the copies that were reported done. */
interface Seen {
  /** Full keys at the destination that do not hold the planned copy, and what is there instead. */
  readonly mismatches: ReadonlyMap<string, string>
  /** Full keys at the destination whose copy a full-object checksum proved. */
  readonly byChecksum?: ReadonlySet<string> | undefined
  /** Full keys that were looked at before a cancel ended the looks; undefined: all were looked at. */
  readonly inTime?: ReadonlySet<string> | undefined
}

/** What was seen; unproven: nobody could look. */
export type Proof = Seen | 'unproven'

const UNPROVEN = 'The copy was reported as done, but the destination could not be checked.'
const TOO_LATE = 'The copy was reported as done, but the run was cancelled before it was checked.'

const MISNAMED =
  'The copy was made, but the destination does not list it under this key; it lists a similar key that it may treat as the same.'

/** A row as what was seen leaves it: what the destination holds is done, what was not looked at stays unknown. */
function judged(row: ResultRow, { proofOf, misnamed }: AmendRules): ResultRow {
  const claimed = awaitsLook(row)
  if (row.op === 'copy' && (claimed || row.status === 'done') && misnamed?.has(row.to ?? ''))
    return { ...row, status: 'failed', code: 'StoredUnderAnotherName', message: MISNAMED }
  if (!claimed) return row
  const proof = proofOf(waveOf(row))
  if (proof === 'unproven') return { ...row, message: UNPROVEN }
  if (proof.inTime && !proof.inTime.has(row.to ?? '')) return { ...row, message: TOO_LATE }
  const message = proof.mismatches.get(row.to ?? '')
  if (message !== undefined) return { ...row, status: 'failed', message }
  const { code: _awaited, message: _unseen, ...seen } = row
  return proof.byChecksum?.has(row.to ?? '')
    ? { ...seen, status: 'done', proof: 'checksum' }
    : { ...seen, status: 'done' }
}

/** How rows are amended. */
export interface AmendRules {
  /** What was seen of the copies of a wave. */
  readonly proofOf: (wave: number) => Proof
  /** Whether copies may await a look, so that their rows are written anew. */
  readonly claimed: boolean
  /** Full keys of copies that the destination does not show under their names. */
  readonly misnamed?: ReadonlySet<string> | undefined
  readonly sourcePrefix: string
  /** Told of each row that changed the destination, or may have; resolves when more can be taken, undefined: it can now. */
  readonly onChange?: ((row: ResultRow) => Promise<void> | undefined) | undefined
  /** Whether a cancelled run has to leave the rest as it is; what has no total counts as unknown. */
  readonly isLate: () => boolean
}

/**
 * Reads all rows once: writes those that did not end well to `failed`, rewrites `results` where what
 * was seen changes rows, and gives the totals.
 */
export async function amendRows(
  files: Files,
  paths: { readonly results: string; readonly failed: string },
  rules: AmendRules,
): Promise<OutcomeTotals> {
  const { claimed, misnamed, sourcePrefix, onChange, isLate } = rules
  const rewrite = claimed || (misnamed?.size ?? 0) > 0
  const rewritten = unfinishedPath(paths.results)
  let late = false
  const failed = await JsonLines.open(files, paths.failed)
  let results: JsonLines | undefined
  const totals = new OutcomeTotals()
  try {
    if (rewrite) results = await JsonLines.open(files, rewritten)
    for await (const block of files.lineBlocks(paths.results)) {
      for (const line of block) {
        late = isLate()
        if (late) break
        const read = JSON.parse(line) as ResultRow
        const row = judged(read, rules)
        totals.add(row, sourcePrefix)
        const text = row === read ? line : visibleJson(row)
        const kept = [
          results?.keep(text),
          row.status === 'done' ? undefined : failed.keep(text),
          mayHaveChanged(row) ? onChange?.(row) : undefined,
        ]
        for (const full of kept) if (full) await full
      }
      if (late) break
    }
  } finally {
    await failed.close().finally(() => results?.close())
  }
  // A part of the rows must not take the place of all.
  if (rewrite && late) await files.removeFile(rewritten)
  else if (rewrite) await files.rename(rewritten, paths.results)
  return totals
}
