import { type Code, MAGIC, named, section, sized, unsigned } from '../../model/wasm-code.ts'
import {
  at,
  block,
  call,
  type Flow,
  flowCode,
  get,
  int,
  jump,
  jumpIf,
  loadVector,
  loop,
  set,
  simd,
  storeVector,
  tee,
  vector,
  when,
} from '../../model/wasm-flow.ts'
import { ETAG, SPAN, TIME } from '../object-page.ts'

/** Rows of a page that there is room for. */
export const MOST_PLAIN_ROWS = 20_001

/** Where the program keeps its numbers: bytes that were written, rows that were read, and whether keys are URL-encoded. */
export const [WRITTEN_AT, ROWS_AT, ENCODED_AT] = [0, 4, 8] as const
/** Bytes that every key begins with, and how many chunks they are. */
export const [PREFIX_BYTES_AT, PREFIX_CHUNKS_AT] = [12, 16] as const
/** Not 0 where some object has another class than STANDARD. */
export const OTHERS_AT = 20
/** What each byte stands for as a digit of HEX. */
export const HEX_AT = 256
export const PREFIX_AT = 512
export const FORMS_AT = 8 * 1024
/** Where spans, sizes, and classes other than STANDARD of the rows stand, then the page, and behind it what is written. */
export const SPANS_AT = 64 * 1024
export const SIZES_AT = SPANS_AT + MOST_PLAIN_ROWS * SPAN * 4 + 8
export const CLASSES_AT = SIZES_AT + MOST_PLAIN_ROWS * 8
export const PAGE_AT = CLASSES_AT + MOST_PLAIN_ROWS * 8

/** Bytes that are compared at a time; behind them stand as many which say which of them count. */
export const CHUNK = 16
/** A step of a form: the length of its markup, its chunks, the field behind it, its own length, and the chunks. */
export const STEP = { bytes: 0, chunks: 4, field: 8, length: 12, markup: 16 } as const
/** What stands behind markup: the value of a field, or nothing more of the object. */
export const FIELD = { end: 0, key: 1, time: 2, etag: 3, size: 4, class: 5 } as const

const NO_DIGIT = 16
/** The digits of HEX, as the program finds them at `HEX_AT`. */
export const HEX_DIGITS = Uint8Array.from({ length: 256 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16)
  return Number.isNaN(digit) ? NO_DIGIT : digit
})

const [I32, I64, V128] = [0x7f, 0x7e, 0x7b] as const
const RETURN = 0x0f
const [LOAD, LOAD_BYTE] = [at(0x28), at(0x2d)] as const
const [IS_ZERO, EQUAL, UNEQUAL, BELOW, ABOVE, UP_TO, FROM] = [
  0x45, 0x46, 0x47, 0x49, 0x4b, 0x4d, 0x4f,
] as const
const [ADD, LESS, TIMES, AND, OR, ZEROS_BELOW] = [0x6a, 0x6b, 0x6c, 0x71, 0x72, 0x68] as const
const [LONG_ADD, LONG_TIMES, AS_LONG, AS_FLOAT] = [0x7c, 0x7e, 0xad, 0xba] as const
const long = (value: number): Code => [0x42, value]
const [SAME, BELOW_AS_SIGNED, BELOW_BYTES, ABOVE_BYTES] = [0x23, 0x25, 0x26, 0x28].map((op) =>
  simd(op),
) as [Code, Code, Code, Code]
const [EITHER, BOTH, DIFFERENCE, ANY, BITS] = [0x50, 0x4e, 0x51, 0x53, 0x64].map((op) =>
  simd(op),
) as [Code, Code, Code, Code, Code]

const code = (char: string): number => char.charCodeAt(0)
const text = (chars: string): Code => [...Buffer.from(chars)]
const word = (chars: string): number => Buffer.from(chars).readUInt32LE()
const pair = (chars: string): number => Buffer.from(chars).readUInt16LE()
const grow = (local: number, by: Flow | number): Flow => [
  ...get(local),
  ...(typeof by === 'number' ? int(by) : by),
  ADD,
  ...set(local),
]
const minus = (local: number, other: number): Flow => [...get(local), ...get(other), LESS]

