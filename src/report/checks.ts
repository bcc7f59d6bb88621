import { MESSAGE_CHARS } from '../model/cut.ts'
import type { Check, Report } from '../model/report.ts'
import { code, details, section, table } from './markdown.ts'
import { CHECK_WORDS, CHECKS } from './wording.ts'

const row = ({ name, status, detail }: Check): readonly string[] => [
  CHECKS[name],
  CHECK_WORDS[status],
  code(detail, MESSAGE_CHARS),
]

/** What was looked at before the start; folded where the run could start. */
export function checks({ checks: all }: Report): string {
  const text = table([{ title: 'Check' }, { title: '' }, { title: 'Found' }], all.map(row))
  const failed = all.some(({ status }) => status === 'fail')
  const needed = all.filter(({ status }) => status !== 'not-needed')
  const passed = needed.filter(({ status }) => status === 'pass').length
  return failed
    ? section('Before the start', text)
    : details(`Before the start: ${passed} of ${needed.length} checks passed`, text)
}
