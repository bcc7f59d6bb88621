import { crc32 as plainCrc32 } from 'node:zlib'
import { type Folded, Folding } from './folding.ts'

/** Of x^(8·4018) + x^(8·2091) + x^(8·1837) + 1, a multiple of the polynomial of CRC-32. */
const FOLDING = new Folding([1927, 2181, 4018])

/** Elsewhere zlib has the processor's own instructions for it; on x64 Node has its tables alone, half to a quarter as fast. */
const isFaster = process.arch === 'x64'

/** The CRC-32 of bytes, which follow those of another one. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const folded = isFaster ? Folding.bytesOf(bytes.length) : 0
  if (folded === 0) return plainCrc32(bytes, before)
  const content = begin(before)
  content.add(bytes.subarray(0, folded))
  return plainCrc32(bytes.subarray(folded), endOf(content))
}

const begin = (before: number): Folded =>
  FOLDING.begin([0, 8, 16, 24].map((bits) => (~before >>> bits) & 0xff))

/** The register of a CRC holds the complement of what zlib gives: it begins with 0 here. */
const endOf = (content: Folded): number => plainCrc32(content.end(), 0xffffffff)

/** A CRC-32 of content that comes piece by piece. */
export class Crc32 {
  #value = 0
  #folded: Folded | undefined

  get value(): number {
    if (this.#folded) this.#value = endOf(this.#folded)
    this.#folded = undefined
    return this.#value
  }

  add(bytes: Uint8Array): void {
    const folded = isFaster ? Folding.bytesOf(bytes.length) : 0
    if (folded > 0) {
      this.#folded ??= begin(this.#value)
      this.#folded.add(bytes.subarray(0, folded))
    }
    if (folded < bytes.length) this.#value = plainCrc32(bytes.subarray(folded), this.value)
  }
}
