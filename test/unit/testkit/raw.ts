import { hash } from 'node:crypto'
import { connect } from 'node:net'
import { createSigner } from '../../../src/storage/s3/sigv4.ts'
import type { Testkit } from '../../../testkit/testkit.ts'

/** A request, byte by byte as a test wants it. */
export interface RawRequest {
  readonly method: string
  /** Escaped, with the bucket. */
  readonly path: string
  /** Escaped and in order. */
  readonly query?: string
  /** Signed; one without a value is left out, also where the signature would add it. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly signed?: Signature | 'anonymous'
  /** Sent beside what is signed. */
  readonly unsigned?: Readonly<Record<string, string>>
  readonly body?: string
  /** How the body is announced. Default: with its length. */
  readonly framing?: 'chunked' | 'nothing' | { readonly bytes: number }
  /** Ends the sending side after the body. */
  readonly hangUp?: boolean
}

/** How a signature differs from a proper one. */
export interface Signature {
  readonly region?: string
  readonly service?: string
  readonly nowMs?: number
  readonly payloadSha256?: string
  /** Taken out of the list of signed headers. */
  readonly without?: string
}

/** What the server says. */
export interface RawAnswer {
  readonly status: number
  readonly headers: string
  readonly body: string
}

/** Sends a request over a connection of its own and reads the answer to its end. */
export function sendRaw(kit: Testkit, request: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(kit.endpoint)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(parse(Buffer.concat(chunks).toString())))
    socket.write(head(kit, request) + content(request))
    if (request.hangUp) socket.end()
  })
}

/** Status, code and the further elements of an error, for example `400 InvalidArgument ArgumentName=range`. */
export async function refusal(kit: Testkit, request: RawRequest): Promise<string> {
  const { status, body } = await sendRaw(kit, request)
  const elements = [...body.matchAll(/<(\w[\w-]*)>([^<]*)<\/\1>/g)]
    .filter(([, name = '']) => !['Message', 'RequestId', 'HostId'].includes(name))
    .map(([, name, value]) => (name === 'Code' ? value : `${name}=${value}`))
  return [status, ...elements].join(' ')
}

function head(kit: Testkit, request: RawRequest): string {
  const { method, path, query = '', unsigned = {}, framing } = request
  const given = request.headers ?? {}
  const own = Object.entries(given).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  )
  const headers = { host: new URL(kit.endpoint).host, ...Object.fromEntries(own) }
  const all = Object.entries({ ...headers, ...signature(kit, request, headers), ...unsigned })
  const lines = all
    .filter(([name]) => !(name in given) || given[name] !== undefined)
    .map(([name, value]) => `${name}: ${value}`)
  if (framing === 'chunked') lines.push('transfer-encoding: chunked')
  else if (framing !== 'nothing') lines.push(`content-length: ${announced(request)}`)
  const target = query === '' ? path : `${path}?${query}`
  return [`${method} ${target} HTTP/1.1`, ...lines, 'connection: close', '', ''].join('\r\n')
}

const announced = ({ framing, body = '' }: RawRequest): number =>
  typeof framing === 'object' ? framing.bytes : Buffer.byteLength(body)

function signature(
  kit: Testkit,
  request: RawRequest,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { signed = {}, method, path, query = '', body = '' } = request
  if (signed === 'anonymous') return {}
  const { region = 'us-east-1', service = 's3', nowMs = Date.now() } = signed
  const payloadSha256 = signed.payloadSha256 ?? hash('sha256', body)
  const signable = { method, path, query, headers, payloadSha256 }
  const made = createSigner({ region, service })(signable, kit.iam.admin, nowMs)
  if (signed.without === undefined) return made
  const authorization = made['authorization']?.replace(`${signed.without};`, '') ?? ''
  return { ...made, authorization }
}

function content({ framing, body = '' }: RawRequest): string {
  if (framing !== 'chunked') return body
  const size = Buffer.byteLength(body).toString(16)
  return body === '' ? '0\r\n\r\n' : `${size}\r\n${body}\r\n0\r\n\r\n`
}

function parse(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1])
  return { status, headers: text.slice(0, end), body: text.slice(end + 4) }
}
