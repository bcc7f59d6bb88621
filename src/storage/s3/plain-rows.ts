import type { ListedChecksums } from '../../model/checksum.ts'
import { SPAN } from '../object-page.ts'
import {
  CHUNK,
  CLASSES_AT,
  ENCODED_AT,
  FORMS_AT,
  HEX_AT,
  HEX_DIGITS,
  MOST_PLAIN_ROWS,
  OTHERS_AT,
  PAGE_AT,
  PREFIX_AT,
  PREFIX_BYTES_AT,
  PREFIX_CHUNKS_AT,
  ROWS_AT,
  rowProgram,
  SIZES_AT,
  SPANS_AT,
  STEP,
  WRITTEN_AT,
} from './row-program.ts'
import { type KeyForm, readClass, type Scan } from './scan-fields.ts'

/** Reads objects from an address on, up to the end of the page; gives where the first one stands that it does not read. */
type Run = (at: number, end: number, form: number, out: number) => number

/** What is used of WebAssembly, of which the types of Node know nothing. */
declare const WebAssembly: {
  readonly Memory: new (size: {
    readonly initial: number
  }) => {
    readonly buffer: ArrayBuffer
    grow(pages: number): void
  }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { readonly rows: Run } }
}

/** A piece of markup, and which field stands behind it. */
export interface Step {
  readonly markup: Buffer
  readonly field: number
}

/** How an object is written. */
export interface Form {
  readonly steps: readonly Step[]
  /** Which checksums it names. */
  readonly checksums: ListedChecksums
}

/** A form that is known, and where the program finds it. */
interface Known extends Form {
  readonly at: number
}

const WASM_PAGE_BYTES = 64 * 1024
/** So far behind what counts vectors are read and written. */
const SLACK = 64
/** No other memory is needed for pages of this length. */
const USUAL_PAGE_BYTES = 384 * 1024
const MOST_FORMS = 8
const FORM_BYTES = 4096
const MOST_LOOKS = 16
const MOST_PREFIX_BYTES = ((FORMS_AT - PREFIX_AT) * CHUNK) / (2 * CHUNK)
/** More than any key has. */
const TOO_LONG = 2 ** 31 - 1
const LESS = 0x3c

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0

const isSameForm = (one: Form, other: Form): boolean =>
  one.steps.length === other.steps.length &&
  one.steps.every(({ markup }, i) => isSame(markup, other.steps[i]?.markup ?? markup))

const chunksOf = ({ length }: Uint8Array): number => Math.ceil(length / CHUNK)
const stepBytes = ({ markup }: Step): number => STEP.markup + chunksOf(markup) * 2 * CHUNK

/** Writes bytes in chunks, behind each of which stands which of its bytes count. */
function writeChunks(memory: Buffer, at: number, bytes: Uint8Array): void {
  for (let i = 0; i < chunksOf(bytes); i++) {
    const chunk = bytes.subarray(i * CHUNK, (i + 1) * CHUNK)
    const to = at + i * 2 * CHUNK
    memory.fill(0, to, to + 2 * CHUNK)
    memory.set(chunk, to)
    memory.fill(0xff, to + CHUNK, to + CHUNK + chunk.length)
  }
}

/** Memory for a page that is scanned. */
export interface ScanRoom {
  /** The page. */
  readonly bytes: Buffer
  /** For keys, ETags and times, one after the other. */
  readonly out: Buffer
  readonly spans: Uint32Array
  readonly sizes: Float64Array
}

/** How far a page is read, and what is known of its rows beside what stands in its room. */
type Reading = Pick<Scan, 'bytes' | 'rows' | 'written' | 'checksums' | 'states'>

/**
 * Memory in which pages are scanned, one after the other, and a program that reads those of their objects which are plain:
 * written as others before them, byte for byte, but for the values. What it does not read is for others to judge.
 */
