import { SyncError } from '../errors/sync-error.ts'
import { toKeyBytes } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import { PageWatch } from '../model/page-watch.ts'
import type { Place } from '../model/place.ts'
import { listingRefused } from '../preflight/places.ts'
import { detached, keyAt, objectAt } from '../storage/object-page.ts'
import { type ScannedPage, scanPage } from '../storage/s3/scan.ts'
import type { ListQuery, Store } from '../storage/store.ts'

/** A place that can be listed. */
export interface ListedPlace extends Pick<Place, 'bucket' | 'prefix' | 'single'> {
  /** Names the bucket in errors; undefined: where most are. */
  readonly region?: string | undefined
  readonly store: Pick<Store, 'listPage'>
}

/** What is asked of one page, beside its place. */
export type PageQuery = Omit<ListQuery, 'bucket' | 'prefix'>

/** One page, and how many requests the service needed to answer it. */
export interface ListedPage {
  readonly page: ScannedPage
  readonly attempts: number
}

/** The error of a listing that failed. */
export const listingError = (place: ListedPlace, error: unknown): SyncError =>
  error instanceof SyncError ? error : listingRefused(place, error)

/** How often a page is asked for that does not come whole. */
const READS = 3

/** The listing of a place cannot be trusted. */
export const incomplete = ({ bucket, prefix }: ListedPlace, why: string): SyncError =>
  new SyncError('list', `The listing of ${bucket}/${prefix} is not complete: ${why}.`, {
    hint: 'Nothing was touched. Run again; if it stays, the service does not list correctly.',
    retryable: true,
  })

/** Reads one whole page; one that is not whole is asked for again. Throws SyncError, or the service's error. */
export async function readPage(place: ListedPlace, query: PageQuery): Promise<ListedPage> {
  const { store, bucket, prefix } = place
  for (let read = 1; ; read++) {
    try {
      const { value, attempts } = await store.listPage({ bucket, prefix, ...query }, (body) =>
        scanPage(body, toKeyBytes(prefix)),
      )
      return { page: value, attempts: attempts + read - 1 }
    } catch (error) {
      if (!(error instanceof SyncError && error.retryable) || read === READS) throw error
    }
  }
}

/** Where a listing goes on behind a page. Throws where it leads in circles, or nowhere. */
export function nextToken(
  { nextToken: token, objects, folders }: ScannedPage,
  watch: PageWatch,
  place: ListedPlace,
): string {
  const problem = watch.problemOf(token, objects.count + folders.length)
  if (problem) throw incomplete(place, problem)
  return token
}

/**
 * All objects of a place as the service lists them, in its own order; of a single object, that one.
 * Ends only when the listing is complete; else throws SyncError of kind `listing`, or the service's error.
 */
export async function* listAll(
  place: ListedPlace,
  signal: AbortSignal,
): AsyncGenerator<ObjectInfo, void> {
  const watch = new PageWatch()
  const firstKeys = new Set<string>()
  for (let token: string | undefined; ; ) {
    const { page } = await readPage(place, { token, signal })
    const first = page.objects.count > 0 ? detached(keyAt(page.objects, 0)) : undefined
    if (first !== undefined && firstKeys.has(first))
      throw incomplete(place, 'the service repeats a page')
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
