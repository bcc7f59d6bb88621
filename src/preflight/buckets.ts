import type { Session } from '../credentials/session.ts'
import { networkHint, remedyOfCode } from '../errors/catalogue.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import type { Place } from '../model/place.ts'
import type { SideRequest, SyncRequest } from '../model/request.ts'
import { serviceOf } from '../model/service.ts'
import type { Ports } from '../ports.ts'
import { firstKeys } from '../storage/first-keys.ts'
import type { Store } from '../storage/store.ts'

/** A bucket that was found, and the client of its service. */
export interface OpenBucket {
  readonly region: string
  /** Whether the service says that its name is an alias of an access point. */
  readonly isAlias: boolean
  readonly store: Store
}

/** How clients of buckets are made. */
export interface StoreOptions {
  readonly transfer: Pick<
    SyncRequest['transfer'],
    'requestTimeoutMs' | 'retryCount' | 'requestPayer' | 'numworkers'
  >
  readonly openStore: Ports['store']
}

/** Connections at a time, unless more objects are copied in parallel. */
const LEAST_SOCKETS = 64
/** The direct engine's limit. */
const MOST_SOCKETS = 700

/** A store of one service and region; without a session its requests are not signed. */
export function storeAt(
  place: Pick<Place, 'endpoint' | 'region' | 'variant'>,
  session: Pick<Session, 'credentials' | 'reject'> | undefined,
  { transfer, openStore }: StoreOptions,
): Promise<Store> {
  return openStore({
    service: serviceOf(place),
    credentials: session?.credentials,
    onExpired: (credentials) => session?.reject(credentials),
    timeoutMs: transfer.requestTimeoutMs,
    maxAttempts: transfer.retryCount + 1,
    requestPayer: transfer.requestPayer,
    maxSockets:
      transfer.numworkers === 'auto' ? MOST_SOCKETS : Math.max(LEAST_SOCKETS, transfer.numworkers),
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
      remedyOfCode(code) ??
      'Check endpoint-url, and that the credentials belong to this service.')
  return new SyncError('preflight', what, { hint, cause: error })
}

/** Why HEAD is refused, which has no body to say it in: a listing of a few keys has one. */
async function reasonOf(error: unknown, store: Store, { bucket, path }: SideRequest) {
  const { status } = serviceFailure(error)
  if (status !== 400 && status !== 403) return error
  const prefix = path === '' || path.endsWith('/') ? path : `${path}/`
  return await firstKeys(store, bucket, prefix).then(
    () => error,
    (said: unknown) => said,
  )
}

/** Opens the bucket of a side where it really is. Throws SyncError when it is missing or cannot be reached. */
export async function openBucket(
  name: 'source' | 'destination',
  { side, session }: { readonly side: SideRequest; readonly session: Session | undefined },
  options: StoreOptions,
): Promise<OpenBucket> {
  const { bucket, endpoint, variant, region: asked } = side
  const store = await storeAt(side, session, options)
  try {
    const { region = asked, isAlias } = await store.findBucket(bucket)
    if (region === asked) return { region, isAlias, store }
    store.close()
    return {
      region,
      isAlias,
      store: await storeAt({ endpoint, region, variant }, session, options),
    }
  } catch (error) {
    throw unreachable(name, bucket, await reasonOf(error, store, side))
  }
}
