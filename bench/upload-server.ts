// An S3 server that is uploaded to and keeps no bytes: of each object it knows the size, the CRC-32 of all of its bytes and
// the ETag. It is started as a process of its own (`tls|http latencyMs`), tells its port, and answers every message with
// what it was asked since the last one; the message `forget` also takes all objects away.
import { hash, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { webServer } from 's3-direct-sync-testkit/web-server.ts'
import { combineCrc32 } from '../src/model/crc32.ts'
import { BodyDigest, type Digest, Unframed } from './upload-digest.ts'

/** An object as it is told: name, bytes, CRC-32. */
export type ToldObject = readonly [key: string, bytes: number, crc32: number]

/** What the server was asked since the last time that it told, and what it holds. */
export interface ToldUploads {
  /** Objects that were written with their bytes. */
  readonly uploads: number
  readonly requests: number
  readonly connections: number
  readonly objects: readonly ToldObject[]
}

interface Kept extends Omit<Digest, 'md5'> {
  readonly etag: string
  readonly modified: Date
  /** What a client asks back: metadata and the type. */
  readonly headers: Readonly<Record<string, string>>
}

type Upload = Pick<Kept, 'headers'> & { readonly parts: Map<number, Digest> }

const PAGE_KEYS = 1000
const XML = { 'content-type': 'application/xml' }
const CALLER =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>'

const [scheme = '', latencyText = ''] = process.argv.slice(2)
const latencyMs = Number(latencyText)
const objects = new Map<string, Kept>()
const uploads = new Map<string, Upload>()
let asked = { uploads: 0, requests: 0, connections: 0 }

/** A request whose body is there. */
interface Asked {
  readonly method: string
  readonly path: readonly [bucket: string, key: string]
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly digest: Digest
}

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const document = (root: string, content: string): Answer => ({
  status: 200,
  headers: XML,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${root}>`,
})

const failure = (status: number, code: string): Answer => ({
  status,
  headers: XML,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`,
})

const told = (text: string): string => `&quot;${text}&quot;`

function keptHeaders(headers: IncomingMessage['headers']): Kept['headers'] {
  const own = Object.entries(headers).filter(
    ([name]) => name.startsWith('x-amz-meta-') || name === 'content-type',
  )
  return Object.fromEntries(own.map(([name, value = '']) => [name, String(value)]))
}

/** Whether what a write asks of the object that stands there is so. */
function mayWrite({ path: [, key], headers }: Asked): boolean {
  const etag = objects.get(key)?.etag
  if (headers['if-none-match'] === '*') return etag === undefined
  const wanted = headers['if-match']
  return wanted === undefined || wanted.replaceAll('"', '') === etag
}

function keep(key: string, kept: Omit<Kept, 'modified'>): string {
  objects.set(key, { ...kept, modified: new Date() })
  return kept.etag
}

function put(request: Asked): Answer {
  const { path, headers, digest } = request
  if (!mayWrite(request)) return failure(412, 'PreconditionFailed')
  asked.uploads++
  const { bytes, crc32, md5: etag } = digest
  keep(path[1], { bytes, crc32, etag, headers: keptHeaders(headers) })
  return { status: 200, headers: { etag: `"${etag}"` } }
}

/** Of an object onto itself, as tools do to set metadata. */
function copy({ path: [, key], headers }: Asked): Answer {
  const [, , from = ''] = /^\/?([^/]+)\/(.*)$/.exec(String(headers['x-amz-copy-source'])) ?? []
  const source = objects.get(decodeURIComponent(from))
  if (!source) return failure(404, 'NoSuchKey')
  const etag = keep(key, { ...source, headers: keptHeaders(headers) })
  return document('CopyObjectResult', `<ETag>${told(etag)}</ETag>`)
}

function begin({ headers }: Asked): Answer {
  const id = randomUUID()
  uploads.set(id, { headers: keptHeaders(headers), parts: new Map() })
  return document('InitiateMultipartUploadResult', `<UploadId>${id}</UploadId>`)
}

function putPart({ query, digest }: Asked): Answer {
  const upload = uploads.get(query.get('uploadId') ?? '')
  if (!upload) return failure(404, 'NoSuchUpload')
  upload.parts.set(Number(query.get('partNumber')), digest)
  return { status: 200, headers: { etag: `"${digest.md5}"` } }
}

function complete(request: Asked): Answer {
  const id = request.query.get('uploadId') ?? ''
  const upload = uploads.get(id)
  if (!upload) return failure(404, 'NoSuchUpload')
  if (!mayWrite(request)) return failure(412, 'PreconditionFailed')
  asked.uploads++
  uploads.delete(id)
  const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, part]) => part)
  const md5s = Buffer.from(parts.map(({ md5 }) => md5).join(''), 'hex')
  const [first, ...others] = parts
  const etag = keep(request.path[1], {
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    crc32: others.reduce(
      (sum, { bytes, crc32 }) => combineCrc32(sum, crc32, bytes),
      first?.crc32 ?? 0,
    ),
    etag: `${hash('md5', md5s)}-${parts.length}`,
    headers: upload.headers,
  })
  return document('CompleteMultipartUploadResult', `<ETag>${told(etag)}</ETag>`)
}

