import { emptyReply, type Reply, serviceError, xmlReply } from '../reply.ts'
import type { Exchange } from '../service.ts'
import { newBucket } from '../store.ts'
import { element, s3Document, textOf } from '../xml.ts'
import { bucketOf, demand } from './access.ts'

/** ListBuckets. */
export function listBuckets(exchange: Exchange): Reply {
  demand(exchange, 's3:ListAllMyBuckets', { bucket: '*' })
  const rows = [...exchange.service.buckets.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, createdMs, region }) => {
      const created = new Date(createdMs).toISOString()
      return `<Bucket>${element('Name', name)}${element('CreationDate', created)}${element('BucketRegion', region)}</Bucket>`
    })
  const owner = '<Owner><ID>0123456789abcdef</ID></Owner>'
  return xmlReply(
    s3Document('ListAllMyBucketsResult', `${owner}<Buckets>${rows.join('')}</Buckets>`),
  )
}

/** CreateBucket. */
export function createBucket(exchange: Exchange): Reply {
  const { request, service } = exchange
  demand(exchange, 's3:CreateBucket', { bucket: request.bucket })
  if (service.buckets.has(request.bucket)) {
    throw serviceError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      { details: { BucketName: request.bucket } },
    )
  }
  const region = textOf(request.payload.toString('latin1'), 'LocationConstraint')
  const options = region === undefined ? {} : { region }
  service.buckets.set(request.bucket, newBucket(request.bucket, options, service))
  return emptyReply(200, { location: `/${request.bucket}` })
}

/** DeleteBucket. */
export function deleteBucket(exchange: Exchange): Reply {
  const { request, service } = exchange
  demand(exchange, 's3:DeleteBucket', { bucket: request.bucket })
  if (bucketOf(exchange, request.bucket).objects.size() > 0) {
    throw serviceError('BucketNotEmpty', 'The bucket you tried to delete is not empty', {
      details: { BucketName: request.bucket },
    })
  }
  service.buckets.delete(request.bucket)
  return emptyReply(204)
}

/** HeadBucket. */
export function headBucket(exchange: Exchange): Reply {
  demand(exchange, 's3:ListBucket', { bucket: exchange.request.bucket })
  const { region, name } = bucketOf(exchange, exchange.request.bucket)
  const isAlias = String(name !== exchange.request.bucket)
  return emptyReply(200, { 'x-amz-bucket-region': region, 'x-amz-access-point-alias': isAlias })
}

/** GetBucketLocation: empty for us-east-1, as S3 has it. */
export function getBucketLocation(exchange: Exchange): Reply {
  demand(exchange, 's3:GetBucketLocation', { bucket: exchange.request.bucket })
  const { region } = bucketOf(exchange, exchange.request.bucket)
  return xmlReply(s3Document('LocationConstraint', region === 'us-east-1' ? '' : region))
}

/** GetBucketVersioning. */
export function getBucketVersioning(exchange: Exchange): Reply {
  demand(exchange, 's3:GetBucketVersioning', { bucket: exchange.request.bucket })
  const { versioning } = bucketOf(exchange, exchange.request.bucket)
  return xmlReply(s3Document('VersioningConfiguration', element('Status', versioning)))
}

/** GetBucketEncryption. */
export function getBucketEncryption(exchange: Exchange): Reply {
  demand(exchange, 's3:GetEncryptionConfiguration', { bucket: exchange.request.bucket })
  const { encryption, kmsKey } = bucketOf(exchange, exchange.request.bucket)
  const rule = `<Rule><ApplyServerSideEncryptionByDefault>${element('SSEAlgorithm', encryption)}${element('KMSMasterKeyID', kmsKey)}</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>`
  return xmlReply(s3Document('ServerSideEncryptionConfiguration', rule))
}
