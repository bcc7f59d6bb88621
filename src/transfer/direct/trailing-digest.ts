import { compositeEtag } from '../../model/etag.ts'
import type { LandingFile } from '../../storage/landing.ts'
import { Checksums } from '../../storage/local/digest.ts'
import type { Algorithm } from '../../storage/local-files.ts'
import type { ByteRange } from '../../storage/store.ts'
import type { FileMd5s, FilePart } from './file-md5s.ts'

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

type ReadFile = Pick<LandingFile, 'read'>

/** Bytes read at a time. */
const READ_BYTES = 2 ** 20

const NO_SUMS: TrailEnd['checksums'] = new Map()

/** Memory that files are read into, one after the other. */
const spare: Buffer[] = []

/** Parts that are begun ahead of the first one that is not digested yet. */
const MOST_OPEN = 8

/** MD5s of the parts of a file, each of which goes on by itself. */
class PartMd5s {
  readonly #file: ReadFile
  readonly #partBytes: number
  readonly #md5s: FileMd5s
  /** Of all parts that were begun. */
  readonly #ends: Promise<string>[] = []
  readonly #open = new Map<number, FilePart>()
  #there = 0
  #isWhole = false
  #isDropped = false

  constructor(file: ReadFile, partBytes: number, md5s: FileMd5s) {
    this.#file = file
    this.#partBytes = partBytes
    this.#md5s = md5s
  }

  /** All up to a byte of the file is there. */
  came(there: number): void {
    this.#there = there
    this.#goOn()
  }

  /** Once all is there: of one part it is the MD5 of the whole. */
  async etag(): Promise<string> {
    this.#isWhole = true
    this.#goOn()
    const md5s: string[] = []
    for (let end = this.#ends[0]; end; end = this.#ends[md5s.length]) md5s.push(await end)
    const [only = ''] = md5s
    return md5s.length === 1 ? only : compositeEtag(md5s)
  }

  /** Resolves once nothing reads the file any more. */
  drop(): Promise<void> {
    this.#isDropped = true
    return this.#md5s.drop([...this.#open.values()])
  }

  #goOn(): void {
    if (this.#isDropped) return
    while (this.#open.size < MOST_OPEN && this.#isNextThere) this.#begin(this.#ends.length)
    for (const [at, part] of this.#open) {
      const end = this.#firstOf(at + 1)
      part.came(Math.min(this.#there, end), this.#isWhole || this.#there >= end)
    }
  }

  get #isNextThere(): boolean {
    const next = this.#ends.length
    return this.#firstOf(next) < this.#there || (this.#isWhole && next === 0)
  }

  #begin(at: number): void {
    const part = this.#md5s.begin(this.#file, this.#firstOf(at))
    this.#open.set(at, part)
    const end = part.md5.then((md5) => {
      this.#open.delete(at)
      this.#goOn()
      return md5
    })
    // Who asks for the end is told.
    end.catch(() => {})
    this.#ends.push(end)
  }

  #firstOf(at: number): number {
    return at === 0 ? 0 : at * this.#partBytes
  }
}

/**
 * Digests a file in the order of its bytes while its ranges come in any: what came ahead of its turn is read back, while
 * the system still has it in memory, so that nothing is held here.
 */
export class TrailingDigest {
  readonly #file: ReadFile
  readonly #md5: PartMd5s | undefined
  readonly #md5s: FileMd5s
  readonly #sums: Checksums | undefined
  /** Ends of the ranges that are there, by their beginnings, beyond all that are there from the first byte on. */
  readonly #ahead = new Map<number, number>()
  #there = 0
  #digested = 0
  #isOver = false
  #work: Promise<void> = Promise.resolve()

  constructor(file: ReadFile, { partBytes, algorithms }: TrailWish, md5s: FileMd5s) {
    this.#file = file
    this.#md5s = md5s
    this.#md5 = partBytes === undefined ? undefined : new PartMd5s(file, partBytes, md5s)
    this.#sums = algorithms.length > 0 ? new Checksums(algorithms) : undefined
  }

  /** A range is in the file. */
  came({ first, last }: ByteRange): void {
    this.#ahead.set(first, last + 1)
    for (let end = this.#ahead.get(this.#there); end !== undefined; ) {
      this.#ahead.delete(this.#there)
      this.#there = end
      end = this.#ahead.get(end)
    }
    this.#md5?.came(this.#there)
    const sums = this.#sums
    if (sums) this.#work = this.#work.then(() => this.#follow(sums))
    // Who asks for the end is told.
    this.#work.catch(() => {})
  }

  /** Of all ranges that came, which are the whole file. Throws what the file system does. */
  async end(): Promise<TrailEnd> {
    const etag = this.#md5 && (await this.#md5s.inHaste(this.#md5.etag()))
    await this.#work
    return { etag, checksums: this.#sums?.values() ?? NO_SUMS }
  }

  /** Resolves once nothing reads the file any more, as it is of no use; never throws. */
  async drop(): Promise<void> {
    this.#isOver = true
    await this.#md5?.drop()
    await this.#work.catch(() => {})
  }

  async #follow(sums: Checksums): Promise<void> {
    const memory = spare.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES)
    try {
      while (this.#digested < this.#there && !this.#isOver) {
        const bytes = memory.subarray(0, Math.min(READ_BYTES, this.#there - this.#digested))
        const read = await this.#file.read(bytes, this.#digested)
        if (read < bytes.length) throw new Error('The file became shorter while it was written.')
        sums.add(bytes)
        this.#digested += bytes.length
      }
    } finally {
      spare.push(memory)
    }
  }
}
