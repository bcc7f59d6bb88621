import { createHash, type Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What some bytes come to. */
export interface Digest {
  readonly bytes: number
  readonly crc32: number
  /** Hex. */
  readonly md5: string
}

/** So many of the first bytes tell whether content was seen before. */
const FIRST_BYTES = 512
/** What is smaller costs nothing, and documents begin alike. */
const LEAST_BYTES = 2 ** 20

/** Content that came once, by its size and its first bytes: it is hashed once, however often it comes. */
const seen = new Map<string, Digest>()

/**
 * Digests a body that comes piece by piece. Its CRC-32 is always taken of every byte; the MD5, which costs many times as
 * much and would be what is measured, only of content that did not come before.
 */
export class BodyDigest {
  readonly #size: number
  #first: Buffer | undefined = Buffer.alloc(0)
  #name = ''
  #known: Digest | undefined
  #md5: Hash | undefined
  #crc = 0
  #bytes = 0

  /** `size`: bytes that are to come. */
  constructor(size: number) {
    this.#size = size
  }

  add(bytes: Buffer): void {
    if (this.#first) {
      this.#first = Buffer.concat([this.#first, bytes])
      if (this.#first.length >= Math.min(FIRST_BYTES, this.#size)) this.#begin(this.#first)
    } else this.#take(bytes)
  }

  /** Throws where other bytes came than those which began so before. */
  end(): Digest {
    if (this.#first) this.#begin(this.#first)
    const { bytes, crc32: crc } = { bytes: this.#bytes, crc32: this.#crc }
    if (bytes !== this.#size) throw new Error(`${bytes} bytes came of ${this.#size}`)
    const known = this.#known
    if (known && known.crc32 !== crc) throw new Error('a body begins as another one, and is not it')
    const digest = known ?? { bytes, crc32: crc, md5: this.#md5?.digest('hex') ?? '' }
    if (this.#size >= LEAST_BYTES) seen.set(this.#name, digest)
    return digest
  }

  #begin(first: Buffer): void {
    this.#first = undefined
    this.#name = `${this.#size} ${crc32(first.subarray(0, FIRST_BYTES))}`
    if (this.#size >= LEAST_BYTES) this.#known = seen.get(this.#name)
    if (!this.#known) this.#md5 = createHash('md5')
    this.#take(first)
  }

  #take(bytes: Buffer): void {
    this.#bytes += bytes.length
    this.#crc = crc32(bytes, this.#crc)
    this.#md5?.update(bytes)
  }
}

/** Takes the frames off a body that is sent as `aws-chunked`: sizes, signatures and trailers. */
export class Unframed {
  readonly #take: (bytes: Buffer) => void
  #head = ''
  #left = 0
  #isOver = false

  constructor(take: (bytes: Buffer) => void) {
    this.#take = take
  }

  add(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && !this.#isOver; ) {
      if (this.#left > 0) {
        const some = bytes.subarray(at, at + this.#left)
        this.#take(some)
        this.#left -= some.length
        at += some.length
        continue
      }
      const end = bytes.indexOf('\n', at)
      this.#head += bytes.toString('latin1', at, end < 0 ? bytes.length : end)
      at = end < 0 ? bytes.length : end + 1
      if (end >= 0) this.#frame()
    }
  }

  #frame(): void {
    const line = this.#head.trim()
    this.#head = ''
    // The end of the frame before.
    if (line === '') return
    this.#left = Number.parseInt(line, 16)
    // Trailers are all that follows.
    this.#isOver = this.#left === 0
  }
}
