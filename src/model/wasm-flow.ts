import { type Code, unsigned } from './wasm-code.ts'

/** Code, and places in it from which a labelled block is left, or begun again. */
export type Flow = readonly (number | Jump | Labelled)[]

interface Jump {
  readonly op: number
  readonly to: string
}

interface Labelled {
  readonly op: number
  readonly label: string
  readonly inside: Flow
}

const BLOCK = 0x02
const LOOP = 0x03
const IF = 0x04
const JUMP = 0x0c
const JUMP_IF = 0x0d
const END = 0x0b
/** A block leaves nothing on the stack. */
const NOTHING = 0x40

/** Code that is left by a jump to its label. */
export const block = (label: string, ...inside: Flow): Flow => [{ op: BLOCK, label, inside }]
/** Code that is begun again by a jump to its label. */
export const loop = (label: string, ...inside: Flow): Flow => [{ op: LOOP, label, inside }]
/** Code that runs where the number on the stack is not 0. */
export const when = (...inside: Flow): Flow => [{ op: IF, label: '', inside }]
/** Goes to a label. */
export const jump = (to: string): Flow => [{ op: JUMP, to }]
/** Goes there where the number on the stack is not 0. */
export const jumpIf = (to: string): Flow => [{ op: JUMP_IF, to }]

/** The code as WebAssembly has it, in which a jump counts the blocks that it leaves; `around`: the labels it stands in. */
export function flowCode(flow: Flow, around: readonly string[] = []): Code {
  return flow.flatMap((item): Code => {
    if (typeof item === 'number') return [item]
    if ('inside' in item)
      return [item.op, NOTHING, ...flowCode(item.inside, [item.label, ...around]), END]
    return [item.op, ...unsigned(around.indexOf(item.to))]
  })
}

const SIGN = 0x40

/** A number as an operand, of which the uppermost bit of the last byte is the sign. */
const signed = (value: number): Code =>
  value < SIGN ? [value] : [(value & 0x7f) | 0x80, ...signed(value >>> 7)]

/** A whole number from 0 on. */
export const int = (value: number): Code => [0x41, ...signed(value)]
export const get = (local: number): Code => [0x20, ...unsigned(local)]
export const set = (local: number): Code => [0x21, ...unsigned(local)]
export const tee = (local: number): Code => [0x22, ...unsigned(local)]
export const call = (index: number): Code => [0x10, ...unsigned(index)]

/** An instruction that reads or writes memory so many bytes behind the address on the stack. */
export const at = (op: number, offset = 0): Code => [op, 0, ...unsigned(offset)]
/** The same of a vector of sixteen bytes, as all instructions on vectors, behind their prefix. */
export const simd = (op: number, ...operands: Code): Code => [0xfd, ...unsigned(op), ...operands]
export const loadVector = (offset = 0): Code => simd(0x00, 0, ...unsigned(offset))
export const storeVector = (offset = 0): Code => simd(0x0b, 0, ...unsigned(offset))
/** Sixteen bytes. */
export const vector = (bytes: Code): Code => simd(0x0c, ...bytes)
