import { hash } from 'node:crypto'
import type { KeyBytes } from '../model/key.ts'
import type { KeyCount } from '../model/op.ts'

const BITS = 128
const HEX = BITS / 4

/** Count and digest of keys: the same for the same keys, in whatever order they come. */
export class KeySum {
  #objects = 0
  #sum = 0n

  /** Takes one more key in. */
  add(key: KeyBytes): void {
    this.#objects++
    this.#grow(BigInt(`0x${hash('sha256', key).slice(0, HEX)}`))
  }

  /** Takes in all keys of another sum. */
  merge(other: KeySum): void {
    this.#objects += other.#objects
    this.#grow(other.#sum)
  }

  /** What came so far. */
  value(): KeyCount {
    return { objects: this.#objects, digest: this.#sum.toString(16).padStart(HEX, '0') }
  }

  // A sum does not cancel out what comes twice, as an exclusive or would.
  #grow(by: bigint): void {
    this.#sum = BigInt.asUintN(BITS, this.#sum + by)
  }
}
