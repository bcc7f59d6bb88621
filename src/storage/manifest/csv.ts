import { type FileLine, MOST_LINE_CHARS } from './lines.ts'

/** A record of a CSV file, or what is wrong with it. */
export type CsvRecord =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly column?: number; readonly problem: string }

type Parsed =
  | { readonly fields: readonly string[] }
  | { readonly column: number; readonly problem: string }

interface Field {
  readonly value: string
  /** Where the next one begins; undefined: this is the last one. */
  readonly next: number | undefined
}

const NOT_CLOSED = 'a quoted field is not closed'

/** What stands between quotes, of which two stand for one. */
function quotedField(text: string, from: number): Field | Extract<Parsed, { problem: string }> {
  let value = ''
  for (let at = from + 1; ; ) {
    const end = text.indexOf('"', at)
    if (end < 0) return { column: from + 1, problem: NOT_CLOSED }
    value += text.slice(at, end)
    if (text[end + 1] === '"') {
      value += '"'
      at = end + 2
      continue
    }
    if (end + 1 === text.length) return { value, next: undefined }
    if (text[end + 1] === ',') return { value, next: end + 2 }
    return { column: end + 2, problem: 'there is text after a closing quote' }
  }
}

function plainField(text: string, from: number): Field | Extract<Parsed, { problem: string }> {
  const comma = text.indexOf(',', from)
  const value = text.slice(from, comma < 0 ? text.length : comma)
  const odd = value.search(/["\r]/)
  if (odd >= 0) {
    const what = value[odd] === '"' ? 'a quote' : 'a carriage return'
    return { column: from + odd + 1, problem: `${what} is not allowed in a field without quotes` }
  }
  return { value, next: comma < 0 ? undefined : comma + 1 }
}

/** The fields of one record (RFC 4180), without the end of its line. */
export function fieldsOf(text: string): Parsed {
  if (!/["\r]/.test(text)) return { fields: text.split(',') }
  const fields: string[] = []
  for (let at: number | undefined = 0; at !== undefined; ) {
    const field: Field | Extract<Parsed, { problem: string }> =
      text[at] === '"' ? quotedField(text, at) : plainField(text, at)
    if ('problem' in field) return field
    fields.push(field.value)
    at = field.next
  }
  return { fields }
}

/** Whether so many quotes stand in a text that a field that was open is closed by it. */
function closes(text: string): boolean {
  let isOpen = true
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) isOpen = !isOpen
  return !isOpen
}

const withoutCr = (text: string): string => (text.endsWith('\r') ? text.slice(0, -1) : text)

/** A record whose last field is still open, as far as it was read. */
interface Begun {
  readonly line: number
  readonly lines: string[]
  chars: number
}

/** The records of a CSV file; a quoted field may hold ends of lines. Nothing can be read behind one that is not closed. */
export async function* recordsOf(
  blocks: AsyncIterable<readonly FileLine[]>,
): AsyncGenerator<readonly CsvRecord[]> {
  let begun: Begun | undefined
  for await (const lines of blocks) {
    const records: CsvRecord[] = []
    for (const { number, text, problem } of lines) {
      if (problem !== undefined) {
        records.push({ line: number, problem })
        continue
      }
      if (!begun && !text.includes('"')) {
        records.push({ line: number, ...fieldsOf(withoutCr(text)) })
        continue
      }
      const isClosed = !begun || closes(text)
      begun ??= { line: number, lines: [], chars: 0 }
      begun.lines.push(text)
      begun.chars += text.length + 1
      const { line, chars } = begun
      const isTooLong = begun.lines.length > 1 && chars > MOST_LINE_CHARS
      // To read it anew with each of its lines would take as long as all of them squared.
      if (!isClosed && !isTooLong) continue
      const parsed = fieldsOf(withoutCr(begun.lines.join('\n')))
      // It goes on in the next line.
      if ('problem' in parsed && parsed.problem === NOT_CLOSED) {
        if (!isTooLong) continue
        yield [...records, { line, problem: NOT_CLOSED }]
        return
      }
      records.push({ line, ...parsed })
      begun = undefined
    }
    yield records
  }
  if (begun) yield [{ line: begun.line, problem: NOT_CLOSED }]
}
