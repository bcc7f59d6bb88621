import { SyncError } from '../errors.ts'
import { toText } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import type { Place } from '../model/place.ts'
import { humanObjects } from '../model/units.ts'
import type { Files, Log, Store } from '../ports.ts'
import { listingRefused } from '../preflight/preflight.ts'
import type { KeyFilter } from './globs.ts'
import { listAll } from './pages.ts'
import { inKeyOrder } from './sort.ts'

/** A place that was listed completely. */
export interface Inventory {
  /** Objects in scope, in byte order of their keys. Can be read once. */
  readonly objects: AsyncGenerator<ObjectInfo>
  /** Objects listed, those out of scope included; the folder's own marker (`prefix/`) does not count. */
  readonly listed: number
  /** Objects that a filter left out. */
  readonly filtered: { readonly objects: number; readonly bytes: number }
}

/** Both places, listed completely. */
export interface Inventories {
  readonly source: Inventory
  readonly destination: Inventory
}

interface Side extends Place {
  readonly store: Store
}

interface Doors {
  readonly files: Files
  /** For listings that do not fit into memory; the caller removes it. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly log: Log
}

async function takeInventory(side: Side, filter: KeyFilter, doors: Doors): Promise<Inventory> {
  const baseName = side.prefix.slice(side.prefix.lastIndexOf('/') + 1)
  const filtered = { objects: 0, bytes: 0 }
  let listed = 0

  async function* inScope(): AsyncGenerator<ObjectInfo> {
    for await (const object of listAll(side.store, side, doors.signal)) {
      // The folder's own marker is no content: a folder that holds nothing else is empty.
      if (object.key !== '' || side.single) listed++
      // A key that is no text cannot be matched; it stays in scope, so that it is reported.
      const text = side.single ? baseName : toText(object.key)
      if (text === undefined || filter(text)) yield object
      else {
        filtered.objects++
        filtered.bytes += object.size
      }
    }
  }

  const objects = await inKeyOrder(inScope(), doors.files, doors.folder)
  return { objects, listed, filtered }
}

/**
 * Lists both places to their ends and puts each in order, since real services list in orders of their own.
 * Throws SyncError of kind `listing` when one of the listings is not complete.
 */
export async function takeInventories(
  sides: { readonly source: Side; readonly destination: Side },
  filter: KeyFilter,
  doors: Doors,
): Promise<Inventories> {
  const other = new AbortController()
  const signal = AbortSignal.any([doors.signal, other.signal])
  let first: unknown
  const take = async (name: 'source' | 'destination'): Promise<Inventory> => {
    const folder = doors.files.join(doors.folder, name)
    try {
      await doors.files.makeFolder(folder)
      const inventory = await takeInventory(sides[name], filter, { ...doors, folder, signal })
      const listed = humanObjects(inventory.listed)
      doors.log.line('info', `Listed ${listed} at the ${name}.`)
      return inventory
    } catch (error) {
      first ??= error instanceof SyncError ? error : listingRefused(sides[name].bucket, error)
      // A plan needs both: the other listing is not worth its requests any more.
      other.abort()
      throw error
    }
  }
  const [source, destination] = await Promise.allSettled([take('source'), take('destination')])
  doors.signal.throwIfAborted()
  if (source.status === 'fulfilled' && destination.status === 'fulfilled')
    return { source: source.value, destination: destination.value }
  throw first
}
