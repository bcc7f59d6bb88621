import { kmsKeyIn, partitionOf, s3Arn } from '../model/arn.ts'
import type { ManifestRequest } from '../model/manifest.ts'
import { OWN_KEYS } from '../model/own-keys.ts'
import type { Place } from '../model/place.ts'
import {
  checksBuckets,
  mayAskChecksums,
  type SideRequest,
  type SyncRequest,
  serviceSideOf,
} from '../model/request.ts'
import { type BucketFolder, isOfBucket } from '../model/shared-folder.ts'
import type { WriteOptions } from '../model/write-options.ts'
import { whyOneBucket } from './aliases.ts'
import type { Facts } from './preflight.ts'

/** One statement of an IAM policy. */
export interface Statement {
  /** `Required…`: the run fails without it; `Optional…`: it only sees less. */
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
}

/** An IAM policy of an identity. */
export interface Policy {
  readonly Version: '2012-10-17'
  readonly Statement: readonly Statement[]
}

/** A side as a policy names it. */
export interface Scope {
  readonly region: string
  readonly bucket: string
  /** Patterns of the prefixes that are listed. */
  readonly lists: readonly string[]
  /** Patterns of the keys that are read or written. */
  readonly keys: readonly string[]
}

/** Text in which no character is a pattern. */
export const literal = (text: string): string =>
  text.replace(/[*?$]/g, (character) => `\${${character}}`)

/** What a path can mean: a folder, or as long as nobody looked, an object as well. */
function patternsOf(path: string, place: Place | undefined): Pick<Scope, 'lists' | 'keys'> {
  if (place && !place.single) {
    const all = [`${literal(place.prefix)}*`]
    return { lists: all, keys: all }
  }
  if (path === '' || path.endsWith('/')) {
    const all = [`${literal(path)}*`]
    return { lists: all, keys: all }
  }
  const key = literal(path)
  // To see whether it is a folder, what lies under it is listed.
  const lists = [key, `${key}/*`]
  return { lists, keys: place ? [key] : lists }
}

function scopeOf({ bucket, path, region }: SideRequest, place: Place | undefined): Scope {
  const found = place?.region ?? region
  const own = place?.single ? place.prefix : path
  return { region: found, bucket, ...patternsOf(own, place) }
}

interface Wanted {
  readonly sid: string
  readonly actions: readonly string[]
}

const statement = ({ sid, actions }: Wanted, resources: readonly string[]): Statement => ({
  Sid: sid,
  Effect: 'Allow',
  Action: actions,
  Resource: resources,
})

const onBucket = (sid: string, scope: Scope, ...actions: readonly string[]): Statement =>
  statement({ sid, actions }, [s3Arn(scope)])

/** A statement on the keys of a scope. */
export const onObjects = (sid: string, scope: Scope, ...actions: readonly string[]): Statement =>
  statement(
    { sid, actions },
    scope.keys.map((key) => s3Arn(scope, key)),
  )

function listing(sid: string, scope: Scope): Statement {
  const bare = onBucket(sid, scope, 's3:ListBucket')
  if (scope.lists.includes('*')) return bare
  return { ...bare, Condition: { StringLike: { 's3:prefix': scope.lists } } }
}

/** KMS knows keys by their ARN, and aliases by a condition. */
function onKey(wanted: Wanted, key: string, arnOf: (resource: string) => string): Statement {
  const [, account, alias] = /^(arn:.*:)?(alias\/.*)$/.exec(key) ?? []
  if (alias === undefined)
    return statement(wanted, [key.startsWith('arn:') ? key : arnOf(`key/${key}`)])
  return {
    ...statement(wanted, [account === undefined ? arnOf('key/*') : `${account}key/*`]),
    Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': [alias] } },
  }
}

/** AWS's own key of S3 is open to whoever may use S3, but it is not always told by its alias. */
const isCustomers = (key: string): boolean =>
  !key.endsWith('alias/aws/s3') && kmsKeyIn(key) !== undefined

/** Statements on keys of KMS, for those of the customer. */
export const onKeys = (
  { sid, actions }: Wanted,
  keys: readonly string[],
  arnOf: (resource: string) => string,
): Statement[] =>
  keys
    .filter(isCustomers)
    .map((key, at) => onKey({ sid: at === 0 ? sid : `${sid}${at + 1}`, actions }, key, arnOf))

