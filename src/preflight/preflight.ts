import type { Session } from '../credentials/session.ts'
import { SyncError, serviceFailure } from '../errors.ts'
import { networkHint } from '../model/failures.ts'
import type { Place } from '../model/place.ts'
import type { PlaceRequest, SyncRequest } from '../model/request.ts'
import type { Ports, Store } from '../ports.ts'

/** A place that was found, and the door to it. */
export interface OpenPlace extends Place {
  readonly store: Store
}

/** What the run stands on: both places as they really are. */
export interface Facts {
  readonly source: OpenPlace
  readonly destination: OpenPlace
}

/** Connections at a time, unless more objects are copied in parallel. */
const LEAST_SOCKETS = 64

interface Ground {
  readonly request: SyncRequest
  readonly session: Pick<Session, 'credentials' | 'reject'>
  readonly openStore: Ports['store']
}

function storeIn(region: string, { request, session, openStore }: Ground): Promise<Store> {
  const { numworkers } = request.how
  return openStore({
    endpoint: request.endpoint,
    region,
    credentials: session.credentials,
    onExpired: session.reject,
    timeoutMs: request.how.requestTimeoutMs,
    maxAttempts: request.how.retryCount + 1,
    maxSockets: Math.max(LEAST_SOCKETS, numworkers === 'auto' ? 0 : numworkers),
  })
}

function unreachable(side: string, bucket: string, error: unknown): SyncError {
  const failure = serviceFailure(error)
  const { code, message } = failure
  const missing = code === 'NoSuchBucket' || code === 'NotFound'
  const what = missing
    ? `The ${side} bucket ${bucket} does not exist.`
    : `The ${side} bucket ${bucket} cannot be reached: ${code}: ${message}`
  const hint = missing
    ? `Check the spelling of the input ${side}, and endpoint-url where the bucket is not on AWS.`
    : (networkHint(failure) ??
      'Check endpoint-url, and that the credentials belong to this service.')
  return new SyncError('preflight', what, { hint, cause: error })
}

async function openBucket(
  side: 'source' | 'destination',
  bucket: string,
  ground: Ground,
): Promise<{ region: string; store: Store }> {
  const { region: asked } = ground.request
  const store = await storeIn(asked, ground)
  try {
    const region = (await store.bucketRegion(bucket)) ?? asked
    if (region === asked) return { region, store }
    store.close()
    return { region, store: await storeIn(region, ground) }
  } catch (error) {
    throw unreachable(side, bucket, error)
  }
}

interface Found {
  readonly prefix: string
  readonly single: boolean
}

/** A path without a slash at its end is a folder when anything lies under it, else the object of that name. */
async function findSource({ bucket, path }: PlaceRequest, store: Store): Promise<Found> {
  const folder = { prefix: path === '' || path.endsWith('/') ? path : `${path}/`, single: false }
  if (folder.prefix === path) return folder
  if (!(await store.isEmpty(bucket, folder.prefix))) return folder
  return (await store.head(bucket, path)) ? { prefix: path, single: true } : folder
}

function destinationOf({ path }: PlaceRequest, source: Found): Found {
  if (!source.single)
    return { prefix: path === '' || path.endsWith('/') ? path : `${path}/`, single: false }
  const base = source.prefix.slice(source.prefix.lastIndexOf('/') + 1)
  return { prefix: path === '' || path.endsWith('/') ? `${path}${base}` : path, single: true }
}

function refuseSelf(source: Place, destination: Place): void {
  if (source.bucket !== destination.bucket || source.prefix !== destination.prefix) return
  throw new SyncError('guard', 'Source and destination are the same object.', {
    hint: 'Name another destination.',
  })
}

function refuseDeleteOfOne({ single, prefix }: Found, { what }: SyncRequest): void {
  if (!single || !what.delete) return
  throw new SyncError(
    'guard',
    `The source is the single object ${prefix}, so there is nothing to compare.`,
    {
      hint: 'Name a folder as source, or run without delete. Nothing was touched.',
    },
  )
}

/** Says which permission is missing where a place could not be looked at. */
export function listingRefused(bucket: string, error: unknown): SyncError {
  const { code, message } = serviceFailure(error)
  const denied = code === 'AccessDenied'
  return new SyncError('listing', `The bucket ${bucket} could not be listed: ${code}: ${message}`, {
    hint: denied
      ? `Allow s3:ListBucket on arn:aws:s3:::${bucket} to this identity, and check the bucket's name. Nothing was touched.`
      : 'Nothing was touched: run again, or check the service.',
    cause: error,
  })
}

/** Finds both places: their regions, and whether the source is one object. Throws SyncError. */
export async function preflight(ground: Ground): Promise<Facts> {
  const { source, destination } = ground.request
  const [from, to] = await Promise.all([
    openBucket('source', source.bucket, ground),
    openBucket('destination', destination.bucket, ground),
  ])
  const found = await findSource(source, from.store).catch((error: unknown) => {
    throw error instanceof SyncError ? error : listingRefused(source.bucket, error)
  })
  refuseDeleteOfOne(found, ground.request)
  const { endpoint } = ground.request
  const facts = {
    source: { ...found, ...from, bucket: source.bucket, endpoint },
    destination: {
      ...destinationOf(destination, found),
      ...to,
      bucket: destination.bucket,
      endpoint,
    },
  }
  refuseSelf(facts.source, facts.destination)
  return facts
}
