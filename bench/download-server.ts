// An S3 server that is downloaded from: all objects of a shape have their bytes from one block of memory, so that it is not
// the server that is measured. It is started as a process of its own (`tls|http latencyMs shape count bytes`), tells its
// port and what it holds, and answers every message with how often it was asked since the last one.
import { createCipheriv, hash } from 'node:crypto'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { crc32 } from 'node:zlib'
import { webServer } from 's3-direct-sync-testkit/web-server.ts'
import { crc32Text } from '../src/model/crc32.ts'
import { Crc64Nvme } from '../src/model/crc64nvme.ts'
import type { DownloadShape, ToldDownloads } from './download-source.ts'

interface Held {
  readonly bytes: Buffer
  readonly crc32: number
  readonly etag: string
  readonly partBytes: number
  readonly checksums: Readonly<Record<string, string>>
}

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

const MIB = 2 ** 20
/** Of the AWS CLI. */
const PART_BYTES = 8 * MIB
const PAGE_KEYS = 1000
/** Of TLS, Node would encrypt a body of megabytes as a whole, and leave all others waiting. */
const PIECE_BYTES = 256 * 1024
const MODIFIED = new Date('2026-01-02T03:04:05Z')
const XML = { 'content-type': 'application/xml' }
const CALLER =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>'

const [scheme = '', latencyText = '', shape = '', countText = '', bytesText = ''] =
  process.argv.slice(2)
const latencyMs = Number(latencyText)
let asked = { requests: 0, heads: 0, connections: 0 }

function crc64(bytes: Buffer): string {
  const crc = new Crc64Nvme()
  crc.add(bytes)
  return crc.text()
}

function composite(bytes: Buffer): string {
  const md5s: Buffer[] = []
  for (let at = 0; at < bytes.length; at += PART_BYTES)
    md5s.push(hash('md5', bytes.subarray(at, at + PART_BYTES), 'buffer'))
  return `${hash('md5', Buffer.concat(md5s))}-${md5s.length}`
}

const whole = { 'x-amz-checksum-type': 'FULL_OBJECT' }

/** What S3 would hold of such an object. */
function held(bytes: Buffer, of: DownloadShape): Held {
  const sum = crc32(bytes)
  const isParted = of === 'parts' || of === 'parts-crc32'
  const checksums: Held['checksums'] =
    of === 'crc64nvme' || of === 'medium'
      ? { 'x-amz-checksum-crc64nvme': crc64(bytes), ...whole }
      : of === 'parts-crc32'
        ? { 'x-amz-checksum-crc32': crc32Text(sum), ...whole }
        : {}
  const etag = isParted ? composite(bytes) : hash('md5', bytes)
  const partBytes = isParted ? PART_BYTES : bytes.length
  return { bytes, crc32: sum, etag, partBytes, checksums }
}

