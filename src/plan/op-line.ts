import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import type { Op } from '../model/op.ts'
import { plainOp } from './plain-line.ts'

/** An op as its line has it: by the million, so that no more of it is read than has to be. */
export class OpLine<T extends Op> {
  readonly text: string
  readonly #prefix: string
  #op: T | undefined
  #key: KeyBytes | undefined

  /** `prefix`: where all relative keys of the destination begin. */
  constructor(text: string, prefix: string) {
    this.text = text
    this.#prefix = prefix
  }

  get op(): T {
    this.#op ??= (plainOp(this.text) ?? JSON.parse(this.text)) as T
    return this.#op
  }

  /** At the destination, relative to it. */
  get key(): KeyBytes {
    if (this.#key === undefined) {
      const target = this.op.op === 'copy' ? this.op.to : this.op.key
      this.#key = toKeyBytes(target.slice(this.#prefix.length))
    }
    return this.#key
  }

  /** Whether no request can name its key. No text in a line has a quote that stands free. */
  get isUnnameable(): boolean {
    return this.text.includes('"unnameable":')
  }
}
