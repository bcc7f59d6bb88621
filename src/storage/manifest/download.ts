import { serviceFailure } from '../../errors/service-failure.ts'
import { SyncError } from '../../errors/sync-error.ts'
import { s3Arn } from '../../model/arn.ts'
import { s3Url } from '../../model/place.ts'
import { humanBytes } from '../../model/units.ts'
import type { Files } from '../../ports.ts'
import type { ObjectAddress, Store } from '../store.ts'

/** More bytes no list of ours has. */
export const MOST_BYTES = 2 * 2 ** 30
/** Read at a time. */
const RANGE_BYTES = 8 * 2 ** 20

/** What objects are read with. */
export interface DownloadDeps {
  readonly store: Pick<Store, 'stat' | 'objects'>
  readonly files: Pick<Files, 'writer'>
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

function unreadable({ bucket, key }: ObjectAddress, error: unknown): SyncError {
  const { code, message } = serviceFailure(error)
  const url = s3Url(bucket, key)
  return new SyncError('inputs', `The manifest ${url} cannot be read: ${code}: ${message}`, {
    hint:
      code === 'AccessDenied'
        ? `Allow s3:GetObject on ${s3Arn({ bucket, region: undefined }, key)} to the identity that reads the source: it also reads the manifest. With source-no-sign-request, download the manifest into the workspace in an earlier step. Nothing was touched.`
        : 'Check the spelling of the input manifest, and run again. Nothing was touched.',
    cause: error,
  })
}

/** Writes an object, as it is at one moment, to a file; gives its size in bytes. Throws SyncError. */
export async function download(
  object: ObjectAddress,
  path: string,
  { store, files, timeoutMs, signal }: DownloadDeps,
): Promise<number> {
  const found = await store.stat(object, signal).catch((error: unknown) => {
    throw unreadable(object, error)
  })
  const url = s3Url(object.bucket, object.key)
  if (!found)
    throw new SyncError('inputs', `The object ${url} does not exist.`, {
      hint: 'Check the spelling of the input manifest. Nothing was touched.',
    })
  if (!(found.size <= MOST_BYTES))
    throw new SyncError(
      'inputs',
      `The manifest ${url} is too large: ${humanBytes(found.size)}, at most ${humanBytes(MOST_BYTES)} is allowed.`,
      { hint: 'Split it and use several runs. Nothing was touched.' },
    )
  const writer = await files.writer(path)
  try {
    for (let first = 0; first < found.size; first += RANGE_BYTES) {
      const last = Math.min(first + RANGE_BYTES, found.size) - 1
      const what = { bytes: last - first + 1, range: { first, last } }
      const content = await store.objects
        .read({ ...object, etag: found.etag }, what, { timeoutMs, signal })
        .catch((error: unknown) => {
          throw unreadable(object, error)
        })
      await writer.append(content.bytes)
    }
  } finally {
    await writer.close()
  }
  return found.size
}
