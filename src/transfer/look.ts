import { serviceFailure } from '../errors/service-failure.ts'
import { inOrder, inParallel } from '../flow/pool.ts'
import { joinStreams, type Pair } from '../listing/join-streams.ts'
import { listOne } from '../listing/list-one.ts'
import { listSought } from '../listing/list-sought.ts'
import { type KeyRange, listAll, listRange, OUT_OF_ORDER } from '../listing/pages.ts'
import { fileInKeyOrder, inBlocks, inKeyOrder } from '../listing/sort.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import type { Place } from '../model/place.ts'
import type { Found } from '../model/proof.ts'
import { blocksOf } from '../plan/line-file.ts'
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
 * A look by HEAD; where the identity may list but not read, or the answer does not tell size and time, or is a bad request,
 * by a listing of one key.
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
      const { code, status } = serviceFailure(error)
      // HEAD of what is encrypted with a key of the customer's own (SSE-C) is a bad request: a listing shows it.
      if (status === 400 && !signal.aborted) return listOne(store, { bucket, key }, signal)
      if (code !== 'AccessDenied') throw error
      capabilities.refusesHeads()
      return listOne(store, { bucket, key }, signal)
    }
  }
}

/** A request for each key, or a listing of the place. */
export type LookMethod = 'heads' | 'listing'

/** Where many keys are looked at. */
export interface LookDeps {
  readonly place: Place & { readonly store: Store }
  readonly files: Files
  /** Folder for what does not fit into memory; the caller removes it. */
  readonly scratch: string
  readonly signal: AbortSignal
  /** How they are looked at; `listing`: by one of all that lies between them. undefined: as costs less. */
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

/** Beyond this many keys a listing is cheaper than a HEAD for each, unless they lie far apart. */
const MOST_HEADS = 1000
const HEADS_AT_ONCE = 32
/** What waits on disk holds the text of whole pages while it waits in memory. */
const ANSWERS_IN_MEMORY = 1000

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
  const sorted = (objects: AsyncGenerator<ObjectInfo, void>, name: string) =>
    inKeyOrder(objects, { files, folder: files.join(scratch, name) })
  if (range && !place.single)
    try {
      return await sorted(listRange(place, range, signal), 'found')
    } catch (error) {
      if (error !== OUT_OF_ORDER) throw error
    }
  return sorted(listAll(place, signal), 'found-anywhere')
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

async function* recordsIn<T>(files: Files, path: string): AsyncGenerator<T> {
  for await (const records of blocksOf<T>(files, path)) yield* records
}

interface Answer<T> extends Keyed {
  readonly record: T
  readonly found: Found | undefined
}

async function* pairsOf<T>(answers: AsyncIterable<Answer<T>>): AsyncGenerator<Pair<T, Found>> {
  for await (const { record, found } of answers) yield [record, found]
}

/** By a listing of the pages that have them, and by HEAD where that tells less; where its order does not tell, by one of all. */
async function byCost<T extends Keyed>(
  deps: LookDeps,
  { records }: Sought<T>,
): Promise<AsyncIterable<Pair<T, Found>>> {
  const { place, files, scratch, signal } = deps
  const sorted = { files, folder: files.join(scratch, 'sought') }
  const { path } = await fileInKeyOrder(inBlocks(records), sorted)
  const look = looker(place.store, place.bucket)
  const seen = listSought(place, blocksOf<T>(files, path), signal)
  const answers = inOrder(seen, HEADS_AT_ONCE, async ([record, object]): Promise<Answer<T>> => {
    const { key } = record
    const found = object === 'unseen' ? await look(place.prefix + toText(key), signal) : object
    return { key, record, found }
  })
  try {
    const folder = files.join(scratch, 'answers')
    return pairsOf(await inKeyOrder(answers, { files, folder, chunk: ANSWERS_IN_MEMORY }))
  } catch (error) {
    if (error !== OUT_OF_ORDER) throw error
    return joinStreams(recordsIn<T>(files, path), await listed(deps, undefined))
  }
}

/**
 * What a place has now under each of many keys: by HEAD up to 1,000, beyond that as `listSought` does, so that what lies
 * far from all of them is never listed; where it is asked for, by one listing from the first to the last, which adds
 * pairs without a record. All of it is seen before the first pair is given. Throws the service's error, or SyncError
 * when a listing is not complete.
 */
export async function lookAtEach<T extends Keyed>(
  deps: LookDeps,
  sought: Sought<T>,
): Promise<AsyncIterable<Pair<T, Found>> | Iterable<Pair<T, Found>>> {
  if ((deps.method ?? lookMethod(sought.count)) === 'heads') return byHeads(deps, sought)
  return deps.method === 'listing' || deps.place.single
    ? byListing(deps, sought)
    : byCost(deps, sought)
}
