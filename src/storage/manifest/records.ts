import type { ManifestFormat } from '../../model/manifest.ts'
import { type CsvRecord, recordsOf } from './csv.ts'
import { type FileLine, linesOf } from './lines.ts'
import { type Column, columnProblem, type Fields } from './row.ts'

/** A row as it stands in a file, or what is wrong there. */
export type FileRow =
  | { readonly line: number; readonly fields: Fields }
  | { readonly line: number; readonly column?: number; readonly problem: string }

/** Opens the bytes of a file, each time from its beginning. */
export type Open = () => AsyncIterable<Uint8Array>

type Rows = AsyncGenerator<readonly FileRow[]>

const BOM = '\ufeff'
const CR = 13
const LF = 10

/** Whether a CR stands before every LF: only then it is the end of a line, else it is a part of the keys. */
async function endsWithCr(chunks: AsyncIterable<Uint8Array>): Promise<boolean> {
  let before = 0
  let lines = 0
  for await (const chunk of chunks) {
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
      if ((at === 0 ? before : chunk[at - 1]) !== CR) return false
      lines++
    }
    before = chunk.at(-1) ?? before
  }
  return lines > 0
}

const NUL_IN_KEYS =
  'contains a NUL byte: if keys end with NUL, name the file .keys0; if it is UTF-16, save it as UTF-8'

const isUrl = (text: string): boolean => text.startsWith('s3://')

async function* keyRows(open: Open): Rows {
  const strip = await endsWithCr(open())
  for await (const lines of linesOf(open())) {
    const rows: FileRow[] = []
    for (const { number: line, text: whole, problem } of lines) {
      if (problem !== undefined) {
        rows.push({ line, problem })
        continue
      }
      const from = line === 1 && whole.startsWith(BOM) ? 1 : 0
      const text = whole.slice(from, strip && whole.endsWith('\r') ? -1 : undefined)
      if (text === '') continue
      const nul = text.indexOf('\0')
      if (nul >= 0) rows.push({ line, column: nul + 1, problem: NUL_IN_KEYS })
      else rows.push({ line, fields: isUrl(text) ? { source_url: text } : { key: text } })
    }
    yield rows
  }
}

async function* nulRows(open: Open): Rows {
  for await (const lines of linesOf(open(), 0))
    yield lines.map(({ number: line, text, problem }): FileRow => {
      if (problem !== undefined) return { line, problem }
      return { line, fields: isUrl(text) ? { source_url: text } : { key: text } }
    })
}

const STRINGS = /"(?:[^"\\]|\\.)*"(\s*:)?/g

/** Whether a flat object says a name twice, of which readers take the one or the other. */
function saysTwice(text: string, value: object): boolean {
  // As nearly all are written, each name is seen to stand there once.
  if (JSON.stringify(value) === text) return false
  const names = Object.keys(value).length
  let said = 0
  for (const [, colon] of text.matchAll(STRINGS)) if (colon !== undefined) said++
  return said > names
}

/** Where JSON cannot be read on, as the reader tells it: from 1. */
function jsonColumn(error: unknown): number | undefined {
  const [, position] = /at position (\d+)/.exec(error instanceof Error ? error.message : '') ?? []
  return position === undefined ? undefined : Number(position) + 1
}

function jsonRow({ number: line, text, problem }: FileLine): FileRow {
  if (problem !== undefined) return { line, problem }
  if (text.startsWith(BOM))
    return { line, column: 1, problem: 'begins with a byte order mark, which is not valid JSON' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const column = jsonColumn(error)
    return { line, ...(column === undefined ? {} : { column }), problem: 'is not JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { line, problem: 'is not a JSON object' }
  for (const name of Object.keys(value)) {
    const wrong = columnProblem(name)
    if (wrong !== undefined) return { line, problem: wrong }
  }
  const isFlat = Object.values(value).every((one) => typeof one !== 'object' || one === null)
  if (isFlat && saysTwice(text, value)) return { line, problem: 'has a duplicate name' }
  return { line, fields: value }
}

async function* jsonRows(open: Open): Rows {
  for await (const lines of linesOf(open()))
    yield lines
      .filter(({ text, problem }) => problem !== undefined || !/^[ \t\r]*$/.test(text))
      .map(jsonRow)
}

/** What the first record says of the others. */
function headerProblem(names: readonly string[]): { column: number; problem: string } | undefined {
  for (const [at, name] of names.entries()) {
    const wrong = columnProblem(name)
    if (wrong !== undefined)
      return { column: at + 1, problem: `${wrong} (the first line lists the columns)` }
    if (names.indexOf(name) < at)
      return { column: at + 1, problem: `the column ${name} is duplicated` }
  }
  return names.includes('key') || names.includes('source_url')
    ? undefined
    : { column: 1, problem: 'there is no column key or source_url' }
}

function csvRow(record: CsvRecord, names: readonly string[]): FileRow {
  if ('problem' in record) return record
  const { line, fields } = record
  if (fields.length === 1 && fields[0] === '' && names.length > 1)
    return { line, problem: 'is empty' }
  if (fields.length !== names.length)
    return {
      line,
      problem: `has ${fields.length} fields, but the first line has ${names.length}`,
    }
  const row: Partial<Record<Column, string>> = {}
  // A field that is empty names no object: in JSON, '' is the folder itself.
  for (const [at, name] of names.entries())
    if (name !== 'key' || fields[at] !== '') row[name as Column] = fields[at] ?? ''
  return { line, fields: row }
}

async function* withoutBom(
  blocks: AsyncIterable<readonly FileLine[]>,
): AsyncGenerator<readonly FileLine[]> {
  for await (const lines of blocks)
    yield lines.map((line) =>
      line.number === 1 && line.text.startsWith(BOM) ? { ...line, text: line.text.slice(1) } : line,
    )
}

async function* csvRows(open: Open): Rows {
  let names: readonly string[] | undefined
  for await (const records of recordsOf(withoutBom(linesOf(open())))) {
    const rows: FileRow[] = []
    for (const record of records) {
      if (names) {
        rows.push(csvRow(record, names))
        continue
      }
      if ('problem' in record) {
        yield [record]
        return
      }
      const wrong = headerProblem(record.fields)
      if (wrong) {
        yield [{ line: record.line, ...wrong }]
        return
      }
      names = record.fields
    }
    yield rows
  }
}

/** The rows of a file that names its columns, or has but one. */
export const fileRows = (
  format: Exclude<ManifestFormat, 'inventory' | 'batch'>,
  open: Open,
): Rows => {
  switch (format) {
    case 'keys':
      return keyRows(open)
    case 'keys0':
      return nulRows(open)
    case 'ndjson':
      return jsonRows(open)
    case 'csv':
      return csvRows(open)
    default:
      return format satisfies never
  }
}
