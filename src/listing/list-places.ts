import type { ObjectInfo } from '../model/object-info.ts'
import type { Files, Log } from '../ports.ts'
import { listingError } from '../preflight/places.ts'
import { packed } from '../storage/object-page.ts'
import { listAll } from './pages.ts'
import type { Join } from './range.ts'
import { type ListedPlaces, listInRanges, type RangePorts } from './ranges.ts'
import { inKeyOrder } from './sort.ts'
import { isIn, type RowSource, type Rows, type Span } from './stream.ts'

/** What listings work with. */
export interface ListingPorts extends RangePorts {
  readonly files: Files
  /** For listings that come in another order and do not fit into memory; the caller removes it. */
  readonly folder: string
  readonly log: Log
}

const ROWS = 1000

/** Objects in the order of their keys, as rows. */
function rowsFrom(objects: AsyncGenerator<ObjectInfo>): RowSource {
  let rows: Rows = { objects: packed([]), at: 0, to: 0 }
  return {
    next: async () => {
      if (rows.at < rows.to) return rows
      const some: ObjectInfo[] = []
      for (let next = await objects.next(); !next.done; next = await objects.next())
        if (some.push(next.value) === ROWS) break
      rows = { objects: packed(some), at: 0, to: some.length }
      return some.length > 0 ? rows : undefined
    },
  }
}

/** Of the objects of a place those that are asked for: in an order of its own a service lists all. */
async function* within(
  objects: AsyncGenerator<ObjectInfo, void>,
  span: Span | undefined,
): AsyncGenerator<ObjectInfo, void> {
  for await (const object of objects) if (!span || isIn(span, object.key)) yield object
}

async function* nothing(): AsyncGenerator<ObjectInfo> {}

/** Lists both places from end to end, sorts them on disk, and joins them as one range. */
async function listAndSort<T>(
  places: ListedPlaces,
  join: Join<T>,
  { files, folder, signal: outer }: ListingPorts,
): Promise<readonly T[]> {
  const stop = new AbortController()
  const signal = AbortSignal.any([outer, stop.signal])
  const take = async (side: 'source' | 'destination'): Promise<RowSource> => {
    const own = files.join(folder, side)
    const place = places[side]
    if (!place) return rowsFrom(nothing())
    try {
      const objects = within(listAll(place, signal), places.span)
      return rowsFrom(await inKeyOrder(objects, { files, folder: own }))
    } catch (error) {
      // The other listing is not worth its requests any more.
      stop.abort(listingError(place, error))
      throw error
    }
  }
  const sides = await Promise.allSettled([take('source'), take('destination')])
  const [source, destination] = sides
  if (source.status === 'rejected' || destination.status === 'rejected') throw stop.signal.reason
  return [await join(source.value, destination.value)]
}

/**
 * Lists both places to their ends and hands them to `join` in the order of their keys: many ranges at a
 * time, or all at once where a service lists in an order of its own. Gives what the joins gave, in the
 * order of the keys. Throws SyncError of kind `list` when one of the listings is not complete.
 */
export async function listPlaces<T>(
  places: ListedPlaces,
  join: Join<T>,
  ports: ListingPorts,
): Promise<readonly T[]> {
  try {
    const joined = await listInRanges(places, join, ports)
    if (joined) return joined
    ports.log.line(
      'info',
      'The service did not list the keys in byte order, or they changed during the listing: listing again and sorting.',
    )
    return await listAndSort(places, join, ports)
  } catch (error) {
    ports.signal.throwIfAborted()
    throw error
  }
}
