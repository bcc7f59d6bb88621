/** Memory that is read and written four bytes at a time: one by one, a million lines take three times as long. */
export interface WordMemory {
  readonly bytes: Buffer
  /** Of the same bytes. */
  readonly view: DataView
}

/** Memory of its own, which may hold anything. */
export function wordMemory(byteCount: number): WordMemory {
  const bytes = Buffer.allocUnsafeSlow(byteCount)
  return { bytes, view: new DataView(bytes.buffer) }
}

/** So many bytes behind what is written may be written as well: there must be room for them. */
export const SLACK_BYTES = 3

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

const ZERO = 0x30
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
}
