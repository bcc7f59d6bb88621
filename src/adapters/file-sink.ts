import { writeSync } from 'node:fs'
import type { ByteSink, Written } from '../model/byte-sink.ts'
import { RangeSum } from '../model/range-sum.ts'
import type { ReadOrder } from './reading.ts'
import { WRITE_BYTES } from './write-size.ts'

/**
 * Gathered before they are written. What was read is written while the processor still has it in its cache: with twice as many,
 * and with writes that another thread does later, a download costs twice the time of the processor.
 */
const GATHERED_BYTES = 256 * 2 ** 10

/** Memory that answers are gathered in, the last one first: it is the warmest. */
const spare: Buffer[] = []

/** Writes an answer to its place in a file at once, so that nothing of it waits. It holds up its thread. */
export class FileSink implements ByteSink {
  readonly #order: ReadOrder
  readonly #gathered = spare.pop() ?? Buffer.allocUnsafeSlow(GATHERED_BYTES)
  #filled = 0
  #bytes = 0
  readonly #sum: RangeSum
  #failure: unknown

  constructor(order: ReadOrder) {
    this.#order = order
    this.#sum = new RangeSum(order.place.summed)
  }

  /** That stand in the file. */
  get written(): Written {
    return { bytes: this.#bytes, sum: this.#sum.value }
  }

  /** Why they could not be written; undefined: they could. */
  get failure(): unknown {
    return this.#failure
  }

  get memory(): Buffer {
    return this.#gathered.subarray(this.#filled)
  }

  add(bytes: Uint8Array): undefined {
    for (let at = 0; at < bytes.length; ) {
      const room = this.memory
      const some = bytes.subarray(at, at + room.length)
      room.set(some)
      at += some.length
      this.took(some.length)
    }
  }

  took(bytes: number): undefined {
    this.#filled += bytes
    if (this.#filled === GATHERED_BYTES) this.#write()
  }

  /** Writes what was gathered last. */
  end(): void {
    this.#write()
  }

  /** Nothing is added any more. */
  release(): void {
    spare.push(this.#gathered)
  }

  #write(): void {
    const { place, isEnded } = this.#order
    const bytes = this.#gathered.subarray(0, this.#filled)
    this.#sum.add(bytes)
    for (let done = 0; done < bytes.length; ) {
      // A disk that is behind keeps each write waiting: who gave it up is not to wait for the rest.
      if (Atomics.load(isEnded, 0) !== 0) throw new Error('It was given up.')
      const at = place.at + this.#bytes
      const written = this.#writeSome(bytes.subarray(done), at)
      done += written
      this.#bytes += written
    }
    this.#filled = 0
  }

  #writeSome(bytes: Buffer, at: number): number {
    try {
      return writeSync(this.#order.place.handle, bytes, 0, Math.min(bytes.length, WRITE_BYTES), at)
    } catch (error) {
      this.#failure = error
      throw error
    }
  }
}
