import { type Reply, serviceError } from '../reply.ts'
import type { Exchange } from '../service.ts'
import * as buckets from './buckets.ts'
import { copyObject } from './copy.ts'
import { deleteObject, deleteObjects } from './delete.ts'
import { unheededHeader } from './heeded.ts'
import { listObjectsV2 } from './list.ts'
import * as multipart from './multipart.ts'
import { getObject, headObject, putObject } from './objects.ts'
import { checkAnonymous, checkPayloadHash, notImplemented } from './request-rules.ts'
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './tagging.ts'

const HANDLERS: Readonly<Record<string, (exchange: Exchange) => Reply>> = {
  AbortMultipartUpload: multipart.abortMultipartUpload,
  CompleteMultipartUpload: multipart.completeMultipartUpload,
  CopyObject: copyObject,
  CreateBucket: buckets.createBucket,
  CreateMultipartUpload: multipart.createMultipartUpload,
  DeleteBucket: buckets.deleteBucket,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  DeleteObjectTagging: deleteObjectTagging,
  GetBucketEncryption: buckets.getBucketEncryption,
  GetBucketLocation: buckets.getBucketLocation,
  GetBucketVersioning: buckets.getBucketVersioning,
  GetObject: getObject,
  GetObjectTagging: getObjectTagging,
  HeadBucket: buckets.headBucket,
  HeadObject: headObject,
  ListBuckets: buckets.listBuckets,
  ListMultipartUploads: multipart.listMultipartUploads,
  ListObjectsV2: listObjectsV2,
  ListParts: multipart.listParts,
  PutObject: putObject,
  PutObjectTagging: putObjectTagging,
  UploadPart: multipart.uploadPart,
  UploadPartCopy: multipart.uploadPartCopy,
}

/** Answers an S3 operation that was signed for `region`. */
export function handleS3(exchange: Exchange, region: string | undefined): Reply {
  const handle = HANDLERS[exchange.request.operation]
  if (handle === undefined) {
    throw serviceError(
      'NotImplemented',
      'A header or query you provided implies functionality that is not implemented.',
    )
  }
  const unheeded = unheededHeader(exchange.request.headers)
  if (unheeded !== undefined) throw notImplemented(unheeded)
  if (region !== undefined) checkRegion(exchange, region)
  else checkAnonymous(exchange.request)
  checkPayloadHash(exchange.request)
  return handle(exchange)
}

const ANY_REGION: readonly string[] = ['CreateBucket', 'GetBucketLocation', 'ListBuckets']

/** us-east-1 stands for S3's global endpoint, which answers differently from a regional one. */
function checkRegion({ request, service }: Exchange, region: string): void {
  const home = service.buckets.get(request.bucket)?.region
  if (home === undefined || home === region || ANY_REGION.includes(request.operation)) return
  const headers = { 'x-amz-bucket-region': home }
  if (region === 'us-east-1' && request.method !== 'HEAD') {
    throw serviceError(
      'AuthorizationHeaderMalformed',
      `The authorization header is malformed; the region '${region}' is wrong; expecting '${home}'`,
      { headers, details: { Region: home } },
    )
  }
  throw serviceError(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    {
      headers,
      details: { Endpoint: `${request.bucket}.s3.${home}.amazonaws.com`, Bucket: request.bucket },
    },
  )
}
