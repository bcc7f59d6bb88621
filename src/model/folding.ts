import { MAGIC, named, section, sized, unsigned } from './wasm-code.ts'

const PIECE_BYTES = 64 * 2 ** 10
const PAGE_BYTES = 64 * 2 ** 10
const LANE_BYTES = 16
/** Of one turn of the loop. */
const TURN_BYTES = 4 * LANE_BYTES
/** Shorter content is not worth its preparation. */
const LEAST_BYTES = 32 * 2 ** 10

const GET_AT = [0x20, 0]
const XOR = [0xfd, 0x51]
const load = (offset: number): number[] => [...GET_AT, 0xfd, 0x00, 0, ...unsigned(offset)]
const store = (offset: number): number[] => [0xfd, 0x0b, 0, ...unsigned(offset)]

/** `fold(at, end)`: adds to each byte of a piece those that stand in front of it at the distances. */
function foldingModule(distances: readonly number[], frontBytes: number): Uint8Array<ArrayBuffer> {
  const turn: number[] = []
  for (let to = frontBytes; to < frontBytes + TURN_BYTES; to += LANE_BYTES) {
    const added = distances.flatMap((distance) => [...load(to - distance), ...XOR])
    turn.push(...GET_AT, ...load(to), ...added, ...store(to))
  }
  // at += TURN_BYTES; again while at < end
  const next = [...GET_AT, 0x41, 0xc0, 0, 0x6a, 0x22, 0, 0x20, 1, 0x49, 0x0d, 0]
  const code = [0, 0x03, 0x40, ...turn, ...next, 0x0b, 0x0b]
  const pages = Math.ceil((frontBytes + PIECE_BYTES) / PAGE_BYTES)
  return Uint8Array.of(
    ...MAGIC,
    // (i32, i32) => ()
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, pages]),
    ...section(7, [2, ...named('fold'), 0, 0, ...named('memory'), 2, 0]),
    ...section(10, [1, ...sized(code)]),
  )
}

type Fold = (at: number, end: number) => void

/** What is used of it here: Node's types do not tell of it. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: { readonly fold: Fold; readonly memory: { readonly buffer: ArrayBuffer } }
  }
}

/** Content that is folded as it comes: what it ends with costs as much as 100 KB of it, so that it is made once. */
class Folded {
  readonly #take: (bytes: Uint8Array, isFirst: boolean) => void
  readonly #last: () => Uint8Array
  #isFirst = true

  constructor(take: (bytes: Uint8Array, isFirst: boolean) => void, last: () => Uint8Array) {
    this.#take = take
    this.#last = last
  }

  /** Takes as many bytes as `Folding.bytesOf` says. */
  add(bytes: Uint8Array): void {
    this.#take(bytes, this.#isFirst)
    this.#isFirst = false
  }

  /** Content of the same CRC as all that was added; asked for once. */
  end(): Uint8Array {
    return this.#last()
  }
}

export type { Folded }

/** What folds, and the memory that it does that in. */
interface Machine {
  readonly memory: Uint8Array
  readonly fold: Fold
}

/**
 * Makes long content short without changing its CRC. Where x^(8·d) + … + x^(8·(d - d₁)) + 1 is a multiple of the polynomial of
 * a CRC, with a few distances d₁ < … < d, a byte can be taken out of content whose CRC stays the same where it is added
 * (XOR) to the bytes that stand so far behind it. All but the last d of them are, sixteen at a time.
 */
export class Folding {
  readonly #distances: readonly number[]
  readonly #farthest: number
  readonly #frontBytes: number
  #machine: Machine | undefined

  /** From the nearest on, none nearer than a few times sixteen bytes. */
  constructor(distances: readonly number[]) {
    this.#distances = distances
    this.#farthest = Math.max(...distances)
    this.#frontBytes = Math.ceil(this.#farthest / TURN_BYTES) * TURN_BYTES
  }

  /** How many bytes of so many it takes, from the first one on: the rest stands behind what it makes of them. */
  static bytesOf = (length: number): number =>
    length < LEAST_BYTES || !('WebAssembly' in globalThis) ? 0 : length - (length % TURN_BYTES)

  /** Begins content. `register`: that of the CRC so far, its lowest byte first; the CRC goes on from 0. */
  begin(register: readonly number[]): Folded {
    const front = new Uint8Array(this.#frontBytes)
    return new Folded(
      (bytes, first) => this.#fold(front, bytes, first ? register : []),
      () => this.#last(front),
    )
  }

  /** Folds bytes behind those that stand in front of them, and keeps the last ones there. */
  #fold(front: Uint8Array, bytes: Uint8Array, register: readonly number[]): void {
    const { memory, fold } = this.#made()
    const frontBytes = this.#frontBytes
    memory.set(front)
    let pieceBytes = 0
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      memory.copyWithin(0, pieceBytes, pieceBytes + frontBytes)
      pieceBytes = Math.min(PIECE_BYTES, bytes.length - at)
      memory.set(bytes.subarray(at, at + pieceBytes), frontBytes)
      if (at === 0)
        for (const [byte, value] of register.entries()) {
          const to = frontBytes + byte
          memory[to] = (memory[to] ?? 0) ^ value
        }
      fold(0, pieceBytes)
    }
    front.set(memory.subarray(pieceBytes, pieceBytes + frontBytes))
  }

  #last(front: Uint8Array): Uint8Array {
    const farthest = this.#farthest
    const last = front.subarray(front.length - farthest)
    // There is nothing behind it that its own bytes can be added to.
    for (let at = farthest - 1; at >= 0; at--) {
      let byte = last[at] ?? 0
      for (const distance of this.#distances) {
        if (distance > at) break
        byte ^= last[at - distance] ?? 0
      }
      last[at] = byte
    }
    return last
  }

  /** Made for the first who needs it. */
  #made(): Machine {
    if (this.#machine) return this.#machine
    const code = foldingModule(this.#distances, this.#frontBytes)
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code))
    this.#machine = { memory: new Uint8Array(exports.memory.buffer), fold: exports.fold }
    return this.#machine
  }
}
