import { textOf } from '../../adapters/error-answer.ts'
import type { WireAnswer } from '../../adapters/wire.ts'
import { rootOf } from '../../adapters/xml.ts'
import { ServiceError } from '../../errors/service-error.ts'
import { isRefusal, serviceFailure } from '../../errors/service-failure.ts'
import { kmsKeyIn } from '../../model/arn.ts'
import type { BucketEncryption, BucketFacts } from '../store.ts'
import { regionIn } from './region.ts'
import type { Call, Heard, Send } from './sender.ts'

/** A request without a body, sent again while that may help. */
export type Patiently = (call: Call) => Promise<Heard>

const headerIn = (answer: WireAnswer, name: string): string | undefined =>
  [answer.headers[name]].flat()[0]

/** Region of a bucket, and whether the name is an alias, as far as the service tells. */
export async function findBucket(hear: Patiently, bucket: string): Promise<BucketFacts> {
  const { answer, refusal } = await hear({ method: 'HEAD', on: { bucket, key: '' } })
  // S3 names the region even to those who may not look.
  const region = regionIn(headerIn(answer, 'x-amz-bucket-region'))
  const isAlias = headerIn(answer, 'x-amz-access-point-alias') === 'true'
  if (!refusal) return { region, isAlias }
  // The first listing decides whether the bucket is there.
  if (region || isRefusal(refusal)) return { region, isAlias, refusal }
  throw refusal
}

/** Nobody waits long for what a run can do without, however often it is asked for. */
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
  const limit = { timeoutMs: OPTIONAL_MS, signal: AbortSignal.timeout(OPTIONAL_MS) }
  const { body } = await send({ method: 'GET', on, query }, limit)
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
