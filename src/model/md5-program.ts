import { type Code, MAGIC, named, section, sized, unsigned } from './wasm-code.ts'

/** Contents that are digested at a time: a vector of WebAssembly has as many words. */
export const LANES = 4
/** Bytes that MD5 takes in at a time. */
export const BLOCK_BYTES = 64

const STEPS = 64
/** Bytes of a row: one word of each lane. */
const ROW_BYTES = 4 * LANES
/** The memory: four rows of state, one for the constant of each step, then the blocks of each lane. */
const CONSTANTS_AT = 4 * ROW_BYTES
const BLOCKS_AT = CONSTANTS_AT + STEPS * ROW_BYTES
/** Blocks of each lane that one call takes in at most: those of all lanes stay in the processor's cache. */
export const MOST_BLOCKS = 256
/** Not a power of two, at whose multiples all lanes would fight for the same lines of the cache. */
const LANE_BYTES = MOST_BLOCKS * BLOCK_BYTES + BLOCK_BYTES

/** Where the blocks of a lane begin in the memory of the program. */
export const blocksAt = (lane: number): number => BLOCKS_AT + lane * LANE_BYTES

/** Pages of memory that the program needs. */
export const PAGES = Math.ceil(blocksAt(LANES) / 2 ** 16)

/** The constants of all steps, each once for every lane, and the word where they stand. */
export const CONSTANTS = {
  at: CONSTANTS_AT / 4,
  words: Uint32Array.from(
    { length: STEPS * LANES },
    (_, at) => Math.abs(Math.sin(Math.floor(at / LANES) + 1)) * 2 ** 32,
  ),
} as const

/** By how many bits each step of a round rotates. */
const ROTATIONS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const

/** A number as WebAssembly writes it as an operand, which might be negative: the uppermost bit of its last byte says so. */
const signed = (value: number): Code =>
  value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >>> 7)]

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()]
const simd = (op: number, ...operands: Code): Code => [0xfd, ...unsigned(op), ...operands]

const get = (local: number): Code => [0x20, ...unsigned(local)]
const set = (local: number): Code => [0x21, ...unsigned(local)]
const tee = (local: number): Code => [0x22, ...unsigned(local)]
const int = (value: number): Code => [0x41, ...signed(value)]
/** Rows lie at multiples of 2 to the fourth. */
const load = (at: number): Code => simd(0x00, 4, ...unsigned(at))
const store = (at: number): Code => simd(0x0b, 4, ...unsigned(at))
const NOT = simd(0x4d)
const AND = simd(0x4e)
const OR = simd(0x50)
const XOR = simd(0x51)
const SHIFT_LEFT = simd(0xab)
const SHIFT_RIGHT = simd(0xad)
const ADD = simd(0xae)
const INT_ADD = 0x6a
const INT_SUBTRACT = 0x6b

const I32 = 0x7f
const V128 = 0x7b

/** Locals: how many blocks are left, and the address within each lane; then words of all lanes. */
const [LEFT, ADDRESS] = [0, 1]
const state = (at: number): number => 2 + at
const message = (at: number): number => 6 + at
const scratch = (at: number): number => 22 + at
const VECTORS = 4 + 16 + 8

/** Two of the words of each of two rows, as a third one. */
const pick = (from: readonly [number, number], words: readonly number[], to: number): Code => [
  ...get(from[0]),
  ...get(from[1]),
  ...simd(0x0d, ...words.flatMap((word) => [0, 1, 2, 3].map((byte) => word * 4 + byte))),
  ...set(to),
]

/** Loads four words of each lane, from which the four of one place in all lanes are put together. */
function transposed(from: number): Code {
  const [a, b, c, d, low, high, otherLow, otherHigh] = Array.from({ length: 8 }, (_, at) =>
    scratch(at),
  ) as [number, number, number, number, number, number, number, number]
  const loads = [a, b, c, d].flatMap((to, lane) => [
    ...get(ADDRESS),
    ...load(blocksAt(lane) + from * 4),
    ...set(to),
  ])
  return [
    ...loads,
    ...pick([a, b], [0, 4, 1, 5], low),
    ...pick([a, b], [2, 6, 3, 7], high),
    ...pick([c, d], [0, 4, 1, 5], otherLow),
    ...pick([c, d], [2, 6, 3, 7], otherHigh),
    ...pick([low, otherLow], [0, 1, 4, 5], message(from)),
    ...pick([low, otherLow], [2, 3, 6, 7], message(from + 1)),
    ...pick([high, otherHigh], [0, 1, 4, 5], message(from + 2)),
    ...pick([high, otherHigh], [2, 3, 6, 7], message(from + 3)),
  ]
}

