import type { Agents } from '../../adapters/agents.ts'
import type { BodyMemory } from '../../adapters/body-memory.ts'
import { type ToldFailure, toldFailure } from '../../adapters/error-answer.ts'
import { escapeUri } from '../../adapters/escape-uri.ts'
import { MOST_SKEW_MS, type ServerTime } from '../../adapters/server-time.ts'
import { createSigner, EMPTY_SHA256, sha256 } from '../../adapters/sigv4.ts'
import { ask, type WireAnswer, type WireRequest } from '../../adapters/wire.ts'
import { rootOf } from '../../adapters/xml.ts'
import { hasExpired } from '../../errors/catalogue.ts'
import { ServiceError } from '../../errors/service-error.ts'
import type { ByteSink } from '../../model/byte-sink.ts'
import type { Credentials } from '../../model/credentials.ts'
import type { Limit } from '../../model/limit.ts'
import { orAborted } from '../../model/or-aborted.ts'
import type { ObjectAddress, ObjectHeaders, StoreAddress } from '../store.ts'
import type { BucketHost, BucketHosts } from './bucket-hosts.ts'

/** What is needed to reach one service. */
export interface SenderInput {
  /** Knows the addresses of buckets. */
  readonly hosts: BucketHosts
  readonly address: StoreAddress
  readonly agents: Agents
  /** The service's clock. */
  readonly serverTime: ServerTime
}

/** One request about one object. */
export interface Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly on: ObjectAddress
  /** Escaped and in order. */
  readonly query?: string
  readonly headers?: ObjectHeaders
  readonly body?: Uint8Array
  /** Of the body of the answer. */
  readonly answer?: {
    /** A longer one is not read to its end. */
    readonly mostBytes?: number
    /** What it is read into: memory, to be given back, or where it goes piece by piece. */
    readonly into?: BodyMemory | ByteSink
  }
  /** What is stored as gzip shall come so; some services unpack it for others. */
  readonly asStored?: boolean
  /** For the connection alone; undefined: as long as the whole. */
  readonly connectMs?: number
}

/** Sends a request once; throws what the service or the network said. */
export type Send = (call: Call, limit: Limit) => Promise<WireAnswer>

/** An answer of any kind, and what it says is wrong. */
export interface Heard {
  readonly answer: WireAnswer
  readonly refusal: ServiceError | undefined
}

function unrefused({ answer, refusal }: Heard): WireAnswer {
  if (refusal) throw refusal
  return answer
}

/** Unsigned, as a proxy may change it; there are firewalls that let nothing pass which names no program. */
const PROGRAM = 's3-direct-sync'

/** Where an error begins; some services name the namespace of its elements. */
const ERROR = /<Error[\s>]/

/** Whether what is read is what somebody stored, which may look like anything. */
const readsContent = ({ method, query = '' }: Call): boolean =>
  method === 'GET' && (query === '' || query.startsWith('versionId='))

/** More than stands before an element that makes an answer a refusal. */
const PROLOG_BYTES = 1024

/** Whether an answer that says 200 tells of an error all the same. */
function tellsError({ body }: WireAnswer, call: Call): boolean {
  if (call.method === 'GET')
    return (
      !readsContent(call) && rootOf(body.toString('latin1', 0, PROLOG_BYTES), 'Error') !== undefined
    )
  // Most answers hold no such bytes at all, which is seen faster than that they hold no such element.
  return body.includes('<Error') && ERROR.test(body.toString('latin1'))
}

/** What an answer says is wrong; services may find that out after they said 200. */
function failureOf(answer: WireAnswer, call: Call): ToldFailure | undefined {
  if (answer.status < 200 || answer.status >= 300) return toldFailure(answer)
  if (!tellsError(answer, call)) return undefined
  const { headers, body } = answer
  return toldFailure({ status: 500, headers, body })
}

/** By these a service refuses a signature; what else it says was found out after that. */
const UNSIGNED = new Set([400, 401, 403])

/** Most keys hold nothing that is to be escaped. */
const PLAIN_KEY = /^[\w.~/-]*$/

/** Escapes a key, but not its slashes. */
export const escapeKey = (key: string): string =>
  PLAIN_KEY.test(key) ? key : key.split('/').map(escapeUri).join('/')

/** A request ready for the wire, and what it was signed with. */
interface Prepared {
  readonly wire: WireRequest
  readonly credentials: Credentials | undefined
  readonly nowMs: number
}

/** A request, and what came of it. */
interface Exchanged {
  readonly prepared: Prepared
  readonly answer: WireAnswer
}

/** Makes requests of one service: signs them where there are credentials, and follows a bucket to its region. */
export class Sender {
  readonly #input: SenderInput
  readonly #signers = new Map<string, ReturnType<typeof createSigner>>()

  constructor(input: SenderInput) {
    this.#input = input
  }

