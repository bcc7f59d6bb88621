import type { Session } from '../credentials/session.ts'
import { networkHint, remedyOfCode } from '../errors/catalogue.ts'
import {
  isMissing,
  isRefusal,
  type ServiceFailure,
  serviceFailure,
} from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { unsupportedKind } from '../model/bucket-kind.ts'
import type { Place } from '../model/place.ts'
import type { SideRequest, SyncRequest } from '../model/request.ts'
import { serviceOf } from '../model/service.ts'
import type { Ports } from '../ports.ts'
import { FirstPages, firstKeys } from '../storage/first-keys.ts'
import type { Store } from '../storage/store.ts'

/** A bucket that was found, and the client of its service. */
export interface OpenBucket {
  readonly region: string
  /** Whether the service says that its name is an alias of an access point. */
  readonly isAlias: boolean
  /** Why the service does not answer a HEAD of the bucket; undefined: it does. */
  readonly oddHead: ServiceFailure | undefined
  readonly store: Store
  /** Of the folder that the side names, where it is one for sure. */
  readonly firstPages: FirstPages | undefined
}

/** What is opened, and as whom. */
export interface BucketRequest {
  readonly side: SideRequest
  /** undefined: requests are not signed. */
  readonly session: Signer | undefined
  /** The folder whose first page is asked for beside the bucket, and whether more of it is wanted; undefined: none. */
  readonly folder: { readonly prefix: string; readonly goesOn: boolean } | undefined
}

/** Who signs, proven or not. */
export type Signer = Pick<Session, 'credentials' | 'reject'>

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
  session: Signer | undefined,
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

/** Some services deny every bucket to a HEAD: it is missing only where it cannot be listed either. Throws the refusal. */
async function seeListed(store: Store, { bucket, path }: SideRequest, refusal: unknown) {
  await firstKeys(store, bucket, path).catch((error: unknown) => {
    throw isRefusal(serviceFailure(error)) ? refusal : error
  })
}

function refuseKind(side: string, bucket: string): void {
  const kind = unsupportedKind(bucket)
  if (kind === undefined) return
  throw new SyncError('preflight', `The ${side} ${bucket} is ${kind}.`, {
    title: `The ${side} is of a kind that is not supported`,
    hint: 'Name a general purpose bucket, or the alias of an access point of one. Nothing was touched.',
  })
}

/**
 * Opens the bucket of a side where it really is, and asks for its first page beside that. Throws SyncError when it is
 * missing or cannot be reached.
 */
export async function openBucket(
  name: 'source' | 'destination',
  { side, session, folder }: BucketRequest,
  options: StoreOptions,
): Promise<OpenBucket> {
  const { bucket, endpoint, variant, region: asked } = side
  if (endpoint === undefined) refuseKind(name, bucket)
  const store = await storeAt(side, session, options)
  const early = new AbortController()
  const firstPagesOf = (lister: Store) =>
    folder === undefined
      ? undefined
      : new FirstPages(
          lister,
          { bucket, prefix: folder.prefix, goesOn: folder.goesOn },
          early.signal,
        )
  try {
    const firstPages = firstPagesOf(store)
    const { region = asked, isAlias, refusal } = await store.findBucket(bucket)
    const oddHead = refusal === undefined ? undefined : serviceFailure(refusal)
    const facts = { region, isAlias, oddHead }
    if (region === asked) {
      if (isMissing(refusal)) await seeListed(store, side, refusal)
      return { ...facts, store, firstPages }
    }
    store.close()
    const there = await storeAt({ endpoint, region, variant }, session, options)
    return { ...facts, store: there, firstPages: firstPagesOf(there) }
  } catch (error) {
    early.abort()
    throw unreachable(name, bucket, error)
  }
}
