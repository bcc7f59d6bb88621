import { hash, randomUUID } from 'node:crypto'
import { type Body, bytesBody, joinBodies, md5Of, sliceBody } from '../body.ts'
import { encodeListing } from '../bytes.ts'
import { emptyReply, type Reply, serviceError, xmlReply } from '../reply.ts'
import type { Exchange } from '../service.ts'
import { etagOf, type Part, type StoredObject, type Upload } from '../store.ts'
import { allElements, element, malformedXml, readXml, s3Document, textOf } from '../xml.ts'
import { bucketOf, checkWriteConditions, demand } from './access.ts'
import { attributesOf, newObject } from './attributes.ts'
import { checkCopySize, copySourceOf } from './copy.ts'
import { checkContentMd5, isChecksum } from './digests.ts'
import { demandKey } from './encryption.ts'
import { MAX_PARTS, MIN_PART_BYTES } from './limits.ts'
import { countOf, wantsUrlEncoding } from './list.ts'
import {
  checksumElements,
  checksumHeaders,
  checksumOfBody,
  checksumValues,
  partedChecksums,
  uploadChecksumOf,
} from './object-checksums.ts'
import { demandRetainedDigest, demandWrite, placeOf } from './objects.ts'
import { readPayload } from './payload.ts'
import { partNumberOf } from './ranges.ts'
import { checkNoBody, invalidArgument, invalidRequest } from './request-rules.ts'

/** CreateMultipartUpload. */
export function createMultipartUpload(exchange: Exchange): Reply {
  const { request, service } = exchange
  demandWrite(exchange, request.headers['x-amz-tagging'] !== undefined)
  const { bucket, keyBytes } = placeOf(exchange)
  const attributes = attributesOf(request, bucket)
  demandKey(exchange, attributes.encryption, ['kms:GenerateDataKey', 'kms:Decrypt'])
  const checksum = uploadChecksumOf(request, service.checksums)
  const id = randomUUID()
  bucket.uploads.set(id, {
    id,
    keyBytes,
    startedMs: service.now(),
    initiator: exchange.caller?.arn ?? '',
    attributes,
    checksum,
    parts: new Map(),
  })
  const named: Record<string, string> = checksum?.asked
    ? {
        'x-amz-checksum-algorithm': checksum.name.toUpperCase(),
        'x-amz-checksum-type': checksum.type,
      }
    : {}
  const result = `${element('Bucket', bucket.name)}${element('Key', keyBytes)}${element('UploadId', id)}`
  return xmlReply(s3Document('InitiateMultipartUploadResult', result), named)
}

function uploadOf(exchange: Exchange): Upload {
  const { bucket, keyBytes } = placeOf(exchange)
  const upload = bucket.uploads.get(exchange.request.query.get('uploadId') ?? '')
  if (upload !== undefined && upload.keyBytes === keyBytes) return upload
  throw serviceError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { details: { UploadId: exchange.request.query.get('uploadId') ?? '' } },
  )
}

function storePart(exchange: Exchange, body: Body): Part {
  const number = partNumberOf(exchange.request.query.get('partNumber'))
  const { parts } = uploadOf(exchange)
  const part: Part = { body, etag: md5Of(body), uploadedMs: exchange.service.now() }
  parts.set(number, part)
  return part
}

/** UploadPart. */
export function uploadPart(exchange: Exchange): Reply {
  demand(exchange, 's3:PutObject', exchange.request)
  const { bytes, checksums } = readPayload(exchange.request, exchange.service.checksums)
  demandRetainedDigest(exchange, placeOf(exchange).bucket, checksums)
  checkPartChecksum(uploadOf(exchange), checksums)
  const part = storePart(exchange, bytesBody(bytes))
  return emptyReply(200, { etag: `"${part.etag}"`, ...checksumHeaders(checksums) })
}

