import { networkHint, remedyFor } from '../errors/catalogue.ts'
import { adviceOf, denialIn, titleOfDenial } from '../errors/denial.ts'
import type { ServiceFailure } from '../errors/service-error.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import { spokenRemedy } from '../errors/spoken.ts'
import { SyncError } from '../errors/sync-error.ts'
import { type BucketPlace, s3Arn } from '../model/arn.ts'
import type { Place } from '../model/place.ts'
import type { PlaceRequest, SyncRequest } from '../model/request.ts'
import { type FirstPages, firstKeys } from '../storage/first-keys.ts'
import type { Store } from '../storage/store.ts'
import type { OpenBucket } from './buckets.ts'

/** A place that was found, and the client of its service. */
export interface OpenPlace extends Place {
  readonly store: Store
  /** Whether the service says that the bucket's name is an alias of an access point. */
  readonly isAlias: boolean
  /** What came of it already. */
  readonly firstPages?: FirstPages | undefined
}

/** Where a side's objects are. */
export interface Location {
  readonly prefix: string
  readonly single: boolean
}

/** The source as it is, and some of its keys. */
export interface SourceLocation extends Location {
  readonly keys: readonly string[]
}

/** The folder that a path names, if it is one. */
export const folderOf = (path: string): string =>
  path === '' || path.endsWith('/') ? path : `${path}/`

/** Whether a path cannot be that of one object. */
export const isFolder = (path: string): boolean => path === folderOf(path)

/** The first keys of a bucket under a prefix, from the page that came already where it tells them. Throws as a listing does. */
export async function keysUnder(
  {
    bucket,
    region,
    store,
    firstPages,
  }: Pick<OpenPlace, 'bucket' | 'region' | 'store' | 'firstPages'>,
  prefix: string,
  advice = '',
): Promise<readonly string[]> {
  try {
    const known = firstPages?.prefix === prefix ? await firstPages.keys() : undefined
    return known ?? (await firstKeys(store, bucket, prefix))
  } catch (error) {
    throw listingError({ bucket, region }, error, advice)
  }
}

/** What else may help where the source is refused: two accounts seldom have one identity for both sides. */
const OTHER_READER =
  ' If another identity can read the source, set source-role-to-assume (docs/two-sides.md).'

/** A path without a slash at its end is a folder when anything lies under it, else the object of that name. */
export async function findSource(
  { bucket, path }: PlaceRequest,
  { store, region, firstPages, local }: OpenBucket,
): Promise<SourceLocation> {
  if (local?.file !== undefined) return { prefix: local.file, single: true, keys: [local.file] }
  const prefix = folderOf(path)
  const keys = await keysUnder({ bucket, region, store, firstPages }, prefix, OTHER_READER)
  if (prefix === path || keys.length > 0) return { prefix, single: false, keys }
  const single = await store.stat({ bucket, key: path }).catch((error: unknown) => {
    throw notFound({ bucket, region, path }, error)
  })
  return single ? { prefix: path, single: true, keys: [path] } : { prefix, single: false, keys: [] }
}

/** Where the objects of the source go. */
export function destinationOf({ path }: PlaceRequest, source: Location): Location {
  if (!source.single) return { prefix: folderOf(path), single: false }
  const base = source.prefix.slice(source.prefix.lastIndexOf('/') + 1)
  return { prefix: path === '' || path.endsWith('/') ? `${path}${base}` : path, single: true }
}

/** Throws SyncError when both sides are the same object. */
export function refuseSelf(source: Place, destination: Place): void {
  const [from, to] = [source, destination].map(({ endpoint, bucket, prefix }) =>
    JSON.stringify([endpoint, bucket, prefix]),
  )
  if (from !== to) return
  throw new SyncError('guard', 'Source and destination are the same object.', {
    title: 'Source and destination are the same object',
    hint: 'Set another destination.',
  })
}

/** Throws SyncError where one object shall be compared or organised as only many can. */
export function refuseOne({ single, prefix }: Location, { selection }: SyncRequest): void {
  const input = selection.delete ? 'delete' : selection.keys ? 'key-template' : undefined
  if (!single || !input) return
  throw new SyncError(
    'guard',
    `The source is the single object ${prefix}, but ${input} needs a folder.`,
    {
      title: `The source is one object, but ${input} needs a folder`,
      hint: `Set source to a folder, or remove ${input}. Nothing was touched.`,
    },
  )
}

/** What to do about a service that gave no listing. */
const remedyOf = (failure: ServiceFailure): string =>
  networkHint(failure) ?? remedyFor(failure) ?? 'Run again, or check the service.'

/** The error of a listing that failed; says which permission is missing where the place could not be listed. */
export function listingError(place: BucketPlace, error: unknown, advice = ''): SyncError {
  if (error instanceof SyncError) return error
  if (place.bucket === '') {
    const said = error instanceof Error ? error.message : String(error)
    return new SyncError('list', `The local folder could not be listed: ${said}`, {
      hint: 'Allow the user of this job to read it. Nothing was touched.',
      cause: error,
    })
  }
  const failure = serviceFailure(error)
  const { code, message } = failure
  const refusal = denialIn(message)
  if (refusal)
    return new SyncError('list', adviceOf(refusal), {
      title: titleOfDenial(refusal),
      hint: `The bucket ${place.bucket} could not be listed. The service says: ${message.replace(/\.$/, '')}. Check the bucket name too.${advice} Nothing was touched.`,
      cause: error,
    })
  const denied = code === 'AccessDenied' && spokenRemedy(failure) === undefined
  const what = `The bucket ${place.bucket} could not be listed: ${code}: ${message}`
  return new SyncError('list', what, {
    hint: denied
      ? `Allow s3:ListBucket on ${s3Arn(place)} to this identity, and check the bucket name.${advice} Nothing was touched.`
      : `${remedyOf(failure)} Nothing was touched.`,
    cause: error,
  })
}

function notFound({ path, ...place }: PlaceRequest & BucketPlace, error: unknown): SyncError {
  const failure = serviceFailure(error)
  const { code, message } = failure
  const what = `There is no object under ${path}/, and whether ${path} is an object could not be checked: ${code}: ${message}`
  return new SyncError('preflight', what, {
    hint:
      code === 'AccessDenied' && spokenRemedy(failure) === undefined
        ? `Check the spelling of source; if it is an object, allow s3:GetObject on ${s3Arn(place, path)} to this identity. Nothing was touched.`
        : `${remedyOf(failure)} Nothing was touched.`,
    cause: error,
  })
}
