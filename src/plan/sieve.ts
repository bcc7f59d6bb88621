import type { KeyBytes } from '../model/key.ts'

/** Words of 32 bits that are fetched from memory as one: all bits of a key lie in one such line. */
const LINE_WORDS = 16
const BITS = 4
/** By so much the bits of a key lie apart in the number that says where they are. */
const BIT_STEP = 7
/** Keys that are remembered in memory that caches hold, and lines of that. */
const FIRST_KEYS = 2 ** 20
const FIRST_LINES = 2 ** 15
const LATER_LINES = 2 ** 18

/** A number of 32 bits, each of which depends on all bits of the other one. */
function mixed(number: number): number {
  let mix = Math.imul(number ^ (number >>> 16), 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return mix ^ (mix >>> 16)
}

/**
 * Remembers any number of keys in 2 MiB, or in 18 beyond a million (a Bloom filter): what was added is always known, and
 * up to ten million keys hardly any other is taken for one that was.
 */
export class Sieve {
  readonly #layers: Int32Array[] = []
  #keys = 0
  // Of the key that was looked at last: where its line is among any number of them, and where its bits are in that.
  #place = 0
  #bits = 0

  /** Remembers a key. */
  add(key: KeyBytes): void {
    if (this.#keys === 0) this.#layers.push(new Int32Array(FIRST_LINES * LINE_WORDS))
    if (this.#keys === FIRST_KEYS) this.#layers.push(new Int32Array(LATER_LINES * LINE_WORDS))
    this.#keys++
    const words = this.#layers.at(-1) as Int32Array
    this.#lookAt(key)
    const line = (this.#place * LINE_WORDS) & (words.length - 1)
    for (let i = 0, bits = this.#bits; i < BITS; i++, bits >>>= BIT_STEP) {
      const word = line + ((bits >>> 5) & (LINE_WORDS - 1))
      words[word] = (words[word] as number) | (1 << (bits & 31))
    }
  }

  /** Whether a key may have been added; false is certain. */
  mayHold(key: KeyBytes): boolean {
    if (this.#keys === 0) return false
    this.#lookAt(key)
    return this.#layers.some((words) => this.#isIn(words))
  }

  #isIn(words: Int32Array): boolean {
    const line = (this.#place * LINE_WORDS) & (words.length - 1)
    for (let i = 0, bits = this.#bits; i < BITS; i++, bits >>>= BIT_STEP) {
      const word = line + ((bits >>> 5) & (LINE_WORDS - 1))
      if (((words[word] as number) & (1 << (bits & 31))) === 0) return false
    }
    return true
  }

  #lookAt(key: KeyBytes): void {
    const { length } = key
    let a = 0x811c9dc5 | 0
    let b = 0x9747b28c | 0
    for (let i = 0; i < length; i++) {
      const byte = key.charCodeAt(i)
      a = Math.imul(a ^ byte, 0x01000193)
      b = Math.imul(b ^ byte, 0x5bd1e995)
    }
    this.#place = mixed(a) >>> 8
    this.#bits = mixed(b)
  }
}
