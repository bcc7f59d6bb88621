import { type OutcomeStatus, type ResultRow, ROUTE_REASONS } from '../model/outcome.ts'
import { RowSum } from '../model/row-sum.ts'
import { visibleJson } from '../model/safe.ts'
import { humanObjects } from '../model/units.ts'
import type { Files, LineWriter } from '../ports.ts'
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
  /** Files with the rows that did not end well, and with those that overwrote something; undefined where there are none. */
  readonly failed: string | undefined
  readonly replaced: string | undefined
}

const STATUSES: ReadonlySet<unknown> = new Set<OutcomeStatus>(['done', 'failed', 'unknown'])
const ENGINES: ReadonlySet<unknown> = new Set<ResultRow['engine']>(['s5cmd', 'direct'])
const ROUTES: ReadonlySet<unknown> = new Set([undefined, ...ROUTE_REASONS])

/** How the row of a copy of the first wave begins. */
const BEGINNING =
  /\{"op":"copy","key":"(?:[^"\\]|\\.)*","to":"(?:[^"\\]|\\.)*","size":\d{1,16},"status":"/y
/** Names that stand in the beginning: of two, readers would take either. */
const TWICE = /"(?:op|key|to|size|status|wave)":/g
/** No row of ours is as long. */
const MOST_CHARS = 2 ** 16

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0
const isText = (value: unknown): boolean => value === undefined || typeof value === 'string'

function isRow(row: ResultRow): boolean {
  const { size, status, engine, attempts, seconds, code, message, replaced, proof } = row
  return (
    isCount(size) &&
    STATUSES.has(status) &&
    ENGINES.has(engine) &&
    isCount(attempts) &&
    (seconds === undefined || (Number.isFinite(seconds) && seconds >= 0)) &&
    ROUTES.has(row.route) &&
    isText(code) &&
    isText(message) &&
    (replaced === undefined || replaced === true) &&
    (proof === undefined || proof === 'etag' || proof === 'checksum') &&
    (status === 'done' || typeof code === 'string')
  )
}

/** The row of a line; undefined where it is none of ours. */
function rowOf(line: string): ResultRow | undefined {
  BEGINNING.lastIndex = 0
  if (line.length > MOST_CHARS || !BEGINNING.test(line)) return undefined
  const rest = BEGINNING.lastIndex
  TWICE.lastIndex = rest
  if (TWICE.test(line)) return undefined
  try {
    const row = JSON.parse(line) as ResultRow
    // A name can also be written with escapes.
    const isAsWritten = !line.includes('\\', rest) || visibleJson(row) === line
    return isAsWritten && isRow(row) ? row : undefined
  } catch {
    return undefined
  }
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

  /** Writes them as bytes: a line that waits as text holds all that was read with it in memory. */
  async add(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return
    this.#writer ??= await this.#files.writer(this.#path)
    await this.#writer.append(Buffer.from(`${lines.join('\n')}\n`))
  }

  async close(): Promise<void> {
    await this.#writer?.close()
  }
}

/** Where rows are read, and what of them is kept. */
export interface MergeDeps {
  readonly files: Files
  /** For what has to be told of single rows; the caller removes it. */
  readonly folder: string
  readonly sourcePrefix: string
  readonly signal: AbortSignal
}

/**
 * Reads rows that were handed over, once and in a memory that does not grow with them. Gives in words why they are not to
 * be believed: a line that is none of ours, or other copies than those that were to be made.
 */
export async function mergeRows(
  { name, path, sum }: HandedRows,
  { files, folder, sourcePrefix, signal }: MergeDeps,
): Promise<MergedRows | string> {
  const totals = new OutcomeTotals()
  const rows = new RowSum()
  const failed = new LateFile(files, files.join(folder, `${name}-failed.ndjson`))
  const replaced = new LateFile(files, files.join(folder, `${name}-replaced.ndjson`))
  let added = 0
  try {
    for await (const block of files.lineBlocks(path)) {
      signal.throwIfAborted()
      const told: { readonly failed: string[]; readonly replaced: string[] } = {
        failed: [],
        replaced: [],
      }
      for (const line of block) {
        const row = rowOf(line)
        if (!row) return 'a line of its results is not the result of a copy'
        rows.add(line)
        totals.add(row, sourcePrefix)
        if (row.status !== 'done') told.failed.push(line)
        else if (row.replaced) told.replaced.push(line)
        else if (!isOwnMarker(row, sourcePrefix)) added++
      }
      await failed.add(told.failed)
      await replaced.add(told.replaced)
    }
  } finally {
    await failed.close()
    await replaced.close()
  }
  if (rows.digest !== sum)
    return `its results do not have exactly one row for each of its copies (${humanObjects(rows.lines, 'row')})`
  return { path, totals, added, failed: failed.path, replaced: replaced.path }
}

/** Where rows are added. */
export interface AddDeps {
  readonly files: Files
  readonly paths: { readonly results: string; readonly failed: string }
  /** Told of each done copy that overwrote something; resolves when more can be taken, undefined: it can now. */
  readonly onReplaced: (row: ResultRow) => Promise<void> | undefined
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
        await onReplaced(JSON.parse(line) as ResultRow)
      }
}
