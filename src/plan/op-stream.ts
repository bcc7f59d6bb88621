import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import type { Op } from '../model/op.ts'
import { OpLines } from './op-lines.ts'

/** What is read as ops. */
export interface OpSource<T extends Op> {
  /** Blocks of lines, each gone with the next one; ops of another kind and other lines are passed over. */
  readonly blocks: AsyncGenerator<Buffer>
  readonly kind: T['op']
  /** Where all relative keys of the destination begin. */
  readonly prefix: string
  /** Takes ops whose keys no request can name, which have no place among the others; undefined: there are none. */
  readonly aside: ((op: T, line: Buffer) => Promise<void> | void) | undefined
}

/** The ops of a plan, or of some of it, one after the other: by the million, so that lines which are alike are not read. */
export class OpStream<T extends Op> {
  readonly #source: OpSource<T>
  #lines = new OpLines(Buffer.alloc(0))
  #isAtOp = false
  #isOver = false
  #op: T | undefined
  #key: KeyBytes | undefined

  constructor(source: OpSource<T>) {
    this.#source = source
  }

  /** Reads on where the last op was taken. Gives whether there is another one. */
  async fill(): Promise<boolean> {
    const { kind, aside, blocks } = this.#source
    while (!this.#isAtOp && !this.#isOver) {
      if (!this.#lines.next()) {
        const { value, done } = await blocks.next()
        if (done) this.#isOver = true
        else this.#lines = new OpLines(value)
      } else if (this.#lines.kind !== kind) {
        // The deletes stand behind all copies.
        this.#isOver = kind === 'copy' && this.#lines.kind === 'delete'
      } else if (aside && this.#lines.isUnnameable) {
        await aside(this.#lines.op as T, this.#lines.bytes)
      } else this.#isAtOp = true
    }
    return this.#isAtOp
  }

  /** The op; undefined: there is none any more. */
  get op(): T | undefined {
    if (this.#isAtOp) this.#op ??= this.#lines.op as T
    return this.#op
  }

  /** Its key at the destination, relative to it. */
  get key(): KeyBytes | undefined {
    const { op } = this
    if (op) {
      const target = op.op === 'copy' ? op.to : op.key
      this.#key ??= toKeyBytes(target.slice(this.#source.prefix.length))
    }
    return this.#key
  }

  /** Its line, with its end. */
  get line(): Buffer {
    return this.#lines.bytes
  }

  /** How many bytes of lines both streams have alike, from their ops on. */
  alike(other: OpStream<T>): number {
    // What goes aside has to be seen.
    const isSeen = this.#source.aside !== undefined
    return this.#isAtOp && other.#isAtOp && !isSeen ? this.#lines.alike(other.#lines) : 0
  }

  /** Takes so many bytes of lines, the op's own first. */
  take(bytes = this.line.length): Buffer {
    this.#isAtOp = false
    this.#op = undefined
    this.#key = undefined
    return this.#lines.take(bytes)
  }

  async close(): Promise<void> {
    await this.#source.blocks.return(undefined)
  }
}
