import {
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { fromUrlEncoded } from '../../adapters/xml.ts'
import { ServiceError } from '../../errors/service-error.ts'
import { serviceFailure } from '../../errors/service-failure.ts'
import { toText } from '../../model/key.ts'
import { PageWatch } from '../../model/page-watch.ts'
import type { BucketEncryption, BucketFacts, FoundUpload } from '../store.ts'

/** What the SDK shows of an answer. */
export interface Answer {
  readonly headers?: Readonly<Record<string, string>>
}

/** Region of a bucket, and whether the name is an alias, as far as the service tells. */
export async function findBucket(client: S3Client, bucket: string): Promise<BucketFacts> {
  try {
    const answer = await client.send(new HeadBucketCommand({ Bucket: bucket }))
    return { region: answer.BucketRegion, isAlias: answer.AccessPointAlias ?? false }
  } catch (error) {
    // S3 names the region even to those who may not look.
    const { headers } = (error as { readonly $response?: Answer }).$response ?? {}
    const region = headers?.['x-amz-bucket-region']
    const isAlias = headers?.['x-amz-access-point-alias'] === 'true'
    if (region || serviceFailure(error).code === 'AccessDenied') return { region, isAlias }
    throw error
  }
}

/** Nobody waits long for what a run can do without. */
const optional = () => ({ abortSignal: AbortSignal.timeout(5000) })

/** undefined when nothing is encrypted unless it is asked for. */
export async function bucketEncryption(
  client: S3Client,
  bucket: string,
): Promise<BucketEncryption | undefined> {
  try {
    const answer = await client.send(new GetBucketEncryptionCommand({ Bucket: bucket }), optional())
    const rule = answer.ServerSideEncryptionConfiguration?.Rules?.[0]
    const { SSEAlgorithm, KMSMasterKeyID } = rule?.ApplyServerSideEncryptionByDefault ?? {}
    return SSEAlgorithm ? { algorithm: SSEAlgorithm, kmsKey: KMSMasterKeyID } : undefined
  } catch (error) {
    if (serviceFailure(error).code !== 'ServerSideEncryptionConfigurationNotFoundError') throw error
    return undefined
  }
}

/** Whether a bucket keeps older versions. */
export async function isVersioned(client: S3Client, bucket: string): Promise<boolean> {
  const answer = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }), optional())
  return answer.Status === 'Enabled'
}

/** A key as text; one that is not valid UTF-8 has none, and none of ours is like that. */
const textOf = (encoded: string): string => toText(fromUrlEncoded(encoded)) ?? ''

/** The SDK's parser holds up all else while it reads a page. */
const UPLOADS_PER_PAGE = 250
/** Who has left more than fifty thousand uploads unfinished needs a lifecycle rule. */
const MOST_UPLOAD_PAGES = 200

const endless = (why: string): ServiceError =>
  new ServiceError('AnswerTooLong', `The unfinished uploads of the bucket have no end: ${why}.`)

/** Unfinished uploads of keys that begin with the prefix, page by page. Throws where the pages lead nowhere. */
export async function* uploads(
  client: S3Client,
  { bucket: Bucket, prefix: Prefix }: { readonly bucket: string; readonly prefix: string },
  abortSignal: AbortSignal,
): AsyncGenerator<FoundUpload> {
  const watch = new PageWatch()
  let marker = {}
  for (let pages = 0; pages < MOST_UPLOAD_PAGES; pages++) {
    const input = { Bucket, Prefix, EncodingType: 'url', MaxUploads: UPLOADS_PER_PAGE } as const
    const page = await client.send(new ListMultipartUploadsCommand({ ...input, ...marker }), {
      abortSignal,
    })
    const encoded = page.EncodingType === 'url'
    for (const { Key = '', UploadId = '', Initiator } of page.Uploads ?? []) {
      const key = encoded ? textOf(Key) : Key
      yield { bucket: Bucket, key, uploadId: UploadId, initiator: Initiator?.ID }
    }
    if (!page.IsTruncated || !page.NextUploadIdMarker) return
    const next = page.NextKeyMarker ?? ''
    const problem = watch.problemOf(`${next} ${page.NextUploadIdMarker}`, page.Uploads?.length ?? 0)
    if (problem) throw endless(problem)
    marker = {
      KeyMarker: encoded ? textOf(next) : next,
      UploadIdMarker: page.NextUploadIdMarker,
    }
  }
  throw endless(`there are more than ${MOST_UPLOAD_PAGES} pages of them`)
}
