import { createHash, type Hash } from 'node:crypto'
import { Md5Lanes, type Md5State } from '../../model/md5-lanes.ts'
import { BLOCK_BYTES, LANES, MOST_BLOCKS } from '../../model/md5-program.ts'
import { onceAble } from '../../model/once-able.ts'
import type { LandingFile } from '../../storage/landing.ts'

type ReadFile = Pick<LandingFile, 'read'>

/** Read of each part at a time. */
const READ_BYTES = 2 ** 20
/** A part that waits for company lags behind its file no further: what is left for its end is what the network waits for. */
const MOST_LAG_BYTES = 32 * 2 ** 20

/** A part of a file that is being written, whose MD5 is wanted. */
export interface FilePart {
  /** All up to a byte of the file is there; `isWhole`: and nothing more belongs to the part. */
  came(there: number, isWhole: boolean): void
  /** Hex; settled once all of it was digested. Rejects with what the file system did. */
  readonly md5: Promise<string>
}

/** A part of a file that is being written, whose MD5 is wanted. */
class Part implements FilePart {
  /** Node's own, which is faster where a part is alone; undefined: it goes by lanes. */
  hash: Hash | undefined
  isOver = false
  readonly #file: ReadFile
  readonly #first: number
  readonly #wake: () => void
  readonly #md5 = Promise.withResolvers<string>()
  #state: Md5State | undefined
  #at: number
  #there: number
  #isWhole = false
  /** Read, and not taken in yet. */
  #piece: Buffer = Buffer.alloc(0)

  constructor(file: ReadFile, first: number, wake: () => void) {
    this.#file = file
    this.#first = first
    this.#at = first
    this.#there = first
    this.#wake = wake
    // Who asks for it is told.
    this.#md5.promise.catch(() => {})
  }

  get md5(): Promise<string> {
    return this.#md5.promise
  }

  came(there: number, isWhole: boolean): void {
    this.#there = there
    this.#isWhole = isWhole
    this.#wake()
  }

  /** Whether some of it can be digested. */
  get isReady(): boolean {
    return this.#isWhole || this.#left >= BLOCK_BYTES
  }

  /** Whether it waits for company no longer. */
  get isDue(): boolean {
    return this.hash !== undefined || this.#left > MOST_LAG_BYTES
  }

  get hasBegun(): boolean {
    return this.#at > this.#first
  }

