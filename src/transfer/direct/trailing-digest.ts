import type { LandingFile } from '../../storage/landing.ts'
import { Checksums, PartDigests } from '../../storage/local/digest.ts'
import type { Algorithm } from '../../storage/local-files.ts'
import type { ByteRange } from '../../storage/store.ts'

/** What is wanted of a file that is being written. */
export interface TrailWish {
  /** Bytes of the parts that its MD5s are of; Infinity: of the whole; undefined: no MD5 is wanted. */
  readonly partBytes: number | undefined
  readonly algorithms: readonly Algorithm[]
}

/** What a file came to. */
export interface TrailEnd {
  /** undefined where no MD5 was wanted. */
  readonly etag: string | undefined
  readonly checksums: ReadonlyMap<string, string>
}

/** Bytes read at a time. */
const READ_BYTES = 2 ** 20

/** Memory that files are read into, one after the other. */
const spare: Buffer[] = []

/**
 * Digests a file in the order of its bytes while its ranges come in any: what came ahead of its turn is read back, while
 * the system still has it in memory, so that nothing is held here.
 */
export class TrailingDigest {
  readonly #file: Pick<LandingFile, 'read'>
  readonly #md5: PartDigests | undefined
  readonly #sums: Checksums
  /** Ends of the ranges that are there, by their beginnings, beyond all that are there from the first byte on. */
  readonly #ahead = new Map<number, number>()
  #there = 0
  #digested = 0
  #isOver = false
  #work: Promise<void> = Promise.resolve()

  constructor(file: Pick<LandingFile, 'read'>, { partBytes, algorithms }: TrailWish) {
    this.#file = file
    this.#md5 = partBytes === undefined ? undefined : new PartDigests(partBytes)
    this.#sums = new Checksums(algorithms)
  }

  /** A range is in the file. */
  came({ first, last }: ByteRange): void {
    this.#ahead.set(first, last + 1)
    for (let end = this.#ahead.get(this.#there); end !== undefined; ) {
      this.#ahead.delete(this.#there)
      this.#there = end
      end = this.#ahead.get(end)
    }
    this.#work = this.#work.then(() => this.#follow())
    // Who asks for the end is told.
    this.#work.catch(() => {})
  }

  /** Of all ranges that came, which are the whole file. Throws what the file system does. */
  async end(): Promise<TrailEnd> {
    await this.#work
    return { etag: this.#md5?.etag(), checksums: this.#sums.values() }
  }

  /** Resolves once nothing reads the file any more, as it is of no use; never throws. */
  async drop(): Promise<void> {
    this.#isOver = true
    await this.#work.catch(() => {})
  }

  async #follow(): Promise<void> {
    const memory = spare.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES)
    try {
      while (this.#digested < this.#there && !this.#isOver) {
        const bytes = memory.subarray(0, Math.min(READ_BYTES, this.#there - this.#digested))
        const read = await this.#file.read(bytes, this.#digested)
        if (read < bytes.length) throw new Error('The file became shorter while it was written.')
        this.#md5?.add(bytes)
        this.#sums.add(bytes)
        this.#digested += bytes.length
      }
    } finally {
      spare.push(memory)
    }
  }
}
