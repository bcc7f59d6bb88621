import { healsByRunning, isConsequence, isVague, titleOfCode } from '../errors/catalogue.ts'
import { bareMessage, denialIn, titleOfDenial } from '../errors/denial.ts'
import { cut } from '../model/cut.ts'
import type { Sample } from '../model/op.ts'
import type { ErrorGroup, Report, Told } from '../model/report.ts'
import { humanCount, humanObjects } from '../model/units.ts'
import { type Places, wholeOf } from './advice.ts'
import { differences, driftOf, isDifference, remedyOf } from './drift.ts'

const MOST_KEYS = 3
const KEY_CHARS = 100
/** Of a message in a title. */
const SAID_CHARS = 120

const keysOf = (samples: readonly Sample[]): string =>
  samples
    .slice(0, MOST_KEYS)
    .map(({ key }) => cut(JSON.stringify(key), KEY_CHARS))
    .join(', ')

/** A refusal, and the first of what would have been deleted. */
function refusal({ kind, title, text }: Told, { totals, samples, mode }: Report): Told {
  const first = mode === 'check' ? [] : (samples['only-at-destination'] ?? [])
  const deletes = totals.plannedDeletes.objects
  const more = deletes - Math.min(first.length, MOST_KEYS)
  if (deletes === 0 || first.length === 0) return { kind, title, text }
  const rest = more > 0 ? `, and ${humanCount(more)} more` : ''
  return { kind, title, text: `${text}\nWould be deleted: ${keysOf(first)}${rest}` }
}

const RUN_AGAIN = 'Run again: the next run finishes the rest.'
const GOALS: ReadonlySet<Report['result']> = new Set(['success', 'nothing-to-do', 'planned'])

/** What a service said of the objects of one code; '' where it said nothing. */
export function saidOf({ code, message }: Pick<ErrorGroup, 'code' | 'message'>): string {
  const bare = bareMessage(code, message).replace(/[.\s]+$/, '')
  return bare === '' || bare === code ? '' : bare
}

/** The cause of one code in a few words. */
export function causeOfGroup({ code, message }: ErrorGroup, places: Places): string {
  const denial = denialIn(message)
  if (denial) return titleOfDenial(denial, wholeOf(denial, places))
  const said = isVague(code) ? saidOf({ code, message }) : ''
  return said === '' ? titleOfCode(code) : `${code}: ${cut(said, SAID_CHARS)}`
}

/** What approved operations no longer fit stays as it is until another plan is made. */
const OUTDATED: ReadonlySet<string> = new Set([
  'SourceChanged',
  'NoSuchKey',
  'DestinationChanged',
  'ExistsAtSource',
  'DeleteNotDue',
  'ChecksumUnknown',
])

/** Whether the next run does better without a change, and what it does then; '' where the first remedy says so. */
export const nextRun = ({ errors, mode }: Report): string => {
  const [worst] = errors
  const stuck = errors.find(({ code }) => !healsByRunning(code) && !isConsequence(code))
  if (worst && (stuck ?? worst) === worst && /\brun again\b/i.test(worst.resolution)) return ''
  if (stuck) return 'Running again does not help on its own: fix this first, then run again.'
  if (mode !== 'execute' && mode !== 'finish') return RUN_AGAIN
  const outdated = errors.filter(({ code }) => OUTDATED.has(code)).length
  if (outdated > 0 && outdated === errors.length) return ''
  const changed =
    outdated > 0 ? '; objects that changed since then need a new plan (mode: plan)' : ''
  return `Run the same plan again to finish it${changed}.`
}

/** Codes of objects that nothing is wrong with: the run ended before them. */
const ENDINGS: ReadonlySet<string> = new Set([
  'Cancelled',
  'CredentialsLost',
  'LockLost',
  'MaxDuration',
  'OutOfResources',
  'Unreachable',
])

/** Some objects of a code, and whether these are all. */
function examplesOf({ examples, objects, message, code }: ErrorGroup): string {
  // A refusal names an object already, and where the run ended none is at fault.
  if (examples.length === 0 || denialIn(message) || isConsequence(code) || ENDINGS.has(code))
    return ''
  const shown = keysOf(examples.map((key) => ({ key, size: 0 })))
  return objects > Math.min(examples.length, MOST_KEYS)
    ? `For example: ${shown}`
    : `Not done: ${shown}`
}

