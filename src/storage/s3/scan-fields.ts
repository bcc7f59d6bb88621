import { fromUrlEncoded, MOST_TEXT_CHARS, plainText } from '../../adapters/xml.ts'
import type { SyncError } from '../../errors/sync-error.ts'
import { plainEtag } from '../../model/etag.ts'
import { SPAN, type StorageState } from '../object-page.ts'
import { type PageBytes, startsWith, unreadable } from './page-bytes.ts'
import { FIELD } from './row-program.ts'

/** Services send a thousand at a time; who sends twenty times as many keeps all else waiting. */
export const MOST_ROWS = 20_000

/** The error of a page that holds more than any service sends. */
export const tooMany = (): SyncError => unreadable(`it contains more than ${MOST_ROWS} entries`)

/** How the keys of a page are written. */
export interface KeyForm {
  readonly urlEncoded: boolean
  /** Every key begins with these bytes. */
  readonly prefix: Uint8Array
}

/** What was read of a page so far. */
export interface Scan extends PageBytes, KeyForm {
  /** Takes keys, ETags and times, one after the other. */
  readonly out: Buffer
  readonly outView: DataView
  written: number
  rows: number
  /** Fields that the current row has. */
  seen: number
  readonly spans: Uint32Array
  readonly sizes: Float64Array
  readonly checksums: Uint8Array
  readonly states: Map<number, StorageState>
}

const AMPERSAND = 0x26
const PLUS = 0x2b
const PERCENT = 0x25
const SPACE = 0x20
const ZERO = 0x30

const KEY = 1
const TIME = 2
const SIZE = 4
/** What every object must have; S3's own schema has the ETag as optional. */
const NEEDED: Readonly<Record<string, number>> = { Key: KEY, LastModified: TIME, Size: SIZE }
const ALL_NEEDED = KEY | TIME | SIZE

/** The name of a field that the current row lacks, or that cannot be read; undefined: it is whole. */
export function lacking({ seen }: Pick<Scan, 'seen'>): string | undefined {
  if ((seen & ALL_NEEDED) === ALL_NEEDED) return undefined
  return Object.keys(NEEDED).find((name) => (seen & (NEEDED[name] ?? 0)) === 0)
}

/** Writes the bytes between two positions; `field` says which span of the row they are. */
function writeSpan(scan: Scan, from: number, to: number, field: 0 | 2 | 4): void {
  const { view, outView, spans, rows, written } = scan
  spans[rows * SPAN + field] = written
  // Up to three bytes too many, which what follows writes over.
  for (let i = 0; i < to - from; i += 4) outView.setInt32(written + i, view.getInt32(from + i))
  scan.written = written + to - from
  spans[rows * SPAN + field + 1] = scan.written
}

const HEX = Int8Array.from({ length: 256 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16)
  return Number.isNaN(digit) ? -1 : digit
})

