import { cut } from '../model/cut.ts'
import type { Report, Told } from '../model/report.ts'
import { safe } from '../model/safe.ts'
import { causeOf } from './cause.ts'
import { safeLines } from './markdown.ts'

/** A note on the run's page. Safe for the runner, line by line. */
export interface Annotation {
  readonly level: 'error' | 'warning'
  readonly title: string
  readonly text: string
}

const TITLE_CHARS = 200
// The runner cuts at 4,096 without a sign.
const TEXT_CHARS = 4000
const WARNINGS = 3

/** One sentence that does not say yet what to do. */
const BARE_CAUSE = /^(?!Allow |Remove |.*\.\s+[A-Z])[^\n]*[^.:;]\.?$/

/** The cause and what to do about it in one sentence, where each is a line: no more than that may be read. */
function led({ text }: Told): string {
  const [cause = '', remedy = '', ...rest] = text.split(/\r\n|[\r\n]/)
  if (!BARE_CAUSE.test(cause) || !/^[A-Z][a-z]/.test(remedy)) return text
  const first = cause.replace(/\.$/, '')
  const joint = first.includes(': ') ? '; ' : ': '
  const lowered = remedy.charAt(0).toLowerCase() + remedy.slice(1)
  return [`${first}${joint}${lowered}`, ...rest].join('\n')
}

/** What a warning says first, in a few words. */
const headOf = (text: string): string => /^.{1,120}?(?=[.:;,](\s|$))/.exec(text)?.[0] ?? text

const annotation = (level: Annotation['level'], title: string, text: string): Annotation => ({
  level,
  title: cut(safe(title), TITLE_CHARS),
  text: cut(safeLines(text), TEXT_CHARS),
})

/**
 * One note with cause and remedy when the run missed its goal (a warning where `fail-on` forgives it,
 * an error otherwise), and at most three warnings in all; `others`: warnings of other hands among them.
 */
export function annotations(report: Report, others = 0): Annotation[] {
  const cause = causeOf(report)
  const level = report.exitCode === 0 ? 'warning' : 'error'
  // What became of objects is told with its remedy already.
  const isError = (report.failure ?? report.refused) !== undefined
  const notes = cause ? [annotation(level, cause.title, isError ? led(cause) : cause.text)] : []
  const most = WARNINGS - others
  const room = level === 'warning' ? most - notes.length : most
  const warnings = report.warnings
    .slice(0, room)
    .map((text) => annotation('warning', headOf(text), text))
  return [...notes, ...warnings]
}
