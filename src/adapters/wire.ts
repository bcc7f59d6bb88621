import http, { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'
import { ServiceError } from '../errors/service-error.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import type { Limit } from '../model/limit.ts'
import { type Agents, wayTo } from './agents.ts'
import { AnswerBody } from './answer-body.ts'
import { tellRequest } from './told.ts'
import { type End, watch } from './watch.ts'
import { targetOf, type WireAnswer, type WireHeaders, type WireRequest } from './wire-request.ts'

export type { WireAnswer, WireRequest } from './wire-request.ts'

/** An answer whose head is there; its body has to be read or destroyed. */
export interface OpenAnswer {
  readonly status: number
  /** Made when they are asked for: of most answers nobody does. */
  readonly headers: IncomingHttpHeaders
  readonly body: IncomingMessage
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
  const way = wayTo(agents, request.base)
  return isSecure
    ? https.request({ hostname, port, method, path, headers, agent: way.https })
    : http.request({ hostname, port, method, path, headers, agent: way.http })
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
      reject(
        new ServiceError('RequestError', `${request.base.host} closed the connection unexpectedly`),
      )
    })
    .on('response', (body) => {
      answer = body
      tellRequest(asked, body.statusCode ?? 0)
      resolve(headOf(body))
    })
  sent.end(request.body)
  return promise
}

/** The body of an answer that Node reads. */
function collect({ status, headers, body }: OpenAnswer, request: WireRequest): Promise<Buffer> {
  // A status that has no body may tell a length all the same.
  const isEmpty = request.method === 'HEAD' || status === 204 || status === 304
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  // What broke in the moment when the head came tells nothing any more.
  if (body.destroyed) return Promise.reject(body.errored)
  body.on('error', reject)
  const fail = (error: unknown): void => {
    reject(error)
    body.destroy()
  }
  const guarded = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      fail(error)
    }
  }
  guarded(() => {
    const whole = new AnswerBody(
      status,
      isEmpty ? 0 : Number(headers['content-length'] ?? 0),
      request,
    )
    body
      .on('data', (chunk: Buffer) =>
        guarded(() => {
          if (!whole.add(chunk)) {
            resolve(whole.whole())
            body.destroy()
          } else if (whole.room) {
            body.pause()
            whole.room.then(() => body.resume(), fail)
          }
        }),
      )
      .on('end', () => resolve(whole.whole()))
  })
  return promise
}

/** The rest of an answer. Throws AnswerTooLong, what the network did, or the signal's reason. */
async function wholeOf(answer: OpenAnswer, request: WireRequest): Promise<WireAnswer> {
  const body = await collect(answer, request)
  return {
    status: answer.status,
    get headers() {
      return answer.headers
    },
    body,
  }
}

/** Sends one request and reads the whole answer. Throws, or rejects with, what the network did, or the signal's reason. */
export function ask(request: WireRequest, agents: Agents, limit: Limit): Promise<WireAnswer> {
  const { connections, receivers } = wayTo(agents, request.base)
  limit.signal?.throwIfAborted()
  if (connections) return receivers?.ask(request, limit) ?? connections.ask(request, limit)
  return open(request, agents, limit).then((answer) => wholeOf(answer, request))
}
