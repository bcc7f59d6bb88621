import { percentDecode, queryDecode } from '../bytes.ts'
import { type Reply, serviceError, xmlReply } from '../reply.ts'
import type { ServerRequest } from '../request.ts'
import type { Exchange, Place } from '../service.ts'
import { type Bucket, etagOf, type StoredChecksums, type StoredObject } from '../store.ts'
import { s3Document } from '../xml.ts'
import { bucketOf, checkWriteConditions, demand, objectAt, preconditionFailed } from './access.ts'
import { type Attributes, aclOf, describedBy, newObject, storageClassOf } from './attributes.ts'
import { failedConditions } from './conditions.ts'
import { checksumOf } from './digests.ts'
import { demandKey, encryptionOf, isKms } from './encryption.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { checksumElements, hasValues, NO_CHECKSUMS, wholeChecksums } from './object-checksums.ts'
import { demandWrite, isArchived, placeOf } from './objects.ts'
import { checkNoBody, invalidArgument, notImplemented } from './request-rules.ts'
import { headerTags } from './tag-rules.ts'

/** Where a copy reads from, and what is there. */
export interface CopySource extends Place {
  readonly object: StoredObject
}

/** Reads `x-amz-copy-source` and judges permission, existence, conditions and archive state. */
export function copySourceOf(exchange: Exchange): CopySource {
  const { name, keyBytes } = readSource(exchange)
  demand(exchange, 's3:GetObject', { bucket: name, keyBytes })
  const bucket = bucketOf(exchange, name)
  const object = objectAt(exchange, { bucket, keyBytes })
  checkSourceConditions(exchange, object)
  demandKey(exchange, object.encryption, ['kms:Decrypt'])
  if (isArchived(object)) {
    throw serviceError(
      'InvalidObjectState',
      "Operation is not valid for the source object's storage class",
      { details: { StorageClass: object.storageClass } },
    )
  }
  return { bucket, keyBytes, object }
}

const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/

/** Bucket and key that `x-amz-copy-source` names. */
function readSource({ request, service }: Exchange): { name: string; keyBytes: string } {
  const header = request.headers['x-amz-copy-source'] ?? ''
  const refuse = (why: string) => invalidArgument(why, 'x-amz-copy-source', header)
  const decode = service.copySource === 'aws' ? queryDecode : percentDecode
  const [path = '', version] = header.split('?')
  if (BROKEN_ESCAPE.test(path)) throw refuse('Invalid copy source encoding')
  const decoded = decode(path.startsWith('/') ? path.slice(1) : path)
  const slash = decoded.indexOf('/')
  const name = decoded.slice(0, Math.max(slash, 0))
  const keyBytes = decoded.slice(slash + 1)
  if (name === '' || keyBytes === '') {
    throw refuse('Copy Source must mention the source bucket and key: sourcebucket/sourcekey')
  }
  // No versions are kept: each object is its own version `null`.
  if (version !== undefined && version !== 'versionId=null')
    throw notImplemented('x-amz-copy-source')
  return { name, keyBytes }
}

function checkSourceConditions({ request, service }: Exchange, object: StoredObject): void {
  const failed = failedConditions(request.headers, 'x-amz-copy-source-', {
    object,
    nowMs: service.now(),
  })
  const [first] = failed
  if (first !== undefined) throw preconditionFailed(`x-amz-copy-source-${first}`)
}

/** The refusal of a source over 5 GiB, for a whole object as for a part. */
export function checkCopySize(size: number): void {
  if (size <= MAX_BODY_BYTES) return
  throw serviceError(
    'InvalidRequest',
    `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_BODY_BYTES}`,
  )
}

