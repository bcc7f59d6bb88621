import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import type { PublishedRow } from '../model/published.ts'
import { visibleJson } from '../model/safe.ts'
import type { Files, LineWriter } from '../ports.ts'
import type { PackedObjects } from '../storage/object-page.ts'

/** Bytes of a piece of memory that lines wait in; the longest line has a tenth of it. */
const PIECE_BYTES = 256 * 1024
/** More than any line takes whose key and ETag need no escapes, beside these. */
const ROOM_BYTES = 128
/** As many pieces are kept to be used again. */
const MOST_SPARE = 16
const spare: Buffer[] = []

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const TO_KEY = ascii('{"key":"')
const TO_SIZE = ascii('","size":')
const TO_ETAG = ascii(',"etag":"')
const TO_END = ascii('","status":"unchanged"}\n')

/** Texts that stand in JSON as they are. */
const PLAIN = /^[ !#-[\]-~]*$/
const isPlain = (text: string): boolean => text === '' || PLAIN.test(text)

function into(from: Uint8Array, to: Uint8Array, at: number): number {
  for (let i = 0; i < from.length; i++) to[at + i] = from[i] as number
  return at + from.length
}

/** The objects of the destination that a plan leaves as they are, as lines of a file that is made when there is one. */
export class StandingLines {
  readonly path: string
  readonly #files: Files
  readonly #withdrawn = new Set<KeyBytes>()
  /** Pieces that are full, and how many of their bytes are lines. */
  #full: { readonly piece: Buffer; readonly bytes: number }[] = []
  #piece: Buffer | undefined
  #bytes = 0
  #writer: LineWriter | undefined

  constructor(files: Files, path: string) {
    this.#files = files
    this.path = path
  }

  /** Whether the file has lines. */
  get isMade(): boolean {
    return this.#writer !== undefined
  }

  /** Adds an object by its key relative to the whole destination; `sha256` in hex, where it is known. */
  add(key: KeyBytes, size: number, etag: string, sha256?: string): void {
    const text = toText(key)
    if (text === undefined) return
    const known = sha256 === undefined ? {} : { sha256 }
    const row: PublishedRow = { key: text, size, etag, ...known, status: 'unchanged' }
    const line = Buffer.from(`${visibleJson(row)}\n`)
    this.#bytes = into(line, this.#room(line.length), this.#bytes)
  }

  /** Adds a row of a listing; by the million, so that its bytes are copied as they are. `within`: what its key begins with. */
  addRow(within: KeyBytes, objects: PackedObjects, row: number): void {
    const size = objects.size(row)
    const needed = within.length + objects.keyBytes(row) + objects.etagBytes(row) + ROOM_BYTES
    const piece = this.#room(needed)
    let at = into(TO_KEY, piece, this.#bytes)
    at += piece.write(within, at, 'latin1')
    at = isPlain(within) ? objects.plainKeyInto(row, piece, at) : -1
    if (at >= 0) {
      at = into(TO_SIZE, piece, at)
      at += piece.write(String(size), at, 'latin1')
      at = objects.plainEtagInto(row, piece, into(TO_ETAG, piece, at))
    }
    if (at < 0) this.add((within + objects.key(row)) as KeyBytes, size, objects.etag(row))
    else this.#bytes = into(TO_END, piece, at)
  }

  /** It is copied all the same. */
  withdraw(key: KeyBytes): void {
    this.#withdrawn.add(key)
  }

  get hasWithdrawn(): boolean {
    return this.#withdrawn.size > 0
  }

  /** Whether an object is among those that stay. */
  keeps(line: string): boolean {
    return !this.#withdrawn.has(toKeyBytes((JSON.parse(line) as PublishedRow).key))
  }

  /** Writes the lines that wait. */
  async flush(): Promise<void> {
    this.#endPiece()
    const full = this.#full
    this.#full = []
    for (const { piece, bytes } of full) {
      this.#writer ??= await this.#files.writer(this.path)
      await this.#writer.append(piece.subarray(0, bytes))
      if (spare.length < MOST_SPARE) spare.push(piece)
    }
  }

  /** Closes the file; it can be read then. */
  async close(): Promise<void> {
    await this.#writer?.close()
  }

  /** Memory that has room for so many bytes behind what is in it. */
  #room(bytes: number): Buffer {
    if (this.#piece && this.#bytes + bytes <= this.#piece.length) return this.#piece
    this.#endPiece()
    this.#piece = spare.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES)
    return this.#piece
  }

  #endPiece(): void {
    if (this.#piece && this.#bytes > 0) this.#full.push({ piece: this.#piece, bytes: this.#bytes })
    else if (this.#piece && spare.length < MOST_SPARE) spare.push(this.#piece)
    this.#piece = undefined
    this.#bytes = 0
  }
}

/** Writes the lines of all parts into one file, in their order. */
export async function gatherStanding(
  files: Files,
  parts: readonly { readonly standing: StandingLines }[],
  path: string,
): Promise<void> {
  const writer = await files.writer(path)
  try {
    for (const { standing } of parts)
      if (standing.isMade && !standing.hasWithdrawn)
        for await (const chunk of files.chunks(standing.path)) await writer.append(chunk)
      else if (standing.isMade)
        for await (const line of files.lines(standing.path))
          if (standing.keeps(line)) await writer.write(line)
  } finally {
    await writer.close()
  }
}
