import { serviceFailure } from '../../errors/service-failure.ts'
import { SyncError } from '../../errors/sync-error.ts'
import { s3Arn } from '../../model/arn.ts'
import { s3Url } from '../../model/place.ts'
import { humanBytes } from '../../model/units.ts'
import { type FetchDeps, fetchObject } from '../fetch-object.ts'
import type { ObjectAddress } from '../store.ts'

/** More bytes no list of ours has. */
export const MOST_BYTES = 2 * 2 ** 30

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
  deps: FetchDeps,
): Promise<number> {
  const failure = (error: unknown) => unreadable(object, error)
  const found = await fetchObject(object, { path, mostBytes: MOST_BYTES, failure }, deps)
  const url = s3Url(object.bucket, object.key)
  if (!found)
    throw new SyncError('inputs', `The object ${url} does not exist.`, {
      hint: 'Check the spelling of the input manifest. Nothing was touched.',
    })
  if (!found.isRead)
    throw new SyncError(
      'inputs',
      `The manifest ${url} is too large: ${humanBytes(found.bytes)}, at most ${humanBytes(MOST_BYTES)} is allowed.`,
      { hint: 'Split it and use several runs. Nothing was touched.' },
    )
  return found.bytes
}
