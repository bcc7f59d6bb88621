import { hash } from 'node:crypto'
import type { Body } from '../body.ts'
import { md5Of } from '../body.ts'
import { serviceError } from '../reply.ts'
import type { ServerRequest } from '../request.ts'
import {
  type Bucket,
  DEFAULT_HEADERS,
  etagOf,
  type StoredChecksums,
  type StoredObject,
  type Upload,
  wholeSecond,
} from '../store.ts'
import { encryptionOf, isKms } from './encryption.ts'
import { MAX_METADATA_BYTES } from './limits.ts'
import { invalidArgument } from './request-rules.ts'
import { headerTags } from './tag-rules.ts'

type Texts = Readonly<Record<string, string>>

const STANDARD_HEADERS: readonly string[] = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
]

const STORAGE_CLASSES: readonly string[] = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'GLACIER_IR',
  'DEEP_ARCHIVE',
  'EXPRESS_ONEZONE',
]

const META = 'x-amz-meta-'

/** Everything about an object but its content and its identity. */
export type Attributes = Upload['attributes']

/** Reads the attributes that the headers of a write give. */
export function attributesOf(request: ServerRequest, bucket: Bucket): Attributes {
  return {
    ...describedBy(request),
    storageClass: storageClassOf(request),
    tags: headerTags(request.headers['x-amz-tagging']),
    encryption: encryptionOf(request, bucket),
    acl: aclOf(request),
  }
}

const ACLS: readonly string[] = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
]

/** The canned ACL asked for. */
export function aclOf({ headers }: ServerRequest): string | undefined {
  const acl = headers['x-amz-acl']
  if (acl === undefined || ACLS.includes(acl)) return acl
  throw invalidArgument('Canned ACL is not valid', 'x-amz-acl', acl)
}

/** Standard headers and user metadata of a request. */
export function describedBy({ headers }: ServerRequest): Pick<Attributes, 'headers' | 'metadata'> {
  const standard: Record<string, string> = { ...DEFAULT_HEADERS }
  for (const name of STANDARD_HEADERS) {
    const value = headers[name]?.replace(/(^|,\s*)aws-chunked(?=,|$)/, '').replace(/^,\s*/, '')
    if (value !== undefined && value !== '') standard[name] = value
  }
  const named = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(META) && value !== undefined ? [[name.slice(META.length), value]] : [],
  )
  const metadata: Texts = Object.fromEntries(named)
  checkMetadata(metadata)
  return { headers: standard, metadata }
}

/** S3 counts the bytes of names and values. */
function checkMetadata(metadata: Texts): void {
  const bytes = Object.entries(metadata).flat().join('').length
  if (bytes <= MAX_METADATA_BYTES) return
  throw serviceError(
    'MetadataTooLarge',
    'Your metadata headers exceed the maximum allowed metadata size',
    { details: { Size: String(bytes), MaxSizeAllowed: String(MAX_METADATA_BYTES) } },
  )
}

/** The storage class asked for; STANDARD when none is: copies do not inherit it. */
export function storageClassOf({ headers }: ServerRequest): string {
  const name = headers['x-amz-storage-class'] ?? 'STANDARD'
  if (STORAGE_CLASSES.includes(name)) return name
  throw serviceError('InvalidStorageClass', 'The storage class you specified is not valid', {
    details: { StorageClassRequested: name },
  })
}

let written = 0

/** KMS makes a new key per write, so the ETag of such an object proves nothing about its content. */
function kmsEtag(): string {
  written += 1
  return hash('md5', `kms ${written}`)
}

/** A new object; its ETag is the MD5 of the body unless it is given or KMS hides it. */
export function newObject(
  content: {
    readonly body: Body
    readonly etag?: string
    readonly checksums: StoredChecksums
  },
  attributes: Attributes,
  nowMs: number,
): StoredObject {
  return {
    body: content.body,
    etag: isKms(attributes.encryption) ? kmsEtag() : (content.etag ?? md5Of(content.body)),
    lastModifiedMs: wholeSecond(nowMs),
    checksums: content.checksums,
    ...attributes,
  }
}

/** The headers of GET and HEAD, without the length. */
export function headersOf(object: StoredObject): Record<string, string> {
  const headers: Record<string, string> = {
    etag: `"${etagOf(object)}"`,
    'last-modified': new Date(object.lastModifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
    ...object.headers,
    ...object.encryption,
  }
  for (const [name, value] of Object.entries(object.metadata)) headers[META + name] = value
  if (object.storageClass !== 'STANDARD') headers['x-amz-storage-class'] = object.storageClass
  if (object.restored)
    headers['x-amz-restore'] =
      'ongoing-request="false", expiry-date="Fri, 01 Jan 2100 00:00:00 GMT"'
  const tags = Object.keys(object.tags).length
  if (tags > 0) headers['x-amz-tagging-count'] = String(tags)
  return headers
}
