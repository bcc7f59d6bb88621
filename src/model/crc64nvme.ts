/** The polynomial of CRC-64/NVME, its bits from the lowest on: the upper and the lower half. */
const POLYNOMIAL = { high: 0x9a6c9329, low: 0xac4bc9b5 }
const LANES = 8
const ENTRIES = 256

/** Of each byte, in each of eight places: what it does to the checksum, in two halves. */
const HIGH = new Uint32Array(LANES * ENTRIES)
const LOW = new Uint32Array(LANES * ENTRIES)

for (let byte = 0; byte < ENTRIES; byte++) {
  let [high, low] = [0, byte]
  for (let bit = 0; bit < 8; bit++) {
    const isSet = (low & 1) === 1
    low = ((low >>> 1) | (high << 31)) >>> 0
    high >>>= 1
    if (isSet) {
      low = (low ^ POLYNOMIAL.low) >>> 0
      high = (high ^ POLYNOMIAL.high) >>> 0
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

/** A CRC-64/NVME of content that comes piece by piece; only to compare with, as there are faster ones to send. */
export class Crc64Nvme {
  #high = 0xffffffff
  #low = 0xffffffff

  add(bytes: Buffer): void {
    let at = 0
    for (const end = bytes.length - (bytes.length % LANES); at < end; at += LANES) {
      const a = this.#low ^ bytes.readUInt32LE(at)
      const b = this.#high ^ bytes.readUInt32LE(at + 4)
      this.#take(a, b)
    }
    for (; at < bytes.length; at++) {
      const byte = (this.#low ^ (bytes[at] ?? 0)) & 0xff
      this.#low = ((this.#low >>> 8) | (this.#high << 24)) ^ (LOW[byte] ?? 0)
      this.#high = (this.#high >>> 8) ^ (HIGH[byte] ?? 0)
    }
  }

  /** As S3 writes it. */
  text(): string {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32BE(~this.#high >>> 0, 0)
    bytes.writeUInt32BE(~this.#low >>> 0, 4)
    return bytes.toString('base64')
  }

  #take(a: number, b: number): void {
    const of = (table: Uint32Array): number =>
      (table[1792 + (a & 0xff)] as number) ^
      (table[1536 + ((a >>> 8) & 0xff)] as number) ^
      (table[1280 + ((a >>> 16) & 0xff)] as number) ^
      (table[1024 + (a >>> 24)] as number) ^
      (table[768 + (b & 0xff)] as number) ^
      (table[512 + ((b >>> 8) & 0xff)] as number) ^
      (table[256 + ((b >>> 16) & 0xff)] as number) ^
      (table[b >>> 24] as number)
    this.#low = of(LOW)
    this.#high = of(HIGH)
  }
}
