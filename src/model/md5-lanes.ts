import {
  BLOCK_BYTES,
  blocksAt,
  CONSTANTS,
  LANES,
  md5Program,
  PAGES,
  PROGRAM_NAME,
} from './md5-program.ts'

/** What is used of WebAssembly, of which the types of Node know nothing. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

/** Four words: what MD5 goes on from. */
export type Md5State = readonly number[]

const FIRST_STATE: Md5State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
/** Words of the state of all lanes. */
const STATE_WORDS = FIRST_STATE.length * LANES

/** What stands behind the last whole block of some content of `size` bytes, as MD5 ends it. */
function lastBlocks(rest: Uint8Array, size: number): Uint8Array {
  const end = new Uint8Array(rest.length < BLOCK_BYTES - 8 ? BLOCK_BYTES : 2 * BLOCK_BYTES)
  end.set(rest)
  end[rest.length] = 0x80
  new DataView(end.buffer).setBigUint64(end.length - 8, BigInt(size) * 8n, true)
  return end
}

/** MD5s of four contents under way, all of which go on by as many blocks. */
export class Md5Lanes {
  readonly #bytes: Uint8Array
  readonly #words: Uint32Array
  readonly #run: (blocks: number) => void

  /** Throws where this machine cannot. */
  constructor() {
    const memory = new WebAssembly.Memory({ initial: PAGES })
    this.#bytes = new Uint8Array(memory.buffer)
    this.#words = new Uint32Array(memory.buffer)
    this.#words.set(CONSTANTS.words, CONSTANTS.at)
    const imports = { [PROGRAM_NAME]: { [PROGRAM_NAME]: memory } }
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(md5Program()), imports)
    this.#run = exports[PROGRAM_NAME] as (blocks: number) => void
  }

  /** Begins a content, or goes on with one from the state that it had. */
  begin(lane: number, state = FIRST_STATE): void {
    for (const [row, word] of state.entries()) this.#words[row * LANES + lane] = word
  }

  /** What a content came to, to go on from. */
  state(lane: number): Md5State {
    return Array.from(FIRST_STATE, (_, row) => this.#words[row * LANES + lane] ?? 0)
  }

  /** Puts whole blocks in place, to be taken in by `run`. */
  put(lane: number, blocks: Uint8Array): void {
    this.#bytes.set(blocks, blocksAt(lane))
  }

  run(blocks: number): void {
    this.#run(blocks)
  }

  /** Takes in what stands behind the whole blocks of one content of `size` bytes, and ends it; the others stay where they are. */
  end(lane: number, rest: Uint8Array, size: number): Buffer {
    const state = this.#words.slice(0, STATE_WORDS)
    const last = lastBlocks(rest, size)
    this.put(lane, last)
    this.run(last.length / BLOCK_BYTES)
    const md5 = Buffer.alloc(FIRST_STATE.length * 4)
    for (const row of FIRST_STATE.keys())
      md5.writeUInt32LE(this.#words[row * LANES + lane] ?? 0, row * 4)
    this.#words.set(state)
    return md5
  }
}
