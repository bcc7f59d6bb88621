import { bytesBody, sliceBody } from '../body.ts'
import { emptyReply, type Reply, serviceError } from '../reply.ts'
import type { Exchange, Place } from '../service.ts'
import { etagOf, type StoredObject } from '../store.ts'
import {
  allows,
  bucketOf,
  checkWriteConditions,
  demand,
  matchesEtag,
  objectAt,
  preconditionFailed,
} from './access.ts'
import { attributesOf, headersOf, newObject } from './attributes.ts'
import { demandKey } from './encryption.ts'
import { readPayload } from './payload.ts'

const MAX_KEY_BYTES = 1024

/** The bucket and key that a request addresses; the bucket must exist. */
export function placeOf(exchange: Exchange): Place {
  const { bucket, keyBytes } = exchange.request
  if (keyBytes.length > MAX_KEY_BYTES) {
    throw serviceError('KeyTooLongError', 'Your key is too long', {
      details: { Size: String(keyBytes.length), MaxSizeAllowed: String(MAX_KEY_BYTES) },
    })
  }
  return { bucket: bucketOf(exchange, bucket), keyBytes }
}

/** Demands the rights that a write and its tag and ACL headers need. */
export function demandWrite(exchange: Exchange, tagged: boolean): void {
  const { request } = exchange
  demand(exchange, 's3:PutObject', request)
  if (tagged) demand(exchange, 's3:PutObjectTagging', request)
  if (request.headers['x-amz-acl'] !== undefined) demand(exchange, 's3:PutObjectAcl', request)
}

/** PutObject. */
export function putObject(exchange: Exchange): Reply {
  const { request, service } = exchange
  demandWrite(exchange, request.headers['x-amz-tagging'] !== undefined)
  const place = placeOf(exchange)
  checkWriteConditions(exchange, place)
  const { bytes, checksums } = readPayload(request)
  const content = { body: bytesBody(bytes), checksums }
  const object = newObject(content, attributesOf(request, place.bucket), service.now())
  demandKey(exchange, object.encryption, ['kms:GenerateDataKey'])
  place.bucket.objects.set(place.keyBytes, object)
  return emptyReply(200, {
    etag: `"${etagOf(object)}"`,
    ...object.encryption,
    ...checksumHeaders(checksums),
  })
}

/** `x-amz-checksum-…` headers. */
export const checksumHeaders = (
  checksums: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value]),
  )

/** Storage classes that must be restored before anything can read them. */
const ARCHIVES: readonly string[] = ['GLACIER', 'DEEP_ARCHIVE']

/** Whether an object has to be restored before anything can read it. */
export const isArchived = ({ storageClass, restored }: StoredObject): boolean =>
  ARCHIVES.includes(storageClass) && !restored

/** GetObject. */
export function getObject(exchange: Exchange): Reply {
  const object = readable(exchange)
  if (isArchived(object)) {
    throw serviceError(
      'InvalidObjectState',
      "The operation is not valid for the object's storage class",
      { details: { StorageClass: object.storageClass } },
    )
  }
  demandKey(exchange, object.encryption, ['kms:Decrypt'])
  if (isNotModified(exchange, object)) return emptyReply(304, headersOf(object))
  const range = readRange(exchange.request.headers['range'], object.body.size)
  const headers = replyHeaders(exchange, object)
  if (range === undefined) return { status: 200, headers, body: object.body }
  const last = range.start + range.size - 1
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${range.start}-${last}/${object.body.size}` },
    body: sliceBody(object.body, range.start, range.size),
  }
}

/** HeadObject. */
export function headObject(exchange: Exchange): Reply {
  const object = readable(exchange)
  if (isNotModified(exchange, object)) return emptyReply(304, headersOf(object))
  const headers = replyHeaders(exchange, object)
  const { size } = object.body
  if (exchange.request.query.get('partNumber') !== '1')
    return emptyReply(200, { ...headers, 'content-length': String(size) })
  const bytes = object.firstPartBytes ?? size
  const range = `bytes 0-${bytes - 1}/${size}`
  return emptyReply(206, { ...headers, 'content-length': String(bytes), 'content-range': range })
}

function readable(exchange: Exchange): StoredObject {
  demand(exchange, 's3:GetObject', exchange.request)
  return objectAt(exchange, placeOf(exchange))
}

/** S3 counts an object's tags only for those who may read them. */
function seenHeaders(exchange: Exchange, object: StoredObject): Record<string, string> {
  const { 'x-amz-tagging-count': count, ...headers } = headersOf(object)
  return count !== undefined && allows(exchange, 's3:GetObjectTagging', exchange.request)
    ? { ...headers, 'x-amz-tagging-count': count }
    : headers
}

function replyHeaders(exchange: Exchange, object: StoredObject): Record<string, string> {
  const { request } = exchange
  const headers = seenHeaders(exchange, object)
  const wanted = request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED'
  // A checksum covers the whole object, so a part of it must not carry it.
  if (!wanted || request.headers['range'] !== undefined) return headers
  return { ...headers, ...checksumHeaders(object.checksums) }
}

function isNotModified({ request }: Exchange, object: StoredObject): boolean {
  const ifMatch = request.headers['if-match']
  if (ifMatch !== undefined && !matchesEtag(ifMatch, etagOf(object))) {
    throw preconditionFailed('If-Match')
  }
  const ifNoneMatch = request.headers['if-none-match']
  return ifNoneMatch !== undefined && matchesEtag(ifNoneMatch, etagOf(object))
}

function readRange(
  header: string | undefined,
  size: number,
): { start: number; size: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null || match[0] === 'bytes=-') return undefined
  const [, first = '', last = ''] = match
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if (start >= size || end <= start) {
    throw serviceError('InvalidRange', 'The requested range is not satisfiable', {
      details: { RangeRequested: header ?? '', ActualObjectSize: String(size) },
    })
  }
  return { start, size: end - start }
}
