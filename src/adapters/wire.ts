import http, { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'
import { ServiceError } from '../errors/service-error.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import type { Limit } from '../model/limit.ts'
import type { Agents } from './agents.ts'
import type { BodyMemory } from './body-memory.ts'
import { MOST_ANSWER_BYTES, MOST_ERROR_BYTES, tooLong } from './bounded.ts'
import { tellRequest } from './told.ts'

type WireHeaders = Readonly<Record<string, string>>

/** A request as it goes over the wire; nothing of it is changed on the way. */
export interface WireRequest {
  readonly base: URL
  readonly method: string
  /** Path and query, escaped. */
  readonly target: string
  readonly headers: WireHeaders
  readonly body?: Uint8Array | string | undefined
  /** A longer answer is not read to its end: 1 MiB where nothing is said. */
  readonly mostBytes?: number | undefined
  /** For the connection alone, through a proxy to the far end; undefined: as long as the whole. */
  readonly connectMs?: number | undefined
  /** What the body of an answer is read into, unless it tells of a failure; to be given back. Undefined: fresh memory. */
  readonly memory?: BodyMemory | undefined
}

/** An answer whose head is there; its body has to be read or destroyed. */
export interface OpenAnswer {
  readonly status: number
  /** Made when they are asked for: of most answers nobody does. */
  readonly headers: IncomingHttpHeaders
  readonly body: IncomingMessage
}

/** A whole answer. One that tells of a failure has as much of its body as is of use. */
export interface WireAnswer {
  readonly status: number
  /** As of an open answer. */
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

function authorizationOf({ username, password }: URL): WireHeaders {
  if (username === '' && password === '') return {}
  const pair = [username, password].map(decodeURIComponent).join(':')
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** A GET of a URL, with the user and password that it holds; `connectMs` as in the request. */
export const getOf = (url: URL, headers: WireHeaders = {}, connectMs?: number): WireRequest => ({
  base: url,
  method: 'GET',
  target: `${url.pathname}${url.search}`,
  headers: { host: url.host, 'user-agent': 's3-direct-sync', ...authorizationOf(url), ...headers },
  connectMs,
})

type End = (reason: unknown) => void

/** The requests that end with a signal: one listener for all of them. */
const underWay = new WeakMap<AbortSignal, Set<End>>()

function endedBy(signal: AbortSignal): Set<End> {
  const known = underWay.get(signal)
  if (known) return known
  const ends = new Set<End>()
  underWay.set(signal, ends)
  const endAll = () => {
    for (const end of ends) end(signal.reason)
  }
  signal.addEventListener('abort', endAll, { once: true })
  return ends
}

/** Ends a request when its time is up or its signal is aborted; gives what takes the watch off again. */
function watch(end: End, { timeoutMs, signal }: Limit): () => void {
  const late = () =>
    end(new ServiceError('RequestTimeout', `No whole answer within ${timeoutMs} ms.`))
  const timer = setTimeout(late, timeoutMs)
  const others = signal && endedBy(signal)
  others?.add(end)
  return () => {
    clearTimeout(timer)
    others?.delete(end)
  }
}

/** Ends a request that finds no connection in time. */
function watchConnection(sent: ClientRequest, { base, connectMs }: WireRequest, end: End): void {
  if (connectMs === undefined) return
  const late = () =>
    end(new ServiceError('RequestError', `ETIMEDOUT no connection to ${base.host}`))
  const timer = setTimeout(late, connectMs)
  const connected = (): void => clearTimeout(timer)
  const event = base.protocol === 'https:' ? 'secureConnect' : 'connect'
  sent.on('close', connected).on('socket', (socket) => {
    if (socket.connecting) socket.once(event, connected)
    else connected()
  })
}

/** An address as Node takes it. */
interface Target {
  readonly hostname: string
  readonly port: string
  readonly isSecure: boolean
}

/** Read once of each URL: its parts are cut out of its text whenever they are asked for. */
const targets = new WeakMap<URL, Target>()

function targetOf(base: URL): Target {
  const known = targets.get(base)
  if (known) return known
  const { hostname, port, protocol } = base
  const plain = hostname.replace(/^\[|\]$/g, '')
  const target = { hostname: plain, port, isSecure: protocol === 'https:' }
  targets.set(base, target)
  return target
}

/** As a list Node sends headers byte for byte; of an object it encodes some anew. */
function listed(headers: WireHeaders): string[] {
  const list: string[] = []
  for (const name in headers) list.push(name, headers[name] ?? '')
  return list
}

function begin(request: WireRequest, agents: Agents): ClientRequest {
  const { method, target: path } = request
  const { hostname, port, isSecure } = targetOf(request.base)
  const headers = listed(request.headers)
  return isSecure
    ? https.request({ hostname, port, method, path, headers, agent: agents.https })
    : http.request({ hostname, port, method, path, headers, agent: agents.http })
}

/** What came, whose headers are made when they are asked for. */
const headOf = (body: IncomingMessage): OpenAnswer => ({
  status: body.statusCode ?? 0,
  get headers() {
    return body.headers
  },
  body,
})

/**
 * Sends one request and gives the answer, of any status, once its head is there. The limit is one of the
 * whole, the body included: behind it, or at a cancel, the body ends with an error. Follows nothing.
 */
export function open(request: WireRequest, agents: Agents, limit: Limit): Promise<OpenAnswer> {
  limit.signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<OpenAnswer>()
  const { method, target, base } = request
  const asked = { method, target, host: base.host, startedMs: performance.now() }
  const sent = begin(request, agents)
  let answer: IncomingMessage | undefined
  const end: End = (reason) => {
    unwatch()
    if (answer === undefined) tellRequest(asked, serviceFailure(reason).message)
    // A request whose proxy keeps silent tells no error when it is destroyed: so the promise is ended by hand.
    reject(reason)
    answer?.destroy(reason as Error)
    sent.destroy(reason as Error)
  }
  const unwatch = watch(end, limit)
  watchConnection(sent, request, end)
  sent
    .on('error', end)
    .on('close', () => {
      unwatch()
      if (answer !== undefined) return
      // After an answer that switches protocols Node tells nothing else.
      reject(new ServiceError('RequestError', `${request.base.host} closed the connection unasked`))
    })
    .on('response', (body) => {
      answer = body
      tellRequest(asked, body.statusCode ?? 0)
      resolve(headOf(body))
    })
  sent.end(request.body)
  return promise
}

/** What a body is put together in, piece by piece. */
interface Vessel {
  add(piece: Buffer): void
  /** All that was added. */
  whole(): Buffer
}

/** Most answers come in one piece. */
const joined = (chunks: readonly Buffer[]): Buffer =>
  (chunks.length === 1 ? chunks[0] : undefined) ?? Buffer.concat(chunks)

/** Keeps the pieces until all have come. */
function pieces(): Vessel {
  const kept: Buffer[] = []
  return { add: (piece) => void kept.push(piece), whole: () => joined(kept) }
}

/** Holds what was added once, in memory for `bytes` to begin with. */
function filled(memory: Pick<BodyMemory, 'take' | 'giveBack'>, bytes: number): Vessel {
  let buffer = memory.take(bytes)
  let length = 0
  return {
    add: (piece) => {
      if (length + piece.length > buffer.length) {
        const larger = memory.take((length + piece.length) * 2)
        buffer.copy(larger, 0, 0, length)
        memory.giveBack(buffer)
        buffer = larger
      }
      buffer.set(piece, length)
      length += piece.length
    },
    whole: () => buffer.subarray(0, length),
  }
}

const LARGE_BYTES = 2 ** 20
const FRESH = { take: Buffer.allocUnsafeSlow, giveBack: () => {} }

/** The body of an answer; a large one whose length is told is never held twice. */
function collect(
  answer: OpenAnswer,
  { method, mostBytes = MOST_ANSWER_BYTES, memory }: WireRequest,
): Promise<Buffer> {
  const { status, body } = answer
  const failed = status >= 300
  const most = failed ? MOST_ERROR_BYTES : mostBytes
  // Where no more than a little is taken, it is known soon enough that there is more.
  const isTold = most > LARGE_BYTES && method !== 'HEAD'
  const length = isTold ? Number(answer.headers['content-length'] ?? 0) : 0
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  if (length > most && !failed) {
    body.on('error', () => {}).destroy()
    return Promise.reject(tooLong(status))
  }
  const isHeldOnce = !failed && (memory !== undefined || length > LARGE_BYTES)
  const vessel = isHeldOnce ? filled(memory ?? FRESH, length) : pieces()
  // A status that has no body may tell a length all the same.
  let at = 0
  body
    .on('data', (chunk: Buffer) => {
      at += chunk.length
      if (at <= most) {
        vessel.add(chunk)
        return
      }
      // What went wrong is told in the beginning.
      vessel.add(chunk.subarray(0, Math.max(0, chunk.length - (at - most))))
      if (failed) resolve(vessel.whole())
      else reject(tooLong(status))
      body.destroy()
    })
    .on('error', reject)
    .on('end', () => resolve(vessel.whole()))
  return promise
}

/** The rest of an answer. Throws AnswerTooLong, what the network did, or the signal's reason. */
export async function wholeOf(answer: OpenAnswer, request: WireRequest): Promise<WireAnswer> {
  const body = await collect(answer, request)
  return {
    status: answer.status,
    get headers() {
      return answer.headers
    },
    body,
  }
}

/** Sends one request and reads the whole answer. Throws what the network did, or the signal's reason. */
export async function ask(request: WireRequest, agents: Agents, limit: Limit): Promise<WireAnswer> {
  return wholeOf(await open(request, agents, limit), request)
}
