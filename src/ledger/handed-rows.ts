import { mayHaveChanged, type ResultRow } from '../model/outcome.ts'
import { RowSum } from '../model/row-sum.ts'
import { humanObjects } from '../model/units.ts'
import type { Files, LineWriter } from '../ports.ts'
import { asWords } from '../storage/plain-bytes.ts'
import { RowLines } from './row-lines.ts'
import { OutcomeTotals } from './totals.ts'

/** Rows of copies that another runner made, or another service, as they were handed over: lines of results.ndjson. */
export interface HandedRows {
  /** Its own among all: names the files of what has to be told of them. */
  readonly name: string
  readonly path: string
  /** The sum of all copies that it was to make. */
  readonly sum: string
}

/** Rows that were read to their end, and are those of the copies that were to be made. */
export interface MergedRows {
  readonly path: string
  readonly totals: OutcomeTotals
  /** Done copies to keys where nothing stood when they were planned, as a listing counts them. */
  readonly added: number
  /** Files with the rows that did not end well, and with the keys that were overwritten, or may have been, in JSON; undefined where there are none. */
  readonly failed: string | undefined
  readonly replaced: string | undefined
}

/** Whether a copy is that of the source's own marker, which is no content: no listing counts it. */
const isOwnMarker = ({ key }: ResultRow, sourcePrefix: string): boolean =>
  key === sourcePrefix && key.endsWith('/')

/** A file that is made when the first line comes. */
class LateFile {
  readonly #files: Pick<Files, 'writer'>
  readonly #path: string
  #writer: LineWriter | undefined

  constructor(files: Pick<Files, 'writer'>, path: string) {
    this.#files = files
    this.#path = path
  }

  get path(): string | undefined {
    return this.#writer && this.#path
  }

  /** Writes lines, which have their ends. */
  async add(lines: readonly Uint8Array[]): Promise<void> {
    if (lines.length === 0) return
    this.#writer ??= await this.#files.writer(this.#path)
    await this.#writer.append(Buffer.concat(lines))
  }

  async close(): Promise<void> {
    await this.#writer?.close()
  }
}

/** Lines of rows that have to be told one by one. */
interface Told {
  readonly failed: Uint8Array[]
  readonly replaced: Uint8Array[]
}

/** Where rows are read, and what of them is kept. */
export interface MergeDeps {
  readonly files: Files
  /** For what has to be told of single rows; the caller removes it. */
  readonly folder: string
  readonly sourcePrefix: string
  readonly signal: AbortSignal
}

const NEWLINE = 10
const NO_ROW = 'a line of its results is not the result of a copy'

/** What is kept of rows that were handed over. */
class Merge {
  readonly totals = new OutcomeTotals()
  readonly sum = new RowSum()
  readonly #rows = new RowLines(this.sum)
  readonly #sourcePrefix: string
  added = 0

  constructor(sourcePrefix: string) {
    this.#sourcePrefix = sourcePrefix
  }

  /** Takes whole lines; gives those of them that have to be told, undefined: one is none of ours. */
  take(lines: Buffer): Told | undefined {
    const told: Told = { failed: [], replaced: [] }
    const memory = asWords(lines)
    for (let from = 0; from < lines.length; ) {
      const end = lines.indexOf(NEWLINE, from)
      // Truncated, or longer than any row.
      if (end < 0) return undefined
      const row = this.#rows.read(memory, from, end)
      if (!row) return undefined
      this.totals.add(row, this.#sourcePrefix)
      const isDone = row.status === 'done'
      if (!isDone) told.failed.push(lines.subarray(from, end + 1))
      if (row.replaced && mayHaveChanged(row))
        told.replaced.push(Buffer.from(`${JSON.stringify(row.to)}\n`))
      else if (isDone && !isOwnMarker(row, this.#sourcePrefix)) this.added++
      from = end + 1
    }
    return told
  }
}

/**
 * Reads rows that were handed over, once and in a memory that does not grow with them. Gives in words why they are not to
 * be believed: a line that is none of ours, or other copies than those that were to be made.
 */
export async function mergeRows(
  { name, path, sum }: HandedRows,
  { files, folder, sourcePrefix, signal }: MergeDeps,
): Promise<MergedRows | string> {
  const merge = new Merge(sourcePrefix)
  const failed = new LateFile(files, files.join(folder, `${name}-failed.ndjson`))
  const replaced = new LateFile(files, files.join(folder, `${name}-replaced.ndjson`))
  try {
    for await (const lines of files.lineBytes(path)) {
      signal.throwIfAborted()
      const told = merge.take(lines)
      if (!told) return NO_ROW
      await failed.add(told.failed)
      await replaced.add(told.replaced)
    }
  } finally {
    await failed.close()
    await replaced.close()
  }
  const { totals, added, sum: rows } = merge
  if (rows.digest !== sum)
    return `its results do not have exactly one row for each of its copies (${humanObjects(rows.lines, 'row')})`
  return { path, totals, added, failed: failed.path, replaced: replaced.path }
}

/** Where rows are added. */
export interface AddDeps {
  readonly files: Files
  readonly paths: { readonly results: string; readonly failed: string }
  /** Told of each full key that was overwritten, or may have been; resolves when more can be taken, undefined: it can now. */
  readonly onReplaced: (key: string) => Promise<void> | undefined
  /** Whether a cancelled run has to leave the rest. */
  readonly isLate: () => boolean
}

/** Adds merged rows to those of the run itself, as they are. */
export async function addRows(
  all: readonly MergedRows[],
  { files, paths, onReplaced, isLate }: AddDeps,
): Promise<void> {
  const append = async (to: string, from: readonly (string | undefined)[]): Promise<void> => {
    const writer = await files.writer(to, 'append')
    try {
      for (const path of from)
        if (path !== undefined)
          for await (const chunk of files.chunks(path)) {
            if (isLate()) return
            await writer.append(chunk)
          }
    } finally {
      await writer.close()
    }
  }
  await append(
    paths.failed,
    all.map(({ failed }) => failed),
  )
  await append(
    paths.results,
    all.map(({ path }) => path),
  )
  for (const { replaced } of all)
    if (replaced !== undefined)
      for await (const line of files.lines(replaced)) {
        if (isLate()) return
        await onReplaced(JSON.parse(line) as string)
      }
}