/** CopyObject. */
export function copyObject(exchange: Exchange): Reply {
  checkNoBody(exchange.request)
  checkDirectives(exchange.request)
  const source = copySourceOf(exchange)
  demandCopyWrite(exchange, source)
  const place = placeOf(exchange)
  checkWriteConditions(exchange, place)
  checkCopySize(source.object.body.size)
  if (source.bucket === place.bucket && source.keyBytes === place.keyBytes) checkChange(exchange)
  const object = copied(exchange, source.object, place.bucket)
  demandKey(exchange, object.encryption, ['kms:GenerateDataKey'])
  place.bucket.objects.set(place.keyBytes, object)
  const modified = new Date(object.lastModifiedMs).toISOString()
  const result = `<LastModified>${modified}</LastModified><ETag>&quot;${etagOf(object)}&quot;</ETag>${hasValues(object.checksums) ? checksumElements(object) : ''}`
  return xmlReply(s3Document('CopyObjectResult', result), object.encryption)
}

function demandCopyWrite(exchange: Exchange, source: CopySource): void {
  const replaced = exchange.request.headers['x-amz-tagging-directive'] === 'REPLACE'
  const carried = !replaced && Object.keys(source.object.tags).length > 0
  if (carried) {
    const target = { bucket: source.bucket.name, keyBytes: source.keyBytes }
    demand(exchange, 's3:GetObjectTagging', target)
  }
  const given = exchange.request.headers['x-amz-tagging'] ?? ''
  demandWrite(exchange, replaced ? given !== '' : carried)
}

const DIRECTIVES = { 'x-amz-metadata-directive': 'metadata', 'x-amz-tagging-directive': 'tagging' }

function checkDirectives({ headers }: ServerRequest): void {
  for (const [name, what] of Object.entries(DIRECTIVES)) {
    const value = headers[name] ?? 'COPY'
    if (value === 'COPY' || value === 'REPLACE') continue
    throw invalidArgument(`Unknown ${what} directive.`, name, value)
  }
}

const CHANGES: readonly string[] = [
  'x-amz-storage-class',
  'x-amz-server-side-encryption',
  'x-amz-website-redirect-location',
  'x-amz-checksum-algorithm',
]

function checkChange({ request }: Exchange): void {
  const replaces = request.headers['x-amz-metadata-directive'] === 'REPLACE'
  if (replaces || CHANGES.some((name) => request.headers[name] !== undefined)) return
  throw serviceError(
    'InvalidRequest',
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  )
}

function copied(
  { request, service }: Exchange,
  source: StoredObject,
  bucket: Bucket,
): StoredObject {
  const { headers } = request
  const described =
    headers['x-amz-metadata-directive'] === 'REPLACE' ? describedBy(request) : source
  const replaceTags = headers['x-amz-tagging-directive'] === 'REPLACE'
  const attributes: Attributes = {
    headers: described.headers,
    metadata: described.metadata,
    tags: replaceTags ? headerTags(headers['x-amz-tagging']) : source.tags,
    storageClass: storageClassOf(request),
    encryption: encryptionOf(request, bucket),
    acl: aclOf(request),
  }
  const etag = etagOf(source)
  const checksums = copiedChecksums(headers['x-amz-checksum-algorithm'], source, service)
  // AWS writes one whole object: what was multipart or under KMS has a plain MD5 again.
  const isPlain = !etag.includes('-') && !isKms(source.encryption)
  const content = isPlain ? { body: source.body, etag } : { body: source.body }
  return newObject({ ...content, checksums }, attributes, service.now())
}

/** The copy is one whole object: it has the algorithm that was asked for, else that of its source, else S3's own. */
function copiedChecksums(
  asked: string | undefined,
  { checksums: { type, values } }: StoredObject,
  { checksums: support }: Exchange['service'],
): StoredChecksums {
  if (support === 'md5-only') return NO_CHECKSUMS
  if (asked !== undefined) return wholeChecksums(support, { [known(asked)]: undefined })
  if (type === 'FULL_OBJECT') return wholeChecksums(support, values)
  const names = Object.keys(values).map((name) => [name, undefined])
  return wholeChecksums(support, Object.fromEntries(names))
}

function known(algorithm: string): string {
  const name = algorithm.toLowerCase()
  checksumOf(name)
  return name
}
