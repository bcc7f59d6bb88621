import { isoTimeEnd } from '../model/iso-time.ts'
import type { KeyBytes } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import { commonBytes, plainInto, type WordMemory, wordMemory } from './plain-bytes.ts'

/** What only some objects have: another class than STANDARD. */
export type StorageState = Pick<ObjectInfo, 'storageClass' | 'restored'>

/** Numbers in `spans` for one row: where its key, its ETag and its time begin and end. */
export const SPAN = 6
/** Of these, where those of its ETag stand. */
export const ETAG = 2
export const TIME = 4

/** What objects are packed into: a few large pieces of memory, instead of thousands of small ones. Its bytes are keys, ETags and times, in any order. */
export interface PageMemory extends WordMemory {
  readonly spans: Uint32Array
  /** Sizes of the objects, in bytes. */
  readonly sizes: Float64Array
  /** What the listing names of their checksums. */
  readonly checksums: Uint8Array
}

/** As many pages wait at a time; what is more than that goes to the garbage collector. */
const MOST_SPARE = 64
const spare: PageMemory[] = []

/** Memory for objects, which may hold what was packed there before. */
export function pageMemory(byteCount: number, rowCount: number): PageMemory {
  const last = spare.pop()
  if (last && last.bytes.length >= byteCount && last.sizes.length >= rowCount) return last
  // Of the pages of one place some are a little longer than others.
  const { bytes, view } = wordMemory(byteCount + (byteCount >> 3))
  return {
    bytes,
    view,
    spans: new Uint32Array(rowCount * SPAN),
    sizes: new Float64Array(rowCount),
    checksums: new Uint8Array(rowCount),
  }
}

const COMMON: StorageState = { storageClass: '', restored: false }

/**
 * Objects that wait to be read: what is kept for a moment only, by the million, must cost the garbage collector next
 * to nothing. Their memory is used again once all have released them.
 */
export class PackedObjects {
  readonly count: number
  readonly #byteCount: number
  readonly #states: ReadonlyMap<number, StorageState>
  #memory: PageMemory | undefined
  #text: string | undefined
  #users = 1

  /** Objects in memory that is theirs from now on; `states` by row. */
  constructor(
    { count, byteCount }: { readonly count: number; readonly byteCount: number },
    memory: PageMemory,
    states: ReadonlyMap<number, StorageState>,
  ) {
    this.count = count
    this.#byteCount = byteCount
    this.#memory = memory
    this.#states = states
  }

  /** The key of a row. */
  key(row: number): KeyBytes {
    const { bytes, spans } = this.#held()
    return bytes.toString('latin1', spans[row * SPAN], spans[row * SPAN + 1]) as KeyBytes
  }

  /** The same as a piece of the text of all rows, which it holds in memory: for who asks for many of them. */
  sharedKey(row: number): KeyBytes {
    const { spans } = this.#held()
    return this.#allText().slice(spans[row * SPAN], spans[row * SPAN + 1]) as KeyBytes
  }

  /** What is known of its storage. */
  state(row: number): StorageState {
    return this.#states.get(row) ?? COMMON
  }

  /** Length of the key of a row, in bytes. */
  keyBytes(row: number): number {
    const { spans } = this.#held()
    return (spans[row * SPAN + 1] as number) - (spans[row * SPAN] as number)
  }

  /** The last byte of the key of a row, which is not empty. */
  lastKeyByte(row: number): number {
    const { bytes, spans } = this.#held()
    return bytes[(spans[row * SPAN + 1] as number) - 1] as number
  }

  /** Length of the ETag of a row, in bytes. */
  etagBytes(row: number): number {
    const { spans } = this.#held()
    const at = row * SPAN + ETAG
    return (spans[at + 1] as number) - (spans[at] as number)
  }

  /** Size in bytes. */
  size(row: number): number {
    return this.#held().sizes[row] ?? 0
  }

  /** The ETag of a row. */
  etag(row: number): string {
    const { bytes, spans } = this.#held()
    const at = row * SPAN + ETAG
    return bytes.toString('latin1', spans[at], spans[at + 1])
  }

  /** Copies the key of a row to `at`; gives where it ends, -1 where JSON would write it otherwise. */
  plainKeyInto(row: number, to: WordMemory, at: number): number {
    const memory = this.#held()
    const { spans } = memory
    const span = row * SPAN
    return plainInto(memory, spans[span] as number, spans[span + 1] as number, to, at)
  }

  /** The same of its ETag. */
  plainEtagInto(row: number, to: WordMemory, at: number): number {
    const memory = this.#held()
    const { spans } = memory
    const span = row * SPAN + ETAG
    return plainInto(memory, spans[span] as number, spans[span + 1] as number, to, at)
  }

