import { SyncError } from '../errors/sync-error.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import { PageWatch } from '../model/page-watch.ts'
import type { Place } from '../model/place.ts'
import type { FirstPages } from '../storage/first-keys.ts'
import { keyAt, type ObjectPage, objectAt } from '../storage/object-page.ts'
import { readPage } from '../storage/read-page.ts'
import type { ListedPage, Lister, ListQuery } from '../storage/store.ts'
import { before } from './before.ts'

/** A place that can be listed. */
export interface ListedPlace extends Pick<Place, 'bucket' | 'prefix' | 'single'> {
  /** Names the bucket in errors; undefined: where most are. */
  readonly region?: string | undefined
  readonly store: Lister
  /** What came of it before it was to be listed. */
  readonly firstPages?: FirstPages | undefined
}

/** Keys from one to another, both included, relative to a place. */
export interface KeyRange {
  readonly first: KeyBytes
  readonly last: KeyBytes
}

/** What is asked of one page, beside its place. */
export type PageQuery = Omit<ListQuery, 'bucket' | 'prefix'>

/** The listing of a place cannot be trusted. */
export const incomplete = ({ bucket, prefix }: ListedPlace, why: string): SyncError =>
  new SyncError('list', `The listing of ${bucket}/${prefix} is not complete: ${why}.`, {
    hint: 'Nothing was touched. Run again; if this happens again, the service returns incorrect listings.',
    retryable: true,
  })

/** Reads one whole page of a place. Throws SyncError, or the service's error. */
export const pageOf = (place: ListedPlace, query: PageQuery): Promise<ListedPage> =>
  readPage(place.store, {
    bucket: place.bucket,
    prefix: place.prefix,
    token: query.token,
    startAfter: query.startAfter,
    delimiter: query.delimiter,
    mostKeys: query.mostKeys,
    signal: query.signal,
  })

/** Where a listing goes on behind a page. Throws where it leads in circles, or nowhere. */
export function nextToken(
  { nextToken: token, objects, folders }: ObjectPage,
  watch: PageWatch,
  place: ListedPlace,
): string {
  const problem = watch.problemOf(token, objects.count + folders.length)
  if (problem) throw incomplete(place, problem)
  return token
}

/**
 * All objects of a place as the service lists them, in its own order; of a single object, that one.
 * Ends only when the listing is complete; else throws SyncError of kind `list`, or the service's error.
 */
export async function* listAll(
  place: ListedPlace,
  signal: AbortSignal,
): AsyncGenerator<ObjectInfo, void> {
  const watch = new PageWatch()
  const firstKeys = new Set<string>()
  for (let token: string | undefined; ; ) {
    const page = await pageOf(place, { token, signal })
    const first = page.objects.count > 0 ? keyAt(page.objects, 0) : undefined
    if (first !== undefined && firstKeys.has(first))
      throw incomplete(place, 'the service returned the same page twice')
    if (first !== undefined) firstKeys.add(first)
    for (let row = 0; row < page.objects.count; row++) {
      const object = objectAt(page.objects, row)
      if (!place.single) yield object
      else if (object.key === '') return yield object
    }
    if (!page.truncated) return
    token = nextToken(page, watch, place)
  }
}

/** Thrown where a service does not list in the order of the keys: only all of them tell of some then. */
export const OUT_OF_ORDER = new SyncError(
  'list',
  'The service does not list in the order of the keys.',
)

/** The objects of a place in a range of keys. Throws as `listAll` does, and OUT_OF_ORDER. */
export async function* listRange(
  place: ListedPlace,
  { first, last }: KeyRange,
  signal: AbortSignal,
): AsyncGenerator<ObjectInfo, void> {
  const watch = new PageWatch()
  const begin = before(toText(first) ?? '')
  let seen: KeyBytes | undefined
  for (let token: string | undefined; ; ) {
    const startAfter = token === undefined && begin !== '' ? place.prefix + begin : undefined
    const page = await pageOf(place, { token, startAfter, signal })
    for (let row = 0; row < page.objects.count; row++) {
      const object = objectAt(page.objects, row)
      if (seen !== undefined && object.key <= seen) throw OUT_OF_ORDER
      seen = object.key
      if (object.key > last) return
      if (object.key >= first) yield object
    }
    if (!page.truncated) return
    token = nextToken(page, watch, place)
  }
}
