import { cut } from '../model/cut.ts'
import type { Report } from '../model/report.ts'
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

const annotation = (level: Annotation['level'], title: string, text: string): Annotation => ({
  level,
  title: cut(safe(title), TITLE_CHARS),
  text: cut(safeLines(text), TEXT_CHARS),
})

/**
 * One note with cause and remedy when the run missed its goal (a warning where `fail-on` forgives it,
 * an error otherwise), and at most three warnings in all.
 */
export function annotations(report: Report): Annotation[] {
  const cause = causeOf(report)
  const level = report.exitCode === 0 ? 'warning' : 'error'
  const notes = cause ? [annotation(level, cause.title, cause.text)] : []
  const room = level === 'warning' ? WARNINGS - notes.length : WARNINGS
  const warnings = report.warnings
    .slice(0, room)
    .map((text) => annotation('warning', 's3-direct-sync', text))
  return [...notes, ...warnings]
}
