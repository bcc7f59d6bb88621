import { cut } from '../model/cut.ts'
import type { Sample } from '../model/op.ts'
import type { Report, Told } from '../model/report.ts'
import { humanCount, humanObjects } from '../model/units.ts'
import { differences, driftOf, isDifference, remedyOf } from './drift.ts'

const MOST_KEYS = 3
const KEY_CHARS = 100

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

const said = (message: string): string =>
  message === '' ? '' : `: ${message.replace(/[.\s]+$/, '')}`

function lostObjects({ totals, errors, files }: Report): Told {
  const { planned, copied, plannedDeletes, deleted } = totals
  const all = planned.objects + plannedDeletes.objects
  const lost = all - copied.objects - deleted.objects
  const word = plannedDeletes.objects > 0 ? 'done' : 'copied'
  const allCopied = copied.objects === planned.objects
  const worst = errors[0]
  return {
    kind: allCopied ? 'delete' : 'copy',
    title: `${humanCount(lost)} of ${humanObjects(all)} not ${word}`,
    text: [
      worst ? `${worst.code} (${humanObjects(worst.objects)})${said(worst.message)}.` : '',
      worst?.resolution ?? RUN_AGAIN,
      errors.length > 1 ? `${humanObjects(errors.length - 1, 'more code')} in the summary.` : '',
      files.failed ? `The rows to run again: ${files.failed}` : '',
    ]
      .filter((line) => line !== '')
      .join('\n'),
  }
}

function foundDrift(report: Report): Told {
  const { samples, files } = report
  const keys = Object.entries(samples)
    .filter(([reason]) => isDifference(reason, report))
    .flatMap(([, some]) => some.map(({ key }) => JSON.stringify(key)))
  return {
    kind: 'drift',
    title: `Drift: ${humanObjects(driftOf(report).objects)}`,
    text: [
      `The places differ: ${differences(report)}.`,
      `For example: ${keys.slice(0, MOST_KEYS).join(', ')}`,
      remedyOf(report),
      `Every difference: ${files.plan}`,
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
  if (failure) return refused ? refusal(failure, report) : failure
  if (report.result === 'cancelled')
    return { kind: 'cancelled', title: 'Cancelled', text: RUN_AGAIN }
  return report.result === 'drift' ? foundDrift(report) : lostObjects(report)
}
