import { HeadBucketCommand, ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3'
import { textOf } from '../../adapters/error-answer.ts'
import { fromUrlEncoded, rootOf } from '../../adapters/xml.ts'
import { ServiceError } from '../../errors/service-error.ts'
import { isRefusal, serviceFailure } from '../../errors/service-failure.ts'
import { kmsKeyIn } from '../../model/arn.ts'
import { toText } from '../../model/key.ts'
import { PageWatch } from '../../model/page-watch.ts'
import type { BucketEncryption, BucketFacts, FoundUpload } from '../store.ts'
import { regionIn } from './region.ts'
import type { Send } from './sender.ts'

/** What the SDK shows of an answer. */
export interface Answer {
  readonly headers?: Readonly<Record<string, string>>
}

/** S3 names a region where it sends elsewhere; what names none is not S3. */
function redirected(status: number, location: string | undefined, cause: unknown): unknown {
  if (location === undefined) return cause
  const where = URL.canParse(location) ? new URL(location).origin : 'another path there'
  const message = `HTTP status ${status}: redirect to ${where}.`
  return new ServiceError('Redirected', message, { status, cause })
}

/** Region of a bucket, and whether the name is an alias, as far as the service tells. */
export async function findBucket(client: S3Client, bucket: string): Promise<BucketFacts> {
  try {
    const answer = await client.send(new HeadBucketCommand({ Bucket: bucket }))
    return { region: regionIn(answer.BucketRegion), isAlias: answer.AccessPointAlias ?? false }
  } catch (error) {
    // S3 names the region even to those who may not look.
    const { headers } = (error as { readonly $response?: Answer }).$response ?? {}
    const region = regionIn(headers?.['x-amz-bucket-region'])
    const isAlias = headers?.['x-amz-access-point-alias'] === 'true'
    const { status } = serviceFailure(error)
    if (!region && status !== undefined && status >= 300 && status < 400)
      throw redirected(status, headers?.['location'], error)
    // The first listing decides whether the bucket is there.
    if (region || isRefusal(serviceFailure(error))) return { region, isAlias, refusal: error }
    throw error
  }
}

/** Nobody waits long for what a run can do without. */
const OPTIONAL_MS = 5000

/** The document that answers a question about a bucket. Throws where it is another one, such as a page of a proxy. */
async function answerOf(
  send: Send,
  {
    bucket,
    query,
    root,
  }: { readonly bucket: string; readonly query: string; readonly root: string },
): Promise<string> {
  const on = { bucket, key: '' }
  const { body } = await send({ method: 'GET', on, query }, { timeoutMs: OPTIONAL_MS })
  const document = rootOf(body.toString('latin1'), root)
  if (document !== undefined) return document
  throw new ServiceError('Unanswered', `The response of the service is not a ${root}.`, {
    status: 200,
  })
}

/** undefined when nothing is encrypted unless it is asked for. */
export async function bucketEncryption(
  send: Send,
  bucket: string,
): Promise<BucketEncryption | undefined> {
  try {
    const root = 'ServerSideEncryptionConfiguration'
    const document = await answerOf(send, { bucket, query: 'encryption=', root })
    const algorithm = textOf(document, 'SSEAlgorithm')
    return algorithm
      ? { algorithm, kmsKey: kmsKeyIn(textOf(document, 'KMSMasterKeyID')) }
      : undefined
  } catch (error) {
    if (serviceFailure(error).code !== 'ServerSideEncryptionConfigurationNotFoundError') throw error
    return undefined
  }
}

/** Whether a bucket keeps older versions. */
export async function isVersioned(send: Send, bucket: string): Promise<boolean> {
  const root = 'VersioningConfiguration'
  return (
    textOf(await answerOf(send, { bucket, query: 'versioning=', root }), 'Status') === 'Enabled'
  )
}

/** A key as text; one that is not valid UTF-8 has none, and none of ours is like that. */
const keyOf = (encoded: string): string => toText(fromUrlEncoded(encoded)) ?? ''

/** The SDK's parser holds up all else while it reads a page. */
const UPLOADS_PER_PAGE = 250
/** Who has left more than fifty thousand uploads unfinished needs a lifecycle rule. */
const MOST_UPLOAD_PAGES = 200

const endless = (why: string): ServiceError =>
  new ServiceError('AnswerTooLong', `The list of multipart uploads does not end: ${why}.`)

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
      const key = encoded ? keyOf(Key) : Key
      yield { bucket: Bucket, key, uploadId: UploadId, initiator: Initiator?.ID }
    }
    if (!page.IsTruncated || !page.NextUploadIdMarker) return
    const next = page.NextKeyMarker ?? ''
    const problem = watch.problemOf(`${next} ${page.NextUploadIdMarker}`, page.Uploads?.length ?? 0)
    if (problem) throw endless(problem)
    marker = {
      KeyMarker: encoded ? keyOf(next) : next,
      UploadIdMarker: page.NextUploadIdMarker,
    }
  }
  throw endless(`there are more than ${MOST_UPLOAD_PAGES} pages of them`)
}
