// An S3 server that only lists: two buckets, `src` and `dst`, with the same synthetic keys under `data/`. It is started as
// a process of its own (`shape count latencyMs`), tells its port, and answers every message with what it was asked so far.
// With a fourth number `src` has only so many of the keys, and deletes are answered as if they were done; a fifth one is
// the status of a HEAD of what is not there.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KEY_SHAPES } from './key-shapes.ts'

/** What the server was asked since the last time that it told. */
export interface Asked {
  readonly lists: number
  readonly others: number
  readonly connections: number
}

const PAGE_KEYS = 1000
const PREFIX = 'data/'
const CALLER =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>'

const [shapeName = '', countText = '', latencyText = '', sourceText = '', headText = ''] =
  process.argv.slice(2)
const count = Number(countText)
const latencyMs = Number(latencyText)
const sourceCount = Number(sourceText || count)
const missingStatus = Number(headText || 404)
/** Keys of the bucket that is listed at the moment. */
let held = count
const shape = KEY_SHAPES[shapeName]?.(count)
if (!shape) throw new Error(`There is no shape ${shapeName}.`)
const { keyAt } = shape

let asked = { lists: 0, others: 0, connections: 0 }

const encode = (key: string): string => encodeURIComponent(key).replaceAll('%2F', '/')

const etagOf = (i: number): string => ((i + 1) * 2654435761).toString(16).padStart(32, '0')

function objectXml(i: number, urlEncoded: boolean): string {
  const key = PREFIX + keyAt(i)
  const etag = etagOf(i)
  return `<Contents><Key>${urlEncoded ? encode(key) : key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;${etag}&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>${1_000_000 + (i % 1_000_000)}</Size><StorageClass>STANDARD</StorageClass></Contents>`
}

const plainLength = Buffer.byteLength(objectXml(0, false))
const encodedLength = Buffer.byteLength(objectXml(0, true))
const blocks = new Map<string, Buffer>()

/** The XML of objects `from` to before `to`, made once for every thousand of them. */
function objectsXml(from: number, to: number, urlEncoded: boolean): Buffer[] {
  const length = urlEncoded ? encodedLength : plainLength
  const pieces: Buffer[] = []
  for (let begin = from - (from % PAGE_KEYS); begin < to; begin += PAGE_KEYS) {
    const name = `${urlEncoded} ${begin}`
    let block = blocks.get(name)
    if (!block) {
      const size = Math.min(PAGE_KEYS, count - begin)
      const xml = Array.from({ length: size }, (_, i) => objectXml(begin + i, urlEncoded)).join('')
      block = Buffer.from(xml)
      blocks.set(name, block)
    }
    const first = Math.max(from - begin, 0) * length
    pieces.push(block.subarray(first, (to - begin) * length))
  }
  return pieces
}

/** The first key that is not before `key`; both without the prefix. */
function lowerBound(key: string): number {
  let [low, high] = [0, held]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keyAt(middle) < key) low = middle + 1
    else high = middle
  }
  return low
}

const pastPrefix = (prefix: string): number =>
  prefix === '' ? held : lowerBound(`${prefix}\u{10ffff}`)

interface Page {
  readonly contents: Buffer[]
  readonly keys: number
  readonly folders: readonly string[]
  /** Index of the next key; undefined at the end. */
  readonly next: number | undefined
}

function foldedPage(begin: number, end: number, { prefix, urlEncoded }: Query): Page {
  const contents: Buffer[] = []
  const folders: string[] = []
  let at = begin
  while (at < end && contents.length + folders.length < PAGE_KEYS) {
    const key = keyAt(at)
    const slash = key.indexOf('/', prefix.length)
    if (slash < 0) {
      contents.push(...objectsXml(at, at + 1, urlEncoded))
      at++
    } else {
      folders.push(key.slice(0, slash + 1))
      at = pastPrefix(key.slice(0, slash + 1))
    }
  }
  return { contents, keys: contents.length, folders, next: at < end ? at : undefined }
}

interface Query {
  /** Below `data/`. */
  readonly prefix: string
  readonly begin: number
  readonly maxKeys: number
  readonly delimiter: string
  readonly urlEncoded: boolean
}

function pageOf(query: Query): Page {
  const end = pastPrefix(query.prefix)
  const begin = Math.max(query.begin, lowerBound(query.prefix))
  if (query.delimiter) return foldedPage(begin, end, query)
  const to = Math.min(begin + query.maxKeys, end)
  const contents = begin < to ? objectsXml(begin, to, query.urlEncoded) : []
  return { contents, keys: Math.max(to - begin, 0), folders: [], next: to < end ? to : undefined }
}

