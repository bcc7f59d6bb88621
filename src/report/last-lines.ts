import type { Tally } from '../model/op.ts'
import { isSkipReason } from '../model/op.ts'
import type { Report } from '../model/report.ts'
import { safe } from '../model/safe.ts'
import { humanBytes, perSecond, untilWhen } from '../model/units.ts'
import { causeOf } from './cause.ts'
import { attempted, isRefusedPlan } from './headline.ts'
import { REASONS, withinSentence, wordFor } from './wording.ts'

const MB = 1_000_000
/** MB a second: less than that would be shown as none. */
const LEAST_SPEED = 0.05

// The words and units are the specification's, whose readers parse `(\d+) files` and `MB/s`.
const files = (word: string, { objects, bytes }: Tally): string =>
  `${word}: ${objects} files${bytes > 0 ? `, ${humanBytes(bytes)}` : ''}`

function skipped({ totals, reasons }: Report): string {
  const skips = Object.entries(reasons)
    .filter(([name, tally]) => isSkipReason(name) && tally.objects > 0)
    .sort(([, a], [, b]) => b.objects - a.objects)
  const why = withinSentence(wordFor(REASONS, skips[0]?.[0] ?? '') ?? '')
  const { objects } = totals.skipped
  const most = skips.length > 1 ? 'mostly: ' : ''
  return `Skipped: ${objects} files${objects > 0 && why ? ` (${most}${why})` : ''}`
}

/** What is deleted by a later run. */
const later = ({ waiting }: Report): string[] =>
  waiting?.due ? [`${files('To delete later', waiting)} (${untilWhen(waiting.due)})`] : []

/** Why the plan is not carried out, where it is not only waiting. */
const refusedLine = (report: Report): string[] => {
  const title = causeOf(report)?.title
  if (title === undefined) return []
  return [safe(report.result === 'planned' ? title : `Not run: ${title}`)]
}

const STOPPED: ReadonlySet<Report['result']> = new Set(['failed', 'cancelled'])

/** What the run came to, and the files in which a person reads on. */
function whereTo(report: Report): string[] {
  const { result, files: written } = report
  const isOnlyPlanned = result === 'planned' || result === 'drift' || isRefusedPlan(report)
  return [
    `Result: ${result}`,
    ...(isOnlyPlanned && written.plan ? [`Plan: ${safe(written.plan)}`] : []),
    ...(written.report === '' ? [] : [`Report: ${safe(written.report)}`]),
  ]
}

/** Closing lines of the log, as the specification prints them. */
export function closingLines(report: Report): string[] {
  const { totals, durationSeconds, copySeconds } = report
  const { plannedDeletes, deleted } = totals
  const time = `Total time: ${durationSeconds.toFixed(1)}s`
  const where = whereTo(report)
  if (report.result === 'drift')
    return [
      `${files('Missing or different', totals.planned)} (nothing was changed)`,
      ...(plannedDeletes.objects > 0 ? [files('Only at the destination', plannedDeletes)] : []),
      skipped(report),
      time,
      ...where,
    ]
  if (report.result === 'planned' || isRefusedPlan(report))
    return [
      ...refusedLine(report),
      `${files('Planned', totals.planned)} (nothing was written)`,
      ...(plannedDeletes.objects > 0 ? [files('To delete', plannedDeletes)] : []),
      ...later(report),
      skipped(report),
      time,
      ...where,
    ]
  // Zeros would only hide the cause.
  if (STOPPED.has(report.result) && !attempted(report)) return [time, ...where]
  const speed = perSecond(totals.copied.bytes, copySeconds) / MB
  return [
    files('Copied', totals.copied),
    skipped(report),
    ...(plannedDeletes.objects > 0 ? [files('Deleted', deleted)] : []),
    ...later(report),
    files('Failed', totals.failed),
    ...(totals.unknown.objects > 0 ? [files('Unknown', totals.unknown)] : []),
    time,
    ...(speed >= LEAST_SPEED ? [`Average speed: ${speed.toFixed(1)} MB/s`] : []),
    ...where,
  ]
}
