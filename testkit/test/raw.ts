import { hash } from 'node:crypto'
import { connect } from 'node:net'
import { Hash } from '@smithy/core/serde'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Testkit } from '../testkit.ts'

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
export async function sendRaw(kit: Testkit, request: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(kit.endpoint)
  const message = (await head(kit, request)) + content(request)
  return await new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(parse(Buffer.concat(chunks).toString())))
    socket.write(message)
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

async function head(kit: Testkit, request: RawRequest): Promise<string> {
  const { method, path, query = '', unsigned = {}, framing } = request
  const given = request.headers ?? {}
  const own = Object.entries(given).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  )
  const headers = { host: new URL(kit.endpoint).host, ...Object.fromEntries(own) }
  const signature = await signatureOf(kit, request, headers)
  const all = Object.entries({ ...headers, ...signature, ...unsigned })
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

/** The headers that a signature adds, made by the signer of the SDK. */
async function signatureOf(
  { endpoint, iam }: Testkit,
  request: RawRequest,
  headers: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const { signed = {}, method, path, query = '', body = '' } = request
  if (signed === 'anonymous') return {}
  const { region = 'us-east-1', service = 's3', nowMs = Date.now() } = signed
  const signer = new SignatureV4({
    region,
    service,
    credentials: iam.admin,
    sha256: Hash.bind(null, 'sha256'),
    uriEscapePath: false,
  })
  const payloadSha256 = signed.payloadSha256 ?? hash('sha256', body)
  const { protocol, hostname } = new URL(endpoint)
  const parameters = Object.fromEntries(new URLSearchParams(query))
  const made = await signer.sign(
    {
      method,
      protocol,
      hostname,
      path,
      query: parameters,
      headers: { ...headers, 'x-amz-content-sha256': payloadSha256 },
    },
    { signingDate: new Date(nowMs) },
  )
  const authorization = made.headers['authorization'] ?? ''
  return signed.without === undefined
    ? made.headers
    : { ...made.headers, authorization: authorization.replace(`${signed.without};`, '') }
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