  /** Copies its time to `at`, where it is written as we write times; gives where it ends, -1: it is not. */
  isoTimeInto(row: number, to: WordMemory, at: number): number {
    const memory = this.#held()
    const { spans } = memory
    const span = row * SPAN + TIME
    const [from, end] = [spans[span] as number, spans[span + 1] as number]
    return isoTimeEnd(memory.bytes, from) === end ? plainInto(memory, from, end, to, at) : -1
  }

  /** The object of a row. */
  object(row: number): ObjectInfo {
    const { spans, sizes, checksums } = this.#held()
    const { storageClass, restored } = this.state(row)
    const text = this.#allText()
    const at = row * SPAN
    return {
      key: text.slice(spans[at], spans[at + 1]) as KeyBytes,
      size: sizes[row] ?? 0,
      etag: text.slice(spans[at + ETAG], spans[at + ETAG + 1]),
      modified: text.slice(spans[at + TIME], spans[at + TIME + 1]),
      storageClass,
      restored,
      checksums: checksums[row] || undefined,
    }
  }

  /** Below 0, 0 or above it, as the key of a row stands before, at or behind that of another row. */
  order(row: number, other: PackedObjects, otherRow: number): number {
    const [a, b] = [this.#held(), other.#held()]
    const [from, to] = [a.spans[row * SPAN] as number, a.spans[row * SPAN + 1] as number]
    const otherFrom = b.spans[otherRow * SPAN] as number
    const otherLength = (b.spans[otherRow * SPAN + 1] as number) - otherFrom
    const length = Math.min(to - from, otherLength)
    const same = commonBytes(a, from, b, otherFrom, length)
    return same < length
      ? (a.bytes[from + same] as number) - (b.bytes[otherFrom + same] as number)
      : to - from - otherLength
  }

  /** Whether a row has the size and the ETag of another row, and has an ETag at all. */
  isSame(row: number, other: PackedObjects, otherRow: number): boolean {
    const [a, b] = [this.#held(), other.#held()]
    if (a.sizes[row] !== b.sizes[otherRow]) return false
    const at = row * SPAN + ETAG
    const otherAt = otherRow * SPAN + ETAG
    const from = a.spans[at] as number
    const otherFrom = b.spans[otherAt] as number
    const length = (a.spans[at + 1] as number) - from
    if (length === 0 || (b.spans[otherAt + 1] as number) - otherFrom !== length) return false
    for (let i = 0; i < length; i++) if (a.bytes[from + i] !== b.bytes[otherFrom + i]) return false
    return true
  }

  /** One more reads them, who will release them as well. */
  share(): this {
    this.#users++
    return this
  }

  /** One reader is done; behind the last one nothing can be read any more. */
  release(): void {
    if (--this.#users > 0 || this.#memory === undefined) return
    if (spare.length < MOST_SPARE) spare.push(this.#memory)
    this.#memory = undefined
    this.#text = undefined
  }

  #allText(): string {
    this.#text ??= this.#held().bytes.toString('latin1', 0, this.#byteCount)
    return this.#text
  }

  #held(): PageMemory {
    if (this.#memory === undefined)
      throw new Error('Internal error: these objects were already released.')
    return this.#memory
  }
}

/** One page of a listing. */
export interface ObjectPage {
  /** In the order of the page; keys are relative to the prefix. */
  readonly objects: PackedObjects
  /** Common prefixes relative to the prefix, where a delimiter was asked for. */
  readonly folders: readonly KeyBytes[]
  readonly truncated: boolean
  /** Where the next page begins; '' when there is none. */
  readonly nextToken: string
}

/** Packs objects in the order they come. */
export function packed(objects: readonly ObjectInfo[]): PackedObjects {
  const texts = objects.flatMap(({ key, etag, modified }) => [key, etag, modified])
  const text = texts.join('')
  const memory = pageMemory(text.length, objects.length)
  const { bytes, spans, sizes } = memory
  for (const [row, { checksums = 0 }] of objects.entries()) memory.checksums[row] = checksums
  bytes.write(text, 'latin1')
  let end = 0
  for (const [i, { length }] of texts.entries()) {
    spans[i * 2] = end
    end += length
    spans[i * 2 + 1] = end
  }
  for (const [row, { size }] of objects.entries()) sizes[row] = size
  return new PackedObjects(
    { count: objects.length, byteCount: end },
    memory,
    new Map(objects.entries()),
  )
}

/** The key of a row. */
export const keyAt = (objects: PackedObjects, row: number): KeyBytes => objects.key(row)

/** A copy of a key that does not hold the text of its whole page in memory. */
export const detached = (key: KeyBytes): KeyBytes =>
  Buffer.from(key, 'latin1').toString('latin1') as KeyBytes

/** The object of a row. */
export const objectAt = (objects: PackedObjects, row: number): ObjectInfo => objects.object(row)
