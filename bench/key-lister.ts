import { type KeyBytes, toKeyBytes } from '../src/model/key.ts'
import { PackedObjects, pageMemory } from '../src/storage/object-page.ts'
import type { ListedPage, Lister, ListQuery } from '../src/storage/store.ts'
import type { KeyShape } from './key-shapes.ts'

const PAGE_KEYS = 1000
const MODIFIED = '2026-01-01T00:00:00.000Z'
const SAME = '0123456789abcdef0123456789abcdef'
const OTHER = 'fedcba9876543210fedcba9876543210'

/** Keys of a shape as a service would list them, made while they are asked for. */
export interface KeyPlace {
  readonly shape: KeyShape
  readonly keys: number
  /** Whether key `i` is there. */
  readonly has: (i: number) => boolean
  /** Whether key `i` has other content than at the other place. */
  readonly differs: (i: number) => boolean
}

/** The first `i` of `from` to `to` for which `holds` is true, which it then is for all behind it. */
function firstWhere(from: number, to: number, holds: (i: number) => boolean): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** Packs the keys without their prefix, as a page that was read. */
function pack({ shape, differs }: KeyPlace, rows: readonly number[], cut: number): PackedObjects {
  const fields = rows.flatMap((i) => [
    shape.keyAt(i).slice(cut),
    differs(i) ? OTHER : SAME,
    MODIFIED,
  ])
  const text = fields.join('')
  const memory = pageMemory(text.length, rows.length)
  memory.bytes.write(text, 'latin1')
  let end = 0
  for (const [at, field] of fields.entries()) {
    memory.spans[at * 2] = end
    end += field.length
    memory.spans[at * 2 + 1] = end
  }
  memory.sizes.fill(1000)
  return new PackedObjects({ count: rows.length, byteCount: text.length }, memory, new Map())
}

/** Lists a place; `count.pages` counts the requests. */
export function keyLister(place: KeyPlace, count: { pages: number }): Lister {
  const { shape, keys, has } = place

  function page({ prefix, token, startAfter = '', delimiter, mostKeys }: ListQuery): ListedPage {
    count.pages++
    const after = token ?? startAfter
    let i = firstWhere(0, keys, (at) => shape.keyAt(at) >= prefix)
    const end = firstWhere(i, keys, (at) => !shape.keyAt(at).startsWith(prefix))
    if (after > prefix) i = firstWhere(i, end, (at) => shape.keyAt(at) > after)
    const most = Math.min(PAGE_KEYS, mostKeys ?? PAGE_KEYS)
    const rows: number[] = []
    const folders: KeyBytes[] = []
    let last = ''
    while (i < end && rows.length + folders.length < most) {
      const key = shape.keyAt(i)
      const slash = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length)
      if (slash < 0) {
        if (has(i)) rows.push(i)
        last = key
        i++
        continue
      }
      const folder = key.slice(0, slash + 1)
      folders.push(toKeyBytes(folder.slice(prefix.length)))
      i = firstWhere(i, end, (at) => !shape.keyAt(at).startsWith(folder))
      last = shape.keyAt(i - 1)
    }
    return {
      objects: pack(place, rows, prefix.length),
      folders,
      truncated: i < end,
      nextToken: i < end ? last : '',
      attempts: 1,
    }
  }

  return {
    // As an answer of a service would, it comes in another turn of the event loop.
    page: (query) => new Promise((resolve) => setImmediate(() => resolve(page(query)))),
  }
}
