import { isVague, remedyIn } from '../errors/catalogue.ts'
import { leftOutBy } from '../model/op.ts'
import { addressOf, type Place } from '../model/place.ts'
import type { Report, Result, Told } from '../model/report.ts'
import { humanBytes, humanCount, humanObjects, humanSeconds } from '../model/units.ts'
import { causeOf, causeOfGroup, nextRun, saidOf } from './cause.ts'
import { differences, driftOf, remedyOf, tolerated } from './drift.ts'
import { alert, code, prose } from './markdown.ts'

const CAUSE_LINES = 20

/**
 * Whether any op was given to an engine: else there is nothing to tell of a copy. Rows of a manifest that a guard refused
 * count as failed or unknown, and nothing was begun.
 */
export const attempted = ({ totals, failure }: Report): boolean => {
  const { copied, deleted, failed, unknown } = totals
  const left = failed.objects + unknown.objects
  return copied.objects + deleted.objects > 0 || (left > 0 && failure?.kind !== 'guard')
}

/** How the copies of a run were verified; '' where nobody looked. Only ETags and checksums verify what an object holds. */
function verified({ verification, totals: { copied } }: Report): string {
  if (!verification || verification.method === 'none' || verification.mismatched > 0) return ''
  const { bySizeAndTime } = verification
  if (bySizeAndTime === 0) return ', verified'
  if (bySizeAndTime >= copied.objects) return ', checked by size and time'
  const sure = humanCount(copied.objects - bySizeAndTime)
  return `, ${sure} verified, ${humanCount(bySizeAndTime)} checked by size and time`
}

/** Whether a run ended between its plan and its first op: what there is to tell is the plan. */
export const isRefusedPlan = (report: Report): boolean =>
  report.result === 'failed' &&
  report.mode !== 'check' &&
  report.files.plan !== undefined &&
  !attempted(report)

/** Ops that max-duration left nobody time to begin with. */
const notBegun = ({ errors }: Report): number =>
  errors.find(({ code: name }) => name === 'MaxDuration')?.objects ?? 0

