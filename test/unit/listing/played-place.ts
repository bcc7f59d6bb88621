import type { ListedPlace } from '../../../src/listing/pages.ts'
import { type KeyBytes, toKeyBytes } from '../../../src/model/key.ts'
import { type PackedObjects, packed } from '../../../src/storage/object-page.ts'
import type { ListedPage, ListQuery } from '../../../src/storage/store.ts'
import { scriptedStore } from '../../ports.ts'
import type { playedTime } from '../flow/played-time.ts'

const PREFIX = 'p/'

/** Only keys are of interest: all that the pages of a played place tell. */
const keysOnly = (keys: readonly string[]): PackedObjects =>
  packed(
    keys.map((key) => ({
      key: key as KeyBytes,
      ...{ size: 0, etag: '', modified: '', storageClass: '', restored: false },
    })),
  )

/** A place of many keys behind a network: every page takes its time. */
export interface PlayedPlace extends ListedPlace {
  /** What was asked so far. */
  readonly queries: readonly ListQuery[]
}

/** How a place is played. */
export interface PlayedNetwork {
  readonly time: ReturnType<typeof playedTime>
  readonly pageKeys: number
  readonly latencyMs: number
}

/** Plays a place that has these keys, which are ASCII and in their order. */
export function playedPlace(keys: readonly string[], network: PlayedNetwork): PlayedPlace {
  const { time, pageKeys, latencyMs } = network
  const queries: ListQuery[] = []

  /** The first key that is not before `key`. */
  const lowerBound = (key: string): number => {
    let [low, high] = [0, keys.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((keys[middle] as string) < key) low = middle + 1
      else high = middle
    }
    return low
  }

  function folded(folder: string): Omit<ListedPage, 'attempts'> {
    const own: string[] = []
    const folders: KeyBytes[] = []
    const end = folder === '' ? keys.length : lowerBound(`${folder}\x7f`)
    let at = lowerBound(folder)
    while (at < end && own.length + folders.length < pageKeys) {
      const key = keys[at] as string
      const slash = key.indexOf('/', folder.length)
      if (slash < 0) {
        own.push(key.slice(folder.length))
        at++
      } else {
        folders.push(toKeyBytes(key.slice(folder.length, slash + 1)))
        at = lowerBound(`${key.slice(0, slash + 1)}\x7f`)
      }
    }
    return {
      objects: keysOnly(own),
      folders,
      truncated: at < end,
      nextToken: at < end ? `${at}` : '',
    }
  }

  function found({
    prefix,
    token,
    startAfter,
    delimiter,
  }: ListQuery): Omit<ListedPage, 'attempts'> {
    if (delimiter !== undefined) return folded(prefix.slice(PREFIX.length))
    const begin =
      token !== undefined
        ? Number(token)
        : startAfter === undefined
          ? 0
          : lowerBound(`${startAfter.slice(PREFIX.length)}\0`)
    const end = Math.min(begin + pageKeys, keys.length)
    const truncated = end < keys.length
    const objects = keysOnly(keys.slice(begin, end))
    return { objects, folders: [], truncated, nextToken: truncated ? `${end}` : '' }
  }

  const store = scriptedStore({
    page: async (query) => {
      queries.push(query)
      await time.sleep(latencyMs)
      return { ...found(query), attempts: 1 }
    },
  })
  return { store, bucket: 'b', prefix: PREFIX, single: false, queries }
}
