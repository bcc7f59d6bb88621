import {
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { type Issuer, startIssuer } from 's3-direct-sync-testkit/issuer.ts'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import {
  roleArn,
  type SeaweedFS,
  type Statement,
  startSeaweedFS,
} from 's3-direct-sync-testkit/seaweedfs.ts'

const SUBJECT = 'repo:o@1/r@2:ref:refs/heads/main'
const PUTS_AT_ONCE = 32

const list: Statement = {
  Effect: 'Allow',
  Action: ['s3:ListBucket', 's3:GetBucketLocation'],
  Resource: ['arn:aws:s3:::src', 'arn:aws:s3:::dst'],
}
const copy: readonly Statement[] = [
  {
    Effect: 'Allow',
    Action: ['s3:GetObject', 's3:GetObjectTagging'],
    Resource: ['arn:aws:s3:::src/*'],
  },
  {
    Effect: 'Allow',
    Action: ['s3:GetObject', 's3:PutObject', 's3:PutObjectTagging'],
    Resource: ['arn:aws:s3:::dst/*'],
  },
]

/** A SeaweedFS with STS that trusts our issuer, a source and a destination bucket. */
export interface SeaweedStage extends AsyncDisposable {
  readonly seaweed: SeaweedFS
  readonly issuer: Issuer
  readonly admin: S3Client
  /** Inputs of a sync of `src/PREFIX/` to `dst/PREFIX/` by the role Sync; further ones win. */
  inputs(prefix: string, more?: Readonly<Record<string, string>>): Record<string, string>
  put(keys: readonly string[], attributes?: (key: string) => object): Promise<void>
  /** Keys under a prefix with size and ETag, as an independent client lists them. */
  contents(bucket: string, prefix: string): Promise<Map<string, string>>
  head(bucket: string, key: string): Promise<object>
}

async function contents(
  client: S3Client,
  Bucket: string,
  Prefix: string,
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (let token: string | undefined; ; ) {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix, EncodingType: 'url', ContinuationToken: token }),
    )
    for (const { Key = '', Size, ETag } of page.Contents ?? [])
      found.set(decodeURIComponent(Key.replaceAll('+', '%20')), `${Size} ${ETag}`)
    if (!page.IsTruncated) return found
    token = page.NextContinuationToken
  }
}

/** Starts everything; the whole takes about a second. */
export async function openSeaweedStage(): Promise<SeaweedStage> {
  const issuer = await startIssuer({ subject: SUBJECT, now: Date.now })
  const seaweed = await startSeaweedFS({
    buckets: ['src', 'dst'],
    identity: {
      issuer: { url: issuer.url, jwksUri: `${issuer.url}/jwks`, token: async () => issuer.sign() },
      roles: [
        { name: 'Sync', subject: 'repo:o@1/r@2:*', policies: ['List', 'Copy'] },
        { name: 'Watch', subject: 'repo:o@1/r@2:*', policies: ['List'] },
        { name: 'Blind', subject: 'repo:o@1/r@2:*', policies: ['Copy'] },
        { name: 'All', subject: 'repo:o@1/r@2:*', policies: ['All'] },
      ],
      policies: {
        List: [list],
        Copy: copy,
        All: [{ Effect: 'Allow', Action: ['s3:*'], Resource: ['*'] }],
      },
    },
  })
  const admin = new S3Client({
    endpoint: seaweed.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: seaweed.admin,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    requestHandler: { httpAgent: { maxSockets: PUTS_AT_ONCE } },
  })
  return {
    seaweed,
    issuer,
    admin,
    inputs: (prefix, more = {}) => ({
      source: `s3://src/${prefix}/`,
      destination: `s3://dst/${prefix}/`,
      'endpoint-url': seaweed.endpoint,
      'sts-endpoint': seaweed.endpoint,
      'role-to-assume': roleArn('Sync'),
      'aws-region': 'us-east-1',
      's5cmd-path': parts().s5cmd,
      ...more,
    }),
    put: async (keys, attributes = () => ({})) => {
      const queue = keys.values()
      const worker = async () => {
        for (const Key of queue)
          await admin.send(
            new PutObjectCommand({
              Bucket: 'src',
              Key,
              Body: `body of ${Key}`,
              ...attributes(Key),
            }),
          )
      }
      await Promise.all(Array.from({ length: PUTS_AT_ONCE }, worker))
    },
    contents: (bucket, prefix) => contents(admin, bucket, prefix),
    head: async (Bucket, Key) => {
      const { ContentType, CacheControl, Metadata } = await admin.send(
        new HeadObjectCommand({ Bucket, Key }),
      )
      return { ContentType, CacheControl, Metadata }
    },
    [Symbol.asyncDispose]: async () => {
      admin.destroy()
      await seaweed.close()
      await issuer.close()
    },
  }
}
