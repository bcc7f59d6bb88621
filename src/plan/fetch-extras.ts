import { serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { statOrList } from '../listing/stat-or-list.ts'
import { OWN_KEYS } from '../model/own-keys.ts'
import { s3Url } from '../model/place.ts'
import type { Clock, Files } from '../ports.ts'
import { type Fetched, fetchObject } from '../storage/fetch-object.ts'
import { retrying } from '../storage/retrying.ts'
import type { ObjectAddress } from '../storage/store.ts'
import type { Side } from './compare.ts'
import { flawOfList } from './extras-list.ts'

/** No list of ours has more bytes: it would be of a million objects. */
const MOST_LIST_BYTES = 256 * 2 ** 20
/** Another run may write the list while it is read. */
const READS = 3

/** What the list is read with. */
export interface ListReading {
  readonly files: Files
  readonly clock: Pick<Clock, 'sleep' | 'random'>
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly retryCount: number
}

const unreadable = (url: string, error: unknown): SyncError => {
  const { code, message } = serviceFailure(error)
  return new SyncError(
    'list',
    `The list of delete-after cannot be read (${url}): ${code}: ${message}`,
    {
      hint:
        code === 'AccessDenied'
          ? 'Allow s3:GetObject on the list to the identity that writes the destination: it says since when objects exist only there. Nothing was touched.'
          : 'The list says since when objects exist only at the destination: run again when the service responds. Nothing was touched.',
      cause: error,
    },
  )
}

/** What a destination says of its extras, and why that cannot be believed where it cannot. */
export interface FoundList {
  readonly etag: string | undefined
  readonly flaw: string | undefined
}

/** Reads the list of a destination into a file. Throws SyncError where nobody can say what it holds. */
export async function fetchExtrasList(
  { store, bucket, prefix }: Pick<Side, 'store' | 'bucket' | 'prefix'>,
  path: string,
  { files, clock, signal, timeoutMs, retryCount }: ListReading,
): Promise<FoundList> {
  const key = prefix + OWN_KEYS.extras
  const failure = (error: unknown): Error => unreadable(s3Url(bucket, key), error)
  const objects = retrying(store.objects, { clock, retryCount, signal })
  const stat = (object: ObjectAddress) => statOrList(store, object, signal)
  const deps = { store: { stat, objects }, files, timeoutMs, signal }
  const target = { path, mostBytes: MOST_LIST_BYTES, failure }
  let found: Fetched | undefined
  for (let read = 1; ; read++)
    try {
      found = await fetchObject({ bucket, key }, target, deps)
      break
    } catch (error) {
      const { code } = serviceFailure(error instanceof SyncError ? error.cause : error)
      if (code !== 'PreconditionFailed' || read === READS) throw error
    }
  if (!found) return { etag: undefined, flaw: undefined }
  const { etag, isRead } = found
  const flaw = isRead
    ? await flawOfList(files, path, { bucket, prefix })
    : 'it is too large to be written by this action'
  return { etag, flaw }
}
