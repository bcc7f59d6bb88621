import type { Sessions } from '../credentials/session.ts'
import { SyncError, serviceFailure } from '../errors.ts'
import type { Place } from '../model/place.ts'
import type { PlaceRequest, SyncRequest } from '../model/request.ts'
import type { Ports, Store } from '../ports.ts'
import { openBucket } from './buckets.ts'
import { type OpenPlace, type Transfer, transferOf } from './transfer.ts'

/** What the run stands on: both places as they really are. */
export interface Facts {
  readonly source: OpenPlace
  readonly destination: OpenPlace
  readonly transfer: Transfer
}

interface Ground {
  readonly request: SyncRequest
  readonly sessions: Sessions
  readonly openStore: Ports['store']
}

interface Found {
  readonly prefix: string
  readonly single: boolean
}

/** A path without a slash at its end is a folder when anything lies under it, else the object of that name. */
async function findSource({ bucket, path }: PlaceRequest, store: Store): Promise<Found> {
  const folder = { prefix: path === '' || path.endsWith('/') ? path : `${path}/`, single: false }
  if (folder.prefix === path) return folder
  if ((await store.firstKey(bucket, folder.prefix)) !== undefined) return folder
  return (await store.head(bucket, path)) ? { prefix: path, single: true } : folder
}

function destinationOf({ path }: PlaceRequest, source: Found): Found {
  if (!source.single)
    return { prefix: path === '' || path.endsWith('/') ? path : `${path}/`, single: false }
  const base = source.prefix.slice(source.prefix.lastIndexOf('/') + 1)
  return { prefix: path === '' || path.endsWith('/') ? `${path}${base}` : path, single: true }
}

function refuseSelf(source: Place, destination: Place): void {
  const [from, to] = [source, destination].map(({ endpoint, bucket, prefix }) =>
    JSON.stringify([endpoint, bucket, prefix]),
  )
  if (from !== to) return
  throw new SyncError('guard', 'Source and destination are the same object.', {
    hint: 'Name another destination.',
  })
}

/** What compares or organises many objects has no meaning for one. */
function refuseOne({ single, prefix }: Found, { what }: SyncRequest): void {
  const input = what.delete ? 'delete' : what.keys ? 'key-template' : undefined
  if (!single || !input) return
  throw new SyncError(
    'guard',
    `The source is the single object ${prefix}: ${input} needs a folder.`,
    {
      hint: `Name a folder as source, or run without ${input}. Nothing was touched.`,
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

/** Finds both places: their regions, whether the source is one object, and who can copy. Throws SyncError. */
export async function preflight({ request, sessions, openStore }: Ground): Promise<Facts> {
  const { source, destination, how } = request
  const opening = { how, openStore }
  const [from, to] = await Promise.all([
    openBucket('source', { side: source, session: sessions.source }, opening),
    openBucket('destination', { side: destination, session: sessions.destination }, opening),
  ])
  const found = await findSource(source, from.store).catch((error: unknown) => {
    throw error instanceof SyncError ? error : listingRefused(source.bucket, error)
  })
  refuseOne(found, request)
  const places = {
    source: { ...found, ...from, bucket: source.bucket, endpoint: source.endpoint },
    destination: {
      ...destinationOf(destination, found),
      ...to,
      bucket: destination.bucket,
      endpoint: destination.endpoint,
    },
  }
  refuseSelf(places.source, places.destination)
  const writes = request.mode !== 'plan' && !request.dryRun
  return { ...places, transfer: await transferOf(places, { sessions, opening, writes }) }
}