function list(url: URL, response: ServerResponse): void {
  held = url.pathname.startsWith('/src') ? sourceCount : count
  const get = (name: string) => url.searchParams.get(name) ?? ''
  const urlEncoded = get('encoding-type') === 'url'
  const given = get('prefix')
  const prefix = given.startsWith(PREFIX) ? given.slice(PREFIX.length) : ''
  const after = get('start-after')
  const token = get('continuation-token')
  const begin = token ? Number(token) : after ? lowerBound(`${after.slice(PREFIX.length)}\0`) : 0
  const delimiter = get('delimiter')
  const page = pageOf({
    prefix,
    begin,
    maxKeys: Number(get('max-keys') || PAGE_KEYS),
    delimiter,
    urlEncoded,
  })
  const name = (key: string) => (urlEncoded ? encode(key) : key)
  const head = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>${name(given)}</Prefix>${page.next === undefined ? '' : `<NextContinuationToken>${page.next}</NextContinuationToken>`}<KeyCount>${page.keys + page.folders.length}</KeyCount><MaxKeys>1000</MaxKeys>${urlEncoded ? '<EncodingType>url</EncodingType>' : ''}<IsTruncated>${page.next !== undefined}</IsTruncated>`,
  )
  const folders = page.folders.map(
    (folder) => `<CommonPrefixes><Prefix>${name(PREFIX + folder)}</Prefix></CommonPrefixes>`,
  )
  const tail = Buffer.from(`${folders.join('')}</ListBucketResult>`)
  const pieces = [head, ...page.contents, tail]
  response.writeHead(200, {
    'content-type': 'application/xml',
    'content-length': pieces.reduce((sum, { length }) => sum + length, 0),
  })
  response.cork()
  for (const piece of pieces) response.write(piece)
  response.end()
  response.uncork()
}

/** The ETag that an object of `dst` was listed with. */
function etagAt(key: string): string {
  held = count
  return etagOf(lowerBound(key.slice(PREFIX.length)))
}

/** Names every key that was to be deleted; the ETag of the first tells whether it is so. */
function deletedXml(body: string): string {
  const rows = [...body.matchAll(/<Key>(.*?)<\/Key><ETag>(?:&quot;|")(\w+)/g)]
  const [, first = '', etag = ''] = rows[0] ?? []
  const as = (key: string) =>
    etag === etagAt(first)
      ? `<Deleted><Key>${key}</Key></Deleted>`
      : `<Error><Key>${key}</Key><Code>PreconditionFailed</Code></Error>`
  return `<DeleteResult>${rows.map(([, key = '']) => as(key)).join('')}</DeleteResult>`
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const isList = request.method === 'GET' && url.searchParams.has('list-type')
  if (isList) asked.lists++
  else asked.others++
  const answer = () => {
    if (request.method === 'POST' && url.searchParams.has('delete'))
      response.writeHead(200, { 'content-type': 'application/xml' }).end(deletedXml(body))
    else if (request.method === 'POST')
      response.writeHead(200, { 'content-type': 'text/xml' }).end(CALLER)
    else if (isList) list(url, response)
    else if (request.method === 'HEAD' && url.pathname.split('/').filter(Boolean).length === 1)
      response.writeHead(200, { 'x-amz-bucket-region': 'us-east-1' }).end()
    else if (request.method === 'HEAD' && url.pathname.startsWith(`/dst/${PREFIX}`))
      response
        .writeHead(200, { etag: `"${etagAt(decodeURIComponent(url.pathname).slice(5))}"` })
        .end()
    else if (decodeURIComponent(url.pathname).endsWith(`/${PREFIX}${keyAt(0)}`))
      response.writeHead(200, { 'content-length': 1_000_000 }).end()
    // Of an answer without any length no connection could be used again.
    else response.writeHead(missingStatus, { 'transfer-encoding': 'chunked' }).end()
  }
  let body = ''
  request.on('data', (chunk) => {
    body += chunk
  })
  request.on('end', () => (latencyMs > 0 ? setTimeout(answer, latencyMs) : answer()))
})
server.on('connection', () => {
  asked.connections++
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('message', () => {
  process.send?.(asked satisfies Asked)
  asked = { lists: 0, others: 0, connections: 0 }
})
process.on('disconnect', () => process.exit())
