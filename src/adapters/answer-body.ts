import type { ByteSink } from '../model/byte-sink.ts'
import type { BodyMemory } from './body-memory.ts'
import { MOST_ANSWER_BYTES, MOST_ERROR_BYTES, tooLong } from './bounded.ts'
import type { WireRequest } from './wire-request.ts'

/** What a body is put together in, piece by piece. */
interface Vessel {
  /** Takes over the bytes, not their memory. */
  add(piece: Buffer): void
  /** All that was added. */
  whole(): Buffer
}

/** Keeps the pieces until all have come; most answers come in one. */
function pieces(): Vessel {
  const kept: Buffer[] = []
  return {
    add: (piece) => void kept.push(Buffer.from(piece)),
    whole: () => (kept.length === 1 ? kept[0] : undefined) ?? Buffer.concat(kept),
  }
}

/** Holds what was added once, in memory for `bytes` to begin with. */
function filled(memory: Pick<BodyMemory, 'take' | 'giveBack'>, bytes: number): Vessel {
  let buffer = memory.take(bytes)
  let length = 0
  return {
    add: (piece) => {
      if (length + piece.length > buffer.length) {
        const larger = memory.take((length + piece.length) * 2)
        buffer.copy(larger, 0, 0, length)
        memory.giveBack(buffer)
        buffer = larger
      }
      buffer.set(piece, length)
      length += piece.length
    },
    whole: () => buffer.subarray(0, length),
  }
}

const NOTHING = Buffer.alloc(0)

const LARGE_BYTES = 2 ** 20
const FRESH = { take: Buffer.allocUnsafeSlow, giveBack: () => {} }

/** The body of an answer as it comes, no longer than is of use; a large one whose length is told is never held twice. */
export class AnswerBody {
  readonly #status: number
  readonly #isFailure: boolean
  readonly #mostBytes: number
  readonly #vessel: Vessel
  #sink: ByteSink | undefined
  #bytes = 0
  #room: Promise<void> | undefined

  /** `toldBytes`: what the answer says that will come, or 0. Throws AnswerTooLong. */
  constructor(
    status: number,
    toldBytes: number,
    { mostBytes = MOST_ANSWER_BYTES, into }: Pick<WireRequest, 'mostBytes' | 'into'>,
  ) {
    this.#status = status
    this.#isFailure = status >= 300
    this.#mostBytes = this.#isFailure ? MOST_ERROR_BYTES : mostBytes
    if (toldBytes > this.#mostBytes && !this.#isFailure) throw tooLong(status)
    if (this.#isFailure) this.#vessel = pieces()
    else if (into && 'add' in into) this.#vessel = this.#handedTo(into)
    else if (into || toldBytes > LARGE_BYTES) this.#vessel = filled(into ?? FRESH, toldBytes)
    else this.#vessel = pieces()
  }

  /** Takes a piece; gives whether another one is of use. Throws AnswerTooLong. */
  add(piece: Buffer): boolean {
    this.#bytes += piece.length
    const beyond = this.#bytes - this.#mostBytes
    if (beyond <= 0) {
      this.#vessel.add(piece)
      return true
    }
    if (!this.#isFailure) throw tooLong(this.#status)
    // What went wrong is told in the beginning.
    this.#vessel.add(piece.subarray(0, Math.max(0, piece.length - beyond)))
    return false
  }

  /** Takes what was read to `memory`. Throws AnswerTooLong. */
  took(memory: Buffer, length: number): void {
    if (!this.#sink?.took) {
      this.add(memory.subarray(0, length))
      return
    }
    this.#bytes += length
    if (this.#bytes > this.#mostBytes) throw tooLong(this.#status)
    this.#room = this.#sink.took(length)
  }

  /** What to wait for before another piece comes; undefined: nothing. */
  get room(): Promise<void> | undefined {
    return this.#room
  }

  /** Where what comes next is best read to; undefined: anywhere. */
  get memory(): Buffer | undefined {
    return this.#sink?.memory
  }

  /** All that was taken. */
  whole(): Buffer {
    return this.#vessel.whole()
  }

  #handedTo(sink: ByteSink): Vessel {
    this.#sink = sink
    return {
      add: (piece) => {
        this.#room = sink.add(piece)
      },
      whole: () => NOTHING,
    }
  }
}
