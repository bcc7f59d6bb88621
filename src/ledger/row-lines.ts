import { type OutcomeStatus, type ResultRow, ROUTE_REASONS } from '../model/outcome.ts'
import type { RowSum } from '../model/row-sum.ts'
import { visibleJson } from '../model/safe.ts'

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

const QUOTE = 0x22
const BACKSLASH = 0x5c
const FIRST_VISIBLE = 0x20
const ZERO = 0x30
const NINE = 0x39
const MOST_DIGITS = 15

const [TO_KEY, TO_TARGET, TO_SIZE] = ['{"op":"copy","key":"', '","to":"', '","size":'].map((text) =>
  Buffer.from(text),
) as [Buffer, Buffer, Buffer]

// Each of these takes where something should stand, and gives where it has ended; -1 where it does not stand there, and
// where what comes before it did not.

/** These very bytes. */
function behind(what: Buffer, bytes: Buffer, at: number): number {
  if (at < 0) return -1
  for (let i = 0; i < what.length; i++) if (bytes[at + i] !== what[i]) return -1
  return at + what.length
}

/** A text up to its quote, with nothing in it that JSON would escape. */
function endOfText(bytes: Buffer, from: number): number {
  if (from < 0) return -1
  for (let at = from; ; at++) {
    const byte = bytes[at] as number
    if (byte === QUOTE) return at
    if (!(byte >= FIRST_VISIBLE) || byte === BACKSLASH) return -1
  }
}

/** A whole number as JSON has it, and no larger than is exact. */
function endOfNumber(bytes: Buffer, from: number): number {
  if (from < 0) return -1
  let at = from
  while (isDigit(bytes[at])) at++
  const digits = at - from
  return digits === 1 || (digits > 1 && digits <= MOST_DIGITS && bytes[from] !== ZERO) ? at : -1
}

function numberIn(bytes: Buffer, from: number, to: number): number {
  let number = 0
  for (let at = from; at < to; at++) number = number * 10 + (bytes[at] as number) - ZERO
  return number
}

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= ZERO && byte <= NINE

/** What is the same in very many rows: how their copies ended. */
type Ending = Omit<ResultRow, 'op' | 'key' | 'to' | 'size'>

/** As many are kept; what has a time of its own in each row would fill the memory. */
const MOST_ENDINGS = 10_000
const MOST_ENDING_BYTES = 256

/**
 * Reads rows by the million. What stands behind the size is the same in many of them: it is parsed and judged once, so that of
 * most rows only the keys and the size are read.
 */
export class RowLines {
  readonly #sum: RowSum
  readonly #endings = new Map<string, Ending>()

  /** `sum`: takes each row that is read. */
  constructor(sum: RowSum) {
    this.#sum = sum
  }

  /** The row of the line between two positions; undefined where it is none of ours. */
  read(bytes: Buffer, from: number, to: number): ResultRow | undefined {
    const keyEnd = endOfText(bytes, behind(TO_KEY, bytes, from))
    const targetEnd = endOfText(bytes, behind(TO_TARGET, bytes, keyEnd))
    const sizeEnd = endOfNumber(bytes, behind(TO_SIZE, bytes, targetEnd))
    const isPlain = sizeEnd >= 0 && to - sizeEnd <= MOST_ENDING_BYTES && to - from <= MOST_CHARS
    if (!isPlain) return this.#parsed(bytes.toString('utf8', from, to))
    const text = bytes.toString('latin1', sizeEnd, to)
    const ending = this.#endings.get(text)
    if (!ending) return this.#learned(text, this.#parsed(bytes.toString('utf8', from, to)))
    const encoding = this.#sum.addAscii(bytes, from, sizeEnd) ? 'latin1' : 'utf8'
    if (encoding === 'utf8') this.#sum.add(bytes.toString(encoding, from, sizeEnd))
    return {
      op: 'copy',
      key: bytes.toString(encoding, from + TO_KEY.length, keyEnd),
      to: bytes.toString(encoding, keyEnd + TO_TARGET.length, targetEnd),
      size: numberIn(bytes, targetEnd + TO_SIZE.length, sizeEnd),
      status: ending.status,
      replaced: ending.replaced,
      engine: ending.engine,
      route: ending.route,
      attempts: ending.attempts,
      seconds: ending.seconds,
      sha256: ending.sha256,
      sha256Proven: ending.sha256Proven,
      proof: ending.proof,
      code: ending.code,
      message: ending.message,
    }
  }

  #parsed(line: string): ResultRow | undefined {
    const row = rowOf(line)
    if (row) this.#sum.add(line)
    return row
  }

  /** Keeps how a row ends, but for one in which something is escaped: that was judged by the whole line. */
  #learned(text: string, row: ResultRow | undefined): ResultRow | undefined {
    if (!row || text.includes('\\') || this.#endings.size >= MOST_ENDINGS) return row
    const { op: _op, key: _key, to: _to, size: _size, ...ending } = row
    this.#endings.set(text, ending)
    return row
  }
}
