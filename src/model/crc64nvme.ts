import { type Folded, Folding } from './folding.ts'

/** The polynomial of CRC-64/NVME, its bits from the lowest on: the upper and the lower half. */
const POLYNOMIAL = { high: 0x9a6c9329, low: 0xac4bc9b5 }
const LANES = 8
const ENTRIES = 256
const WORD_BYTES = 4

/** Of each byte, in each of eight places: what it does to the checksum, in two halves. */
const HIGH = new Int32Array(LANES * ENTRIES)
const LOW = new Int32Array(LANES * ENTRIES)

for (let byte = 0; byte < ENTRIES; byte++) {
  let [high, low] = [0, byte]
  for (let bit = 0; bit < 8; bit++) {
    const isSet = (low & 1) === 1
    low = (low >>> 1) | (high << 31)
    high >>>= 1
    if (isSet) {
      low ^= POLYNOMIAL.low
      high ^= POLYNOMIAL.high
    }
  }
  HIGH[byte] = high
  LOW[byte] = low
}
for (let at = ENTRIES; at < LANES * ENTRIES; at++) {
  const [high, low] = [HIGH[at - ENTRIES] ?? 0, LOW[at - ENTRIES] ?? 0]
  LOW[at] = ((low >>> 8) | (high << 24)) ^ (LOW[low & 0xff] ?? 0)
  HIGH[at] = (high >>> 8) ^ (HIGH[low & 0xff] ?? 0)
}

/** Of a multiple of the polynomial with eight terms, the highest of x^(8·2993): found by search, as there is one of so low a degree for any. */
const FOLDING = new Folding([338, 719, 1437, 2455, 2652, 2881, 2993])

/** A CRC-64/NVME as S3 writes it. */
export function crc64NvmeText(value: bigint): string {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes.toString('base64')
}

const REFLECTED = (BigInt(POLYNOMIAL.high) << 32n) | BigInt(POLYNOMIAL.low)
const TOP_BIT = 1n << 63n

/** The product of two polynomials, modulo that of the CRC; their lowest powers are the highest bits. */
function product(one: bigint, other: bigint): bigint {
  let [sum, shifted] = [0n, other]
  for (let bit = TOP_BIT; bit > 0n; bit >>= 1n) {
    if (one & bit) sum ^= shifted
    shifted = shifted & 1n ? (shifted >> 1n) ^ REFLECTED : shifted >> 1n
  }
  return sum
}

/** What so many bytes of zeros do to a checksum, by their number: ranges of one object are alike. */
const shifts = new Map<number, bigint>()

/** x^(8·bytes) */
function shiftOf(bytes: number): bigint {
  const known = shifts.get(bytes)
  if (known !== undefined) return known
  let [shift, power] = [TOP_BIT, TOP_BIT >> 8n]
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = product(shift, power)
    power = product(power, power)
  }
  if (shifts.size > 100) shifts.clear()
  shifts.set(bytes, shift)
  return shift
}

/** The CRC-64/NVME of two pieces of content in a row, by that of each and the length of the second one in bytes. */
export const combineCrc64Nvme = (first: bigint, second: bigint, secondBytes: number): bigint =>
  product(shiftOf(secondBytes), first) ^ second

/** A CRC-64/NVME of content that comes piece by piece; only to compare with, as there are faster ones to send. */
export class Crc64Nvme {
  #high = -1
  #low = -1
  #folded: Folded | undefined

  add(bytes: Uint8Array): void {
    const folded = Folding.bytesOf(bytes.length)
    if (folded > 0) {
      this.#folded ??= FOLDING.begin(this.#register())
      this.#folded.add(bytes.subarray(0, folded))
    }
    if (folded === bytes.length) return
    this.#settle()
    this.#addAll(bytes.subarray(folded))
  }

  get value(): bigint {
    this.#settle()
    return (BigInt(~this.#high >>> 0) << 32n) | BigInt(~this.#low >>> 0)
  }

  /** As S3 writes it. */
  text(): string {
    return crc64NvmeText(this.value)
  }

  /** From its lowest byte on. */
  #register(): readonly number[] {
    return [this.#low, this.#high].flatMap((half) =>
      [0, 8, 16, 24].map((bits) => (half >>> bits) & 0xff),
    )
  }

  /** Takes in what was folded. */
  #settle(): void {
    const last = this.#folded?.end()
    if (!last) return
    this.#folded = undefined
    this.#high = 0
    this.#low = 0
    this.#addAll(last)
  }

  #addAll(bytes: Uint8Array): void {
    const { buffer, byteOffset, length } = bytes
    // Words are read where they begin in memory, four times as fast as bytes.
    const aside = Math.min(length, (WORD_BYTES - (byteOffset % WORD_BYTES)) % WORD_BYTES)
    const words = Math.floor((length - aside) / LANES) * 2
    this.#addBytes(bytes.subarray(0, aside))
    // So few bytes may end before the first word begins.
    if (words > 0) this.#addWords(new Int32Array(buffer, byteOffset + aside, words))
    this.#addBytes(bytes.subarray(aside + words * WORD_BYTES))
  }

  #addBytes(bytes: Uint8Array): void {
    for (const value of bytes) {
      const byte = (this.#low ^ value) & 0xff
      this.#low = ((this.#low >>> 8) | (this.#high << 24)) ^ (LOW[byte] ?? 0)
      this.#high = (this.#high >>> 8) ^ (HIGH[byte] ?? 0)
    }
  }

  /** An even number of words, the lowest byte of each first, as all systems that Node runs on have them. */
  #addWords(words: Int32Array): void {
    let [high, low] = [this.#high, this.#low]
    const of = (table: Int32Array, a: number, b: number): number =>
      (table[1792 + (a & 0xff)] as number) ^
      (table[1536 + ((a >>> 8) & 0xff)] as number) ^
      (table[1280 + ((a >>> 16) & 0xff)] as number) ^
      (table[1024 + (a >>> 24)] as number) ^
      (table[768 + (b & 0xff)] as number) ^
      (table[512 + ((b >>> 8) & 0xff)] as number) ^
      (table[256 + ((b >>> 16) & 0xff)] as number) ^
      (table[b >>> 24] as number)
    for (let at = 0; at < words.length; at += 2) {
      const a = low ^ (words[at] as number)
      const b = high ^ (words[at + 1] as number)
      low = of(LOW, a, b)
      high = of(HIGH, a, b)
    }
    this.#high = high
    this.#low = low
  }
}
