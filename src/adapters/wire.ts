import http, { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Limit, ObjectHeaders } from '../ports.ts'
import type { Agents } from './agents.ts'

/** A request as it goes over the wire; nothing of it is changed on the way. */
export interface WireRequest {
  readonly base: URL
  readonly method: string
  /** Path and query, escaped. */
  readonly target: string
  readonly headers: ObjectHeaders
  readonly body?: Uint8Array | undefined
  /** A longer answer is not read to its end. */
  readonly mostBytes?: number | undefined
}

/** A whole answer. */
export interface WireAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const timedOut = (limitMs: number): Error =>
  Object.assign(new Error(`No whole answer within ${limitMs} ms.`), { name: 'TimeoutError' })

/** The requests that end with a signal: one listener for all of them. */
const underWay = new WeakMap<AbortSignal, Set<ClientRequest>>()

function endedBy(signal: AbortSignal): Set<ClientRequest> {
  const known = underWay.get(signal)
  if (known) return known
  const requests = new Set<ClientRequest>()
  underWay.set(signal, requests)
  const end = () => {
    for (const request of requests) request.destroy(signal.reason)
  }
  signal.addEventListener('abort', end, { once: true })
  return requests
}

/** Ends a request when its time is up or its signal is aborted; gives what takes the watch off again. */
function watch(request: ClientRequest, { timeoutMs, signal }: Limit): () => void {
  const timer = setTimeout(() => request.destroy(timedOut(timeoutMs)), timeoutMs)
  const others = signal && endedBy(signal)
  others?.add(request)
  return () => {
    clearTimeout(timer)
    others?.delete(request)
  }
}

const LARGE_BYTES = 2 ** 20

const tooLong = (status: number | undefined): Error =>
  Object.assign(new Error('The service sends more bytes than were asked for.'), {
    name: 'InvalidRange',
    $metadata: { httpStatusCode: status },
  })

/** The body of an answer; a large one whose length is told is never held twice. */
async function collect(
  response: IncomingMessage,
  { method, mostBytes = LARGE_BYTES }: WireRequest,
): Promise<Buffer> {
  const { statusCode } = response
  // What is wrong is told in more bytes than were asked for.
  const most = statusCode && statusCode < 300 ? mostBytes : Math.max(mostBytes, LARGE_BYTES)
  const length = method === 'HEAD' ? 0 : Number(response.headers['content-length'] ?? 0)
  if (length > most) {
    response.destroy()
    throw tooLong(statusCode)
  }
  const whole = length > LARGE_BYTES ? Buffer.allocUnsafeSlow(length) : undefined
  const chunks: Buffer[] = []
  let at = 0
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  response
    .on('data', (chunk: Buffer) => {
      if (at + chunk.length > most) {
        reject(tooLong(statusCode))
        response.destroy()
      } else if (whole) whole.set(chunk, at)
      else chunks.push(chunk)
      at += chunk.length
    })
    .on('error', reject)
    .on('end', () => resolve(whole ?? Buffer.concat(chunks)))
  return promise
}

/** Sends one request and reads the whole answer. Throws what the network did, or the signal's reason. */
export async function ask(request: WireRequest, agents: Agents, limit: Limit): Promise<WireAnswer> {
  limit.signal?.throwIfAborted()
  const { base, method, target: path, headers, body } = request
  const { hostname, port } = base
  const options = {
    ...{ hostname: hostname.replace(/^\[|\]$/g, ''), port, method, path },
    // As a list Node sends them byte for byte; of an object it encodes some anew.
    headers: Object.entries(headers).flat(),
  }
  const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>()
  const sent =
    base.protocol === 'https:'
      ? https.request({ ...options, agent: agents.https })
      : http.request({ ...options, agent: agents.http })
  const unwatch = watch(sent, limit)
  sent.on('error', reject).on('response', (response) => {
    const { statusCode: status = 0, headers } = response
    collect(response, request).then((body) => resolve({ status, headers, body }), reject)
  })
  sent.end(body)
  return promise.finally(unwatch)
}
