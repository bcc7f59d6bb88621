import { MESSAGE_CHARS } from '../model/cut.ts'
import type { Check, Report } from '../model/report.ts'
import { humanObjects } from '../model/units.ts'
import { code, details, table } from './markdown.ts'
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
  const failed = of('fail')
  const unseen = of('not-allowed', 'not-known')
  return [
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${of('pass')} passed`,
    ...(warnings > 0 ? [humanObjects(warnings, 'warning')] : []),
    ...(unseen > 0 ? [`${unseen} not checked`] : []),
  ].join(', ')
}

/** What was looked at before the start; what failed stands at the top of the summary already. */
export function checks({ checks: all }: Report): string {
  const text = table([{ title: 'Check' }, { title: '' }, { title: 'Found' }], all.map(row))
  return details(`Preflight checks: ${countsOf(all)}`, text)
}
