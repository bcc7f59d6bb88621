import { isCopyReason, type Sample } from '../model/op.ts'
import { copyDollars, humanDollars } from '../model/price.ts'
import type { Report } from '../model/report.ts'
import { humanBytes, humanCount, humanObjects } from '../model/units.ts'
import { isDifference } from './drift.ts'
import { code, details, section } from './markdown.ts'
import { REASONS, wordFor } from './wording.ts'

const TITLES: Readonly<Partial<Record<Report['result'], string>>> = {
  planned: 'What it would do',
  drift: 'What differs',
}

const KEYS_PER_DELETE = 1000
const REASONS_SHOWN = 20

/** What carrying out the plan asks of the service. */
function requests({ totals: { planned, plannedDeletes }, destination }: Report): string {
  const deletes = Math.ceil(plannedDeletes.objects / KEYS_PER_DELETE)
  const counts = [
    ...(planned.objects > 0 ? [humanObjects(planned.objects, 'copy request')] : []),
    ...(deletes > 0 ? [humanObjects(deletes, 'delete request')] : []),
  ].join(' and ')
  // Other services have prices of their own.
  const price =
    destination && destination.endpoint === undefined
      ? `, ${humanDollars(copyDollars(planned.objects))} at the list price of S3 Standard in us-east-1, transfer between regions not counted`
      : ''
  return `To carry it out takes at least ${counts}${price}.`
}

const line = ({ key, size }: Sample): string => `- ${code(key)} ${humanBytes(size)}`

function deedOf(reason: string, report: Report): string {
  if (!isDifference(reason, report)) return 'Leave'
  if (report.mode === 'check') return 'Differs'
  return isCopyReason(reason) ? 'Copy' : 'Delete'
}

function examples(report: Report, reason: string): string {
  const shown = report.samples[reason] ?? []
  const all = report.reasons[reason]?.objects ?? shown.length
  const word = wordFor(REASONS, reason) ?? 'another reason'
  const more = all - shown.length
  const lines = [
    ...shown.map(line),
    ...(more > 0 ? [`- and ${humanObjects(more, 'more object')} in the plan file`] : []),
  ]
  return details(
    `${deedOf(reason, report)}: ${word.toLowerCase()} (${humanCount(all)})`,
    lines.join('\n'),
  )
}

/** Copies, then deletes, then what is left. */
const rankOf = (reason: string, report: Report): number =>
  isCopyReason(reason) ? 0 : isDifference(reason, report) ? 1 : 2

/** What a plan that waits would do, or what differs, and why: the first objects of each reason. */
export function plan(report: Report): string {
  const title = TITLES[report.result]
  if (title === undefined) return ''
  const reasons = Object.keys(report.samples).sort((a, b) => rankOf(a, report) - rankOf(b, report))
  return section(
    title,
    report.result === 'planned' ? requests(report) : '',
    ...reasons.slice(0, REASONS_SHOWN).map((reason) => examples(report, reason)),
  )
}