export class PlainRows {
  readonly #memory = new WebAssembly.Memory({
    initial: Math.ceil((PAGE_AT + 2 * (USUAL_PAGE_BYTES + SLACK)) / WASM_PAGE_BYTES),
  })
  readonly #run: Run
  #forms: readonly Known[] = []
  #all = Buffer.from(this.#memory.buffer)
  #words = new Uint32Array(this.#memory.buffer, 0, FORMS_AT / 4)
  #prefix: Uint8Array | undefined
  #pageEnd = PAGE_AT
  /** How often this page was looked at for a form. */
  #looks = 0

  /** Throws where this machine cannot. */
  constructor() {
    const module = new WebAssembly.Module(rowProgram())
    this.#run = new WebAssembly.Instance(module, { m: { m: this.#memory } }).exports.rows
    this.#all.set(HEX_DIGITS, HEX_AT)
  }

  /** Takes a page up. What it gives is good until the next one. */
  take(page: Uint8Array, { urlEncoded, prefix }: KeyForm): ScanRoom {
    this.#makeRoom(PAGE_AT + 2 * (page.length + SLACK))
    this.#pageEnd = PAGE_AT + page.length
    this.#all.set(page, PAGE_AT)
    // A value ends there at the latest, and nothing else goes on.
    this.#all[this.#pageEnd] = LESS
    this.#looks = 0
    this.#words[ENCODED_AT / 4] = Number(urlEncoded)
    if (!this.#prefix || !isSame(this.#prefix, prefix)) this.#setPrefix(prefix)
    const { buffer } = this.#memory
    return {
      bytes: this.#all.subarray(PAGE_AT, this.#pageEnd),
      out: this.#all.subarray(this.#pageEnd + SLACK),
      spans: new Uint32Array(buffer, SPANS_AT, MOST_PLAIN_ROWS * SPAN),
      sizes: new Float64Array(buffer, SIZES_AT, MOST_PLAIN_ROWS),
    }
  }

  /** Reads what it can from an object on; gives where the first one stands that it does not read. */
  read(scan: Reading, at: number): number {
    for (const form of this.#forms) {
      const end = this.#readForm(scan, at, form)
      if (end > at) return end
    }
    return at
  }

  /** Takes a form up, by which objects are known again. Of a page it takes only some: not of each object that is odd. */
  learn(formOf: () => Form | undefined): void {
    if (++this.#looks > MOST_LOOKS) return
    const form = formOf()
    if (!form) return
    const bytes = form.steps.reduce((sum, step) => sum + stepBytes(step), 0)
    if (bytes > FORM_BYTES || this.#forms.some((known) => isSameForm(known, form))) return
    const oldest = this.#forms[MOST_FORMS - 1]
    const at = oldest?.at ?? FORMS_AT + this.#forms.length * FORM_BYTES
    this.#writeSteps(at, form.steps)
    const steps = form.steps.map(({ markup, field }) => ({ markup: Buffer.from(markup), field }))
    const known = { steps, checksums: form.checksums, at }
    this.#forms = [known, ...this.#forms.slice(0, MOST_FORMS - 1)]
  }

  #readForm(scan: Reading, at: number, form: Known): number {
    const words = this.#words
    words[ROWS_AT / 4] = scan.rows
    words[WRITTEN_AT / 4] = scan.written
    words[OTHERS_AT / 4] = 0
    const end = this.#run(PAGE_AT + at, this.#pageEnd, form.at, this.#pageEnd + SLACK)
    const first = scan.rows
    scan.rows = words[ROWS_AT / 4] as number
    scan.written = words[WRITTEN_AT / 4] as number
    scan.checksums.fill(form.checksums, first, scan.rows)
    if (words[OTHERS_AT / 4] !== 0) this.#readClasses(scan, first)
    return end - PAGE_AT
  }

  /** Reads the classes of rows, from the first one on, that are not STANDARD. */
  #readClasses(scan: Reading, first: number): void {
    const places = new Uint32Array(this.#memory.buffer, CLASSES_AT, scan.rows * 2)
    for (let row = first; row < scan.rows; row++) {
      const [from = 0, to = 0] = [places[row * 2], places[row * 2 + 1]]
      if (from > 0) readClass(scan, from - PAGE_AT, to - PAGE_AT, row)
    }
  }

  #setPrefix(prefix: Uint8Array): void {
    this.#prefix = Buffer.from(prefix)
    const known = prefix.subarray(0, MOST_PREFIX_BYTES)
    this.#words[PREFIX_BYTES_AT / 4] = prefix.length > MOST_PREFIX_BYTES ? TOO_LONG : prefix.length
    this.#words[PREFIX_CHUNKS_AT / 4] = chunksOf(known)
    writeChunks(this.#all, PREFIX_AT, known)
  }

  #writeSteps(at: number, steps: readonly Step[]): void {
    let to = at
    for (const step of steps) {
      const { markup, field } = step
      const length = stepBytes(step)
      this.#all.writeUInt32LE(markup.length, to + STEP.bytes)
      this.#all.writeUInt32LE(chunksOf(markup), to + STEP.chunks)
      this.#all.writeUInt32LE(field, to + STEP.field)
      this.#all.writeUInt32LE(length, to + STEP.length)
      writeChunks(this.#all, to + STEP.markup, markup)
      to += length
    }
  }

  #makeRoom(bytes: number): void {
    const more = bytes - this.#all.length
    if (more <= 0) return
    this.#memory.grow(Math.ceil(more / WASM_PAGE_BYTES))
    this.#all = Buffer.from(this.#memory.buffer)
    this.#words = new Uint32Array(this.#memory.buffer, 0, FORMS_AT / 4)
  }
}