/** Bytes that are the same on every machine, and never repeat. */
const noise = (bytes: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(Buffer.alloc(bytes))

const digits = (at: number): string => String(at).padStart(5, '0')

function fill(): ReadonlyMap<string, Held> {
  const [count, bytes] = [Number(countText), Number(bytesText)]
  const block = noise(bytes)
  const one = shape === 'small' ? undefined : held(block, shape as DownloadShape)
  const objects = new Map<string, Held>()
  for (let at = 0; at < count; at++) {
    const size = 1000 + ((at * 7919) % (15 * 1024))
    const name = `data/d${digits(at % 50)}/f${digits(at)}.bin`
    objects.set(name, one ?? held(block.subarray(at, at + size), 'small'))
  }
  return new Map([...objects].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const objects = fill()
const names = [...objects.keys()]

const failure = (status: number, code: string): Answer => ({
  status,
  headers: XML,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`,
})

const document = (root: string, content: string): Answer => ({
  status: 200,
  headers: XML,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${root}>`,
})

function listed(query: URLSearchParams): string[] {
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? '']
  const found = new Set<string>()
  for (const key of names) {
    if (!key.startsWith(prefix)) continue
    const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    found.add(at < 0 ? key : key.slice(0, at + 1))
  }
  return [...found]
}

function rowOf(name: string): string {
  const found = objects.get(name)
  if (!found) return `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`
  return `<Contents><Key>${name}</Key><LastModified>${MODIFIED.toISOString()}</LastModified><ETag>&quot;${found.etag}&quot;</ETag><Size>${found.bytes.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`
}

function list(query: URLSearchParams): Answer {
  if (query.has('location')) return document('LocationConstraint', '')
  if (query.has('versioning')) return document('VersioningConfiguration', '')
  const after = query.get('continuation-token') ?? query.get('start-after') ?? ''
  const rest = listed(query).filter((name) => name > after)
  const page = rest.slice(0, Math.min(PAGE_KEYS, Number(query.get('max-keys') ?? PAGE_KEYS)))
  const isWhole = page.length === rest.length
  const next = isWhole ? '' : `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>`
  const encoding = query.has('encoding-type') ? '<EncodingType>url</EncodingType>' : ''
  return document(
    'ListBucketResult',
    `<Name>src</Name><Prefix>${query.get('prefix') ?? ''}</Prefix>${next}<KeyCount>${page.length}</KeyCount><MaxKeys>${PAGE_KEYS}</MaxKeys>${encoding}<IsTruncated>${!isWhole}</IsTruncated>${page.map(rowOf).join('')}`,
  )
}

/** The bytes that a request is about: of a range, of a part, or all. */
function wanted(query: URLSearchParams, headers: IncomingHttpHeaders, bytes: number) {
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
  if (first !== '') return [Number(first), Math.min(Number(last || bytes), bytes - 1)] as const
  return query.has('partNumber') ? 'part' : undefined
}

function object(
  method: string,
  key: string,
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
): Answer {
  if (key === '') return { status: 200, headers: { 'x-amz-bucket-region': 'us-east-1' } }
  const found = objects.get(key)
  if (!found) return failure(404, 'NoSuchKey')
  const condition = headers['if-match']
  if (condition !== undefined && condition.replaceAll('"', '') !== found.etag)
    return failure(412, 'PreconditionFailed')
  const size = found.bytes.length
  const want = wanted(query, headers, size)
  const range = want === 'part' ? ([0, found.partBytes - 1] as const) : want
  const sums = headers['x-amz-checksum-mode'] && !range ? found.checksums : {}
  const own = {
    ...sums,
    etag: `"${found.etag}"`,
    'last-modified': MODIFIED.toUTCString(),
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
  }
  const [first, last] = range ?? [0, size - 1]
  const told = range ? { ...own, 'content-range': `bytes ${first}-${last}/${size}` } : own
  const length = { ...told, 'content-length': String(last + 1 - first) }
  if (method === 'HEAD') return { status: range ? 206 : 200, headers: length }
  return { status: range ? 206 : 200, headers: length, body: found.bytes.subarray(first, last + 1) }
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  const length = headers['content-length'] ?? String(Buffer.byteLength(body))
  response.writeHead(status, { ...headers, 'content-length': length })
  if (typeof body !== 'string' && body.length > PIECE_BYTES) sendFrom(0, body, response)
  else response.end(body)
}

/** Sends a piece of a body, and the next one once it is on its way. */
function sendFrom(at: number, body: Buffer, response: ServerResponse): void {
  const next = at + PIECE_BYTES
  if (next >= body.length) response.end(body.subarray(at))
  else response.write(body.subarray(at, next), () => sendFrom(next, body, response))
}

const server = webServer(scheme === 'tls').on('request', (request, response) => {
  asked.requests++
  const { method = '', headers } = request
  if (method === 'HEAD') asked.heads++
  const url = new URL(request.url ?? '/', 'http://localhost')
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/.exec(url.pathname) ?? []
  const answer = (): void => {
    const query = url.searchParams
    if (method === 'POST') send(response, { status: 200, headers: XML, body: CALLER })
    else if (key === '' && method === 'GET' && bucket !== '') send(response, list(query))
    else send(response, object(method, decodeURIComponent(key), query, headers))
  }
  request.resume().on('end', () => (latencyMs > 0 ? setTimeout(answer, latencyMs) : answer()))
})
// Who keeps a connection for long is not to meet its end.
server.keepAliveTimeout = 0
server.requestTimeout = 0
server.on('connection', () => {
  asked.connections++
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  const kept = [...objects].map(([key, { bytes, crc32: sum }]) => [key, bytes.length, sum] as const)
  process.send?.({ port: (server.address() as AddressInfo).port, objects: kept })
})
process.on('message', () => {
  process.send?.(asked satisfies ToldDownloads)
  asked = { requests: 0, heads: 0, connections: 0 }
})
process.on('disconnect', () => process.exit())
