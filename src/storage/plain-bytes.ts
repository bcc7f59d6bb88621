/** Memory that is read and written four bytes at a time: one by one, a million lines take three times as long. */
export interface WordMemory {
  readonly bytes: Buffer
  /** Of the same bytes. */
  readonly view: DataView
}

/** Bytes as such memory, without a copy. */
export const asWords = (bytes: Buffer): WordMemory => ({
  bytes,
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
})

/** Memory of its own, which may hold anything. */
export function wordMemory(byteCount: number): WordMemory {
  const bytes = Buffer.allocUnsafeSlow(byteCount)
  return { bytes, view: new DataView(bytes.buffer) }
}

/** So many bytes behind what is written may be written as well: there must be room for them. */
export const SLACK_BYTES = 3

/** Texts that stand in JSON as they are. */
export const PLAIN_TEXT = /^[ !#-[\]-~]*$/

/** One in each byte: times a number, that number in each. */
const EACH = 0x01010101
const HIGH_BITS = 0x80808080
const QUOTES = 0x22 * EACH
const BACKSLASHES = 0x5c * EACH
const BLANKS = 0x20 * EACH
/** Three letters, to stand beside one byte. */
const LETTERS = 0x61616100

/** Not 0 where one of four bytes is a control character, a quote, a backslash, or no ASCII. Only a byte that is lends to others. */
const flawsOf = (four: number): number =>
  (four |
    (four - BLANKS) |
    (four + EACH) |
    ((four ^ QUOTES) - EACH) |
    ((four ^ BACKSLASHES) - EACH)) &
  HIGH_BITS

/** Copies bytes that stand in JSON as they are; gives where they end, -1 where some do not. */
export function plainInto(
  from: WordMemory,
  first: number,
  end: number,
  to: WordMemory,
  at: number,
): number {
  const { view: source } = from
  const { view: target } = to
  let flaws = 0
  let next = first
  let written = at
  for (; next + 4 <= end; next += 4, written += 4) {
    const four = source.getInt32(next)
    flaws |= flawsOf(four)
    target.setInt32(written, four)
  }
  for (; next < end; next++, written++) {
    const byte = source.getUint8(next)
    flaws |= flawsOf(byte | LETTERS)
    target.setUint8(written, byte)
  }
  return flaws === 0 ? written : -1
}

/** Where bytes end that stand in JSON as they are; `end` at the latest. */
export function plainEnd({ view }: WordMemory, from: number, end: number): number {
  let at = from
  while (at + 4 <= end && flawsOf(view.getInt32(at)) === 0) at += 4
  while (at < end && flawsOf(view.getUint8(at) | LETTERS) === 0) at++
  return at
}

/** How many bytes two pieces have in common from their beginnings on, up to `length`. */
export function commonBytes(
  one: WordMemory,
  at: number,
  other: WordMemory,
  otherAt: number,
  length: number,
): number {
  const [ours, theirs] = [one.view, other.view]
  let same = 0
  while (same + 4 <= length && ours.getInt32(at + same) === theirs.getInt32(otherAt + same))
    same += 4
  while (same < length && one.bytes[at + same] === other.bytes[otherAt + same]) same++
  return same
}

const ZERO = 0x30
const NINE = 0x39
const MOST_INT = 2 ** 31 - 1

/** Writes a whole number from 0 on in decimal; gives where it ends. */
export function digitsInto(value: number, to: WordMemory, at: number): number {
  if (value > MOST_INT) return at + to.bytes.write(String(value), at, 'latin1')
  let digits = 1
  for (let rest = value | 0; rest >= 10; rest = (rest / 10) | 0) digits++
  let rest = value | 0
  for (let place = at + digits - 1; place >= at; place--) {
    const tenth = (rest / 10) | 0
    to.view.setUint8(place, ZERO + rest - tenth * 10)
    rest = tenth
  }
  return at + digits
}

/** Digits that any number can have and be exact. */
const MOST_DIGITS = 15

/** Where a whole number ends that is written as JSON has it; -1: none stands at `from`, or `from` is no place. */
export function numberEnd({ bytes }: WordMemory, from: number): number {
  if (from < 0) return -1
  let end = from
  for (let byte = bytes[end] ?? 0; byte >= ZERO && byte <= NINE; byte = bytes[end] ?? 0) end++
  const digits = end - from
  return digits === 1 || (digits > 1 && digits <= MOST_DIGITS && bytes[from] !== ZERO) ? end : -1
}

/** The whole number that stands between two places. */
export function numberIn({ bytes }: WordMemory, from: number, end: number): number {
  let number = 0
  for (let at = from; at < end; at++) number = number * 10 + (bytes[at] ?? ZERO) - ZERO
  return number
}

/** A text of ASCII that is written again and again. */
export class Stamp {
  readonly length: number
  readonly #words: Int32Array

  constructor(text: string) {
    this.length = text.length
    const count = Math.ceil(text.length / 4)
    const { bytes, view } = wordMemory(count * 4)
    bytes.fill(0)
    bytes.write(text, 'latin1')
    this.#words = Int32Array.from({ length: count }, (_, i) => view.getInt32(i * 4))
  }

  /** Writes it; gives where it ends. */
  into({ view }: WordMemory, at: number): number {
    const words = this.#words
    for (let i = 0; i < words.length; i++) view.setInt32(at + i * 4, words[i] as number)
    return at + this.length
  }

  /** Where it ends, if it stands at `at`; -1: something else does, or `at` is no place. */
  endAt({ view }: WordMemory, at: number): number {
    const end = at + this.length
    if (at < 0 || end > view.byteLength) return -1
    const words = this.#words
    const whole = this.length >> 2
    for (let i = 0; i < whole; i++) if (view.getInt32(at + i * 4) !== words[i]) return -1
    const rest = words[whole] ?? 0
    for (let next = at + whole * 4, shift = 24; next < end; next++, shift -= 8)
      if (view.getUint8(next) !== ((rest >>> shift) & 0xff)) return -1
    return end
  }
}
