import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import { isUsualLock } from '../model/lock.ts'
import type { SourceObject } from '../model/object-info.ts'
import type { Place } from '../model/place.ts'
import type { SelectionRequest } from '../model/request.ts'

/**
 * Whether a key, or the object that goes to it, is a lock of a run, which is nothing that a sync copies, counts or
 * deletes; or an object of the source that would go where the lock of this run is.
 */
export type LockAt = (
  from: Pick<SourceObject, 'key' | 'origin'> | undefined,
  key: KeyBytes,
) => 'lock' | 'in-its-place' | undefined

/** A lock's key below a place; undefined where it lies elsewhere. */
function keyIn(
  place: Place,
  lock: NonNullable<SelectionRequest['lock']>,
  endpoint: string | undefined,
): KeyBytes | undefined {
  const { bucket, key } = lock
  const isThere =
    place.folder === undefined &&
    place.bucket === bucket &&
    place.endpoint === endpoint &&
    key.startsWith(place.prefix)
  return isThere ? toKeyBytes(key.slice(place.prefix.length)) : undefined
}

/**
 * Knows locks by their usual name, whoever takes them, and that of this run by its key. Keys are relative to the listed
 * parts of both places.
 */
export function lockKeys(
  source: Place,
  destination: Place,
  { lock }: Pick<SelectionRequest, 'lock'>,
): LockAt {
  // A folder of this runner is at no service: then the lock is at that of the source.
  const { endpoint } = destination.folder === undefined ? destination : source
  const atSource = lock && keyIn(source, lock, endpoint)
  const atDestination = lock && keyIn(destination, lock, endpoint)
  return (from, key) => {
    const origin = from && (from.origin ?? from.key)
    if (isUsualLock(key) || (origin !== undefined && isUsualLock(origin))) return 'lock'
    if (origin !== undefined && origin === atSource) return 'lock'
    if (key !== atDestination) return undefined
    return from ? 'in-its-place' : 'lock'
  }
}
