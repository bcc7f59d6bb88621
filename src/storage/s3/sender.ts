import type { S3Client } from '@aws-sdk/client-s3'
import type { Agents } from '../../adapters/agents.ts'
import { type ToldFailure, toldFailure } from '../../adapters/error-answer.ts'
import { escapeUri } from '../../adapters/escape-uri.ts'
import { ask, type WireAnswer } from '../../adapters/wire.ts'
import { hasExpired } from '../../errors/catalogue.ts'
import { ServiceError } from '../../errors/service-error.ts'
import type { Limit } from '../../model/limit.ts'
import { orAborted } from '../../model/or-aborted.ts'
import type { ObjectAddress, ObjectHeaders, StoreAddress } from '../store.ts'
import { createSigner, EMPTY_SHA256, sha256 } from './sigv4.ts'

/** A service's clock, as its answers tell it. */
export interface ServerClock {
  /** Milliseconds since the epoch; undefined before the first answer. */
  timeMs(): number | undefined
  /** An answer had this Date. */
  saw(date: string | undefined): void
}

/** What is needed to reach one service. */
export interface SenderInput {
  /** Knows the addresses of buckets. */
  readonly client: S3Client
  readonly address: StoreAddress
  readonly agents: Agents
  /** The service's clock. */
  readonly serverTime: ServerClock
}

/** One request about one object. */
export interface Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly on: ObjectAddress
  /** Escaped and in order. */
  readonly query?: string
  readonly headers?: ObjectHeaders
  readonly body?: Uint8Array
  /** A longer answer is not read to its end. */
  readonly mostBytes?: number
  /** What is stored as gzip shall come so; some services unpack it for others. */
  readonly asStored?: boolean
}

/** As soon as the SDK does, and before S3 refuses a signature. */
const MOST_SKEW_MS = 5 * 60_000

/** Sends a request once; throws what the service or the network said. */
export type Send = (call: Call, limit: Limit) => Promise<WireAnswer>

/** Unsigned, as a proxy may change it; there are firewalls that let nothing pass which names no program. */
const PROGRAM = 's3-direct-sync'

/** What an answer says is wrong; of a write S3 may find that out after it said 200. */
function failureOf({ status, body }: WireAnswer, { method }: Call): ToldFailure | undefined {
  const fine = status >= 200 && status < 300
  if (fine && (method === 'GET' || !body.includes('<Error>'))) return undefined
  return toldFailure(fine ? 500 : status, body)
}

/** Where the requests of a bucket go. */
interface BucketAddress {
  readonly base: URL
  readonly host: string
  /** What stands before every key; without a slash at its end. */
  readonly root: string
  readonly isSecure: boolean
}

/** The bucket's own address, by the rules that the SDK's client follows. */
function addressBook({ client, address }: SenderInput) {
  const known = new Map<string, BucketAddress>()
  const { endpoint, region, variant } = address.service
  const find = (bucket: string): URL =>
    client.config.endpointProvider({
      Bucket: bucket,
      Region: region,
      ForcePathStyle: endpoint !== undefined,
      UseFIPS: variant.fips,
      UseDualStack: variant.dualstack,
      ...(endpoint === undefined ? {} : { Endpoint: endpoint }),
    }).url
  return (bucket: string): BucketAddress => {
    const there = known.get(bucket)
    if (there) return there
    const base = find(bucket)
    const { host, pathname, protocol } = base
    const root = pathname.replace(/\/$/, '')
    const found = { base, host, root, isSecure: protocol === 'https:' }
    known.set(bucket, found)
    return found
  }
}

/** Most keys hold nothing that is to be escaped. */
const PLAIN_KEY = /^[\w.~/-]*$/

/** Escapes a key, but not its slashes. */
export const escapeKey = (key: string): string =>
  PLAIN_KEY.test(key) ? key : key.split('/').map(escapeUri).join('/')

/** A sender that signs where there are credentials. */
export function sender(input: SenderInput): Send {
  const { address, agents, serverTime } = input
  const sign = createSigner({ region: address.service.region, service: 's3' })
  const addressOf = addressBook(input)
  return async (call, limit) => {
    const { method, on, query = '', body, mostBytes, asStored } = call
    const { base, host, root, isSecure } = addressOf(on.bucket)
    const path = `${root}/${escapeKey(on.key)}`
    const own: Record<string, string> = { ...call.headers, host }
    if (address.requestPayer) own['x-amz-request-payer'] = address.requestPayer
    const held = address.credentials?.()
    const credentials = held instanceof Promise ? await orAborted(limit.signal, held) : held
    const nowMs = serverTime.timeMs() ?? Date.now()
    // Over TLS nothing can change bytes on their way, so that they need not be read twice.
    const unsigned = body && method === 'PUT' && isSecure
    const payloadSha256 = unsigned ? 'UNSIGNED-PAYLOAD' : body ? sha256(body) : EMPTY_SHA256
    const signable = { method, path, query, headers: own, payloadSha256 }
    const headers = credentials ? sign(signable, credentials, nowMs) : own
    // Without one Node sends a PUT or POST chunked, which S3 answers with 501.
    if (method === 'PUT' || method === 'POST') headers['content-length'] = String(body?.length ?? 0)
    // Not signed, as what is added here: what stands between may change it.
    if (asStored) headers['accept-encoding'] = 'gzip'
    headers['user-agent'] = PROGRAM
    const target = query === '' ? path : `${path}?${query}`
    const answer = await ask({ base, method, target, headers, body, mostBytes }, agents, limit)
    const failed = failureOf(answer, call)
    if (!failed) return answer
    // A machine that slept has lost its time; every failure tells it anew.
    serverTime.saw(answer.headers.date)
    const { said, error } = failed
    const offMs = Math.abs((serverTime.timeMs() ?? nowMs) - nowMs)
    // An answer to HEAD does not say why: without the service's time it would pass for a missing permission.
    if (credentials && said === undefined && error.status === 403 && offMs > MOST_SKEW_MS)
      throw new ServiceError('RequestTimeTooSkewed', error.message, { status: 403 })
    if (!credentials || !hasExpired(said, credentials.expiresAtMs, nowMs)) throw error
    address.onExpired(credentials)
    throw new ServiceError('ExpiredToken', error.message, { status: error.status })
  }
}