  /** Reads what is next, whole blocks of it unless it is the end; gives whether it could. */
  async read(memory: Buffer): Promise<boolean> {
    const most = Math.min(memory.length, this.#left)
    const isEnd = this.#isWhole && most === this.#left
    const piece = memory.subarray(0, isEnd ? most : most - (most % BLOCK_BYTES))
    try {
      const read = await this.#file.read(piece, this.#at)
      if (read < piece.length) throw new Error('The file became shorter while it was written.')
    } catch (error) {
      this.isOver = true
      this.#md5.reject(error)
      return false
    }
    this.#at += piece.length
    this.#piece = piece
    return true
  }

  /** Whole blocks that were read. */
  get blocks(): number {
    return Math.floor(this.#piece.length / BLOCK_BYTES)
  }

  /** Puts blocks that were read into a lane. */
  enter(lanes: Md5Lanes, lane: number, blocks: number): void {
    const bytes = blocks * BLOCK_BYTES
    lanes.begin(lane, this.#state)
    lanes.put(lane, this.#piece.subarray(0, bytes))
    this.#piece = this.#piece.subarray(bytes)
  }

  /** Takes what its lane came to. */
  leave(lanes: Md5Lanes, lane: number): void {
    this.#state = lanes.state(lane)
  }

  /** Ends it where all of it was taken in. */
  endIn(lanes: Md5Lanes): void {
    if (!this.#isAtEnd) return
    lanes.begin(0, this.#state)
    this.#end(lanes.end(0, this.#piece, this.#at - this.#first))
  }

  /** Takes in what was read, by Node's own. */
  takeIn(hash: Hash): void {
    hash.update(this.#piece)
    if (this.#isAtEnd) this.#end(hash.digest())
  }

  get #left(): number {
    return this.#there - this.#at
  }

  get #isAtEnd(): boolean {
    return this.#isWhole && this.#left === 0
  }

  #end(md5: Buffer): void {
    this.isOver = true
    this.#md5.resolve(md5.toString('hex'))
  }
}

/** MD5s of parts of files that are being written, up to four at a time for little more than one costs (ADR 0017). */
export class FileMd5s {
  readonly #parts = new Set<Part>()
  readonly #memory = Array.from({ length: LANES }, () => Buffer.alloc(0))
  readonly #lanes = onceAble(() => new Md5Lanes())
  #isAtWork = false
  #inHaste = 0
  #turn: Promise<void> = Promise.resolve()

  /** A part that begins at a byte of a file, of which nothing is there yet. */
  begin(file: ReadFile, first: number): FilePart {
    const part = new Part(file, first, () => this.#wake())
    this.#parts.add(part)
    return part
  }

  /** Whoever waits for work to end waits for no company of parts. */
  async inHaste<T>(work: Promise<T>): Promise<T> {
    this.#inHaste++
    this.#wake()
    try {
      return await work
    } finally {
      this.#inHaste--
    }
  }

  /** Resolves once nothing is read of parts any more, as they are of no use. */
  async drop(parts: readonly FilePart[]): Promise<void> {
    for (const part of this.#parts) if (parts.includes(part)) this.#parts.delete(part)
    await this.#turn
  }

  #wake(): void {
    if (this.#isAtWork) return
    this.#isAtWork = true
    void this.#work()
  }

  async #work(): Promise<void> {
    for (let next = this.#next(); next.length > 0; next = this.#next()) {
      this.#turn = this.#goOn(next)
      await this.#turn
    }
    this.#isAtWork = false
  }

  /** Parts that go on now: as many as there are lanes, unless one of them waits no longer. */
  #next(): readonly Part[] {
    const ready = [...this.#parts].filter(({ isReady }) => isReady)
    const isTime = ready.length >= LANES || this.#inHaste > 0 || ready.some(({ isDue }) => isDue)
    if (!isTime) return []
    return ready.sort((one, other) => Number(other.isDue) - Number(one.isDue)).slice(0, LANES)
  }

  async #goOn(parts: readonly Part[]): Promise<void> {
    const lanes = this.#lanes()
    const isAlone = parts.length === 1
    const read = await Promise.all(
      parts.map(async (part, at) => {
        if ((isAlone || !lanes) && !part.hasBegun) part.hash = createHash('md5')
        return (await part.read(this.#memoryOf(at))) ? part : undefined
      }),
    )
    const together: Part[] = []
    for (const part of read)
      if (part?.hash) part.takeIn(part.hash)
      else if (part) together.push(part)
    if (lanes) takeIn(lanes, together)
    for (const part of parts) if (part.isOver) this.#parts.delete(part)
  }

  #memoryOf(at: number): Buffer {
    const memory = this.#memory[at]
    if (memory?.length === READ_BYTES) return memory
    const made = Buffer.allocUnsafeSlow(READ_BYTES)
    this.#memory[at] = made
    return made
  }
}

/** Takes in what was read of up to four parts. */
function takeIn(lanes: Md5Lanes, parts: readonly Part[]): void {
  for (;;) {
    const left = parts.filter(({ blocks }) => blocks > 0)
    if (left.length === 0) break
    const blocks = Math.min(MOST_BLOCKS, ...left.map((part) => part.blocks))
    for (const [lane, part] of left.entries()) part.enter(lanes, lane, blocks)
    lanes.run(blocks)
    for (const [lane, part] of left.entries()) part.leave(lanes, lane)
  }
  for (const part of parts) part.endIn(lanes)
}
