import {
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { serviceFailure } from '../errors.ts'
import type { BucketEncryption } from '../ports.ts'

/** What the SDK shows of an answer. */
export interface Answer {
  readonly headers?: Readonly<Record<string, string>>
}

/** Region of a bucket, undefined when the service does not tell. */
export async function bucketRegion(client: S3Client, bucket: string): Promise<string | undefined> {
  try {
    const answer = await client.send(new HeadBucketCommand({ Bucket: bucket }))
    return answer.BucketRegion
  } catch (error) {
    // S3 names the region even to those who may not look.
    const region = (error as { readonly $response?: Answer }).$response?.headers?.[
      'x-amz-bucket-region'
    ]
    if (region) return region
    if (serviceFailure(error).code === 'AccessDenied') return undefined
    throw error
  }
}

/** undefined when nothing is encrypted unless it is asked for. */
export async function bucketEncryption(
  client: S3Client,
  bucket: string,
): Promise<BucketEncryption | undefined> {
  try {
    const answer = await client.send(new GetBucketEncryptionCommand({ Bucket: bucket }))
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
  const answer = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }))
  return answer.Status === 'Enabled'
}
