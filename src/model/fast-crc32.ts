import { crc32 as plainCrc32 } from 'node:zlib'
import { MAGIC, named, section, sized, unsigned } from './wasm-code.ts'

/**
 * x^(8·4018) + x^(8·2091) + x^(8·1837) + 1 is a multiple of the polynomial of CRC-32: a byte can be taken out of content
 * whose CRC stays the same where it is added (XOR) to the bytes that stand so far behind it. All but the last few of them
 * are, sixteen at a time; that is two to four times as fast as the tables of zlib, which Node has without SIMD on x64.
 */
const DISTANCES = [1927, 2181, 4018] as const
const [NEAR, MIDDLE, FAR] = DISTANCES
/** Bytes in front of each piece: the last ones of the piece before it. */
const FRONT_BYTES = 4032
const PIECE_BYTES = 64 * 2 ** 10
const LANE_BYTES = 16
/** Of one turn of the loop. */
const TURN_BYTES = 4 * LANE_BYTES
/** Shorter content is not worth its preparation. */
const LEAST_BYTES = 32 * 2 ** 10

const GET_AT = [0x20, 0]
const XOR = [0xfd, 0x51]
const load = (offset: number): number[] => [...GET_AT, 0xfd, 0x00, 0, ...unsigned(offset)]
const store = (offset: number): number[] => [0xfd, 0x0b, 0, ...unsigned(offset)]

/** `fold(at, end)`: adds to each byte of a piece those that stand in front of it at the three distances. */
function foldingModule(): Uint8Array<ArrayBuffer> {
  const turn: number[] = []
  for (let to = FRONT_BYTES; to < FRONT_BYTES + TURN_BYTES; to += LANE_BYTES) {
    const added = DISTANCES.flatMap((distance) => [...load(to - distance), ...XOR])
    turn.push(...GET_AT, ...load(to), ...added, ...store(to))
  }
  // at += TURN_BYTES; again while at < end
  const next = [...GET_AT, 0x41, 0xc0, 0, 0x6a, 0x22, 0, 0x20, 1, 0x49, 0x0d, 0]
  const code = [0, 0x03, 0x40, ...turn, ...next, 0x0b, 0x0b]
  return Uint8Array.of(
    ...MAGIC,
    // (i32, i32) => ()
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 2]),
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

/** What folds, and the memory that it does that in. */
interface Folding {
  readonly memory: Uint8Array
  readonly fold: Fold
}

let made: Folding | undefined

/** Made for the first who needs it. */
function folding(): Folding {
  if (made) return made
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(foldingModule()))
  made = { memory: new Uint8Array(exports.memory.buffer), fold: exports.fold }
  return made
}

/** Content of the same CRC as all that was folded, from the last piece, which is so long. */
function lastBytes(memory: Uint8Array, pieceBytes: number): Uint8Array {
  const end = FRONT_BYTES + pieceBytes
  const last = memory.subarray(end - FAR, end)
  // There is nothing behind it that its own bytes can be added to.
  for (let at = FAR - 1; at >= NEAR; at--) {
    const middle = at < MIDDLE ? 0 : (last[at - MIDDLE] ?? 0)
    last[at] = (last[at] ?? 0) ^ (last[at - NEAR] ?? 0) ^ middle
  }
  return last
}

/** The CRC-32 of bytes that follow those of another one: what zlib's would be. */
function foldedCrc32(bytes: Uint8Array, before: number): number {
  const { memory, fold } = folding()
  const foldedBytes = bytes.length - (bytes.length % TURN_BYTES)
  memory.fill(0, 0, FRONT_BYTES)
  let pieceBytes = 0
  for (let at = 0; at < foldedBytes; at += pieceBytes) {
    memory.copyWithin(0, pieceBytes, pieceBytes + FRONT_BYTES)
    pieceBytes = Math.min(PIECE_BYTES, foldedBytes - at)
    memory.set(bytes.subarray(at, at + pieceBytes), FRONT_BYTES)
    if (at === 0)
      for (let byte = 0; byte < 4; byte++) {
        const to = FRONT_BYTES + byte
        memory[to] = (memory[to] ?? 0) ^ (~before >>> (8 * byte))
      }
    fold(0, pieceBytes)
  }
  // The register of a CRC holds the complement of what zlib gives: it begins with 0 here.
  const folded = plainCrc32(lastBytes(memory, pieceBytes), 0xffffffff)
  return plainCrc32(bytes.subarray(foldedBytes), folded)
}

/** Elsewhere zlib has the processor's own instructions for it; a Node without a compiler has no WebAssembly. */
const isFaster = process.arch === 'x64' && 'WebAssembly' in globalThis

/** The CRC-32 of bytes, which follow those of another one. */
export const crc32 = (bytes: Uint8Array, before = 0): number =>
  isFaster && bytes.length >= LEAST_BYTES ? foldedCrc32(bytes, before) : plainCrc32(bytes, before)
