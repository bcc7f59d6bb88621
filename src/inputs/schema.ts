import { z } from 'zod'
import { LOG_LEVELS } from '../model/log-level.ts'
import {
  autoOrCount,
  byteRate,
  count,
  deleteLimit,
  duration,
  endpointOrAws,
  flag,
  flagOr,
  jsonObject,
  lines,
  list,
  matching,
  oneOf,
  partSize,
  pattern,
  s3Address,
  userMetadata,
} from './parsers.ts'

const anyText = z.string()
const role = matching(
  /^arn:[\w-]+:iam:[^:]*:[^:]*:role\/\S+$/,
  'a role ARN such as arn:aws:iam::123456789012:role/sync',
)
const region = matching(/^[a-z0-9-]{2,40}$/, 'a region such as eu-west-1')
const sessionName = matching(/^[\w+=,.@-]{2,64}$/, '2 to 64 of the characters A-Z a-z 0-9 _+=,.@-')
const version = matching(/^v?\d+\.\d+\.\d+$/, 'a version such as 2.3.0').transform((text) =>
  text.replace('v', ''),
)
const sha256 = matching(/^[0-9a-fA-F]{64}$/, '64 hex digits').transform((text) =>
  text.toLowerCase(),
)
const accountIds = list.refine((ids) => ids.every((id) => /^\d{12}$/.test(id)), {
  error: 'expected account ids of 12 digits, separated by commas',
})
const namespace = matching(
  /^(?!AWS\/)[\w.\-/#][\w.\-/#: ]{0,254}$/,
  'a CloudWatch namespace such as S3DirectSync, which does not begin with AWS/',
)
const url = matching(
  /^https?:\/\/\S+$/,
  'a URL such as https://mirror.example.com/{version}/{asset}',
)

const STORAGE_CLASSES = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
  'REDUCED_REDUNDANCY',
] as const
const ACLS = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
] as const
const headerText = matching(/^[\x20-\x7e]+$/, 'text of printable ASCII characters')

/** Every input: how its text is read. Names and meanings stand in action.yml. */
export const INPUTS = {
  source: s3Address,
  destination: s3Address,
  mode: oneOf('sync', 'plan', 'execute', 'check'),
  'dry-run': flag,
  preset: anyText,
  config: anyText,
  'role-to-assume': role,
  'role-session-name': sessionName,
  'role-duration-seconds': count(900, 43_200),
  'role-external-id': anyText,
  audience: anyText,
  'inline-session-policy': jsonObject,
  'managed-session-policies': lines,
  'allowed-account-ids': accountIds,
  'aws-region': region,
  'aws-profile': anyText,
  'aws-access-key-id': anyText,
  'aws-secret-access-key': anyText,
  'aws-session-token': anyText,
  'web-identity-token-file': anyText,
  'sts-endpoint': endpointOrAws,
  'endpoint-url': endpointOrAws,
  'source-role-to-assume': role,
  'source-region': region,
  'source-endpoint-url': endpointOrAws,
  'source-no-sign-request': flag,
  'source-profile': anyText,
  'source-aws-access-key-id': anyText,
  'source-aws-secret-access-key': anyText,
  'source-aws-session-token': anyText,
  'destination-region': region,
  'destination-endpoint-url': endpointOrAws,
  'request-payer': oneOf('requester'),
  include: lines,
  exclude: lines,
  compare: oneOf('auto', 'size', 'newer', 'etag', 'missing', 'always'),
  overwrite: oneOf('if-different', 'never'),
  delete: flag,
  'max-delete': deleteLimit,
  'allow-empty-source': flagOr('filtered'),
  'key-pattern': pattern,
  'key-template': anyText,
  'key-mismatch': oneOf('keep', 'skip', 'fail'),
  engine: oneOf('auto', 's5cmd', 'direct'),
  numworkers: autoOrCount(1, 1000),
  'retry-count': count(0, 100),
  'max-retries': count(0, 20),
  'retry-delay': duration(0),
  'part-size': partSize,
  concurrency: count(1, 100),
  'batch-size': autoOrCount(1, 100_000),
  'rate-limit': byteRate,
  'requests-per-second': count(1, 100_000),
  'request-timeout': duration(1000),
  'max-duration': duration(1000),
  'storage-class': oneOf(...STORAGE_CLASSES),
  sse: oneOf('AES256', 'aws:kms', 'aws:kms:dsse'),
  'sse-kms-key-id': headerText,
  acl: oneOf(...ACLS),
  'metadata-directive': oneOf('COPY', 'REPLACE'),
  'cache-control': headerText,
  'content-type': headerText,
  'content-disposition': headerText,
  'content-encoding': headerText,
  metadata: userMetadata,
  verify: oneOf('auto', 'outcomes', 'listing'),
  's5cmd-version': version,
  's5cmd-path': anyText,
  's5cmd-url': url,
  's5cmd-sha256': sha256,
  'install-method': oneOf('auto', 'release', 'mirror', 'pip', 'path', 'go', 'brew'),
  'log-level': oneOf(...LOG_LEVELS),
  json: flag,
  'report-dir': anyText,
  'job-summary': flag,
  'cloudwatch-metrics': flag,
  'cloudwatch-namespace': namespace,
  'plan-dir': anyText,
  'fail-on': oneOf('failed', 'never'),
} as const

export type InputName = keyof typeof INPUTS

/** Values as the schemas give them; undefined where nothing was given and there is no default. */
export type InputValues = {
  readonly [Name in InputName]: z.output<(typeof INPUTS)[Name]> | undefined
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
