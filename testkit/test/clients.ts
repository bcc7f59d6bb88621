import { S3Client } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import type { Credentials } from '../iam/iam.ts'
import type { Testkit } from '../testkit.ts'

/** The real S3 client against the test server, with a single attempt per request. */
export const s3Client = (
  kit: Testkit,
  credentials: Credentials = kit.iam.admin,
  region = 'us-east-1',
): S3Client =>
  new S3Client({
    endpoint: kit.endpoint,
    region,
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
  })

/** The real STS client against the test server. */
export const stsClient = (kit: Testkit, credentials: Credentials = kit.iam.admin): STSClient =>
  new STSClient({ endpoint: kit.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })

/** The name and HTTP status of the error that a call rejects with. */
export async function failureOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason as Error & { $metadata?: { httpStatusCode?: number } },
  )
  const status = '$metadata' in error ? error.$metadata?.httpStatusCode : undefined
  return `${error.name} ${status ?? error.message}`
}
