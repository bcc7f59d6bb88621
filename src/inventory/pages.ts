import { SyncError } from '../errors.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import type { Place } from '../model/place.ts'
import type { ListEntry, ListPage, Store } from '../ports.ts'

/** The key of a listing with `encoding-type=url`, as bytes: `+` is a space, `%XX` a byte. */
export function fromUrlEncoded(key: string): KeyBytes {
  // A lax server leaves some characters unencoded, so what is left counts as UTF-8 text.
  return toKeyBytes(key)
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ) as KeyBytes
}

const incomplete = (place: ListedPlace, why: string): SyncError =>
  new SyncError(
    'listing',
    `The listing of ${place.bucket}/${place.prefix} is not complete: ${why}.`,
    {
      hint: 'Nothing was touched. Run again; if it stays, the service does not list correctly.',
      retryable: true,
    },
  )

function checkPage(page: ListPage, place: ListedPlace): void {
  if (page.keyCount !== undefined && page.keyCount !== page.entries.length)
    throw incomplete(place, `a page says ${page.keyCount} keys and holds ${page.entries.length}`)
  if (page.truncated && !page.nextToken)
    throw incomplete(place, 'a page says that more follows, but not where')
}

interface Scope {
  readonly place: ListedPlace
  readonly prefixBytes: KeyBytes
}

function objectOf(entry: ListEntry, encoded: boolean, { place, prefixBytes }: Scope): ObjectInfo {
  const key = encoded ? fromUrlEncoded(entry.key) : toKeyBytes(entry.key)
  if (!key.startsWith(prefixBytes)) throw incomplete(place, 'it holds a key of another prefix')
  const { size, etag, lastModifiedMs, storageClass } = entry
  return {
    key: key.slice(prefixBytes.length) as KeyBytes,
    size,
    etag,
    lastModifiedMs,
    storageClass,
  }
}

/** What a listing needs to know of a place. */
export type ListedPlace = Pick<Place, 'bucket' | 'prefix' | 'single'>

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
  const scope = { place, prefixBytes: toKeyBytes(prefix) }
  const tokens = new Set<string>()
  for (let token: string | undefined; ; ) {
    const page = await store.listPage({ bucket, prefix, token, signal })
    checkPage(page, place)
    for (const entry of page.entries) {
      const object = objectOf(entry, page.encoded, scope)
      if (!place.single) yield object
      else if (object.key === '') return yield object
    }
    if (!page.truncated || page.nextToken === undefined) return
    if (tokens.has(page.nextToken)) throw incomplete(place, 'the service repeats a page')
    tokens.add(page.nextToken)
    token = page.nextToken
  }
}
