import { serviceFailure } from '../errors/service-failure.ts'
import type { HeadResult, ObjectAddress, Store } from '../storage/store.ts'
import { listOne } from './list-one.ts'

/**
 * HEAD of an object that may not be there, and has to be read if it is. To who may list no more than a prefix, S3 says of
 * what is missing that it is forbidden: a listing of the key tells them apart. Throws what the service threw.
 */
export async function statOrList(
  store: Pick<Store, 'stat' | 'page' | 'capabilities'>,
  object: ObjectAddress,
  signal: AbortSignal,
): Promise<HeadResult | undefined> {
  try {
    return await store.stat(object, signal)
  } catch (error) {
    if (serviceFailure(error).code !== 'AccessDenied') throw error
    const isThere = await listOne(store, object, signal).catch(() => Promise.reject(error))
    if (isThere) throw error
    return undefined
  }
}