/** Each round mixes three words in a way of its own, and takes the message in another order. */
const ROUNDS: readonly {
  readonly mix: (b: Code, c: Code, d: Code) => Code
  readonly word: (step: number) => number
}[] = [
  { mix: (b, c, d) => [...c, ...d, ...XOR, ...b, ...AND, ...d, ...XOR], word: (step) => step },
  {
    mix: (b, c, d) => [...b, ...c, ...XOR, ...d, ...AND, ...c, ...XOR],
    word: (step) => 5 * step + 1,
  },
  { mix: (b, c, d) => [...c, ...d, ...XOR, ...b, ...XOR], word: (step) => 3 * step + 5 },
  { mix: (b, c, d) => [...d, ...NOT, ...b, ...OR, ...c, ...XOR], word: (step) => 7 * step },
]

/** One step; the words of the state change their places, not their locals. */
function stepped(step: number): Code {
  const place = (at: number): number => state((at + STEPS - step) % 4)
  const [a, b, c, d] = [place(0), place(1), place(2), place(3)]
  const round = Math.floor(step / 16)
  const { mix, word } = ROUNDS[round] as (typeof ROUNDS)[number]
  const rotation = ROTATIONS[round]?.[step % 4] ?? 0
  const sum = scratch(0)
  return [
    ...get(a),
    ...get(message(word(step) % 16)),
    ...[...int(0), ...load(CONSTANTS_AT + step * ROW_BYTES), ...ADD, ...ADD],
    ...[...mix(get(b), get(c), get(d)), ...ADD, ...tee(sum)],
    ...[...int(rotation), ...SHIFT_LEFT],
    ...[...get(sum), ...int(32 - rotation), ...SHIFT_RIGHT, ...OR],
    ...[...get(b), ...ADD, ...set(a)],
  ]
}

const rows = (of: (at: number) => Code): Code => [0, 1, 2, 3].flatMap(of)

/** Takes in one block of every lane after the other. */
function body(): Code {
  const loop = [0x03, 0x40]
  const again = [0x0d, 0]
  const end = 0x0b
  return [
    ...vector([
      [1, I32],
      [VECTORS, V128],
    ]),
    ...loop,
    ...rows((at) => transposed(at * 4)),
    ...rows((at) => [...int(0), ...load(at * ROW_BYTES), ...set(state(at))]),
    ...Array.from({ length: STEPS }, (_, step) => stepped(step)).flat(),
    ...rows((at) => [
      ...[...int(0), ...int(0), ...load(at * ROW_BYTES)],
      ...[...get(state(at)), ...ADD, ...store(at * ROW_BYTES)],
    ]),
    ...[...get(ADDRESS), ...int(BLOCK_BYTES), INT_ADD, ...set(ADDRESS)],
    ...[...get(LEFT), ...int(1), INT_SUBTRACT, ...tee(LEFT), ...again],
    ...[end, end],
  ]
}

/** What the memory is imported as, from a module of the same name, and what the function is exported as. */
export const PROGRAM_NAME = 'm'
const NAME = named(PROGRAM_NAME)

/**
 * A module of WebAssembly that takes in some blocks of each of four contents by MD5, whose steps wait for one another: four
 * at a time cost little more than one.
 */
export function md5Program(): Uint8Array {
  return Uint8Array.from([
    ...MAGIC,
    ...section(1, vector([[0x60, ...vector([[I32]]), ...vector([])]])),
    ...section(2, vector([[...NAME, ...NAME, 2, 0, PAGES]])),
    ...section(3, vector([[0]])),
    ...section(7, vector([[...NAME, 0, 0]])),
    ...section(10, vector([sized(body())])),
  ])
}