  /** Sends a request, and once more each where its bucket turns out to be in another region, or the service to have another time. */
  send(call: Call, limit: Limit): Promise<WireAnswer> {
    return this.hear(call, limit).then(unrefused)
  }

  /** The same, for who wants to know more of an answer that tells of a failure. Throws what the network said. */
  async hear(call: Call, limit: Limit): Promise<Heard> {
    const { bucket } = call.on
    const { hosts } = this.#input
    const known = hosts.hostOf(bucket)
    const host = known instanceof Promise ? await orAborted(limit.signal, known) : known
    const first = await this.#exchange(call, host, limit)
    const moved = hosts.movedHost(bucket, host, first.answer)
    const there = moved ? await moved : host
    const second = moved ? await this.#exchange(call, there, limit) : first
    // Services have many words for it, some of which say something else as well, and to HEAD they say none.
    const { prepared, answer } = this.#hasOtherTime(second)
      ? await this.#exchange(call, there, limit)
      : second
    const failed = failureOf(answer, call)
    return { answer, refusal: failed && this.#refusal(failed, prepared) }
  }

  /** Whether a signature was refused whose time is not the service's, which is known by now. */
  #hasOtherTime({ prepared, answer }: Exchanged): boolean {
    return (
      prepared.credentials !== undefined &&
      UNSIGNED.has(answer.status) &&
      this.#offMs(prepared) > MOST_SKEW_MS
    )
  }

  #offMs({ nowMs }: Prepared): number {
    return Math.abs((this.#input.serverTime.timeMs() ?? nowMs) - nowMs)
  }

  async #exchange(call: Call, host: BucketHost, limit: Limit): Promise<Exchanged> {
    const held = this.#input.address.credentials?.()
    const credentials = held instanceof Promise ? await orAborted(limit.signal, held) : held
    const prepared = this.#prepare(call, host, credentials)
    const answer = await ask(prepared.wire, this.#input.agents, limit)
    const { serverTime } = this.#input
    // A machine that slept has lost its time; every failure tells it anew.
    if (answer.status >= 300 || serverTime.timeMs() === undefined)
      serverTime.saw(answer.headers.date)
    return { prepared, answer }
  }

  #signerOf(region: string): ReturnType<typeof createSigner> {
    const sign = this.#signers.get(region) ?? createSigner({ region, service: 's3' })
    this.#signers.set(region, sign)
    return sign
  }

  #prepare(call: Call, host: BucketHost, credentials: Credentials | undefined): Prepared {
    const { address, serverTime } = this.#input
    const { method, on, query = '', body, asStored } = call
    const path = `${host.root}/${escapeKey(on.key)}`
    const own: Record<string, string> = { ...call.headers, host: host.host }
    // HeadBucket costs nobody anything, and knows no payer.
    const isHeadBucket = method === 'HEAD' && on.key === ''
    if (address.requestPayer && !isHeadBucket) own['x-amz-request-payer'] = address.requestPayer
    const nowMs = serverTime.timeMs() ?? Date.now()
    // Over TLS nothing can change bytes on their way, so that they need not be read twice.
    const unsigned = body && method === 'PUT' && host.isSecure
    const payloadSha256 = unsigned ? 'UNSIGNED-PAYLOAD' : body ? sha256(body) : EMPTY_SHA256
    const signable = { method, path, query, headers: own, payloadSha256 }
    const headers = credentials ? this.#signerOf(host.region)(signable, credentials, nowMs) : own
    // Without one Node sends a PUT or POST chunked, which S3 answers with 501.
    if (method === 'PUT' || method === 'POST') headers['content-length'] = String(body?.length ?? 0)
    // Not signed, as what is added here: what stands between may change it.
    if (asStored) headers['accept-encoding'] = 'gzip'
    headers['user-agent'] = PROGRAM
    const target = query === '' ? path : `${path}?${query}`
    const { mostBytes, into } = call.answer ?? {}
    const { connectMs } = call
    const wire = { base: host.base, method, target, headers, body, mostBytes, connectMs, into }
    return { wire, credentials, nowMs }
  }

  /** What a failed answer means to whoever signed the request. */
  #refusal({ said, error }: ToldFailure, prepared: Prepared): ServiceError {
    const { address } = this.#input
    const { credentials, nowMs } = prepared
    const isOff = this.#offMs(prepared) > MOST_SKEW_MS
    // An answer to HEAD does not say why: without the service's time it would pass for a missing permission.
    if (credentials && said === undefined && error.status === 403 && isOff)
      return new ServiceError('RequestTimeTooSkewed', error.message, { status: 403 })
    if (!credentials || !hasExpired(said, credentials.expiresAtMs, nowMs)) return error
    address.onExpired(credentials)
    return new ServiceError('ExpiredToken', error.message, { status: error.status })
  }
}