/** The byte that `%XX` stands for; -1 when it stands for itself. */
function escapedByte(bytes: Buffer, at: number): number {
  const high = HEX[bytes[at + 1] as number] as number
  const low = HEX[bytes[at + 2] as number] as number
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

/** Writes a key that holds character references: a service that does not encode as asked. */
function writePlainKey(scan: Scan, from: number, to: number): void {
  const text = plainText(scan.bytes.toString('latin1', from, to))
  const key = scan.urlEncoded ? fromUrlEncoded(text) : text
  scan.written += scan.out.write(key, scan.written, 'latin1')
}

/** Writes bytes of a key one by one; gives where the next one is to be written, -1 where a reference stands among them. */
function writeBytes(scan: Scan, from: number, to: number, begin: number): number {
  const { bytes, out, urlEncoded } = scan
  let written = begin
  for (let at = from; at < to; at++) {
    let byte = bytes[at] as number
    if (byte === AMPERSAND) return -1
    if (urlEncoded && byte === PLUS) byte = SPACE
    else if (urlEncoded && byte === PERCENT) {
      const escaped = escapedByte(bytes, at)
      if (escaped >= 0) {
        byte = escaped
        at += 2
      }
    }
    out[written++] = byte
  }
  return written
}

/** Four times what all bytes that stand for others are below, and hardly any other of a key. */
const FOUR_MEANING = 0x2c2c2c2c

function writeKey(scan: Scan, from: number, to: number): void {
  const { view, outView } = scan
  let at = from
  let written = scan.written
  for (; at + 4 <= to; at += 4, written += 4) {
    const four = view.getInt32(at, true)
    if (((four - FOUR_MEANING) & ~four & 0x80808080) !== 0) break
    outView.setInt32(written, four, true)
  }
  written = writeBytes(scan, at, to, written)
  if (written < 0) writePlainKey(scan, from, to)
  else scan.written = written
}

function readKey(scan: Scan, from: number, to: number): void {
  if (to - from > MOST_TEXT_CHARS) throw unreadable('it contains a key that is too long')
  const { out, prefix, spans, rows } = scan
  const begin = scan.written
  writeKey(scan, from, to)
  if (scan.written - begin < prefix.length || !startsWith(out, begin, prefix))
    throw unreadable('it contains a key outside the prefix')
  spans[rows * SPAN] = begin + prefix.length
  spans[rows * SPAN + 1] = scan.written
  if (to > from) scan.seen |= KEY
}

const QUOTES = ['&quot;', '&#34;'].map((quote) => Buffer.from(quote))
const QUOTE = 0x22

function quoteLength(bytes: Buffer, at: number): number {
  if (bytes[at] === QUOTE) return 1
  if (bytes[at] !== AMPERSAND) return 0
  for (const quote of QUOTES) if (startsWith(bytes, at, quote)) return quote.length
  return 0
}

const WEAK = Buffer.from('W/')

function readEtag(scan: Scan, begin: number, to: number): void {
  const { bytes } = scan
  const from = begin + (startsWith(bytes, begin, WEAK) ? WEAK.length : 0)
  const quote = quoteLength(bytes, from)
  const begins = from + quote
  const ends = to - quote
  if (ends <= begins) return
  if (HEX[bytes[ends - 1] as number] !== -1) writeSpan(scan, begins, ends, 2)
  else writePlainEtag(scan, bytes.toString('latin1', begins, ends))
}

/** Writes an ETag that may end with what a proxy put behind it. */
function writePlainEtag(scan: Scan, text: string): void {
  const { spans, rows, out } = scan
  spans[rows * SPAN + 2] = scan.written
  scan.written += out.write(plainEtag(text), scan.written, 'latin1')
  spans[rows * SPAN + 3] = scan.written
}

const NO_PAIR = 100

/** The number that two digits make; 100 where they are none. */
function pair(bytes: Buffer, at: number): number {
  const tens = (bytes[at] as number) - ZERO
  const ones = (bytes[at + 1] as number) - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NO_PAIR
}

const isWithin = (value: number, least: number, most: number): boolean =>
  value >= least && value <= most

const DASH = 0x2d
const COLON = 0x3a
const T = 0x54
const Z = 0x5a
/** As some services write the zone, most of them `+00:00`. */
const OFFSET = /^[+-](?:[01]\d|2[0-3]):[0-5]\d$/
const DOT = 0x2e

/** Where the parts of a second end that stand from here on; -1 where there are none behind their dot. */
function endOfFraction(bytes: Buffer, from: number): number {
  if (bytes[from] !== DOT) return from
  let at = from + 1
  while ((bytes[at] as number) >= ZERO && (bytes[at] as number) <= ZERO + 9) at++
  return at === from + 1 ? -1 : at
}

const isDate = (bytes: Buffer, at: number): boolean =>
  pair(bytes, at) !== NO_PAIR &&
  pair(bytes, at + 2) !== NO_PAIR &&
  bytes[at + 4] === DASH &&
  isWithin(pair(bytes, at + 5), 1, 12) &&
  bytes[at + 7] === DASH &&
  isWithin(pair(bytes, at + 8), 1, 31)

const isTimeOfDay = (bytes: Buffer, at: number): boolean =>
  isWithin(pair(bytes, at), 0, 23) &&
  bytes[at + 2] === COLON &&
  isWithin(pair(bytes, at + 3), 0, 59) &&
  bytes[at + 5] === COLON &&
  isWithin(pair(bytes, at + 6), 0, 59)

const SECONDS_END = '0000-00-00T00:00:00'.length

function readTime(scan: Scan, from: number, to: number): void {
  const { bytes } = scan
  if (!isDate(bytes, from) || bytes[from + 10] !== T || !isTimeOfDay(bytes, from + 11)) return
  const zone = endOfFraction(bytes, from + SECONDS_END)
  const isUtc = bytes[zone] === Z && zone + 1 === to
  // What no clock shows is no time: nothing could be compared with it.
  if (zone < 0 || !(isUtc || OFFSET.test(bytes.toString('latin1', zone, to)))) return
  writeSpan(scan, from, to, 4)
  scan.seen |= TIME
}

const MOST_DIGITS = 15

function readSize(scan: Scan, from: number, to: number): void {
  let size = 0
  for (let at = from; at < to; at++) {
    const digit = (scan.bytes[at] as number) - ZERO
    if (!(digit >= 0 && digit <= 9)) return
    size = size * 10 + digit
  }
  if (to === from || to - from > MOST_DIGITS) return
  scan.sizes[scan.rows] = size
  scan.seen |= SIZE
}

function setState(
  { states }: Pick<Scan, 'states'>,
  row: number,
  state: Partial<StorageState>,
): void {
  states.set(row, { storageClass: '', restored: false, ...states.get(row), ...state })
}

const STANDARD = Buffer.from('STANDARD')

/** Reads the class of the current row, or of one before it. */
export function readClass(
  scan: Pick<Scan, 'bytes' | 'rows' | 'states'>,
  from: number,
  to: number,
  row = scan.rows,
): void {
  if (to - from === STANDARD.length && startsWith(scan.bytes, from, STANDARD)) return
  setState(scan, row, { storageClass: scan.bytes.toString('latin1', from, to) })
}

function readRestored(scan: Scan): void {
  setState(scan, scan.rows, { restored: true })
}

/** A field that is read. */
export interface Field {
  readonly name: Buffer
  /** Reads its value, between two positions. */
  readonly read: (scan: Scan, from: number, to: number) => void
  /** What the program for plain objects knows it as; undefined: that does not read it. */
  readonly plain: number | undefined
}

/** The fields that are read, by the length of their names. */
const FIELDS: readonly (readonly Field[])[] = Array.from({ length: 20 }, (_, length) =>
  [
    { name: 'Key', read: readKey, plain: FIELD.key },
    { name: 'LastModified', read: readTime, plain: FIELD.time },
    { name: 'ETag', read: readEtag, plain: FIELD.etag },
    { name: 'Size', read: readSize, plain: FIELD.size },
    { name: 'StorageClass', read: readClass, plain: FIELD.class },
    { name: 'RestoreExpiryDate', read: readRestored, plain: undefined },
  ]
    .filter(({ name }) => name.length === length)
    .map(({ name, read, plain }) => ({ name: Buffer.from(name), read, plain })),
)

/** The field of a name, where it is one to read. */
export function fieldNamed(bytes: Buffer, from: number, to: number): Field | undefined {
  const fields = FIELDS[to - from]
  if (fields) for (const field of fields) if (startsWith(bytes, from, field.name)) return field
  return undefined
}
