import { type Op, waveOf } from '../model/op.ts'
import { asWords, commonBytes, type WordMemory } from '../storage/plain-bytes.ts'
import { PlainLine } from './plain-line.ts'

const NEWLINE = 0x0a

/** What a line says that is not as plain as nearly all are; undefined: it is no op. */
export type ParseOp = (text: string) => Op | undefined

/** The op of a line of a file that this run wrote, or has checked. */
export function ownOp(text: string): Op | undefined {
  const line = JSON.parse(text) as Partial<Op>
  return line.op === undefined ? undefined : (line as Op)
}

/** Lines that stand behind one another in a block of bytes, one after the other: by the million, so that no more of them is read than has to be. */
export class OpLines {
  readonly #memory: WordMemory
  readonly #parse: ParseOp
  readonly #plain = new PlainLine()
  #isPlain = false
  #from = 0
  #end = 0
  /** Of the whole block, one character a byte. */
  #latin1: string | undefined
  /** Of the line, where it is not plain; undefined: it was not parsed yet. */
  #parsed: { readonly op: Op | undefined } | undefined

  /** `block`: whole lines, each with its end but for the last one, which may have none. */
  constructor(block: Buffer, parse: ParseOp = ownOp) {
    this.#memory = asWords(block)
    this.#parse = parse
  }

  /** Goes on to the next line. Gives whether there is one. */
  next(): boolean {
    const { bytes } = this.#memory
    this.#from = this.#end
    this.#parsed = undefined
    if (this.#from === bytes.length) return false
    const end = this.#plain.read(this.#memory, this.#from)
    this.#isPlain = end >= 0
    this.#end = this.#isPlain ? end : bytes.indexOf(NEWLINE, this.#from) + 1 || bytes.length
    return true
  }

  /** What it is about; undefined: it is no op. */
  get kind(): Op['op'] | undefined {
    return this.#isPlain ? this.#plain.kind : this.#other()?.op
  }

  /** Bytes of its object. */
  get size(): number {
    return this.#isPlain ? this.#plain.size : (this.#other()?.size ?? 0)
  }

  get reason(): Op['reason'] | undefined {
    return this.#isPlain ? this.#plain.reason : this.#other()?.reason
  }

  /** The wave of a copy. */
  get wave(): number {
    if (this.#isPlain) return this.#plain.wave
    const op = this.#other()
    return op?.op === 'copy' ? waveOf(op) : 0
  }

  /** All that it says; undefined: it is no op. */
  get op(): Op | undefined {
    return this.#isPlain ? this.#plain.op(this.#textAt) : this.#other()
  }

  /** Whether no request can name its key. */
  get isUnnameable(): boolean {
    return !this.#isPlain && this.#other()?.unnameable === true
  }

  /** The line, without its end. */
  get text(): string {
    const text = this.bytes.toString()
    return text.endsWith('\n') ? text.slice(0, -1) : text
  }

  /** The line, with its end. */
  get bytes(): Buffer {
    return this.#memory.bytes.subarray(this.#from, this.#end)
  }

  /** This line and all that follow it in the block. */
  get rest(): Buffer {
    return this.#memory.bytes.subarray(this.#from)
  }

  /** How many bytes of whole lines are the same from this line on, and from a line of another block. */
  alike({ rest: other }: OpLines): number {
    const { rest } = this
    const most = Math.min(rest.length, other.length)
    const same = commonBytes(asWords(rest), 0, asWords(other), 0, most)
    return rest.subarray(0, same).lastIndexOf(NEWLINE) + 1
  }

  /** So many bytes of whole lines from this one on; the next line is the one behind them. */
  take(bytes: number): Buffer {
    this.#end = this.#from + bytes
    return this.bytes
  }

  #other(): Op | undefined {
    this.#parsed ??= { op: this.#parse(this.text) }
    return this.#parsed.op
  }

  readonly #textAt = (from: number, end: number): string => {
    this.#latin1 ??= this.#memory.bytes.toString('latin1')
    return this.#latin1.slice(from, end)
  }
}