const MOST_DENIALS = 3

/** What else was denied, and where the rest of what failed is told. */
function others(errors: readonly ErrorGroup[]): string[] {
  const denied = errors.filter(({ message }) => denialIn(message)).slice(0, MOST_DENIALS)
  const more = errors.length - denied.length
  return [
    ...denied.map(({ objects, resolution }) => `Also (${humanObjects(objects)}): ${resolution}`),
    more > 0 ? `${humanObjects(more, 'more code')} in the summary.` : '',
  ]
}

function lostObjects(report: Report): Told {
  const { totals, errors, files, transfers } = report
  const { planned, copied, plannedDeletes, deleted } = totals
  const all = planned.objects + plannedDeletes.objects
  const lost = all - copied.objects - deleted.objects
  const allCopied = copied.objects === planned.objects
  const word = plannedDeletes.objects === 0 ? 'copied' : allCopied ? 'deleted' : 'done'
  const worst = errors[0]
  const counted = `${humanCount(lost)} of ${humanObjects(allCopied ? plannedDeletes.objects : all)} not ${word}`
  const said = worst && saidOf(worst)
  // Then the line below is the cause.
  const says = worst && said !== '' && isVague(worst.code)
  const text = [
    says ? '' : (worst?.resolution ?? ''),
    worst ? `${worst.code} (${humanObjects(worst.objects)})${said ? `: ${said}` : ''}.` : '',
    worst ? examplesOf(worst) : '',
    ...others(errors.slice(1)),
    nextRun(report),
    files.failed ? 'Each object that failed has a line in failed.ndjson (output failed-path).' : '',
    transfers?.some((one) => one.failed)
      ? 'Each object that failed has a line in failed.ndjson of its transfer (output transfers).'
      : '',
  ]
  return {
    kind: allCopied ? 'delete' : 'copy',
    title: worst ? `${causeOfGroup(worst, report)}: ${counted}` : counted,
    text: text.filter((line) => line !== '').join('\n'),
  }
}

/** What a cancel left, for nobody has to look whether the next run has anything to do. */
function cancelled(report: Report): Told {
  const { planned, plannedDeletes, copied, deleted } = report.totals
  const all = planned.objects + plannedDeletes.objects
  const done = copied.objects + deleted.objects
  const text =
    all > 0 && done === all ? 'Everything was already done when the run was cancelled.' : RUN_AGAIN
  const counted = all > 0 ? `: ${humanCount(done)} of ${humanObjects(all)} done` : ''
  return { kind: 'cancelled', title: `Cancelled${counted}`, text: report.failure?.text ?? text }
}

function foundDrift(report: Report): Told {
  const { samples } = report
  const keys = Object.entries(samples)
    .filter(([reason]) => isDifference(reason, report))
    .flatMap(([, some]) => some.map(({ key }) => JSON.stringify(key)))
  return {
    kind: 'drift',
    title: `Drift: ${humanObjects(driftOf(report).objects)}`,
    text: [
      `Source and destination differ: ${differences(report)}.`,
      `For example: ${keys.slice(0, MOST_KEYS).join(', ')}`,
      remedyOf(report),
      'Every difference has a line in plan.ndjson (output plan-path).',
    ].join('\n'),
  }
}

/**
 * The cause of a run that failed, was cut short or was cancelled, of a check that found drift, or of a
 * plan that no run may carry out; undefined when all went well. Untrusted: it may quote keys and messages.
 */
export function causeOf(report: Report): Told | undefined {
  const { failure, refused } = report
  if (report.result === 'planned' && refused) {
    const cause = refusal(refused, report)
    return { ...cause, title: `A real run would be refused: ${cause.title}` }
  }
  if (GOALS.has(report.result)) return undefined
  if (report.result === 'cancelled') return cancelled(report)
  if (failure) return refused ? refusal(failure, report) : failure
  return report.result === 'drift' ? foundDrift(report) : lostObjects(report)
}
