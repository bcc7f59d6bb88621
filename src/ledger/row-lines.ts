import { type OutcomeStatus, type ResultRow, ROUTE_REASONS } from '../model/outcome.ts'
import type { RowSum } from '../model/row-sum.ts'
import { visibleJson } from '../model/safe.ts'
import { numberEnd, numberIn, plainEnd, Stamp, type WordMemory } from '../storage/plain-bytes.ts'

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
const FIRST_BEYOND_ASCII = 0x80

const TO_KEY = new Stamp('{"op":"copy","key":"')
const TO_TARGET = new Stamp('","to":"')
const TO_SIZE = new Stamp('","size":')

/** Where a text ends at its quote; -1: something in it is escaped, or nothing stands there. */
function textEnd(memory: WordMemory, from: number): number {
  if (from < 0) return -1
  const { bytes } = memory
  let at = plainEnd(memory, from, bytes.length)
  // Letters beyond ASCII stand as they are.
  while ((bytes[at] ?? 0) >= FIRST_BEYOND_ASCII) at = plainEnd(memory, at + 1, bytes.length)
  return bytes[at] === QUOTE ? at : -1
}

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
  read(memory: WordMemory, from: number, to: number): ResultRow | undefined {
    const { bytes } = memory
    const keyEnd = textEnd(memory, TO_KEY.endAt(memory, from))
    const targetEnd = textEnd(memory, TO_TARGET.endAt(memory, keyEnd))
    const sizeEnd = numberEnd(memory, TO_SIZE.endAt(memory, targetEnd))
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
      size: numberIn(memory, targetEnd + TO_SIZE.length, sizeEnd),
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
