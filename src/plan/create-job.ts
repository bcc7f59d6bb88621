import { partitionOf, s3Arn } from '../model/arn.ts'
import {
  headOf,
  JOB_LIST,
  JOB_REPORT_FORMAT,
  type JobRequest,
  jobFolder,
} from '../model/batch-job.ts'
import type { Place } from '../model/place.ts'
import type { JobPart } from '../model/shard-schema.ts'
import type { ObjectMetadata, WriteOptions } from '../model/write-options.ts'

/** What a job is made of. */
export interface JobInput {
  readonly planId: string
  readonly job: JobPart
  readonly request: JobRequest
  readonly source: Place
  readonly destination: Place
  readonly write: WriteOptions
  readonly requestPayer: 'requester' | undefined
}

type Json = Readonly<Record<string, unknown>>

/** The members that have a value. */
const given = (members: Json): Json =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

const metadataOf = ({ cacheControl, contentType }: ObjectMetadata): Json =>
  given({ CacheControl: cacheControl, ContentType: contentType })

/** How objects are written, as the service takes it. */
function copyOf({ source, destination, write, requestPayer }: JobInput): Json {
  const { sse, sseKmsKeyId, metadata, storageClass, acl } = write
  const head = headOf(source.prefix, destination.prefix) ?? ''
  const algorithm = sse === undefined ? undefined : sse === 'AES256' ? 'AES256' : 'KMS'
  const described = {
    ...(metadata ? metadataOf(metadata) : {}),
    ...given({ SSEAlgorithm: algorithm }),
  }
  return given({
    TargetResource: s3Arn(destination),
    // The service names a folder, and sets the slash itself.
    TargetKeyPrefix: head === '' ? undefined : head.slice(0, -1),
    MetadataDirective: metadata ? 'REPLACE' : 'COPY',
    NewObjectMetadata: metadata || algorithm ? described : undefined,
    SSEAwsKmsKeyId: sseKmsKeyId,
    StorageClass: storageClass,
    CannedAccessControlList: acl,
    RequesterPays: requestPayer && true,
  })
}

/** The account that a role is of: the job is created there. */
const accountOf = ({ roleArn }: JobRequest): string => roleArn.split(':')[4] ?? ''

/** The whole request that creates the job, as `aws s3control create-job --cli-input-json` takes it. */
export function jobCreation(input: JobInput): Json {
  const { planId, job, request, source, destination } = input
  const folder = jobFolder(job, planId)
  const { region } = destination
  return {
    AccountId: accountOf(request),
    ConfirmationRequired: request.confirm,
    Operation: { S3PutObjectCopy: copyOf(input) },
    Report: {
      Bucket: s3Arn({ bucket: job.bucket, region }),
      Format: JOB_REPORT_FORMAT,
      Enabled: true,
      Prefix: folder,
      ReportScope: 'AllTasks',
    },
    // A second request for the same plan is the same job.
    ClientRequestToken: planId.slice(0, 64),
    Manifest: {
      Spec: {
        Format: 'S3BatchOperations_CSV_20180820',
        Fields: ['Bucket', 'Key', ...(job.versions ? ['VersionId'] : [])],
      },
      Location: {
        ObjectArn: s3Arn({ bucket: job.bucket, region }, `${folder}/${JOB_LIST}`),
        ETag: job.md5,
      },
    },
    Description: `s3-direct-sync: ${job.ops} objects from ${source.bucket} to ${destination.bucket}`,
    Priority: request.priority,
    RoleArn: request.roleArn,
    Tags: [{ Key: 's3-direct-sync', Value: planId }],
  }
}

/** Who may be the role that the job runs as: the service, for jobs of this account alone. */
export const jobRoleTrust = (request: JobRequest, { region }: Pick<Place, 'region'>): Json => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'batchoperations.s3.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: {
        StringEquals: { 'aws:SourceAccount': accountOf(request) },
        ArnLike: {
          'aws:SourceArn': `arn:${partitionOf(region)}:s3:${region}:${accountOf(request)}:job/*`,
        },
      },
    },
  ],
})

/** What the service cannot do of a request, each in words that follow "it"; none: it can do all of it. */
export function jobFlaws({
  source,
  destination,
  write,
}: Pick<JobInput, 'source' | 'destination' | 'write'>): readonly string[] {
  const { sse, metadata, storageClass, tags, rules } = write
  const path = JSON.stringify(source.prefix)
  const flaws = {
    [`keeps whole keys and can only add a folder in front: the path of destination must be that of source (${path}), or a folder followed by that path`]:
      headOf(source.prefix, destination.prefix) === undefined,
    'writes all objects with the same headers: remove headers': rules !== undefined,
    'always copies tags: remove tags: drop': tags === 'drop',
    'cannot keep the content type of each object: set content-type with metadata-directive: REPLACE':
      metadata !== undefined && metadata.contentType === undefined,
    'does not support sse: aws:kms:dsse': sse === 'aws:kms:dsse',
    'does not support storage-class: REDUCED_REDUNDANCY': storageClass === 'REDUCED_REDUNDANCY',
  }
  return Object.entries(flaws).flatMap(([flaw, isThere]) => (isThere ? [flaw] : []))
}
