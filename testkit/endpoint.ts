import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import { type Body, readBody, sliceBody } from './body.ts'
import type { Reply } from './reply.ts'
import { parseRequest, type ServerRequest } from './request.ts'
import { type Listening, listenOnLoopback, webServer } from './web-server.ts'

/** What the endpoint needs to speak HTTP for a service. */
export interface EndpointHooks {
  readonly onConnection: () => void
  readonly onRequest: (request: ServerRequest) => Promise<Reply>
  readonly onReply: (reply: Reply) => void
  readonly now: () => number
  readonly latencyMs: number
  readonly tls: boolean
}

let requests = 0

/** A request id that no other request of this process has. */
function nextRequestId(): string {
  requests += 1
  return requests.toString(16).toUpperCase().padStart(16, '0')
}

/** Listens on a free loopback port. */
export function listen(hooks: EndpointHooks): Promise<Listening> {
  const options = { keepAliveTimeout: 120_000, requestTimeout: 0, noDelay: true }
  const server = webServer(hooks.tls, options)
  server.on('connection', hooks.onConnection)
  server.on('request', (request, response) => {
    serve(hooks, request, response).catch(() => response.destroy())
  })
  return listenOnLoopback(server)
}

async function serve(
  hooks: EndpointHooks,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedMs = performance.now()
  const request = parseRequest({
    id: nextRequestId(),
    method: incoming.method ?? 'GET',
    url: incoming.url ?? '/',
    headers: incoming.headers as Readonly<Record<string, string | undefined>>,
    payload: await readIncoming(incoming),
  })
  const reply = await hooks.onRequest(request)
  const waitMs = hooks.latencyMs - (performance.now() - startedMs)
  if (waitMs > 0) await sleep(waitMs)
  hooks.onReply(reply)
  if (reply.socket === 'stall') return
  if (reply.socket === 'reset') {
    cutOff(incoming.socket)
    return
  }
  writeHead(response, { reply, requestId: request.id, nowMs: hooks.now() })
  if (reply.socket === 'trickle') trickle(response, reply)
  else await writeBody(response, reply, request.method === 'HEAD')
}

const TRICKLE_MS = 250

/** A byte now and then, for as long as somebody waits. */
function trickle(response: ServerResponse, { body }: Reply): void {
  const text = typeof body === 'string' ? Buffer.from(body, 'latin1') : EMPTY
  let at = 0
  const drip = (): void => {
    if (at < text.length) response.write(text.subarray(at, ++at))
  }
  const timer = setInterval(drip, TRICKLE_MS)
  response.on('close', () => clearInterval(timer)).on('error', () => {})
  drip()
}

/** Only TCP knows a reset: what stands on TLS is ended without a word. */
function cutOff(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}

const EMPTY = Buffer.alloc(0)

async function readIncoming(incoming: IncomingMessage): Promise<Buffer> {
  const { headers } = incoming
  const announced = headers['content-length'] ?? headers['transfer-encoding'] ?? '0'
  if (announced === '0') return EMPTY
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

interface Head {
  readonly reply: Reply
  readonly requestId: string
  readonly nowMs: number
}

function writeHead(response: ServerResponse, { reply, requestId, nowMs }: Head): void {
  response.sendDate = false
  response.writeHead(reply.status, {
    date: httpDate(nowMs),
    server: 'AmazonS3',
    'x-amz-request-id': requestId,
    'content-length': lengthOf(reply.body),
    ...reply.headers,
  })
}

let dateSecond = Number.NaN
let dateText = ''

function httpDate(nowMs: number): string {
  const second = Math.floor(nowMs / 1000)
  if (second !== dateSecond) {
    dateSecond = second
    dateText = new Date(nowMs).toUTCString()
  }
  return dateText
}

function lengthOf(body: string | Body | undefined): number {
  if (body === undefined) return 0
  return typeof body === 'string' ? body.length : body.size
}

async function writeBody(response: ServerResponse, reply: Reply, isHead: boolean): Promise<void> {
  const { body, cutAtBytes } = reply
  if (isHead || body === undefined) {
    response.end()
  } else if (cutAtBytes !== undefined) {
    response.write(startOf(body, cutAtBytes), () => response.destroy())
  } else if (typeof body === 'string') {
    response.end(body, 'latin1')
  } else {
    await pipeBody(response, body)
  }
}

function startOf(body: string | Body, size: number): Buffer {
  if (typeof body === 'string') return Buffer.from(body.slice(0, size), 'latin1')
  return Buffer.concat([...readBody(sliceBody(body, 0, size))])
}

/** A client that leaves in the middle is no fault of the server. */
const pipeBody = (response: ServerResponse, body: Body): Promise<void> =>
  pipeline(Readable.from(readBody(body)), response).catch(() => {})
