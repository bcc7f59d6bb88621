import { serviceFailure } from '../errors.ts'
import { listAll } from '../inventory/pages.ts'
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
