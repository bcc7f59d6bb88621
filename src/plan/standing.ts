import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import type { PublishedRow } from '../model/published.ts'
import { visibleJson } from '../model/safe.ts'
import type { Files, LineWriter } from '../ports.ts'
import type { PackedObjects } from '../storage/object-page.ts'
import { digitsInto, PLAIN_TEXT, Stamp } from '../storage/plain-bytes.ts'
import { LinePieces } from './line-pieces.ts'

/** More than any line takes whose key and ETag need no escapes, beside these. */
const ROOM_BYTES = 128
const TO_SIZE = new Stamp('","size":')
const TO_ETAG = new Stamp(',"etag":"')
const TO_END = new Stamp('","status":"unchanged"}\n')

/** The objects of the destination that a plan leaves as they are, as lines of a file that is made when there is one. */
export class StandingLines {
  readonly path: string
  readonly #files: Files
  readonly #withdrawn = new Set<KeyBytes>()
  readonly #pieces = new LinePieces()
  #writer: LineWriter | undefined
  /** What keys begin with, and how lines do then; undefined where JSON would write it otherwise. */
  #within: KeyBytes | undefined
  #toKey: Stamp | undefined

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
    // Of a file that was not read nobody knows one.
    const tag = etag === '' ? {} : { etag }
    const row: PublishedRow = { key: text, size, ...tag, ...known, status: 'unchanged' }
    this.#pieces.add(visibleJson(row))
  }

  /** Adds a row of a listing; by the million, so that its bytes are copied as they are. `within`: what its key begins with. */
  addRow(within: KeyBytes, objects: PackedObjects, row: number): void {
    const toKey = this.#lineStart(within)
    const end = toKey ? this.#plainRow(toKey, objects, row) : -1
    if (end >= 0) this.#pieces.endAt(end)
    else this.add((within + objects.key(row)) as KeyBytes, objects.size(row), objects.etag(row))
  }

  #lineStart(within: KeyBytes): Stamp | undefined {
    if (this.#within === within) return this.#toKey
    this.#within = within
    this.#toKey = PLAIN_TEXT.test(within) ? new Stamp(`{"key":"${within}`) : undefined
    return this.#toKey
  }

  /** Writes the line of a row behind the others; gives where it ends, -1 where it is not as plain as that. */
  #plainRow(toKey: Stamp, objects: PackedObjects, row: number): number {
    const needed = toKey.length + objects.keyBytes(row) + objects.etagBytes(row) + ROOM_BYTES
    const piece = this.#pieces.room(needed)
    const key = objects.plainKeyInto(row, piece, toKey.into(piece, this.#pieces.end))
    if (key < 0) return -1
    const size = digitsInto(objects.size(row), piece, TO_SIZE.into(piece, key))
    if (objects.etagBytes(row) === 0) return -1
    const etag = objects.plainEtagInto(row, piece, TO_ETAG.into(piece, size))
    return etag < 0 ? -1 : TO_END.into(piece, etag)
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
    if (this.#pieces.isEmpty) return
    this.#writer ??= await this.#files.writer(this.path)
    await this.#pieces.writeTo(this.#writer)
  }

  /** Closes the file; it can be read then. */
  async close(): Promise<void> {
    await this.#writer?.close()
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
      if (standing.isMade && !standing.hasWithdrawn) await writer.appendFile(standing.path)
      else if (standing.isMade)
        for await (const line of files.lines(standing.path))
          if (standing.keeps(line)) await writer.write(line)
  } finally {
    await writer.close()
  }
}