/** A part has the checksum that its upload was begun with, and no other. */
function checkPartChecksum({ checksum }: Upload, sent: Readonly<Record<string, string>>): void {
  if (!checksum?.asked) return
  const [name] = Object.keys(sent)
  if (name === undefined || name === checksum.name) return
  throw invalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${checksum.name}, actual checksum Type: ${name}`,
  )
}

/** UploadPartCopy. */
export function uploadPartCopy(exchange: Exchange): Reply {
  checkNoBody(exchange.request)
  const { object } = copySourceOf(exchange)
  demand(exchange, 's3:PutObject', exchange.request)
  const part = storePart(exchange, sourceRange(exchange, object.body))
  const modified = new Date(part.uploadedMs).toISOString()
  const { checksum } = uploadOf(exchange)
  const sum = checksum?.asked
    ? element(`Checksum${checksum.name.toUpperCase()}`, checksumOfBody(checksum.name, part.body))
    : ''
  const result = `<LastModified>${modified}</LastModified><ETag>&quot;${part.etag}&quot;</ETag>${sum}`
  return xmlReply(s3Document('CopyPartResult', result))
}

/** Only of a larger source can a part be copied. */
const MIN_RANGED_SOURCE_BYTES = 5 * 1024 ** 2

function sourceRange({ request }: Exchange, body: Body): Body {
  const header = request.headers['x-amz-copy-source-range']
  if (header === undefined) {
    checkCopySize(body.size)
    return body
  }
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? []
  const start = Number(first)
  const size = Number(last) - start + 1
  if (last === undefined || size <= 0) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    )
  }
  if (start + size > body.size) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${body.size}`,
      'x-amz-copy-source-range',
      header,
    )
  }
  if (body.size <= MIN_RANGED_SOURCE_BYTES) {
    throw invalidRequest('The specified copy source is not supported as a byte-range copy source')
  }
  checkCopySize(size)
  return sliceBody(body, start, size)
}

/** CompleteMultipartUpload. */
export function completeMultipartUpload(exchange: Exchange): Reply {
  const { request, service } = exchange
  demand(exchange, 's3:PutObject', request)
  const place = placeOf(exchange)
  const upload = uploadOf(exchange)
  checkWriteConditions(exchange, place)
  const parts = chosenParts(upload, readXml(completionOf(exchange), 'CompleteMultipartUpload'))
  const digests = Buffer.from(parts.map(({ etag }) => etag).join(''), 'hex')
  const content = {
    body: joinBodies(parts.map(({ body }) => body)),
    etag: `${hash('md5', digests)}-${parts.length}`,
    checksums: partedChecksums(upload.checksum, parts),
  }
  const firstPartBytes = parts[0]?.body.size
  const object = { ...newObject(content, upload.attributes, service.now()), firstPartBytes }
  checkObjectChecksum(exchange, upload, object)
  place.bucket.objects.set(place.keyBytes, object)
  place.bucket.uploads.delete(upload.id)
  const result = [
    element('Location', `http://${request.headers['host']}${request.rawPath}`),
    element('Bucket', place.bucket.name),
    element('Key', place.keyBytes),
    element('ETag', `"${etagOf(object)}"`),
    checksumElements(object),
  ]
  return xmlReply(s3Document('CompleteMultipartUploadResult', result.join('')), object.encryption)
}

/** The document; here `x-amz-checksum-…` is of the object to be, not of the document. */
function completionOf({ request }: Exchange): Buffer {
  checkContentMd5(request, request.payload)
  return request.payload
}

