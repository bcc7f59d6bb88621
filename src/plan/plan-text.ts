import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { WholeLines } from '../model/whole-lines.ts'

const NEWLINE = 10
/** More than any line of a plan may have: of a file without ends of lines no more is held in memory. */
const MOST_LINE_BYTES = 2 ** 18

/** What the bytes of a file come to, in hex. */
export interface PlanDigests {
  /** sha256 of all lines but the last one. */
  readonly lines: string
  /** sha256 of the whole file. */
  readonly file: string
}

/**
 * The lines of a file that nobody vouches for: what they are known by again is taken of the bytes that they are read
 * from, in one go.
 */
export class PlanText {
  readonly #refuse: (why: string) => never
  readonly #hash = createHash('sha256')
  /** The last line so far, which is not part of the digest of the others. */
  #last: Uint8Array = Buffer.alloc(0)

  /** `refuse`: throws, with what is wrong with the bytes. */
  constructor(refuse: (why: string) => never) {
    this.#refuse = refuse
  }

  /** All lines, as many at a time as are read. */
  async *blocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
    const whole = new WholeLines()
    for await (const chunk of chunks) {
      for (const lines of whole.push(chunk)) yield this.#linesOf(lines)
      if (whole.begun.length > MOST_LINE_BYTES) this.#refuse('one of its lines is too long')
    }
    if (whole.begun.length > 0) yield this.#linesOf(whole.begun)
  }

  /** Of all that was read; only once. */
  digests(): PlanDigests {
    const file = this.#hash.copy().update(this.#last).digest('hex')
    return { lines: this.#hash.digest('hex'), file }
  }

  #linesOf(bytes: Buffer): readonly string[] {
    // Bytes that are no text would be read as others than those that were written.
    if (!isUtf8(bytes)) this.#refuse('it is not UTF-8')
    const last = bytes.subarray(0, -1).lastIndexOf(NEWLINE) + 1
    this.#hash.update(this.#last).update(bytes.subarray(0, last))
    // What was read may be gone with the next piece.
    this.#last = Buffer.from(bytes.subarray(last))
    const lines = bytes.toString('utf8').split('\n')
    if (lines.at(-1) === '') lines.pop()
    return lines
  }
}