interface PolicyInput {
  readonly request: SyncRequest
  /** undefined: nobody could look. */
  readonly facts: Facts | undefined
  /** The account of the identity, where it is known. */
  readonly account: string | undefined
}

/** Whether a real run of this request writes: the policy of a plan and of a dry run is that of the run it is made for. */
const wouldWrite = ({ mode }: SyncRequest): boolean => mode !== 'check'

/** The ARN of a key of KMS, in the region of a scope. */
export const kmsArn =
  ({ region }: Scope, { account }: PolicyInput) =>
  (resource: string): string =>
    `arn:${partitionOf(region)}:kms:${region}:${account ?? '*'}:${resource}`

/** Formats whose rows may name versions. */
const NAMES_VERSIONS: ReadonlySet<ManifestRequest['format']> = new Set(['csv', 'ndjson', 'batch'])

/** What reads a list that lies at S3; the data files of an inventory lie beside the folder of its day. */
function manifestStatements({ request }: PolicyInput): Statement[] {
  const { manifest } = request.selection
  if (!manifest || request.sourceAccess === 'anonymous' || !('bucket' in manifest.address))
    return []
  const { bucket, key } = manifest.address
  const { region } = request.source
  const keys = [literal(key)]
  if (manifest.format === 'inventory')
    keys.push(`${literal(key.split('/').slice(0, -2).join('/'))}/data/*`.replace(/^\//, ''))
  return [onObjects('RequiredManifestRead', { region, bucket, lists: [], keys }, 's3:GetObject')]
}

/** What a manifest asks of the source beside its objects: without the right to list, nobody can tell what is missing. */
function rowStatements({ request }: PolicyInput, scope: Scope): Statement[] {
  const { manifest } = request.selection
  if (!manifest) return [listing('RequiredSourceList', scope)]
  const versions = onObjects(
    'OptionalSourceVersions',
    scope,
    's3:GetObjectVersion',
    's3:GetObjectVersionTagging',
  )
  return [
    listing('OptionalSourceList', scope),
    ...(NAMES_VERSIONS.has(manifest.format) ? [versions] : []),
  ]
}

function sourceStatements(input: PolicyInput): Statement[] {
  const { request, facts } = input
  // Files of the runner are nobody's to allow.
  if (request.source.local !== undefined) return []
  const scope = scopeOf(request.source, facts?.source)
  const writes = wouldWrite(request)
  const read = ['s3:GetObject', 's3:GetObjectTagging'] as const
  if (request.sourceAccess === 'anonymous') {
    // With it the service copies by itself what is streamed otherwise.
    const copies = facts !== undefined && facts.transferPath.streamed === undefined
    const name = copies ? 'RequiredSourceRead' : 'OptionalSourceRead'
    return writes ? [onObjects(name, scope, ...read)] : []
  }
  // Whether a path without a slash at its end is an object is seen by reading it.
  const looks =
    request.selection.manifest !== undefined ||
    (facts ? facts.source.single : !/(^|\/)$/.test(request.source.path))
  const tags = facts?.transferPath.streamed ? 'OptionalSourceTags' : 'RequiredSourceTags'
  const key = { sid: 'RequiredSourceKey', actions: ['kms:Decrypt'] }
  return [
    ...rowStatements(input, scope),
    ...manifestStatements(input),
    ...(writes || looks
      ? [onObjects('RequiredSourceRead', scope, 's3:GetObject')]
      : checksumReads('Source', scope, request)),
    ...(writes
      ? [
          // Files have none.
          ...(request.destination.local === undefined
            ? [onObjects(tags, scope, 's3:GetObjectTagging')]
            : []),
          ...onKeys(key, facts?.kmsKeys.source ?? [], kmsArn(scope, input)),
        ]
      : []),
    ...(checksBuckets(request)
      ? [onBucket('OptionalSourceBucket', scope, 's3:GetEncryptionConfiguration')]
      : []),
    ...(writes &&
    facts &&
    request.destination.local === undefined &&
    whyOneBucket(facts.source, facts.destination)
      ? [onBucket('OptionalSourceUploads', scope, 's3:ListBucketMultipartUploads')]
      : []),
  ]
}

/** Whether objects get tags: those of their source, or of a rule; files have none of their own. */
const setsTags = ({ source, transfer }: SyncRequest): boolean =>
  source.local === undefined || (transfer.write.rules ?? []).some(({ tags }) => tags)

const asksAcl = ({ acl, rules = [] }: WriteOptions): boolean =>
  acl !== undefined || rules.some((rule) => rule.acl !== undefined)
/** Who asks for checksums needs the right to read; without it `compare: checksum` alone has nothing to go by. */
function checksumReads(side: string, scope: Scope, { selection }: SyncRequest): Statement[] {
  if (!mayAskChecksums(selection)) return []
  const needed = selection.overwrite !== 'never' && selection.compare === 'checksum'
  return [onObjects(`${needed ? 'Required' : 'Optional'}${side}Read`, scope, 's3:GetObject')]
}

/** Writes and deletes that are bound to an ETag need the right to read. */
const bindsWrites = ({ selection }: SyncRequest): boolean =>
  selection.delete || (selection.compare !== 'missing' && selection.overwrite !== 'never')

/** What whoever makes the copies needs. */
export function copyStatements(scope: Scope, input: PolicyInput): Statement[] {
  const { request, facts } = input
  const { write } = request.transfer
  const objects = (name: string, ...actions: readonly string[]) =>
    onObjects(`RequiredDestination${name}`, scope, ...actions)
  const key = { sid: 'RequiredDestinationKey', actions: ['kms:GenerateDataKey', 'kms:Decrypt'] }
  const asked = write.sseKmsKeyId
  const keys = facts?.kmsKeys.destination ?? (asked ? [asked] : [])
  return [
    objects('Write', 's3:PutObject', 's3:AbortMultipartUpload'),
    ...(setsTags(request) ? [objects('Tags', 's3:PutObjectTagging')] : []),
    ...(asksAcl(write) ? [objects('Acl', 's3:PutObjectAcl')] : []),
    ...onKeys(key, keys, kmsArn(scope, input)),
  ]
}

function writingStatements(scope: Scope, input: PolicyInput): Statement[] {
  const { request } = input
  const objects = (name: string, ...actions: readonly string[]) =>
    onObjects(`RequiredDestination${name}`, scope, ...actions)
  const copies = copyStatements(scope, input)
  const keys = copies.filter(({ Sid }) => Sid.startsWith('RequiredDestinationKey'))
  return [
    ...copies.filter((one) => !keys.includes(one)),
    ...(bindsWrites(request)
      ? [objects('Read', 's3:GetObject')]
      : [...checksumReads('Destination', scope, request), ...sumsReads(scope, request)]),
    ...(request.selection.delete ? [objects('Delete', 's3:DeleteObject')] : []),
    ...keys,
  ]
}

/** SHA256SUMS asks objects for their SHA-256, and may read them; to publish it, the one that is there is looked at. */
function sumsReads(scope: Scope, { selection: { sums } }: SyncRequest): Statement[] {
  if (!sums) return []
  if (sums.read) return [onObjects('RequiredSha256Sums', scope, 's3:GetObject')]
  const folders = scope.keys.filter((key) => key.endsWith('*'))
  const own = { ...scope, keys: folders.map((key) => key.slice(0, -1) + OWN_KEYS.sums) }
  return [
    ...(sums.upload ? [onObjects('RequiredSha256Sums', own, 's3:GetObject')] : []),
    onObjects('OptionalSha256Sums', scope, 's3:GetObject'),
  ]
}

/** Whether a run that writes nothing reads since when extras wait. */
const readsExtrasList = (request: SyncRequest): boolean =>
  request.selection.deleteAfterMs !== undefined && !wouldWrite(request)

/** Whether headers of what is there are looked at, and nothing else asks for that right. */
const comparesHeaders = (request: SyncRequest): boolean =>
  request.transfer.write.rules !== undefined && !wouldWrite(request)

function destinationStatements(input: PolicyInput): Statement[] {
  const { request, facts } = input
  // Files of the runner are nobody's to allow.
  if (request.destination.local !== undefined) return []
  const scope = scopeOf(request.destination, facts?.destination)
  return [
    listing('RequiredDestinationList', scope),
    ...(wouldWrite(request)
      ? writingStatements(scope, input)
      : checksumReads('Destination', scope, request)),
    ...(readsExtrasList(request) ? [onObjects('RequiredExtrasList', scope, 's3:GetObject')] : []),
    ...(comparesHeaders(request)
      ? [onObjects('OptionalDestinationHeaders', scope, 's3:GetObject')]
      : []),
    ...(checksBuckets(request)
      ? [
          onBucket(
            'OptionalDestinationBucket',
            scope,
            's3:GetBucketVersioning',
            's3:GetEncryptionConfiguration',
          ),
        ]
      : []),
    ...(wouldWrite(request)
      ? [onBucket('OptionalDestinationUploads', scope, 's3:ListBucketMultipartUploads')]
      : []),
  ]
}

/** A lock is written, read to bind the next write to it, and deleted. */
function lockStatements({ request, facts }: PolicyInput): Statement[] {
  const { lock } = request
  if (!lock || !wouldWrite(request)) return []
  const side = serviceSideOf(request)
  const region = facts?.[side].region ?? request[side].region
  const scope = { region, bucket: lock.bucket, lists: [], keys: [literal(lock.key)] }
  return [onObjects('RequiredLock', scope, 's3:PutObject', 's3:GetObject', 's3:DeleteObject')]
}

/** What jobs leave for one another in a bucket. */
function sharedStatements({ request, facts }: PolicyInput): Statement[] {
  const { mode, planDir, shardsDir } = request
  const side = serviceSideOf(request)
  const region = facts?.[side].region ?? request[side].region
  const scopeIn = ({ bucket, prefix }: BucketFolder): Scope => {
    const all = [`${literal(prefix)}*`]
    return { region, bucket, lists: all, keys: all }
  }
  const writing = ['s3:PutObject', 's3:AbortMultipartUpload'] as const
  const ofPlan = (scope: Scope): Statement[] =>
    mode === 'plan'
      ? [
          listing('RequiredPlanDirList', scope),
          onObjects('RequiredPlanDirWrite', scope, ...writing),
          // Writes are bound to what was seen there.
          onObjects('RequiredPlanDirRead', scope, 's3:GetObject'),
        ]
      : [
          onObjects('RequiredPlanDirRead', scope, 's3:GetObject'),
          // Without it what is missing is denied.
          listing('OptionalPlanDirList', scope),
        ]
  const ofShards = (scope: Scope): Statement[] =>
    mode === 'finish'
      ? [
          listing('RequiredShardsDirList', scope),
          onObjects('RequiredShardsDirRead', scope, 's3:GetObject'),
        ]
      : [onObjects('RequiredShardsDirWrite', scope, ...writing)]
  return [
    ...(isOfBucket(planDir) ? ofPlan(scopeIn(planDir)) : []),
    ...(isOfBucket(shardsDir) ? ofShards(scopeIn(shardsDir)) : []),
  ]
}

/** What goes to CloudWatch at the end of a run that writes. */
function metricsStatements({ request }: PolicyInput): Statement[] {
  const { metricsNamespace } = request.reporting
  if (!metricsNamespace || !wouldWrite(request)) return []
  const wanted = { sid: 'OptionalMetrics', actions: ['cloudwatch:PutMetricData'] }
  const Condition = { StringEquals: { 'cloudwatch:namespace': [metricsNamespace] } }
  return [{ ...statement(wanted, ['*']), Condition }]
}

/** What CloudFront is told at the end of a run that writes. */
function cdnStatements({ request, facts, account }: PolicyInput): Statement[] {
  const { cdn } = request.reporting
  if (!cdn || !wouldWrite(request)) return []
  const wanted = { sid: 'OptionalCloudFront', actions: ['cloudfront:CreateInvalidation'] }
  const partition = partitionOf(facts?.destination.region ?? request.destination.region)
  const arnOf = (id: string) => `arn:${partition}:cloudfront::${account ?? '*'}:distribution/${id}`
  return [statement(wanted, cdn.distributions.map(arnOf))]
}

/**
 * The smallest IAM policy for a request, source and destination apart. Keys of KMS are in it as far as
 * they are known.
 */
export const policyFor = (input: PolicyInput): Policy => ({
  Version: '2012-10-17',
  Statement: [
    ...sourceStatements(input),
    ...destinationStatements(input),
    ...lockStatements(input),
    ...sharedStatements(input),
    ...metricsStatements(input),
    ...cdnStatements(input),
  ],
})
