import { SyncError } from '../errors.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import type { Place } from '../model/place.ts'
import type { Store } from '../ports.ts'
import { type ScannedPage, scanPage } from './scan.ts'

const incomplete = (place: ListedPlace, why: string): SyncError =>
  new SyncError(
    'listing',
    `The listing of ${place.bucket}/${place.prefix} is not complete: ${why}.`,
    {
      hint: 'Nothing was touched. Run again; if it stays, the service does not list correctly.',
      retryable: true,
    },
  )

/** What a listing needs to know of a place. */
export type ListedPlace = Pick<Place, 'bucket' | 'prefix' | 'single'>

function* objectsOf(page: ScannedPage, place: ListedPlace): Generator<ObjectInfo> {
  const prefix = toKeyBytes(place.prefix)
  for (const [i, key] of page.keys.entries()) {
    if (!key.startsWith(prefix)) throw incomplete(place, 'it holds a key of another prefix')
    const lastModifiedMs = Date.parse(page.modified[i] ?? '')
    if (Number.isNaN(lastModifiedMs)) throw incomplete(place, 'a time cannot be read')
    yield {
      key: key.slice(prefix.length) as KeyBytes,
      size: page.sizes[i] ?? 0,
      etag: page.etags[i] ?? '',
      lastModifiedMs,
      storageClass: page.storageClasses[i],
    }
  }
}

/**
 * All objects of a place as the service lists them, in its own order; of a single object, that one.
 * Ends only when the listing is complete; else throws SyncError of kind `listing`, or the service's error.
 */
export async function* listAll(
  store: Store,
  place: ListedPlace,
  signal: AbortSignal,
): AsyncGenerator<ObjectInfo, void> {
  const { bucket, prefix } = place
  const tokens = new Set<string>()
  for (let token: string | undefined; ; ) {
    const page = scanPage(await store.listPage({ bucket, prefix, token, signal }))
    for (const object of objectsOf(page, place)) {
      if (!place.single) yield object
      else if (object.key === '') return yield object
    }
    if (!page.truncated) return
    token = page.nextToken
    if (tokens.has(token)) throw incomplete(place, 'the service repeats a page')
    tokens.add(token)
  }
}
