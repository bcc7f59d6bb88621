import { cut, KEY_CHARS, MESSAGE_CHARS } from '../model/cut.ts'
import { safe } from '../model/safe.ts'

/** Untrusted text of many lines, each of which the runner can never obey. */
export const safeLines = (text: string): string =>
  text
    .split(/\r\n|[\r\n]/)
    .map(safe)
    .join('\n')

/**
 * Untrusted text as one Markdown code span, where `<`, `@`, links and emphasis mean nothing; what is
 * empty says so, for an empty list item would turn the line above it into a heading. Pipes are the
 * table's concern.
 */
export function code(text: string, max = KEY_CHARS): string {
  const shown = cut(safe(text), max) || '(empty)'
  const longestRun = Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longestRun + 1)
  // Without the blank a backtick at an edge would lengthen the fence, and an edge blank would be lost.
  const pad = /^[ `]|[ `]$/.test(shown) ? ' ' : ''
  return `${fence}${pad}${shown}${pad}${fence}`
}

const PLAIN = /^[A-Za-z0-9]+(?:[-'][A-Za-z0-9]+)*$|^\d+(?:[.,:]\d+)*$|^[→–—…·×]*$/
// Between two backticks blanks belong to the word.
const WORDS = /[("']*`[^`]+`[)"'.,:;!?]*(?= |$)|[^ ]+/g
const TOKEN = /^([("']*)(.*?)([)"'.,:;!?]*)$/

function word(token: string): string {
  const [, before = '', core = token, after = ''] = TOKEN.exec(token) ?? []
  const quoted = /^`([^`]+)`$/.exec(core)?.[1]
  return before + (PLAIN.test(core) ? core : code(quoted ?? core, MESSAGE_CHARS)) + after
}

/**
 * One line of untrusted prose: words of letters and digits stay as they are, and all that Markdown
 * could read as more than a word becomes a code span.
 */
export const prose = (text: string, max = MESSAGE_CHARS): string =>
  (cut(safe(text), max).match(WORDS) ?? []).map(word).join(' ')

/** How a column stands. */
export type Align = 'left' | 'right'

/** A column of a table: its heading and how it stands. */
export interface Column {
  readonly title: string
  readonly align?: Align
}

// Wider cells would only widen the source text, which e-mail and the mobile app show as it is.
const PAD_CHARS = 40

/** Odd backslashes before a pipe keep it inside its cell, however a parser pairs them. */
const cell = (text: string): string => text.replace(/(\\*)\|/g, '$1$1\\|')

/** A Markdown table; '' when it has no rows. Cells are Markdown already. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(cell))]
  const widths = columns.map((_, at) =>
    Math.min(PAD_CHARS, Math.max(3, ...cells.map((row) => row[at]?.length ?? 0))),
  )
  const line = (row: readonly string[]) =>
    `| ${columns.map(({ align }, at) => pad(row[at] ?? '', widths[at] ?? 0, align)).join(' | ')} |`
  const rule = columns.map(({ align }, at) =>
    align === 'right' ? `${'-'.repeat((widths[at] ?? 1) - 1)}:` : '-'.repeat(widths[at] ?? 0),
  )
  const [head = [], ...body] = cells
  return [head, rule, ...body].map(line).join('\n')
}

const pad = (text: string, width: number, align: Align = 'left'): string =>
  align === 'right' ? text.padStart(width) : text.padEnd(width)

/** A section under its heading; '' when it has nothing to say. */
export const section = (title: string, ...parts: readonly string[]): string => {
  const said = parts.filter((part) => part !== '')
  return said.length === 0 ? '' : [`### ${title}`, ...said].join('\n\n')
}

/** A folded section; '' when it has nothing to say. `title` is our own words. */
export const details = (title: string, body: string): string =>
  body === '' ? '' : `<details><summary>${title}</summary>\n\n${body}\n\n</details>`

/** A block of code; what stands in it means nothing, line by line. */
export function fenced(language: string, text: string): string {
  const shown = safeLines(text.trimEnd())
  const longestRun = Math.max(2, ...(shown.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longestRun + 1)
  return `${fence}${language}\n${shown}\n${fence}`
}

/** An alert block. Lines are Markdown already. */
export const alert = (kind: 'CAUTION' | 'WARNING' | 'NOTE', lines: readonly string[]): string =>
  [`> [!${kind}]`, ...lines.map((line) => `> ${line}`.trimEnd())].join('\n')
