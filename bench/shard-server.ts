// An S3 server that lists and copies places of any size, and keeps a bit for each object: `src` and `dst` have the same
// synthetic keys below `data/`, made while they are asked for. It is started as a process of its own
// (`keys missingEvery extraEvery`): of the keys, every `missingEvery`th is not at `dst`, and of the others some only there.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What it was asked, by the prices of S3. */
export interface AskedOfShards {
  readonly lists: number
  readonly copies: number
  readonly heads: number
  /** DELETE and DeleteObjects, which cost nothing. */
  readonly deletes: number
  readonly others: number
}

/** What it is told: how long a copy takes, that there are more keys, which copies others made, or to tell what it was asked. */
export type ToShardServer =
  | { readonly copyMs: number }
  | { readonly keys: number }
  | { readonly copied: readonly [from: number, before: number] }
  | { readonly tell: true }

const PAGE_KEYS = 1000
const PREFIX = 'data/'
const MODIFIED = new Date('2026-01-02T03:04:05.000Z')
const XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
const CALLER =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>'

const [firstCount = 0, missingEvery = 0, extraEvery = 0] = process.argv.slice(2).map(Number)
let count = firstCount

/** `012/345/678.parquet`: a thousand objects in a folder, a thousand folders in one. */
const digitsOf = (i: number): string => String(i).padStart(9, '0')
function keyAt(i: number): string {
  const digits = digitsOf(i)
  return `${digits.slice(0, 3)}/${digits.slice(3, 6)}/${digits.slice(6)}.parquet`
}
const KEY = /^data\/(\d{3})\/(\d{3})\/(\d{3})\.parquet$/
/** Which object a key is; -1: none. */
function indexOf(key: string): number {
  const [, a, b, c] = KEY.exec(key) ?? []
  const i = a === undefined ? -1 : Number(`${a}${b}${c}`)
  return i < count ? i : -1
}
const etagOf = (i: number): string => `c0ffeec0ffeec0ffeec0ffe${digitsOf(i)}`

const isMissing = (i: number): boolean => i % missingEvery === 0
const isExtra = (i: number): boolean => extraEvery > 0 && i % extraEvery === 1
/** A bit for every object that was copied, or deleted, since the beginning. */
let changed = new Uint8Array(Math.ceil(count / 8))
const isChanged = (i: number): boolean => (((changed[i >>> 3] ?? 0) >>> (i & 7)) & 1) === 1
const change = (i: number): void => {
  changed[i >>> 3] = (changed[i >>> 3] ?? 0) | (1 << (i & 7))
}
const isAt = (bucket: string, i: number): boolean => {
  if (bucket === 'src') return !isExtra(i)
  return isMissing(i) || isExtra(i) ? isMissing(i) === isChanged(i) : true
}

let asked = { lists: 0, copies: 0, heads: 0, deletes: 0, others: 0 }
let copyMs = 0

/** The first key that is not before `key`; both without the prefix. */
function lowerBound(key: string): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keyAt(middle) < key) low = middle + 1
    else high = middle
  }
  return low
}

// All objects take as many bytes: of one that is written, the digits of another one are put in their place.
const ENTRY = Buffer.from(
  `<Contents><Key>${PREFIX}${keyAt(0)}</Key><LastModified>${MODIFIED.toISOString()}</LastModified><ETag>&quot;${etagOf(0)}&quot;</ETag><Size>100000</Size><StorageClass>STANDARD</StorageClass></Contents>`,
)
const [AT_KEY, AT_ETAG, AT_SIZE] = [PREFIX + keyAt(0), digitsOf(0), '100000'].map((text, which) =>
  which === 1 ? ENTRY.lastIndexOf(text, ENTRY.indexOf('</ETag>')) : ENTRY.indexOf(text),
) as [number, number, number]
const sizeOf = (i: number): number => 100_000 + (i % 900_000)

function putDigits(page: Buffer, at: number, value: number, digits: number): void {
  let rest = value
  for (let end = at + digits - 1; end >= at; end--) {
    page[end] = 48 + (rest % 10)
    rest = Math.trunc(rest / 10)
  }
}

function putEntry(page: Buffer, at: number, i: number): void {
  ENTRY.copy(page, at)
  const key = at + AT_KEY + PREFIX.length
  putDigits(page, key, Math.trunc(i / 1e6), 3)
  putDigits(page, key + 4, Math.trunc(i / 1000) % 1000, 3)
  putDigits(page, key + 8, i % 1000, 3)
  putDigits(page, at + AT_ETAG, i, 9)
  putDigits(page, at + AT_SIZE, sizeOf(i), 6)
}

interface Page {
  readonly contents: Buffer
  readonly keys: number
  readonly folders: readonly string[]
  /** Index of the next key; undefined at the end. */
  readonly next: number | undefined
}

function pageOf(bucket: string, query: (name: string) => string): Page {
  const given = query('prefix')
  const prefix = given.slice(PREFIX.length)
  const [token, after] = [query('continuation-token'), query('start-after').slice(PREFIX.length)]
  const most = Math.min(PAGE_KEYS, Number(query('max-keys') || PAGE_KEYS))
  const end = prefix === '' ? count : lowerBound(`${prefix}\u{10ffff}`)
  const begin = token ? Number(token) : after ? lowerBound(`${after}\0`) : 0
  const contents = Buffer.allocUnsafe(most * ENTRY.length)
  const folders: string[] = []
  let [at, keys] = [Math.max(begin, lowerBound(prefix)), 0]
  while (at < end && keys + folders.length < most) {
    const slash = query('delimiter') ? keyAt(at).indexOf('/', prefix.length) : -1
    if (slash >= 0) {
      const folder = keyAt(at).slice(0, slash + 1)
      folders.push(folder)
      at = lowerBound(`${folder}\u{10ffff}`)
      continue
    }
    if (isAt(bucket, at)) putEntry(contents, keys++ * ENTRY.length, at)
    at++
  }
  const next = at < end ? at : undefined
  return { contents: contents.subarray(0, keys * ENTRY.length), keys, folders, next }
}

