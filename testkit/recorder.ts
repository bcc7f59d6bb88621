import type { AddressInfo, Socket } from 'node:net'
import net from 'node:net'
import tls from 'node:tls'

/** A request as it came over the wire: nothing is decoded but the framing of its body. */
export interface RecordedRequest {
  readonly method: string
  /** Byte for byte, as latin1. */
  readonly target: string
  /** Names and values as they came, as latin1. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** What a recorder answers. */
export interface RecordedAnswer {
  readonly status: number
  /** Values as latin1. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What stands at a recorder's TLS door. */
export interface RecorderTls {
  readonly key: string
  readonly cert: string
}

/** A server on loopback that keeps what it is sent. One port takes HTTP, TLS, and CONNECT to whatever host. */
export interface Recorder extends AsyncDisposable {
  readonly port: number
  /** What came since the last call, in order. */
  take(): RecordedRequest[]
}

interface Head {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Where the body begins. */
  readonly end: number
}

/** The value of a header, whatever the case of its name. */
export const headerOf = ({ headers }: Pick<Head, 'headers'>, name: string): string | undefined =>
  headers.find(([one]) => one.toLowerCase() === name)?.[1]

function headIn(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const [, method = '', target = ''] = /^(\S+) (.*) HTTP\/1\.1$/.exec(first) ?? []
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    // RFC 9110: the blanks around a value are not part of it.
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')] as const
  })
  return { method, target, headers, end: end + 4 }
}

interface Framed {
  readonly body: Buffer
  readonly end: number
}

function chunkedIn(bytes: Buffer, start: number): Framed | undefined {
  const chunks: Buffer[] = []
  for (let at = start; ; ) {
    const line = bytes.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16)
    const next = line + 2 + size + 2
    if (bytes.length < next) return undefined
    if (size === 0) return { body: Buffer.concat(chunks), end: next }
    chunks.push(bytes.subarray(line + 2, line + 2 + size))
    at = next
  }
}

function bodyIn(bytes: Buffer, head: Head): Framed | undefined {
  if (headerOf(head, 'transfer-encoding') === 'chunked') return chunkedIn(bytes, head.end)
  const end = head.end + Number(headerOf(head, 'content-length') ?? 0)
  return bytes.length < end ? undefined : { body: bytes.subarray(head.end, end), end }
}

const LF = '\r\n'

function answerText({ status, headers = {}, body = '' }: RecordedAnswer, isHead: boolean): string {
  const length = isHead || status === 204 ? {} : { 'content-length': String(body.length) }
  const lines = Object.entries({ ...length, ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  return [`HTTP/1.1 ${status} X`, ...lines, '', isHead ? '' : body].join(LF)
}

/** Answers what comes over a connection, one request after the other. */
function serve(
  socket: Socket,
  first: Buffer,
  onRequest: (request: RecordedRequest) => RecordedAnswer,
): void {
  let bytes = first
  let continued = false
  const next = (): boolean => {
    const head = headIn(bytes)
    if (!head) return false
    if (headerOf(head, 'expect') === '100-continue' && !continued) {
      continued = true
      socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    }
    const framed = bodyIn(bytes, head)
    if (!framed) return false
    bytes = Buffer.from(bytes.subarray(framed.end))
    continued = false
    const { method, target, headers } = head
    const answer = onRequest({ method, target, headers, body: Buffer.from(framed.body) })
    socket.write(answerText(answer, method === 'HEAD'), 'latin1')
    return true
  }
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    while (next());
  })
  while (next());
}

const TLS_HANDSHAKE = 0x16

const portOf = (server: net.Server): number => (server.address() as AddressInfo).port

/** Hands a connection on, with what was read of it. */
function relay(socket: Socket, first: Buffer, port: number): void {
  const onward = net.connect(port, '127.0.0.1')
  onward.on('error', () => socket.destroy()).write(first)
  socket.pipe(onward).pipe(socket)
}

/** Starts a recorder. */
export async function startRecorder(
  door: RecorderTls,
  answer: (request: RecordedRequest) => RecordedAnswer,
): Promise<Recorder> {
  const taken: RecordedRequest[] = []
  const open = new Set<Socket>()
  const onRequest = (request: RecordedRequest): RecordedAnswer => {
    taken.push(request)
    return answer(request)
  }
  const secure = tls.createServer({ key: door.key, cert: door.cert }, (socket) => {
    socket.on('error', () => {})
    serve(socket, Buffer.alloc(0), onRequest)
  })
  /** Looks at the first bytes of a connection, and gives it to whom it is for. */
  const sort = (socket: Socket): void => {
    socket.once('data', (first: Buffer) => {
      if (first.toString('latin1').startsWith('CONNECT ')) {
        sort(socket)
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      } else if (first[0] === TLS_HANDSHAKE) relay(socket, first, portOf(secure))
      else serve(socket, first, onRequest)
    })
  }
  const server = net.createServer(sort)
  for (const one of [secure, server]) {
    one.on('connection', (socket: Socket) => {
      open.add(socket)
      socket.on('error', () => {}).on('close', () => open.delete(socket))
    })
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))
  }
  return {
    port: portOf(server),
    take: () => taken.splice(0),
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      await Promise.all([secure, server].map((one) => new Promise((resolve) => one.close(resolve))))
    },
  }
}
