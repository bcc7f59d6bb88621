import { emptyReply, type Reply, xmlReply } from '../reply.ts'
import type { Exchange } from '../service.ts'
import { allElements, element, readXml, s3Document, textOf } from '../xml.ts'
import { demand, objectAt } from './access.ts'
import { placeOf } from './objects.ts'
import { readPayload } from './payload.ts'
import { documentTags, type Tags } from './tag-rules.ts'

/** GetObjectTagging. */
export function getObjectTagging(exchange: Exchange): Reply {
  demand(exchange, 's3:GetObjectTagging', exchange.request)
  const { tags } = objectAt(exchange, placeOf(exchange))
  const rows = Object.entries(tags).map(
    ([key, value]) => `<Tag>${element('Key', key)}${element('Value', value)}</Tag>`,
  )
  return xmlReply(s3Document('Tagging', `<TagSet>${rows.join('')}</TagSet>`))
}

/** PutObjectTagging: the SDK's model asks for a digest, S3 itself does not. */
export function putObjectTagging(exchange: Exchange): Reply {
  demand(exchange, 's3:PutObjectTagging', exchange.request)
  const xml = readXml(readPayload(exchange.request, exchange.service.checksums).bytes, 'Tagging')
  const tags = allElements(xml, 'Tag').map(
    (tag) => [textOf(tag, 'Key') ?? '', textOf(tag, 'Value') ?? ''] as const,
  )
  return setTags(exchange, documentTags(tags), 200)
}

/** DeleteObjectTagging. */
export function deleteObjectTagging(exchange: Exchange): Reply {
  demand(exchange, 's3:DeleteObjectTagging', exchange.request)
  return setTags(exchange, {}, 204)
}

/** Tags are no part of the content: ETag and modification time stay. */
function setTags(exchange: Exchange, tags: Tags, status: number): Reply {
  const place = placeOf(exchange)
  const object = objectAt(exchange, place)
  place.bucket.objects.set(place.keyBytes, { ...object, tags })
  return emptyReply(status)
}
