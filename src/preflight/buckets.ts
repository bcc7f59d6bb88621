import type { Session } from '../credentials/session.ts'
import { networkHint, remedyFor } from '../errors/catalogue.ts'
import { ServiceError } from '../errors/service-error.ts'
import {
  isMissing,
  isRefusal,
  type ServiceFailure,
  serviceFailure,
} from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { unreached } from '../errors/unreached.ts'
import { type Whereabouts, whereaboutsIn } from '../errors/whereabouts.ts'
import { unsupportedKind } from '../model/bucket-kind.ts'
import type { Place } from '../model/place.ts'
import type { SideRequest, SyncRequest } from '../model/request.ts'
import { type HostVariant, serviceOf, takesBucketInHost } from '../model/service.ts'
import type { Ports } from '../ports.ts'
import { FirstPages, firstKeys } from '../storage/first-keys.ts'
import type { Store } from '../storage/store.ts'

/** A bucket that was found, and the client of its service. */
export interface OpenBucket {
  readonly region: string
  readonly variant: HostVariant
  /** Whether the service says that its name is an alias of an access point. */
  readonly isAlias: boolean
  /** Why the service does not answer a HEAD of the bucket; undefined: it does. */
  readonly oddHead: ServiceFailure | undefined
  readonly store: Store
  /** Of the folder that the side names, where it is one for sure. */
  readonly firstPages: FirstPages | undefined
  /** Where it is a folder of this runner: as it is told, and the name of the one file that is meant. */
  readonly local?: { readonly folder: string; readonly file: string | undefined } | undefined
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

/** An endpoint without the bucket that it begins or ends with, which is added by itself; undefined where it names none. */
function withoutBucket(endpoint: string, bucket: string): string | undefined {
  const url = new URL(endpoint)
  if (url.pathname.endsWith(`/${bucket}`))
    return `${url.origin}${url.pathname.slice(0, -bucket.length - 1)}`
  return url.host.startsWith(`${bucket}.`) ? endpoint.replace(`//${bucket}.`, '//') : undefined
}

const NOT_SERVED = 'PermanentRedirect'
const OTHER_ENDPOINT =
  'If the bucket is on AWS, remove endpoint-url (and AWS_ENDPOINT_URL): the action finds the address of each bucket. Otherwise set endpoint-url to the endpoint of that region.'

function whereMissing(name: string, { bucket, endpoint }: SideRequest): string {
  const spelling = `Check the spelling of the input ${name}`
  if (endpoint === undefined) return `${spelling}, and endpoint-url if the bucket is not on AWS.`
  // Dashboards show addresses with the bucket in them.
  const bare = withoutBucket(endpoint, bucket)
  return bare === undefined
    ? `${spelling}, and that ${endpoint} is the address of the S3 API.`
    : `Do not put the bucket name into endpoint-url: the action adds it. If it is there, set endpoint-url to ${bare}. Otherwise check the spelling of the input ${name}.`
}

function unreachable(name: string, side: SideRequest, error: unknown): SyncError {
  const failure = serviceFailure(error)
  const { code, message } = failure
  const { bucket, endpoint, region } = side
  const nobody = unreached(failure, { service: 'S3', endpoint, region, input: 'endpoint-url' })
  // Of both sides at one service it is one problem, told in the same words.
  if (nobody) return new SyncError('preflight', nobody.message, { hint: nobody.hint, cause: error })
  const missing = code === 'NoSuchBucket' || code === 'NotFound'
  const what = missing
    ? `The ${name} bucket ${bucket} does not exist.`
    : `The ${name} bucket ${bucket} cannot be reached: ${code}: ${message}`
  const hint = missing
    ? whereMissing(name, side)
    : code === NOT_SERVED && endpoint !== undefined
      ? OTHER_ENDPOINT
      : (networkHint(failure) ??
        remedyFor(failure) ??
        'Check endpoint-url, and that the credentials belong to this service.')
  return new SyncError('preflight', what, { hint, cause: error })
}

/**
 * Where a service says that its bucket has to be asked for instead, which only a listing tells: an answer to HEAD has no
 * words, and some services take HEAD alone at any address. Others deny every bucket to a HEAD: it is missing only where
 * it cannot be listed either. Throws the refusal then.
 */
async function elsewhere(
  { bucket, path, endpoint }: SideRequest,
  store: Store,
  firstPages: FirstPages | undefined,
  refusal: unknown,
): Promise<Whereabouts | undefined> {
  const asks = endpoint !== undefined && (refusal !== undefined || takesBucketInHost(endpoint))
  if (!asks && !isMissing(refusal)) return undefined
  try {
    await (firstPages?.keys() ?? firstKeys(store, bucket, path))
    return undefined
  } catch (error) {
    const failure = serviceFailure(error)
    const told = endpoint === undefined ? undefined : whereaboutsIn(failure)
    // What else a listing is refused for is told where one is needed.
    if (told || !isMissing(refusal)) return told
    throw isRefusal(failure) ? refusal : error
  }
}

/** How services refuse a signature for another region. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'AuthorizationHeaderMalformed',
  'InvalidRegionName',
  'PermanentRedirect',
  'BucketRegionError',
  'SignatureDoesNotMatch',
])

/** Whether a service takes requests that are signed for the region that it names: some name any. */
const takes = (
  store: Store,
  { bucket, path }: SideRequest,
  region: string,
  timeoutMs: number,
): Promise<boolean> =>
  store.objects.page({ bucket, prefix: path, mostKeys: 1 }, { timeoutMs }).then(
    // It is followed where an answer sends it: then this region is not the one.
    () => store.regionOf(bucket) === region,
    (error: unknown) => !ELSEWHERE.has(serviceFailure(error).code),
  )

const isSentElsewhere = (refusal: unknown): boolean => {
  const { status = 0 } = serviceFailure(refusal)
  return status >= 300 && status < 400
}

/** One endpoint of AWS has the buckets of one region, whatever a request is signed for. */
const notServed = ({ endpoint }: SideRequest, region: string): ServiceError =>
  new ServiceError(NOT_SERVED, `it is in ${region}, which ${endpoint} does not serve.`, {
    status: 301,
  })

function refuseKind(side: string, bucket: string): void {
  const kind = unsupportedKind(bucket)
  if (kind === undefined) return
  throw new SyncError('preflight', `The ${side} ${bucket} is ${kind}.`, {
    title: `The ${side} bucket type is not supported`,
    hint: 'Use a general purpose bucket, or the access point alias of one. Nothing was touched.',
  })
}

/**
 * Opens the bucket of a side where it really is, and asks for its first page beside that. Throws SyncError when it is
 * missing or cannot be reached.
 */
export async function openBucket(
  name: 'source' | 'destination' | 'lock' | 'plan-dir' | 'shards-dir',
  { side, session, folder }: BucketRequest,
  options: StoreOptions,
): Promise<OpenBucket> {
  const { bucket, endpoint, region: asked } = side
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
    const { region: found = asked, isAlias, refusal } = await store.findBucket(bucket)
    const told = found === asked ? await elsewhere(side, store, firstPages, refusal) : undefined
    const oddHead = refusal === undefined || told ? undefined : serviceFailure(refusal)
    const region = told?.region ?? found
    const variant = told?.bucketInHost
      ? { ...side.variant, bucketInHost: true as const }
      : side.variant
    const facts = { region, variant, isAlias, oddHead }
    if (region === asked && variant === side.variant) return { ...facts, store, firstPages }
    const there = await storeAt({ endpoint, region, variant }, session, options)
    const isBelieved = endpoint === undefined || told !== undefined
    if (isBelieved || (await takes(there, side, region, options.transfer.requestTimeoutMs))) {
      store.close()
      return { ...facts, store: there, firstPages: firstPagesOf(there) }
    }
    there.close()
    if (refusal !== undefined && isSentElsewhere(refusal)) throw notServed(side, region)
    return { ...facts, region: asked, store, firstPages }
  } catch (error) {
    early.abort()
    throw unreachable(name, side, error)
  }
}
