import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'

const NEWLINE = 10

/** What the bytes of a file come to, in hex. */
export interface PlanDigests {
  /** sha256 of all lines but the last one. */
  readonly lines: string
  /** sha256 of the whole file. */
  readonly file: string
}

/** A file that nobody vouches for: what its lines are known by again is taken of the bytes that they are read from, in one go. */
export class PlanText {
  readonly #refuse: (why: string) => never
  readonly #hash = createHash('sha256')
  /** The last line so far, which is not part of the digest of the others. */
  #last: Uint8Array = Buffer.alloc(0)

  /** `refuse`: throws, with what is wrong with the bytes. */
  constructor(refuse: (why: string) => never) {
    this.#refuse = refuse
  }

  /** The same blocks of lines, each looked at before it is handed on. */
  async *blocks(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let isWhole = true
    for await (const block of blocks) {
      if (!isWhole) this.#refuse('one of its lines is too long')
      isWhole = block.at(-1) === NEWLINE
      this.#take(block)
      yield block
    }
  }

  /** Of all that was read; only once. */
  digests(): PlanDigests {
    const file = this.#hash.copy().update(this.#last).digest('hex')
    return { lines: this.#hash.digest('hex'), file }
  }

  #take(block: Buffer): void {
    // Bytes that are no text would be read as others than those that were written.
    if (!isUtf8(block)) this.#refuse('it is not UTF-8')
    const last = block.subarray(0, -1).lastIndexOf(NEWLINE) + 1
    this.#hash.update(this.#last).update(block.subarray(0, last))
    this.#last = Buffer.from(block.subarray(last))
  }
}