function list(bucket: string, url: URL, response: ServerResponse): void {
  const query = (name: string) => url.searchParams.get(name) ?? ''
  const { contents, keys, folders, next } = pageOf(bucket, query)
  const token = next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`
  const encoding = query('encoding-type') ? '<EncodingType>url</EncodingType>' : ''
  const head = `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult ${XMLNS}><Name>b</Name><Prefix>${query('prefix')}</Prefix>${token}<KeyCount>${keys + folders.length}</KeyCount><MaxKeys>1000</MaxKeys>${encoding}<IsTruncated>${next !== undefined}</IsTruncated>`
  const tail = `${folders.map((folder) => `<CommonPrefixes><Prefix>${PREFIX}${folder}</Prefix></CommonPrefixes>`).join('')}</ListBucketResult>`
  answer(response, 200, Buffer.concat([Buffer.from(head), contents, Buffer.from(tail)]))
}

function answer(response: ServerResponse, status: number, body: Buffer | string): void {
  const length = Buffer.byteLength(body)
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': length })
  response.end(body)
}

function head(bucket: string, key: string, response: ServerResponse): void {
  const i = indexOf(key)
  const has = i >= 0 && isAt(bucket, i)
  if (key === '') response.writeHead(200, { 'x-amz-bucket-region': 'us-east-1' }).end()
  // Of an answer without any length no connection could be used again.
  else if (!has) response.writeHead(404, { 'transfer-encoding': 'chunked' }).end()
  else {
    const etag = `"${etagOf(i)}"`
    const headers = { etag, 'content-length': sizeOf(i), 'last-modified': MODIFIED.toUTCString() }
    response.writeHead(200, headers).end()
  }
}

function copy(key: string, response: ServerResponse): void {
  const i = indexOf(key)
  change(i)
  const told = `<CopyObjectResult ${XMLNS}><LastModified>2026-01-03T00:00:00.000Z</LastModified><ETag>&quot;${etagOf(i)}&quot;</ETag></CopyObjectResult>`
  if (copyMs > 0) setTimeout(() => answer(response, 200, told), copyMs)
  else answer(response, 200, told)
}

/** Deletes what still has the ETag under which it is to be deleted. */
function deleteAll(body: string, response: ServerResponse): void {
  const told = [...body.matchAll(/<Key>(.*?)<\/Key><ETag>(?:&quot;|")(\w+)/g)].map(
    ([, key = '', etag]) => {
      const i = indexOf(key)
      if (etag !== etagOf(i))
        return `<Error><Key>${key}</Key><Code>PreconditionFailed</Code></Error>`
      change(i)
      return `<Deleted><Key>${key}</Key></Deleted>`
    },
  )
  answer(response, 200, `<DeleteResult ${XMLNS}>${told.join('')}</DeleteResult>`)
}

function take(request: IncomingMessage, body: string, response: ServerResponse): void {
  const { method = '', headers } = request
  const url = new URL(request.url ?? '/', 'http://localhost')
  const has = (name: string) => url.searchParams.has(name)
  const [, bucket = '', ...rest] = decodeURIComponent(url.pathname).split('/')
  const key = rest.join('/')
  const kind = `${method}${has('list-type') ? ' list' : ''}${has('delete') ? ' delete' : ''}${headers['x-amz-copy-source'] ? ' copy' : ''}`
  if (kind === 'GET list') {
    asked.lists++
    list(bucket, url, response)
  } else if (kind === 'PUT copy') {
    asked.copies++
    copy(key, response)
  } else if (kind === 'HEAD') {
    asked.heads++
    head(bucket, key, response)
  } else if (kind === 'POST delete') {
    asked.deletes++
    deleteAll(body, response)
  } else if (kind === 'POST' && has('uploads')) {
    // Whether who copies may write is asked by an upload that is begun, and ended at once.
    asked.others++
    answer(
      response,
      200,
      `<InitiateMultipartUploadResult ${XMLNS}><Bucket>${bucket}</Bucket><Key>${key}</Key><UploadId>u</UploadId></InitiateMultipartUploadResult>`,
    )
  } else if (kind === 'DELETE') {
    asked.deletes++
    response.writeHead(204).end()
  } else {
    asked.others++
    answer(response, bucket === '' ? 200 : 404, bucket === '' ? CALLER : '')
  }
}

const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += chunk
  })
  request.on('end', () => take(request, body, response))
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('message', (told: ToShardServer) => {
  if ('copyMs' in told) copyMs = told.copyMs
  else if ('keys' in told) {
    count = told.keys
    changed = new Uint8Array(Math.ceil(count / 8))
  } else if ('copied' in told) {
    const [from, before] = told.copied
    for (let i = from; i < before; i++) if (isMissing(i)) change(i)
  } else {
    process.send?.(asked satisfies AskedOfShards)
    asked = { lists: 0, copies: 0, heads: 0, deletes: 0, others: 0 }
  }
})
process.on('disconnect', () => process.exit())