/** What the client says of the object to be must be so, or there will be none. */
function checkObjectChecksum(
  { request: { headers } }: Exchange,
  { checksum }: Upload,
  object: StoredObject,
): void {
  const type = headers['x-amz-checksum-type']
  if (type !== undefined && type !== checksum?.type)
    throw invalidRequest(
      `The upload was created using the ${checksum?.type} checksum mode. The complete request must use the same checksum mode.`,
    )
  const named = Object.keys(headers).find(isChecksum)
  if (named === undefined) return
  const name = named.slice('x-amz-checksum-'.length)
  const value = checksumValues(object)[name]
  if (name !== checksum?.name || value === undefined)
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${checksum?.name}, actual checksum Type: ${name}`,
    )
  if (headers[named] === value) return
  throw serviceError(
    'BadDigest',
    `The ${name} you specified did not match the calculated checksum.`,
  )
}

function chosenParts(upload: Upload, xml: string): readonly Part[] {
  const wanted = allElements(xml, 'Part').map((part) => ({
    number: Number(textOf(part, 'PartNumber')),
    etag: textOf(part, 'ETag')?.replaceAll('"', ''),
  }))
  if (wanted.length === 0 || wanted.length > MAX_PARTS) throw malformedXml()
  const outside = wanted.find(({ number }) => !(number >= 1 && number <= MAX_PARTS))
  if (outside !== undefined) {
    throw invalidArgument('PartNumber must be >= 1', 'PartNumber', String(outside.number))
  }
  if (wanted.some(({ number }, index) => number <= (wanted[index - 1]?.number ?? 0))) {
    throw serviceError(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
    )
  }
  return wanted.map(({ number, etag }, index) => {
    const part = upload.parts.get(number)
    if (part === undefined || part.etag !== etag) {
      throw serviceError(
        'InvalidPart',
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        { details: { UploadId: upload.id, PartNumber: String(number), ETag: etag ?? '' } },
      )
    }
    if (part.body.size < MIN_PART_BYTES && index < wanted.length - 1) {
      throw serviceError(
        'EntityTooSmall',
        'Your proposed upload is smaller than the minimum allowed size',
        {
          details: {
            ProposedSize: String(part.body.size),
            MinSizeAllowed: String(MIN_PART_BYTES),
            PartNumber: String(number),
            ETag: part.etag,
          },
        },
      )
    }
    return part
  })
}

/** AbortMultipartUpload. */
export function abortMultipartUpload(exchange: Exchange): Reply {
  demand(exchange, 's3:AbortMultipartUpload', exchange.request)
  placeOf(exchange).bucket.uploads.delete(uploadOf(exchange).id)
  return emptyReply(204)
}

/** ListParts. */
export function listParts(exchange: Exchange): Reply {
  const { request } = exchange
  demand(exchange, 's3:ListMultipartUploadParts', request)
  const upload = uploadOf(exchange)
  const after = countOf(request, 'part-number-marker', 0)
  const max = Math.min(1000, countOf(request, 'max-parts', 1000))
  const rest = [...upload.parts].filter(([number]) => number > after).sort(([a], [b]) => a - b)
  const page = rest.slice(0, max)
  const rows = page.map(
    ([number, { body, etag, uploadedMs }]) =>
      `<Part>${element('PartNumber', number)}${element('LastModified', new Date(uploadedMs).toISOString())}${element('ETag', `"${etag}"`)}${element('Size', body.size)}</Part>`,
  )
  const truncated = page.length < rest.length
  const head = [
    element('Bucket', request.bucket),
    element('Key', request.keyBytes),
    element('UploadId', upload.id),
    element('NextPartNumberMarker', truncated ? page.at(-1)?.[0] : undefined),
    element('MaxParts', max),
    element('IsTruncated', truncated),
  ]
  return xmlReply(s3Document('ListPartsResult', [...head, ...rows].join('')))
}

const MAX_UPLOADS = 1000

/** ListMultipartUploads, by key and then by id. */
export function listMultipartUploads(exchange: Exchange): Reply {
  const { request } = exchange
  demand(exchange, 's3:ListBucketMultipartUploads', { bucket: request.bucket })
  const prefix = request.query.get('prefix') ?? ''
  const encoded = wantsUrlEncoding(request)
  const encode = encoded ? encodeListing : (text: string) => text
  const keyMarker = request.query.get('key-marker') ?? ''
  const idMarker = request.query.get('upload-id-marker') ?? ''
  const most = Math.min(MAX_UPLOADS, Number(request.query.get('max-uploads') ?? MAX_UPLOADS))
  const rest = [...bucketOf(exchange, request.bucket).uploads.values()]
    .filter(({ keyBytes }) => keyBytes.startsWith(prefix))
    .filter(({ keyBytes, id }) =>
      keyBytes === keyMarker ? idMarker !== '' && id > idMarker : keyBytes > keyMarker,
    )
    .sort((a, b) => (`${a.keyBytes}\0${a.id}` < `${b.keyBytes}\0${b.id}` ? -1 : 1))
  const page = rest.slice(0, most)
  const last = page.length < rest.length ? page.at(-1) : undefined
  const rows = page.map(
    ({ id, keyBytes, startedMs, initiator }) =>
      `<Upload>${element('Key', encode(keyBytes))}${element('UploadId', id)}<Initiator>${element('ID', initiator)}</Initiator>${element('Initiated', new Date(startedMs).toISOString())}</Upload>`,
  )
  const head = [
    element('Bucket', request.bucket),
    element('EncodingType', encoded ? 'url' : undefined),
    element('NextKeyMarker', last && encode(last.keyBytes)),
    element('NextUploadIdMarker', last?.id),
    element('MaxUploads', most),
    element('IsTruncated', last !== undefined),
  ]
  return xmlReply(s3Document('ListMultipartUploadsResult', [...head, ...rows].join('')))
}
