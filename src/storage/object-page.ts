import type { KeyBytes } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'

/** What only some objects have: another class than STANDARD. */
export type StorageState = Pick<ObjectInfo, 'storageClass' | 'restored'>

/**
 * Objects that wait to be read, in a few large pieces of memory instead of thousands of small ones: what
 * is kept for a moment only, by the million, must cost the garbage collector next to nothing.
 */
export interface PackedObjects {
  readonly count: number
  /** Keys, ETags and times. */
  readonly text: string
  /** Where key, ETag and time of every row begin and end in it. */
  readonly spans: Uint32Array
  /** Bytes. */
  readonly sizes: Float64Array
  readonly states: ReadonlyMap<number, StorageState>
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

/** Numbers in `spans` for one row. */
export const SPAN = 6

/** Packs objects in the order they come. */
export function packed(objects: readonly ObjectInfo[]): PackedObjects {
  const texts = objects.flatMap(({ key, etag, modified }) => [key, etag, modified])
  const spans = new Uint32Array(objects.length * SPAN)
  let end = 0
  for (const [i, text] of texts.entries()) {
    spans[i * 2] = end
    end += text.length
    spans[i * 2 + 1] = end
  }
  return {
    count: objects.length,
    text: texts.join(''),
    spans,
    sizes: Float64Array.from(objects, ({ size }) => size),
    states: new Map(objects.entries()),
  }
}

const COMMON: StorageState = { storageClass: '', restored: false }

/** The key of a row. */
export const keyAt = ({ text, spans }: PackedObjects, row: number): KeyBytes =>
  text.slice(spans[row * SPAN], spans[row * SPAN + 1]) as KeyBytes

/** A copy of a key that does not hold the text of its whole page in memory. */
export const detached = (key: KeyBytes): KeyBytes =>
  Buffer.from(key, 'latin1').toString('latin1') as KeyBytes

/** The object of a row. */
export function objectAt(objects: PackedObjects, row: number): ObjectInfo {
  const { text, spans, sizes, states } = objects
  const { storageClass, restored } = states.get(row) ?? COMMON
  const at = row * SPAN
  return {
    key: keyAt(objects, row),
    size: sizes[row] ?? 0,
    etag: text.slice(spans[at + 2], spans[at + 3]),
    modified: text.slice(spans[at + 4], spans[at + 5]),
    storageClass,
    restored,
  }
}
