import { toBytes } from '../bytes.ts'
import { emptyReply, isServiceError, type Reply, serviceError, xmlReply } from '../reply.ts'
import type { Exchange } from '../service.ts'
import { type Bucket, etagOf } from '../store.ts'
import { allElements, element, malformedXml, readXml, s3Document, textOf } from '../xml.ts'
import { bucketOf, checkWriteConditions, demand, preconditionFailed } from './access.ts'
import { matchesEtag } from './conditions.ts'
import { demandDigest } from './digests.ts'
import { checkKeyLength, placeOf } from './objects.ts'
import { readPayload } from './payload.ts'

/** DeleteObject: deleting what is not there succeeds. */
export function deleteObject(exchange: Exchange): Reply {
  demand(exchange, 's3:DeleteObject', exchange.request)
  const place = placeOf(exchange)
  checkWriteConditions(exchange, place)
  place.bucket.objects.delete(place.keyBytes)
  return emptyReply(204)
}

const MAX_KEYS = 1000

/** DeleteObjects: every key is judged on its own. */
export function deleteObjects(exchange: Exchange): Reply {
  const bucket = bucketOf(exchange, exchange.request.bucket)
  const { bytes, checksums } = readPayload(exchange.request, exchange.service.checksums)
  demandDigest(
    exchange.request,
    { checksums, support: exchange.service.checksums },
    'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
  )
  const xml = readXml(bytes, 'Delete')
  const wanted = allElements(xml, 'Object')
  if (wanted.length === 0 || wanted.length > MAX_KEYS) throw malformedXml()
  if (wanted.some((object) => textOf(object, 'Key') === undefined)) throw malformedXml()
  const quiet = textOf(xml, 'Quiet') === 'true'
  const rows = wanted.map((object) => {
    const keyBytes = textOf(object, 'Key') ?? ''
    const failure = deleteOne(exchange, bucket, { keyBytes, etag: textOf(object, 'ETag') })
    if (failure !== undefined) return failure
    return quiet ? '' : `<Deleted>${element('Key', keyBytes)}</Deleted>`
  })
  return xmlReply(s3Document('DeleteResult', rows.join('')))
}

interface Victim {
  readonly keyBytes: string
  readonly etag: string | undefined
}

/** Gives the `<Error>` row of a key that stays. */
function deleteOne(exchange: Exchange, bucket: Bucket, victim: Victim): string | undefined {
  const { keyBytes, etag } = victim
  try {
    checkKeyLength(keyBytes)
    demand(exchange, 's3:DeleteObject', { bucket: bucket.name, keyBytes })
    if (etag !== undefined) {
      demand(exchange, 's3:GetObject', { bucket: bucket.name, keyBytes })
      checkEtag(bucket, keyBytes, etag)
    }
    bucket.objects.delete(keyBytes)
    return undefined
  } catch (error) {
    if (!isServiceError(error)) throw error
    return `<Error>${element('Key', keyBytes)}${element('Code', error.code)}${element('Message', toBytes(error.message))}</Error>`
  }
}

function checkEtag(bucket: Bucket, keyBytes: string, wanted: string): void {
  const object = bucket.objects.get(keyBytes)
  if (object === undefined) {
    throw serviceError('NoSuchKey', 'The specified key does not exist.')
  }
  if (!matchesEtag(wanted, etagOf(object))) throw preconditionFailed('If-Match')
}
