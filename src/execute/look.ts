import { serviceFailure } from '../errors.ts'
import type { Found } from '../model/proof.ts'
import type { Store } from '../ports.ts'

/** Looks at objects of one bucket. */
export type Look = (key: string, signal: AbortSignal) => Promise<Found | undefined>

/**
 * A look by HEAD; where the identity may list but not read, by a listing of one key.
 * Gives undefined when there is no such object, and throws what the service threw.
 */
export function looker(store: Store, bucket: string): Look {
  let mayHead = true

  async function byListing(key: string, signal: AbortSignal): Promise<Found | undefined> {
    const page = await store.listPage({ bucket, prefix: key, maxKeys: 1, signal })
    const entry = page.entries[0]
    const same =
      entry &&
      (page.encoded ? decodeURIComponent(entry.key.replaceAll('+', ' ')) : entry.key) === key
    return same ? entry : undefined
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
