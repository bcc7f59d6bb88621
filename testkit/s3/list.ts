import { createHash } from 'node:crypto'
import { encodeListing, toText } from '../bytes.ts'
import { type KeyIndex, lowerBound } from '../key-index.ts'
import { type Reply, xmlReply } from '../reply.ts'
import type { ServerRequest } from '../request.ts'
import type { Exchange } from '../service.ts'
import { etagOf, type StoredObject } from '../store.ts'
import { element, s3Document } from '../xml.ts'
import { bucketOf, demand } from './access.ts'
import { checksumNames } from './object-checksums.ts'
import { invalidArgument } from './request-rules.ts'

interface ListQuery {
  readonly prefix: string
  readonly delimiter: string
  readonly startAfter: string
  readonly token: string | undefined
  readonly maxKeys: number
  readonly encoded: boolean
  readonly owned: boolean
}

/** ListObjectsV2. */
export function listObjectsV2(exchange: Exchange): Reply {
  const { request, service } = exchange
  const query = readQuery(exchange)
  const context = new Map([
    ['s3:prefix', [toText(query.prefix)]],
    ['s3:delimiter', [toText(query.delimiter)]],
  ])
  demand(exchange, 's3:ListBucket', { bucket: request.bucket, context })
  const { objects } = bucketOf(exchange, request.bucket)
  const page = findPage(objects, query)
  const encode = query.encoded ? encodeListing : (text: string) => text
  const contents = page.keys.map((key) => contentsXml(encode(key), objects.get(key), query.owned))
  const folders = page.folders.map(
    (folder) => `<CommonPrefixes>${element('Prefix', encode(folder))}</CommonPrefixes>`,
  )
  const document = [
    element('Name', request.bucket),
    element('Prefix', encode(query.prefix)),
    element('StartAfter', query.startAfter === '' ? undefined : encode(query.startAfter)),
    element('ContinuationToken', query.token),
    element('NextContinuationToken', page.next === undefined ? undefined : tokenOf(page.next)),
    element('KeyCount', page.keys.length + page.folders.length),
    element('MaxKeys', Math.min(query.maxKeys, service.pageKeys)),
    element('Delimiter', query.delimiter === '' ? undefined : encode(query.delimiter)),
    element('EncodingType', query.encoded ? 'url' : undefined),
    element('IsTruncated', page.next !== undefined),
    ...contents,
    ...folders,
  ].join('')
  return xmlReply(s3Document('ListBucketResult', document))
}

const MAX_COUNT = 2 ** 31 - 1

/** A number of the query; InvalidArgument unless it is one. */
export function countOf({ query }: ServerRequest, name: string, unless: number): number {
  const text = query.get(name) ?? ''
  if (text === '') return unless
  if (!/^-?\d+$/.test(text) || Number(text) > MAX_COUNT) {
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text)
  }
  if (Number(text) >= 0) return Number(text)
  throw invalidArgument(
    `Argument ${name} must be an integer between 0 and ${MAX_COUNT}`,
    name,
    text,
  )
}

/** Whether keys are to be escaped as in a URL; InvalidArgument for any other way. */
export function wantsUrlEncoding({ query }: ServerRequest): boolean {
  const type = query.get('encoding-type')
  if (type === undefined || type === 'url') return type === 'url'
  throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type)
}

function readQuery({ request, service }: Exchange): ListQuery {
  const { query } = request
  if (query.get('list-type') !== '2') {
    throw invalidArgument(
      'Invalid List Type specified in Request',
      'list-type',
      query.get('list-type'),
    )
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    startAfter: query.get('start-after') ?? '',
    token: query.get('continuation-token'),
    maxKeys: Math.min(countOf(request, 'max-keys', 1000), service.pageKeys),
    encoded: wantsUrlEncoding(request),
    owned: query.get('fetch-owner') === 'true',
  }
}

interface Page {
  readonly keys: readonly string[]
  readonly folders: readonly string[]
  /** The last key or folder, when there is more after it. */
  readonly next: string | undefined
}

function findPage(objects: KeyIndex<StoredObject>, query: ListQuery): Page {
  const ordered = objects.ordered()
  const prefix = objects.toSortable(query.prefix)
  const delimiter = objects.toSortable(query.delimiter)
  const after = query.token === undefined ? query.startAfter : keyOfToken(query.token)
  const keys: string[] = []
  const folders: string[] = []
  let last: string | undefined
  let at = startOf(ordered, { prefix, delimiter, after: objects.toSortable(after) })
  while (query.maxKeys > 0) {
    const key = ordered[at]
    if (key === undefined || !key.startsWith(prefix)) return { keys, folders, next: undefined }
    if (keys.length + folders.length === query.maxKeys) return { keys, folders, next: last }
    const folder = folderOf(key, prefix, delimiter)
    last = objects.fromSortable(folder ?? key)
    if (folder === undefined) {
      keys.push(last)
      at += 1
    } else {
      folders.push(last)
      at = lowerBound(ordered, pastPrefix(folder))
    }
  }
  return { keys, folders, next: undefined }
}

interface Start {
  readonly prefix: string
  readonly delimiter: string
  readonly after: string
}

function startOf(ordered: readonly string[], { prefix, delimiter, after }: Start): number {
  const isFolder = delimiter !== '' && folderOf(after, prefix, delimiter) === after
  const bound = isFolder ? pastPrefix(after) : after === '' ? '' : `${after}\0`
  return lowerBound(ordered, bound > prefix ? bound : prefix)
}

function folderOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined
  const end = key.indexOf(delimiter, prefix.length)
  return end < 0 ? undefined : key.slice(0, end + delimiter.length)
}

/** The least string after everything that starts with this prefix. */
const pastPrefix = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)

const seal = (bytes: string) =>
  createHash('md5').update(bytes, 'latin1').digest('base64url').slice(0, 6)

/** Opaque to clients, stateless for us: the seal makes an invented token an error, as in S3. */
const tokenOf = (key: string): string =>
  seal(key) + Buffer.from(key, 'latin1').toString('base64url')

function keyOfToken(token: string): string {
  const key = Buffer.from(token.slice(6), 'base64url').toString('latin1')
  if (tokenOf(key) === token) return key
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token')
}

let timeMs = Number.NaN
let timeText = ''

/** Objects written together share their second: most listings format one or two times only. */
function isoTime(ms: number): string {
  if (ms !== timeMs) {
    timeMs = ms
    timeText = new Date(ms).toISOString()
  }
  return timeText
}

const OWNER = '<Owner><ID>0123456789abcdef</ID></Owner>'

function contentsXml(key: string, object: StoredObject | undefined, owned: boolean): string {
  if (object === undefined) return ''
  return `<Contents>${element('Key', key)}<LastModified>${isoTime(object.lastModifiedMs)}</LastModified><ETag>&quot;${etagOf(object)}&quot;</ETag>${checksumNames(object)}<Size>${object.body.size}</Size>${owned ? OWNER : ''}<StorageClass>${object.storageClass}</StorageClass></Contents>`
}