/** A function of a module: its parameters, all of them numbers, its other locals, and what it does. It gives a number. */
interface Routine {
  readonly parameters: number
  readonly locals: Code
  readonly body: Flow
}

/** `stands(at, chunks, count)`: whether bytes are those of some chunks. */
function stands(): Routine {
  const [place, chunk, count] = [0, 1, 2]
  const body = [
    ...loop(
      'next',
      ...[...get(count), IS_ZERO, ...when(...int(1), RETURN)],
      ...[...get(place), ...loadVector(), ...get(chunk), ...loadVector(), ...DIFFERENCE],
      ...[...get(chunk), ...loadVector(CHUNK), ...BOTH, ...ANY, ...when(...int(0), RETURN)],
      ...[...grow(place, CHUNK), ...grow(chunk, 2 * CHUNK)],
      ...[...get(count), ...int(1), LESS, ...set(count), ...jump('next')],
    ),
    ...int(0),
  ]
  return { parameters: 3, locals: [], body }
}

/** All bytes that stand for others are below this one, and hardly any other of a key. */
const MEANING = 0x2c

/** `copyKey(from, to, out)`: writes a key decoded; gives where it ends, 0 where it is not as plain as that. */
function copyKey(): Routine {
  const [from, to, out, byte, digits, chunk] = [0, 1, 2, 3, 4, 5]
  const decoded: Flow = [
    ...[...get(byte), ...int(code('+')), EQUAL, ...when(...int(code(' ')), ...set(byte))],
    ...[...get(byte), ...int(code('%')), EQUAL],
    ...when(
      ...[...get(from), ...int(2), ADD, ...get(to), FROM, ...when(...int(0), RETURN)],
      ...[...get(from), ...at(0x2d, 1), ...at(0x2d, HEX_AT), ...set(byte)],
      ...[...get(from), ...at(0x2d, 2), ...at(0x2d, HEX_AT), ...tee(digits)],
      ...[...get(byte), OR, ...int(NO_DIGIT), FROM, ...when(...int(0), RETURN)],
      ...[...get(byte), ...int(16), TIMES, ...get(digits), ADD, ...set(byte)],
      ...grow(from, 2),
    ),
  ]
  const body = [
    ...block(
      'one by one',
      ...loop(
        'next chunk',
        ...[...get(from), ...loadVector(), ...tee(chunk)],
        ...[...vector(Array(CHUNK).fill(MEANING)), ...BELOW_AS_SIGNED, ...ANY],
        ...jumpIf('one by one'),
        ...[...get(out), ...get(chunk), ...storeVector()],
        ...[...minus(to, from), ...int(CHUNK), UP_TO],
        ...when(...get(out), ...minus(to, from), ADD, RETURN),
        ...[...grow(from, CHUNK), ...grow(out, CHUNK), ...jump('next chunk')],
      ),
    ),
    ...loop(
      'next byte',
      ...[...get(from), ...get(to), FROM, ...when(...get(out), RETURN)],
      ...[...get(from), ...LOAD_BYTE, ...tee(byte)],
      ...[...int(code('&')), EQUAL, ...when(...int(0), RETURN)],
      ...[...int(0), ...at(0x28, ENCODED_AT), ...when(...decoded)],
      ...[...get(out), ...get(byte), ...at(0x3a)],
      ...[...grow(from, 1), ...grow(out, 1), ...jump('next byte')],
    ),
    ...int(0),
  ]
  return {
    parameters: 3,
    locals: [2, 2, I32, 1, V128],
    body,
  }
}

