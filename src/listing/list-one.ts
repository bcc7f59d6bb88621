import type { KeyBytes } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import type { Lister, ObjectAddress } from '../storage/store.ts'
import { listAll } from './pages.ts'

/** A page of a listing holds so many. */
const PAGE = 1000

/** Looks at one key by listing what begins with it; its `key` is ''. */
export async function listOne(
  store: Lister,
  { bucket, key }: ObjectAddress,
  signal: AbortSignal,
): Promise<ObjectInfo | undefined> {
  const place = { store, bucket, prefix: key, single: false }
  let last: KeyBytes | undefined
  let rows = 0
  for await (const object of listAll(place, signal)) {
    if (object.key === '') return object
    if (last !== undefined && object.key <= last) rows = Number.NEGATIVE_INFINITY
    last = object.key
    // In the order of bytes a key stands before all that begin with it: no further page can have it.
    if (++rows === PAGE) return undefined
  }
  return undefined
}
