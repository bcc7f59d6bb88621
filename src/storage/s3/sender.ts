import type { S3Client } from '@aws-sdk/client-s3'
import type { Agents } from '../../adapters/agents.ts'
import { type ToldFailure, toldFailure } from '../../adapters/error-answer.ts'
import { escapeUri } from '../../adapters/escape-uri.ts'
import { ask, type WireAnswer } from '../../adapters/wire.ts'
import { hasExpired } from '../../errors/catalogue.ts'
import { ServiceError } from '../../errors/service-error.ts'
import type { Limit } from '../../model/limit.ts'
import { orAborted } from '../../model/or-aborted.ts'
import { isPathStyle } from '../../model/service.ts'
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
const PROGRAM = { 'user-agent': 's3-direct-sync' }

/** What an answer says is wrong; of a write S3 may find that out after it said 200. */
function failureOf({ status, body }: WireAnswer, { method }: Call): ToldFailure | undefined {
  const fine = status >= 200 && status < 300
  if (fine && (method === 'GET' || !body.includes('<Error>'))) return undefined
  return toldFailure(fine ? 500 : status, body)
}

/** The bucket's own address, by the rules that the SDK's client follows. */
function addressBook({ client, address }: SenderInput) {
  const known = new Map<string, URL>()
  const { endpoint, region, variant } = address.service
  const find = (bucket: string): URL =>
    client.config.endpointProvider({
      Bucket: bucket,
      Region: region,
      ForcePathStyle: isPathStyle(address.service),
      UseFIPS: variant.fips,
      UseDualStack: variant.dualstack,
      ...(endpoint === undefined ? {} : { Endpoint: endpoint }),
    }).url
  return (bucket: string): URL => {
    const base = known.get(bucket) ?? find(bucket)
    known.set(bucket, base)
    return base
  }
}

/** Escapes a key, but not its slashes. */
export const escapeKey = (key: string): string => key.split('/').map(escapeUri).join('/')

/** A sender that signs where there are credentials. */
export function sender(input: SenderInput): Send {
  const { address, agents, serverTime } = input
  const sign = createSigner({ region: address.service.region, service: 's3' })
  const baseOf = addressBook(input)
  return async (call, limit) => {
    const { method, on, query = '', headers = {}, body, mostBytes, asStored } = call
    const base = baseOf(on.bucket)
    const path = `${base.pathname.replace(/\/$/, '')}/${escapeKey(on.key)}`
    const payer = address.requestPayer ? { 'x-amz-request-payer': address.requestPayer } : {}
    const own = { ...headers, ...payer, host: base.host }
    const credentials =
      address.credentials && (await orAborted(limit.signal, address.credentials()))
    const nowMs = serverTime.timeMs() ?? Date.now()
    // Over TLS nothing can change bytes on their way, so that they need not be read twice.
    const unsigned = body && method === 'PUT' && base.protocol === 'https:'
    const payloadSha256 = unsigned ? 'UNSIGNED-PAYLOAD' : body ? sha256(body) : EMPTY_SHA256
    const signable = { method, path, query, headers: own, payloadSha256 }
    const signed = credentials ? sign(signable, credentials, nowMs) : {}
    const target = query === '' ? path : `${path}?${query}`
    // Without one Node sends a PUT or POST chunked, which S3 answers with 501.
    const bodied = method === 'PUT' || method === 'POST'
    const length = bodied ? { 'content-length': String(body?.length ?? 0) } : {}
    // Not signed: what stands between may change it.
    const accepted = asStored ? { 'accept-encoding': 'gzip' } : {}
    const sent = { ...own, ...length, ...signed, ...accepted, ...PROGRAM }
    const answer = await ask(
      { base, method, target, headers: sent, body, mostBytes },
      agents,
      limit,
    )
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