function head({ path: [, key] }: Asked): Answer {
  if (key === '') return { status: 200, headers: { 'x-amz-bucket-region': 'us-east-1' } }
  const kept = objects.get(key)
  if (!kept) return { status: 404 }
  const own = {
    'content-length': String(kept.bytes),
    etag: `"${kept.etag}"`,
    'last-modified': kept.modified.toUTCString(),
  }
  return { status: 200, headers: { ...kept.headers, ...own } }
}

/** What stands in a listing: a key, or a folder that ends with the delimiter. */
function listed(query: URLSearchParams): string[] {
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? '']
  const found = new Set<string>()
  for (const key of [...objects.keys()].filter((one) => one.startsWith(prefix))) {
    const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    found.add(at < 0 ? key : key.slice(0, at + 1))
  }
  return [...found].sort()
}

function rowOf(name: string): string {
  const kept = objects.get(name)
  if (!kept) return `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`
  const { bytes, etag, modified } = kept
  return `<Contents><Key>${name}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>${told(etag)}</ETag><Size>${bytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`
}

function list({ query }: Asked): Answer {
  if (query.has('location')) return document('LocationConstraint', '')
  if (query.has('versioning')) return document('VersioningConfiguration', '')
  if (query.has('uploads')) return document('ListMultipartUploadsResult', '')
  if (!query.has('list-type')) return failure(404, 'ServerSideEncryptionConfigurationNotFoundError')
  const after = query.get('continuation-token') ?? query.get('start-after') ?? ''
  const rest = listed(query).filter((name) => name > after)
  const most = Math.min(PAGE_KEYS, Number(query.get('max-keys') ?? PAGE_KEYS))
  const page = rest.slice(0, most)
  const isWhole = page.length === rest.length
  const next = isWhole ? '' : `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>`
  const encoding = query.has('encoding-type') ? '<EncodingType>url</EncodingType>' : ''
  return document(
    'ListBucketResult',
    `<Name>dst</Name><Prefix>${query.get('prefix') ?? ''}</Prefix>${next}<KeyCount>${page.length}</KeyCount><MaxKeys>${most}</MaxKeys>${encoding}<IsTruncated>${!isWhole}</IsTruncated>${page.map(rowOf).join('')}`,
  )
}

function answerTo(request: Asked): Answer {
  const { method, path, query, headers } = request
  if (method === 'HEAD') return head(request)
  if (method === 'GET') return list(request)
  if (method === 'POST' && path[0] === '') return { status: 200, headers: XML, body: CALLER }
  if (method === 'POST') return query.has('uploads') ? begin(request) : complete(request)
  if (method === 'DELETE') {
    uploads.delete(query.get('uploadId') ?? '')
    return { status: 204 }
  }
  if (path[1] === '') return { status: 200 }
  if (query.has('partNumber')) return putPart(request)
  return headers['x-amz-copy-source'] === undefined ? put(request) : copy(request)
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  const length = headers['content-length'] ?? String(Buffer.byteLength(body))
  response.writeHead(status, { ...headers, 'content-length': length }).end(body)
}

/** Parts of a body, without the frames that it may have. */
function digesting(request: IncomingMessage, digest: BodyDigest): void {
  const take = (bytes: Buffer) => digest.add(bytes)
  const isFramed = request.headers['content-encoding']?.includes('aws-chunked')
  const unframed = new Unframed(take)
  request.on('data', isFramed ? (bytes: Buffer) => unframed.add(bytes) : take)
}

const server = webServer(scheme === 'tls').on('request', (request, response) => {
  asked.requests++
  const { method = '', headers } = request
  const url = new URL(request.url ?? '/', 'http://localhost')
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/.exec(url.pathname) ?? []
  const size = Number(headers['x-amz-decoded-content-length'] ?? headers['content-length'] ?? 0)
  const digest = new BodyDigest(size)
  digesting(request, digest)
  const answer = (): void => {
    try {
      const path = [bucket, decodeURIComponent(key)] as const
      const whole = { method, path, query: url.searchParams, headers, digest: digest.end() }
      send(response, answerTo(whole))
    } catch (error) {
      console.error(`${method} ${request.url}: ${error}`)
      send(response, failure(400, 'BadDigest'))
    }
  }
  request.on('end', () => (latencyMs > 0 ? setTimeout(answer, latencyMs) : answer()))
})
// Who keeps a connection for long is not to meet its end.
server.keepAliveTimeout = 0
server.requestTimeout = 0
server.on('connection', () => {
  asked.connections++
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () =>
  process.send?.((server.address() as AddressInfo).port),
)
process.on('message', (message) => {
  const kept = [...objects].map(([key, { bytes, crc32 }]) => [key, bytes, crc32] as const)
  process.send?.({ ...asked, objects: kept } satisfies ToldUploads)
  asked = { uploads: 0, requests: 0, connections: 0 }
  if (message === 'forget') objects.clear()
})
process.on('disconnect', () => process.exit())
