import { bytesBody, sliceBody } from '../body.ts'
import { emptyReply, type Reply, serviceError } from '../reply.ts'
import type { Exchange, Place } from '../service.ts'
import { type Bucket, etagOf, type StoredObject } from '../store.ts'
import {
  allows,
  bucketOf,
  checkWriteConditions,
  demand,
  objectAt,
  preconditionFailed,
} from './access.ts'
import { attributesOf, headersOf, newObject } from './attributes.ts'
import { failedConditions } from './conditions.ts'
import { type Checksums, demandDigest } from './digests.ts'
import { demandKey } from './encryption.ts'
import { MAX_KEY_BYTES } from './limits.ts'
import { objectChecksumHeaders, wholeChecksums } from './object-checksums.ts'
import { readPayload } from './payload.ts'
import { readRange } from './ranges.ts'

/** The bucket and key that a request addresses; the bucket must exist. */
export function placeOf(exchange: Exchange): Place {
  const { bucket, keyBytes } = exchange.request
  checkKeyLength(keyBytes)
  return { bucket: bucketOf(exchange, bucket), keyBytes }
}

/** KeyTooLongError for a key that no object can have. */
export function checkKeyLength(keyBytes: string): void {
  if (keyBytes.length <= MAX_KEY_BYTES) return
  throw serviceError('KeyTooLongError', 'Your key is too long', {
    details: { Size: String(keyBytes.length), MaxSizeAllowed: String(MAX_KEY_BYTES) },
  })
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
  const { bytes, checksums } = readPayload(exchange.request, exchange.service.checksums)
  demandRetainedDigest(exchange, place.bucket, checksums)
  const stored = wholeChecksums(service.checksums, checksums)
  const content = { body: bytesBody(bytes), checksums: stored }
  const object = newObject(content, attributesOf(request, place.bucket), service.now())
  demandKey(exchange, object.encryption, ['kms:GenerateDataKey'])
  place.bucket.objects.set(place.keyBytes, object)
  return emptyReply(200, {
    etag: `"${etagOf(object)}"`,
    ...object.encryption,
    ...objectChecksumHeaders(object),
  })
}

/** What a bucket with Object Lock retains has to come with a digest. */
export function demandRetainedDigest(
  { request, service }: Exchange,
  { objectLock }: Bucket,
  checksums: Checksums,
): void {
  if (!objectLock) return
  const what = request.operation === 'UploadPart' ? 'Put Part' : 'Put Object'
  demandDigest(
    request,
    { checksums, support: service.checksums },
    `Content-MD5 OR x-amz-checksum- HTTP header is required for ${what} requests with Object Lock parameters`,
  )
}

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
  const range = readRange(exchange.request, object)
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
  const range = readRange(exchange.request, object)
  if (range === undefined) return emptyReply(200, { ...headers, 'content-length': String(size) })
  return emptyReply(206, {
    ...headers,
    'content-length': String(range.size),
    'content-range': `bytes ${range.start}-${range.start + range.size - 1}/${size}`,
  })
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
  if (!wanted || exchange.service.checksums === 'md5-only') return headers
  // Who may not use the key is not told what it hides.
  demandKey(exchange, object.encryption, ['kms:Decrypt'])
  // A checksum covers the whole object, so a part of it must not carry it.
  const isPart = request.headers['range'] !== undefined || request.query.has('partNumber')
  return isPart ? headers : { ...headers, ...objectChecksumHeaders(object) }
}

function isNotModified({ request, service }: Exchange, object: StoredObject): boolean {
  const [first] = failedConditions(request.headers, '', { object, nowMs: service.now() })
  if (first === 'If-Match' || first === 'If-Unmodified-Since') throw preconditionFailed(first)
  return first !== undefined
}
