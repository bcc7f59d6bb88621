import { isCopyReason, type Sample } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { PlannedRequests, Report } from '../model/report.ts'
import { humanBytes, humanCount, humanObjects, humanSeconds } from '../model/units.ts'
import { ROUTES } from '../model/wording.ts'
import { lookUpsInWords, priceOf } from '../plan/requests.ts'
import { isDifference } from './drift.ts'
import { estimateOf } from './estimate.ts'
import { isRefusedPlan } from './headline.ts'
import { code, details, section } from './markdown.ts'
import { LATER } from './waiting.ts'
import { REASONS, withinSentence, wordFor } from './wording.ts'

const TITLES: Readonly<Partial<Record<Report['result'], string>>> = {
  planned: 'Planned changes',
  drift: 'What differs',
}

const REASONS_SHOWN = 20

const titleOf = (report: Report): string | undefined =>
  isRefusedPlan(report) ? 'Changes not applied' : TITLES[report.result]

function priceOfPlan(taken: PlannedRequests, source: Place, destination: Place): string {
  const { lookUps, typeLooks, headerLooks, headerCompares, checksumLooks, rowLooks } = taken
  const { copies, lookUpLists, sourceLists, destinationLists } = taken
  // To read an object costs as much as to look at it.
  const reads = destination.folder === undefined ? 0 : copies
  return priceOf([
    {
      place: source,
      heads: lookUps + typeLooks + headerLooks + checksumLooks.source + rowLooks.source + reads,
      lists: lookUpLists + sourceLists,
    },
    {
      place: destination,
      heads: headerCompares + checksumLooks.destination + rowLooks.destination,
      lists: destinationLists,
      copies,
    },
  ])
}

/** What carrying out the plan asks of the service. */
function requests(report: Report): string {
  const { requests: taken, source, destination } = report
  if (!taken) return ''
  const { copies, deletes, sourceLists, destinationLists, typeLooks } = taken
  const { checksumLooks, rowLooks, headerLooks, headerCompares } = taken
  const compared = checksumLooks.source + checksumLooks.destination
  const rows = rowLooks.source + rowLooks.destination
  const lists = sourceLists + destinationLists
  const lookUps = lookUpsInWords(taken)
  const counts = [
    ...(copies > 0
      ? [humanObjects(copies, destination?.folder === undefined ? 'copy request' : 'GET request')]
      : []),
    ...(typeLooks > 0 ? [`${humanObjects(typeLooks, 'HEAD request')} to keep content types`] : []),
    ...(rows > 0 ? [`${humanObjects(rows, 'HEAD request')} to look up the manifest`] : []),
    ...(headerLooks > 0
      ? [`${humanObjects(headerLooks, 'HEAD request')} to keep the headers that no rule names`]
      : []),
    ...(headerCompares > 0
      ? [`${humanObjects(headerCompares, 'HEAD request')} to compare headers`]
      : []),
    ...(lists > 0 || rows === 0 ? [humanObjects(lists, 'LIST request')] : []),
    ...(compared > 0 ? [`${humanObjects(compared, 'HEAD request')} to compare checksums`] : []),
    ...(deletes > 0 ? [humanObjects(deletes, 'delete request')] : []),
    ...(lookUps ? [`${lookUps} to check the source before deleting`] : []),
  ]
  if (copies + deletes === 0) return ''
  const price = source && destination ? priceOfPlan(taken, source, destination) : ''
  const transfer = price ? ', cross-region data transfer not included' : ''
  return [
    `Applying it takes at least ${counts.join(', ')}${price}${transfer}.`,
    throughRunner(report),
    timeOf(report),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

function throughRunner({ streamed, totals: { planned } }: Report): string {
  return streamed && planned.bytes > 0
    ? `${humanBytes(planned.bytes)} pass through the runner: ${wordFor(ROUTES, streamed)}.`
    : ''
}

/** How long copying may take; measured rates differ by more than the objects do, so that it says what it assumes. */
function timeOf({ totals: { planned }, settings, streamed }: Report): string {
  if (planned.objects === 0) return ''
  const asked = Number(settings.find(({ name }) => name === 'numworkers')?.value)
  const estimate = estimateOf(planned, { asked, streamed: streamed !== undefined })
  return `Estimated copy time: ${humanSeconds(estimate.seconds)} (${estimate.assumed}).`
}

const line = ({ key, size }: Sample): string => `- ${code(key)} ${humanBytes(size)}`

function deedOf(reason: string, report: Report): string {
  if (!isDifference(reason, report)) return report.mode === 'check' ? 'Not counted' : 'Leave'
  if (report.mode === 'check') return 'Different'
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
    `${deedOf(reason, report)}: ${withinSentence(word)} (${humanCount(all)})`,
    lines.join('\n'),
  )
}

const DELETED = 'only-at-destination'

/** Whether the deletes are listed by themselves. */
const listsDeletes = (report: Report): boolean =>
  (report.result === 'planned' || isRefusedPlan(report)) && report.totals.plannedDeletes.objects > 0

/** More open lines would push all that follows off the screen. */
const DELETES_OPEN = 10

/** The deletes of a plan that waits or was refused, the first open to the eye: what a person must read before agreeing. `who`: whose plan it is, as Markdown. */
export function deletes(report: Report, who = 'it'): string {
  if (!listsDeletes(report)) return ''
  const { objects } = report.totals.plannedDeletes
  const shown = (report.samples[DELETED] ?? []).map(line)
  const more = objects - shown.length
  const rest = shown.slice(DELETES_OPEN)
  return section(
    `What ${who} would delete (${humanCount(objects)})`,
    shown.slice(0, DELETES_OPEN).join('\n'),
    details(`The next ${rest.length}`, rest.join('\n')),
    more > 0 ? `And ${humanCount(more)} more in \`plan.ndjson\`.` : '',
  )
}

/** Copies, then deletes, then what is left. */
const rankOf = (reason: string, report: Report): number =>
  isCopyReason(reason) ? 0 : isDifference(reason, report) ? 1 : 2

/** What a plan that waits would do, or what differs, and why: the first objects of each reason. */
export function plan(report: Report): string {
  const title = titleOf(report)
  if (title === undefined) return ''
  const reasons = Object.keys(report.samples)
    .filter((reason) => reason !== LATER && (reason !== DELETED || !listsDeletes(report)))
    .sort((a, b) => rankOf(a, report) - rankOf(b, report))
  return section(
    title,
    report.result === 'drift' ? '' : requests(report),
    ...reasons.slice(0, REASONS_SHOWN).map((reason) => examples(report, reason)),
  )
}
