import type { KeyBytes } from '../model/key.ts'

const WORDS = 2 ** 22
const HASHES = 4

/** Two numbers that a key alone decides, each of 32 bits. */
function hashesOf(key: KeyBytes): readonly [number, number] {
  let [a, b] = [0x811c9dc5, 0x9747b28c]
  for (let i = 0; i < key.length; i++) {
    const byte = key.charCodeAt(i)
    a = Math.imul(a ^ byte, 0x01000193)
    b = Math.imul(b ^ byte, 0x5bd1e995)
    b ^= b >>> 15
  }
  return [a ^ (a >>> 16), b | 1]
}

/**
 * Remembers any number of keys in 16 MiB (a Bloom filter): what was added is always known, and up to ten million
 * keys hardly any other is taken for one that was.
 */
export class Sieve {
  readonly #words = new Uint32Array(WORDS)
  #isEmpty = true

  /** Remembers a key. */
  add(key: KeyBytes): void {
    this.#isEmpty = false
    const [first, step] = hashesOf(key)
    for (let i = 0, bit = first; i < HASHES; i++, bit += step) {
      const word = (bit >>> 5) % WORDS
      this.#words[word] = (this.#words[word] ?? 0) | (1 << (bit & 31))
    }
  }

  /** Whether a key may have been added; false is certain. */
  mayHold(key: KeyBytes): boolean {
    if (this.#isEmpty) return false
    const [first, step] = hashesOf(key)
    for (let i = 0, bit = first; i < HASHES; i++, bit += step)
      if (((this.#words[(bit >>> 5) % WORDS] ?? 0) & (1 << (bit & 31))) === 0) return false
    return true
  }
}
