import { serviceFailure } from '../errors/service-failure.ts'
import { inParallel } from '../flow/pool.ts'
import { joinStreams, type Pair } from '../listing/join-streams.ts'
import { listOne } from '../listing/list-one.ts'
import { type KeyRange, listAll, listRange, OUT_OF_ORDER } from '../listing/pages.ts'
import { inKeyOrder } from '../listing/sort.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import type { Place } from '../model/place.ts'
import type { Found } from '../model/proof.ts'
import type { Files } from '../ports.ts'
import type { Store } from '../storage/store.ts'

/** Looks at objects of one bucket, as they are now or in a version. */
export type Look = (
  key: string,
  signal: AbortSignal,
  versionId?: string,
) => Promise<Found | undefined>

/** Whether an answer tells what an object is known by. */
const isWhole = ({ size, modified }: Found): boolean => !Number.isNaN(size) && modified !== ''

/**
 * A look by HEAD; where the identity may list but not read, or the answer does not tell size and time, by a listing of one key.
 * Gives undefined when there is no such object, and throws what the service threw.
 */
export function looker(store: Pick<Store, 'stat' | 'page' | 'capabilities'>, bucket: string): Look {
  const { capabilities } = store
  return async (key, signal, versionId) => {
    // No listing tells of a version.
    if (versionId !== undefined) return store.stat({ bucket, key, versionId }, signal)
    if (!capabilities.heads) return listOne(store, { bucket, key }, signal)
    try {
      const found = await store.stat({ bucket, key }, signal)
      if (found === undefined || isWhole(found)) return found
      capabilities.refusesHeads()
      return listOne(store, { bucket, key }, signal)
    } catch (error) {
      if (serviceFailure(error).code !== 'AccessDenied') throw error
      capabilities.refusesHeads()
      return listOne(store, { bucket, key }, signal)
    }
  }
}

/** A request for each key, or one listing of the place. */
export type LookMethod = 'heads' | 'listing'

/** Where many keys are looked at. */
export interface LookDeps {
  readonly place: Place & { readonly store: Store }
  readonly files: Files
  /** Folder for what does not fit into memory; the caller removes it. */
  readonly scratch: string
  readonly signal: AbortSignal
  /** How they are looked at; undefined: as costs less. */
  readonly method?: LookMethod | undefined
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
  { place, signal }: LookDeps,
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

/** Notes between which keys all records lie. */
async function* ranged<T extends Keyed>(
  records: AsyncIterable<T>,
  note: (range: KeyRange) => void,
): AsyncGenerator<T> {
  let range: KeyRange | undefined
  for await (const record of records) {
    const { key } = record
    const { first, last } = range ?? { first: key, last: key }
    range = { first: key < first ? key : first, last: key > last ? key : last }
    yield record
  }
  if (range) note(range)
}

/** What a place has between two keys; where its order does not tell, all that it has. */
async function listed(
  { place, signal, files, scratch }: LookDeps,
  range: KeyRange | undefined,
): Promise<AsyncGenerator<ObjectInfo>> {
  const inOrder = (objects: AsyncGenerator<ObjectInfo, void>, name: string) =>
    inKeyOrder(objects, { files, folder: files.join(scratch, name) })
  if (range && !place.single)
    try {
      return await inOrder(listRange(place, range, signal), 'found')
    } catch (error) {
      if (error !== OUT_OF_ORDER) throw error
    }
  return inOrder(listAll(place, signal), 'found-anywhere')
}

async function byListing<T extends Keyed>(
  deps: LookDeps,
  { records }: Sought<T>,
): Promise<AsyncIterable<Pair<T, Found>>> {
  const { files, scratch } = deps
  let range: KeyRange | undefined
  const noted = ranged(records, (found) => {
    range = found
  })
  const sought = await inKeyOrder(noted, { files, folder: files.join(scratch, 'sought') })
  return joinStreams(sought, await listed(deps, range))
}

/**
 * What a place has now under each of many keys: by HEAD up to 1,000, beyond that (and where it is asked
 * for) by one listing, which adds pairs without a record. All of it is seen before
 * the first pair is given. Throws the service's error, or SyncError when a listing is not complete.
 */
export const lookAtEach = async <T extends Keyed>(
  deps: LookDeps,
  sought: Sought<T>,
): Promise<AsyncIterable<Pair<T, Found>> | Iterable<Pair<T, Found>>> =>
  (deps.method ?? lookMethod(sought.count)) === 'heads'
    ? byHeads(deps, sought)
    : byListing(deps, sought)
