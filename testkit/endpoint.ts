import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import { type Body, readBody, sliceBody } from './body.ts'
import type { Reply } from './reply.ts'
import { type Arrival, parseRequest, type ServerRequest } from './request.ts'
import { MAX_BODY_BYTES } from './s3/limits.ts'
import { type Listening, listenOnLoopback, webServer } from './web-server.ts'

/** What the endpoint needs to speak HTTP for a service. */
export interface EndpointHooks {
  readonly onConnection: () => void
  readonly onRequest: (request: ServerRequest) => Promise<Reply>
  readonly onReply: (reply: Reply) => void
  readonly now: () => number
  readonly latencyMs: number
  /** So long may a body stand still. */
  readonly stallMs: number
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
  const server = webServer(hooks.tls, {
    keepAliveTimeout: 120_000,
    requestTimeout: 0,
    noDelay: true,
    // Far above what S3 takes, so that the refusal is S3's and not Node's.
    maxHeaderSize: 64 * 1024,
  })
  server.on('connection', hooks.onConnection)
  server.on('clientError', refuseUnreadable)
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
    headerBytes: headerBytesOf(incoming),
    ...(await readIncoming(incoming, hooks.stallMs)),
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
  if (request.arrival !== 'whole' || spoilt.has(incoming.socket)) {
    response.setHeader('connection', 'close')
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

/** How to tell the reader of a body that its connection has ended in the middle of it. */
const readers = new WeakMap<Duplex, () => void>()

/** Bytes of the header lines; Node gives names and values in turn. */
const headerBytesOf = ({ rawHeaders }: IncomingMessage): number =>
  rawHeaders.reduce((sum, text) => sum + text.length + 2, 0)

type Received = Pick<ServerRequest, 'payload' | 'arrival'>

function readIncoming(incoming: IncomingMessage, stallMs: number): Promise<Received> | Received {
  const { headers, socket } = incoming
  const announced = headers['content-length'] ?? headers['transfer-encoding'] ?? '0'
  if (announced === '0') return { payload: EMPTY, arrival: 'whole' }
  if (Number(announced) > MAX_BODY_BYTES) return { payload: EMPTY, arrival: 'unread' }
  const chunks: Buffer[] = []
  return new Promise((resolve, reject) => {
    const settle = (arrival: Arrival) => {
      clearTimeout(timer)
      readers.delete(socket)
      resolve({ payload: Buffer.concat(chunks), arrival })
    }
    const timer = setTimeout(() => settle('stalled'), stallMs)
    readers.set(socket, () => settle('cut'))
    incoming.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      timer.refresh()
    })
    incoming.on('end', () => settle('whole'))
    incoming.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
  })
}

/** Connections that no further request can be read from. */
const spoilt = new WeakSet<Duplex>()

/** A body that breaks off is S3's to refuse; what is no HTTP at all has no request to answer. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  const tellReader = readers.get(socket)
  spoilt.add(socket)
  if (error.code === 'HPE_INVALID_EOF_STATE') tellReader?.()
  if (tellReader !== undefined || !socket.writable) return
  socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
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