/** `isTime(from, to)`: whether a time of UTC stands there, with parts of a second or without. */
function isTime(): Routine {
  const [from, to, place] = [0, 1, 2]
  const within = (offset: number, low: string, high: string): Flow => [
    ...[...get(from), ...loadVector(offset), ...vector(text(low)), ...BELOW_BYTES],
    ...[...get(from), ...loadVector(offset), ...vector(text(high)), ...ABOVE_BYTES],
    ...[...EITHER, ...ANY, ...when(...int(0), RETURN)],
  ]
  /** Two digits, from the least on up to the most. */
  const number = (offset: number, least: number, most: number): Flow => [
    ...[...get(from), ...at(0x2d, offset), ...int(10), TIMES],
    ...[...get(from), ...at(0x2d, offset + 1), ADD],
    ...[...int(11 * code('0') + least), LESS, ...int(most - least), UP_TO],
    ...[IS_ZERO, ...when(...int(0), RETURN)],
  ]
  const byte: Flow = [...get(place), ...LOAD_BYTE]
  const body = [
    ...within(0, '0000-00-00T00:00', '9999-19-39T29:59'),
    ...within(3, '0-00-00T00:00:00', '9-19-39T29:59:59'),
    ...[...number(5, 1, 12), ...number(8, 1, 31), ...number(11, 0, 23)],
    ...[...get(from), ...int('0000-00-00T00:00:00'.length), ADD, ...set(place)],
    ...[...byte, ...int(code('.')), EQUAL],
    ...when(
      ...loop(
        'digit',
        ...[...grow(place, 1), ...byte, ...int(code('0')), LESS, ...int(9), UP_TO],
        ...jumpIf('digit'),
      ),
      ...[...get(place), ...int(1), LESS, ...LOAD_BYTE, ...int(code('.')), EQUAL],
      ...when(...int(0), RETURN),
    ),
    ...[...byte, ...int(code('Z')), EQUAL],
    ...[...get(place), ...int(1), ADD, ...get(to), EQUAL, AND],
  ]
  return { parameters: 2, locals: [1, 1, I32], body }
}

const [STANDS, COPY_KEY, IS_TIME] = [0, 1, 2] as const
/** A longer one is for others to judge, as is a longer key. */
const MOST_TIME_BYTES = 2 * CHUNK
const MOST_DIGITS = 15
const MOST_KEY_BYTES = 4096

/** Locals of `rows`; the first ones are its parameters. */
const [AT, END, FORM, OUT, ROW, WRITTEN, STEP_AT, POS, TO, BITS_AT, SPAN_AT, KEY_END, DIGITS] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
] as const

/** Leaves where the number on the stack is 0. */
const stopUnless: Flow = [IS_ZERO, ...jumpIf('stop')]
const ofStep = (number: number): Code => [...get(STEP_AT), ...at(0x28, number)]
/** Notes where what is written next begins, or has ended. */
const noteWritten = (field: number): Flow => [
  ...[...get(SPAN_AT), ...get(WRITTEN), ...get(OUT), LESS, ...at(0x36, field * 4)],
]

const readKey: Flow = [
  ...[...minus(TO, POS), ...int(1), LESS, ...int(MOST_KEY_BYTES), BELOW, ...stopUnless],
  ...[...get(POS), ...get(TO), ...get(WRITTEN), ...call(COPY_KEY), ...tee(KEY_END), ...stopUnless],
  ...[...minus(KEY_END, WRITTEN), ...int(0), ...at(0x28, PREFIX_BYTES_AT), FROM, ...stopUnless],
  ...[...get(WRITTEN), ...int(PREFIX_AT), ...int(0), ...at(0x28, PREFIX_CHUNKS_AT)],
  ...[...call(STANDS), ...stopUnless],
  ...grow(WRITTEN, [...int(0), ...at(0x28, PREFIX_BYTES_AT)]),
  ...[...noteWritten(0), ...get(KEY_END), ...set(WRITTEN), ...noteWritten(1)],
]

