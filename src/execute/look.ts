import { serviceFailure } from '../errors/service-failure.ts'
import { listAll } from '../inventory/pages.ts'
import { inKeyOrder } from '../inventory/sort.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import type { Place } from '../model/place.ts'
import type { Found } from '../model/proof.ts'
import type { Mover } from '../plan/moved.ts'
import { type Pair, pairUp } from '../plan/pair.ts'
import type { SourceObject } from '../plan/part.ts'
import type { Files, Store } from '../ports.ts'
import { inParallel } from './parallel.ts'

/** Looks at objects of one bucket. */
export type Look = (key: string, signal: AbortSignal) => Promise<Found | undefined>

/**
 * A look by HEAD; where the identity may list but not read, by a listing of one key.
 * Gives undefined when there is no such object, and throws what the service threw.
 */
export function looker(store: Store, bucket: string): Look {
  let mayHead = true

  async function byListing(key: string, signal: AbortSignal): Promise<Found | undefined> {
    const place = { store, bucket, prefix: key, single: true }
    for await (const object of listAll(place, signal)) return object
    return undefined
  }

  return async (key, signal) => {
    if (!mayHead) return byListing(key, signal)
    try {
      return await store.head(bucket, key, signal)
    } catch (error) {
      if (serviceFailure(error).code !== 'AccessDenied') throw error
      mayHead = false
      return byListing(key, signal)
    }
  }
}

/** A request for each key, or one listing of the place. */
export type LookMethod = 'heads' | 'listing'

/** Where many keys are looked at. */
export interface LookGround {
  readonly place: Place & { readonly store: Store }
  readonly files: Files
  /** Folder for what does not fit into memory; the caller removes it. */
  readonly scratch: string
  readonly signal: AbortSignal
  /** How they are looked at; undefined: as costs less. */
  readonly method?: LookMethod | undefined
  /** Where objects of the place stand among the keys that are looked at, where that is not under their own. */
  readonly move?: Mover | undefined
}

/** Records to look up by their keys, which are relative to the place; and how many they are. */
export interface Sought<T> {
  readonly records: AsyncIterable<T>
  readonly count: number
}

interface Keyed {
  readonly key: KeyBytes
}

/** Beyond this many keys one listing is cheaper than a HEAD for each. */
const MOST_HEADS = 1000
const HEADS_AT_ONCE = 32

/** How so many keys are looked at at the least cost. */
export const lookMethod = (count: number): LookMethod => (count <= MOST_HEADS ? 'heads' : 'listing')

async function byHeads<T extends Keyed>(
  { place, signal }: LookGround,
  { records }: Sought<T>,
): Promise<Pair<T, Found>[]> {
  const look = looker(place.store, place.bucket)
  const pairs: Pair<T, Found>[] = []
  await inParallel(records, HEADS_AT_ONCE, async (record) => {
    signal.throwIfAborted()
    pairs.push([record, await look(place.prefix + toText(record.key), signal)])
  })
  return pairs
}

const MOVED_AT_ONCE = 1000

async function* listed({ place, signal, move = (objects) => objects }: LookGround) {
  const page: ObjectInfo[] = []
  const moved = () => move(page.splice(0))
  for await (const object of listAll(place, signal))
    if (page.push(object) === MOVED_AT_ONCE) yield* moved()
  yield* moved()
}

async function byListing<T extends Keyed>(
  ground: LookGround,
  { records }: Sought<T>,
): Promise<AsyncIterable<Pair<T, Found>>> {
  const { files, scratch, move } = ground
  const sought = await inKeyOrder(records, { files, folder: files.join(scratch, 'sought') })
  const found = await inKeyOrder<SourceObject>(listed(ground), {
    files,
    folder: files.join(scratch, 'found'),
    // Of two that would become one, one is enough to find.
    ...(move ? { settle: (first) => first } : {}),
  })
  return pairUp(sought, found)
}

/**
 * What a place has now under each of many keys: by HEAD up to 1,000, beyond that (and where objects are
 * moved, or it is asked for) by one listing, which adds pairs without a record. All of it is seen before
 * the first pair is given. Throws the service's error, or SyncError when a listing is not complete.
 */
export const lookAtEach = async <T extends Keyed>(
  ground: LookGround,
  sought: Sought<T>,
): Promise<AsyncIterable<Pair<T, Found>> | Iterable<Pair<T, Found>>> =>
  (ground.method ?? lookMethod(sought.count)) === 'heads' && !ground.move
    ? byHeads(ground, sought)
    : byListing(ground, sought)