function progress(report: Report): string {
  const { planned, copied, plannedDeletes, deleted, failed, unknown } = report.totals
  const left = notBegun(report)
  return [
    `${humanCount(copied.objects)} of ${humanObjects(planned.objects)} copied`,
    plannedDeletes.objects > 0
      ? `${humanCount(deleted.objects)} of ${humanCount(plannedDeletes.objects)} deleted`
      : '',
    failed.objects > left ? `${humanCount(failed.objects - left)} failed` : '',
    left > 0 ? `${humanCount(left)} not started` : '',
    unknown.objects > 0 ? `${humanCount(unknown.objects)} unknown` : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}

/** Objects of the source that were compared and left as they are. */
export const comparedIn = ({ totals, reasons }: Pick<Report, 'totals' | 'reasons'>): number =>
  totals.skipped.objects - (reasons['filtered']?.objects ?? 0) - leftOutBy(reasons).objects

function agreement(report: Report): string {
  const compared = comparedIn(report)
  const rest = tolerated(report)
  return `✅ Source and destination match: ${humanObjects(compared)} compared${rest ? ` (${rest})` : ''}`
}

function wouldBe({ totals: { planned, plannedDeletes } }: Report): string {
  if (planned.objects === 0 && plannedDeletes.objects > 0)
    return `${humanObjects(plannedDeletes.objects)} would be deleted`
  const deletes =
    plannedDeletes.objects > 0 ? `, ${humanCount(plannedDeletes.objects)} deleted` : ''
  return `${humanObjects(planned.objects)} would be copied (${humanBytes(planned.bytes)})${deletes}`
}

/** Other objects under the keys of the plan, which `overwrite: never` keeps: one is enough, and nothing is copied. */
const publishedAlready = ({ reasons }: Report): number =>
  reasons['destination-conflict']?.objects ?? 0

/** What a plan holds that is not carried out; '' where it holds nothing. */
function inPlanFile(report: Report): string {
  const { planned, plannedDeletes } = report.totals
  if (planned.objects + plannedDeletes.objects === 0) return ''
  const where = report.transfers ? 'plans are in `*/plan.ndjson`' : 'plan is in `plan.ndjson`'
  return `The ${where}: ${wouldBe(report)}.`
}

/** Whether the callout tells what became of most objects that failed: no error ended the run. */
export const tellsWorst = (report: Report): boolean =>
  report.failure === undefined &&
  (report.result === 'partial' || report.result === 'failed') &&
  report.errors.length > 0

/** The cause of most failures, where the run itself did not fail. */
function why(report: Report): string {
  const [worst] = report.errors
  if (!worst || !tellsWorst(report)) return ''
  const cause = causeOfGroup(worst, report).replace(/^[A-Z](?=[a-z]* )/, (first) =>
    first.toLowerCase(),
  )
  return `: ${prose(cause)}`
}

const SENTENCES: Readonly<Record<Result, (report: Report) => string>> = {
  success: (report) => {
    const { copied, deleted } = report.totals
    const copies = `${humanObjects(copied.objects)} copied (${humanBytes(copied.bytes)})${verified(report)}`
    const deletes = deleted.objects > 0 ? `${humanObjects(deleted.objects)} deleted` : ''
    return `✅ ${[copied.objects > 0 ? copies : '', deletes].filter((part) => part !== '').join(', ')}`
  },
  'nothing-to-do': (report) =>
    report.mode === 'check'
      ? agreement(report)
      : `✅ Nothing to do: ${humanObjects(comparedIn(report))} compared, nothing to copy`,
  planned: (report) => {
    if (report.refused) return `📝 ${prose(causeOf(report)?.title ?? '')}`
    const kept = publishedAlready(report)
    return kept > 0
      ? `📝 Nothing would be copied: ${humanObjects(kept)} protected by \`overwrite: never\``
      : `📝 ${wouldBe(report)}`
  },
  drift: (report) => `⚠️ Drift: ${humanObjects(driftOf(report).objects)} (${differences(report)})`,
  partial: (report) => `⚠️ ${progress(report)}${why(report)}`,
  failed: (report) =>
    attempted(report)
      ? `❌ ${progress(report)}${why(report)}`
      : `❌ ${prose(causeOf(report)?.title ?? 'The run failed')}`,
  cancelled: (report) =>
    attempted(report)
      ? `🛑 Cancelled: ${progress(report)}`
      : '🛑 Cancelled before anything was written',
}

const address = (place: Place): string => code(addressOf(place, place.prefix))

/** Where a place was found, or else as it was asked for; '' where the inputs were refused. */
function shownPlace(report: Report, name: 'source' | 'destination'): string {
  const place = report[name]
  const asked = report.settings.find((setting) => setting.name === name)?.value
  return place ? address(place) : asked ? code(asked) : ''
}

function journey(report: Report): string {
  const { durationSeconds, transfers } = report
  if (transfers)
    return `${humanObjects(transfers.length, 'transfer')} in **${humanSeconds(durationSeconds)}**`
  const [from, to] = [shownPlace(report, 'source'), shownPlace(report, 'destination')]
  const places = from && to ? `${from} → ${to} ` : ''
  return `${places}${places ? 'in' : 'After'} **${humanSeconds(durationSeconds)}**`
}

/** Lines of untrusted text as paragraphs; lines that start with `- ` stay the items of a list. */
function paragraphs(text: string): string[] {
  const lines = text.split(/\r\n|[\r\n]/).filter((line) => line.trim() !== '')
  const shown = lines.slice(0, CAUSE_LINES).flatMap((line, at) => {
    const item = /^\s*- (.*\S.*)/.exec(line)?.[1]
    if (item !== undefined) return [`- ${prose(item)}`]
    return at === 0 ? [prose(line)] : ['', prose(line)]
  })
  const more = lines.length - CAUSE_LINES
  return more > 0 ? [...shown, '', `${humanObjects(more, 'more line')} in the log.`] : shown
}

/** What to do about most objects that failed, and what the service said of them. */
function worstOf(report: Report): string[] {
  const [worst] = report.errors
  if (!worst || !tellsWorst(report)) return []
  const said = saidOf(worst)
  const told = said === '' ? [] : [`${code(worst.code)}: ${prose(said)}`]
  if (told.length > 0 && isVague(worst.code)) return told
  // The headline says what the code means.
  const remedy = prose(remedyIn(worst.code, worst.resolution))
  return told.length > 0 ? [remedy, '', ...told] : [remedy]
}

/** An error that says so itself needs nobody to say it again. */
const SAYS_NOTHING_WAS_DONE = /\bnothing was (?:touched|copied|written)\b/i

const untouched = ({ failure, refused }: Report): string =>
  SAYS_NOTHING_WAS_DONE.test((failure ?? refused)?.text ?? '') ? '' : 'Nothing was copied.'

function afterCancel({ totals }: Report): string {
  const { planned, plannedDeletes, copied, deleted, unknown } = totals
  if (copied.objects + deleted.objects === planned.objects + plannedDeletes.objects)
    return 'Everything was already done when the run was cancelled.'
  const arrived = unknown.objects > 0 ? ', and unknown objects may have been copied too' : ''
  return `Copied objects stay copied${arrived}. Run again: the next run finishes the rest.`
}

function nextStep(report: Report): string {
  if (isRefusedPlan(report) || (report.result === 'planned' && report.refused))
    return `${untouched(report)} ${inPlanFile(report)}`.trim()
  switch (report.result) {
    case 'planned':
      if (publishedAlready(report) > 0)
        return 'Nothing was written. Publish under other keys, or remove the existing objects.'
      return report.dryRun
        ? 'Nothing was written. Run without `dry-run` to apply the plan.'
        : report.parts
          ? `Nothing was written. The plan has ${humanObjects(report.parts.count, 'part')} in \`plan/\`: run one job with \`mode: execute\` and \`shard\` for each, then one job with \`mode: finish\`.`
          : 'Nothing was written. To apply exactly this plan, keep `plan.ndjson` and run with `mode: execute`; to plan again and apply, run with `mode: sync`.'
    case 'drift':
      return `Nothing was changed. ${prose(remedyOf(report))} Every difference has a line in \`plan.ndjson\`.`
    case 'cancelled':
      return attempted(report) ? afterCancel(report) : untouched(report)
    case 'partial':
      return `Copied objects stay copied. ${prose(nextRun(report))}`.trim()
    case 'failed':
      return attempted(report) ? prose(nextRun(report)) : untouched(report)
    default:
      return ''
  }
}

const ALERTS: Readonly<Partial<Record<Result, 'CAUTION' | 'WARNING' | 'NOTE'>>> = {
  planned: 'NOTE',
  drift: 'WARNING',
  partial: 'WARNING',
  cancelled: 'WARNING',
  failed: 'CAUTION',
}

/** What the headline says already is not said again below it. */
function withoutTitle({ title, text }: Told): string {
  const [first = '', ...rest] = text.split(/\r\n|[\r\n]/)
  return first.replace(/[.\s]+$/, '') === title && rest.length > 0 ? rest.join('\n') : text
}

/** Why the run ended, where something ended it. */
function endingOf(failure: Told, report: Report): string[] {
  if (!attempted(report)) return paragraphs(withoutTitle(failure))
  // What to do after a cancel is said below.
  if (report.result === 'cancelled') return paragraphs(failure.text.split('\n', 1)[0] ?? '')
  const titled = failure.title === '' ? [] : [`**${prose(failure.title)}**`, '']
  return [...titled, ...paragraphs(failure.text)]
}

function callout(report: Report): string {
  const { failure = report.refused, refused, result } = report
  const kind = result === 'planned' && refused ? 'WARNING' : ALERTS[result]
  if (kind === undefined) return ''
  const told = failure ? endingOf(failure, report) : worstOf(report)
  const next = nextStep(report)
  return alert(kind, [
    ...told,
    ...(told.length > 0 && next !== '' ? [''] : []),
    ...(next !== '' ? [next] : []),
  ])
}

/** The verdict in one sentence, from where to where, and what to do next. */
export const headline = (report: Report): string =>
  [`## ${SENTENCES[report.result](report)}`, journey(report), callout(report)]
    .filter((part) => part !== '')
    .join('\n\n')