/** Is copied in chunks: what follows writes over what is too much. */
const readTime: Flow = [
  ...[...minus(TO, POS), ...int(MOST_TIME_BYTES), UP_TO, ...stopUnless],
  ...[...get(POS), ...get(TO), ...call(IS_TIME), ...stopUnless, ...noteWritten(TIME)],
  ...[...get(WRITTEN), ...get(POS), ...loadVector(), ...storeVector()],
  ...[...get(WRITTEN), ...get(POS), ...loadVector(CHUNK), ...storeVector(CHUNK)],
  ...[...grow(WRITTEN, minus(TO, POS)), ...noteWritten(TIME + 1)],
]

/** Without its quotes, the ends of both of which are as long. */
const readEtag: Flow = [
  ...[...int(0), ...set(BITS_AT), ...get(POS), ...LOAD_BYTE, ...tee(KEY_END)],
  ...[...int(code('"')), EQUAL, ...when(...int(1), ...set(BITS_AT))],
  ...[...get(KEY_END), ...int(code('W')), UNEQUAL, ...stopUnless],
  ...[...get(KEY_END), ...int(code('&')), EQUAL],
  ...when(
    ...[...get(POS), ...LOAD, ...int(word('&quo')), EQUAL, ...stopUnless],
    ...[...get(POS), ...at(0x2f, 4), ...int(pair('t;')), EQUAL, ...stopUnless],
    ...[...int(6), ...set(BITS_AT)],
  ),
  ...grow(POS, get(BITS_AT)),
  ...[...get(TO), ...get(BITS_AT), LESS, ...set(KEY_END)],
  ...[...get(POS), ...get(KEY_END), BELOW, ...stopUnless],
  ...[...get(KEY_END), ...int(1), LESS, ...LOAD_BYTE, ...at(0x2d, HEX_AT)],
  ...[...int(NO_DIGIT), BELOW, ...stopUnless, ...noteWritten(ETAG)],
  ...loop(
    'copy',
    ...[...get(WRITTEN), ...get(POS), ...loadVector(), ...storeVector()],
    ...[...minus(KEY_END, POS), ...int(CHUNK), ABOVE],
    ...when(...grow(WRITTEN, CHUNK), ...grow(POS, CHUNK), ...jump('copy')),
  ),
  ...grow(WRITTEN, [...get(KEY_END), ...get(POS), LESS]),
  ...noteWritten(ETAG + 1),
]

const readSize: Flow = [
  ...[...minus(TO, POS), ...int(1), LESS, ...int(MOST_DIGITS), BELOW, ...stopUnless],
  ...[...long(0), ...set(DIGITS)],
  ...loop(
    'digit',
    ...[...get(POS), ...LOAD_BYTE, ...int(code('0')), LESS, ...tee(BITS_AT)],
    ...[...int(9), UP_TO, ...stopUnless],
    ...[...get(DIGITS), ...long(10), LONG_TIMES, ...get(BITS_AT), AS_LONG, LONG_ADD],
    ...[...set(DIGITS), ...grow(POS, 1), ...get(POS), ...get(TO), BELOW, ...jumpIf('digit')],
  ),
  ...[...get(ROW), ...int(8), TIMES, ...get(DIGITS), AS_FLOAT, ...at(0x39, SIZES_AT)],
]

/** Nearly all are STANDARD; of the others it notes where they stand. */
const readClass: Flow = [
  ...[...get(ROW), ...int(8), TIMES, ...set(BITS_AT)],
  ...[...get(BITS_AT), ...int(0), ...at(0x36, CLASSES_AT)],
  ...[...minus(TO, POS), ...int(8), UNEQUAL],
  ...[...get(POS), ...LOAD, ...int(word('STAN')), UNEQUAL, OR],
  ...[...get(POS), ...at(0x28, 4), ...int(word('DARD')), UNEQUAL, OR],
  ...when(
    ...[...get(BITS_AT), ...get(POS), ...at(0x36, CLASSES_AT)],
    ...[...get(BITS_AT), ...get(TO), ...at(0x36, CLASSES_AT + 4)],
    ...[...int(0), ...int(1), ...at(0x36, OTHERS_AT)],
  ),
]

