import { MESSAGE_CHARS } from '../model/cut.ts'
import type { Check, Report } from '../model/report.ts'
import { humanObjects } from '../model/units.ts'
import { code, details, section, table } from './markdown.ts'
import { CHECK_WORDS, CHECKS } from './wording.ts'

const row = ({ name, status, detail }: Check): readonly string[] => [
  CHECKS[name],
  CHECK_WORDS[status],
  code(detail, MESSAGE_CHARS),
]

/** How many checks came to what; those that a run can do without do not count. */
function countsOf(all: readonly Check[]): string {
  const of = (...wanted: readonly Check['status'][]) =>
    all.filter(({ status }) => wanted.includes(status)).length
  const warnings = of('warn')
  const unseen = of('not-allowed', 'not-known')
  return [
    `${of('pass')} passed`,
    ...(warnings > 0 ? [humanObjects(warnings, 'warning')] : []),
    ...(unseen > 0 ? [`${unseen} not looked at`] : []),
  ].join(', ')
}

/** What was looked at before the start; folded where the run could start. */
export function checks({ checks: all }: Report): string {
  const text = table([{ title: 'Check' }, { title: '' }, { title: 'Found' }], all.map(row))
  const failed = all.some(({ status }) => status === 'fail')
  return failed
    ? section('Before the start', text)
    : details(`Before the start: ${countsOf(all)}`, text)
}