const FIELDS: readonly (readonly [field: number, read: Flow])[] = [
  [FIELD.key, readKey],
  [FIELD.time, readTime],
  [FIELD.etag, readEtag],
  [FIELD.size, readSize],
  [FIELD.class, readClass],
]

/** Finds the next `<`: one stands behind the page at the latest. */
const findEnd: Flow = [
  ...[...get(POS), ...set(TO)],
  ...loop(
    'look',
    ...[...get(TO), ...loadVector(), ...vector(Array(CHUNK).fill(code('<'))), ...SAME, ...BITS],
    ...[...tee(BITS_AT), IS_ZERO, ...when(...grow(TO, CHUNK), ...jump('look'))],
  ),
  ...grow(TO, [...get(BITS_AT), ZEROS_BELOW]),
]

/** `rows(at, end, form, out)`: reads objects that have a form, and are plain; gives where the first one stands that is not. */
function rows(): Routine {
  const step: Flow = [
    ...[...get(POS), ...ofStep(STEP.bytes), ADD, ...get(END), UP_TO, ...stopUnless],
    ...[...get(POS), ...get(STEP_AT), ...int(STEP.markup), ADD, ...ofStep(STEP.chunks)],
    ...[...call(STANDS), ...stopUnless, ...grow(POS, ofStep(STEP.bytes))],
    ...ofStep(STEP.field),
    ...when(
      ...findEnd,
      ...FIELDS.flatMap(([field, read]) => [
        ...[...ofStep(STEP.field), ...int(field), EQUAL, ...when(...read)],
      ]),
      ...[...get(TO), ...set(POS), ...grow(STEP_AT, ofStep(STEP.length)), ...jump('step')],
    ),
  ]
  const body = [
    ...block(
      'stop',
      ...loop(
        'row',
        ...[...int(0), ...at(0x28, ROWS_AT), ...tee(ROW)],
        ...[...int(MOST_PLAIN_ROWS), BELOW, ...stopUnless],
        ...[...int(0), ...at(0x28, WRITTEN_AT), ...get(OUT), ADD, ...set(WRITTEN)],
        ...[...get(ROW), ...int(SPAN * 4), TIMES, ...int(SPANS_AT), ADD, ...set(SPAN_AT)],
        // An object may have no ETag.
        ...[...get(SPAN_AT), ...long(0), ...at(0x37, ETAG * 4)],
        ...[...get(FORM), ...set(STEP_AT), ...get(AT), ...set(POS)],
        ...loop('step', ...step),
        ...[...get(POS), ...set(AT)],
        ...[...int(0), ...get(WRITTEN), ...get(OUT), LESS, ...at(0x36, WRITTEN_AT)],
        ...[...int(0), ...get(ROW), ...int(1), ADD, ...at(0x36, ROWS_AT), ...jump('row')],
      ),
    ),
    ...get(AT),
  ]
  return { parameters: 4, locals: [2, 8, I32, 1, I64], body }
}

const vectorOf = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()]

/** A module of WebAssembly that reads the objects of a page which look alike, and whose memory it is given. */
export function rowProgram(): Uint8Array {
  const functions = [stands(), copyKey(), isTime(), rows()]
  const types = functions.map(({ parameters }) => [
    ...[0x60, ...vectorOf(Array(parameters).fill([I32])), 1, I32],
  ])
  const bodies = functions.map(({ locals, body }) =>
    sized([...(locals.length === 0 ? [0] : locals), ...flowCode(body), 0x0b]),
  )
  return Uint8Array.from([
    ...MAGIC,
    ...section(1, vectorOf(types)),
    ...section(2, vectorOf([[...named('m'), ...named('m'), 2, 0, 1]])),
    ...section(3, vectorOf(functions.map((_, index) => [index]))),
    ...section(7, vectorOf([[...named('rows'), 0, functions.length - 1]])),
    ...section(10, vectorOf(bodies)),
  ])
}
