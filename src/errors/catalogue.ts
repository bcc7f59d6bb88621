import type { ServiceFailure } from './service-failure.ts'

/** What is known of a failure code: whether another attempt can heal it, and what a person does about it. */
export interface FailureKind {
  readonly retryable: boolean
  readonly resolution: string
}

const heals = (resolution: string): FailureKind => ({ retryable: true, resolution })
const stays = (resolution: string): FailureKind => ({ retryable: false, resolution })

const FAILURES: ReadonlyMap<string, FailureKind> = new Map(
  Object.entries({
    AccessDenied: stays(
      'The identity may not read the source object or write the destination key: allow s3:GetObject (and s3:GetObjectTagging) on the source; s3:PutObject (and s3:PutObjectTagging) on the destination, s3:GetObject there for what is overwritten or deleted, and s3:DeleteObject with delete; and the KMS key where one is used.',
    ),
    NoSuchKey: stays('The source object was removed after it was listed: run again.'),
    NoSuchBucket: stays('A bucket is missing: check the spelling of source and destination.'),
    PreconditionFailed: stays(
      'The object changed after it was listed: run again, and the new state is planned.',
    ),
    SourceChanged: stays(
      'The source object changed after it was planned: run again, and the new state is planned.',
    ),
    DestinationChanged: stays(
      'Somebody else writes to the destination; what they wrote was left as it is. Run again, and the new state is planned.',
    ),
    DestinationExists: stays(
      'The destination already has another object there, and overwrite: never keeps it: publish under another key, or remove the object.',
    ),
    HeldBack: stays(
      'Nothing is copied while the plan would overwrite published objects: settle those, then run again.',
    ),
    NotImplemented: stays('The service does not know what was asked for: see the message.'),
    InvalidObjectState: stays('The source object is archived: restore it first, then run again.'),
    BadDigest: heals(
      'The bytes that came are not those that the ETag of the source names: run again, and look at what is between the runner and the source.',
    ),
    InvalidRange: stays(
      'The service does not send the bytes of an object that it was asked for, so that nothing can be streamed from it safely.',
    ),
    InvalidRequest: stays('The service refuses the request as it stands: see the message.'),
    NoSuchUpload: heals(
      'Somebody aborted the upload in parts while it went on, perhaps a lifecycle rule: run again.',
    ),
    InvalidPart: heals(
      'The service lost a part of an upload: run again; where it stays, raise part-size, so that there are fewer parts.',
    ),
    InvalidPartOrder: stays('The service mixed up the parts of an upload: see the message.'),
    EntityTooSmall: stays('The service wants larger parts: raise part-size.'),
    InvalidArgument: stays('The service refuses what was asked for: see the message.'),
    InvalidStorageClass: stays('The service does not know this storage-class: leave it out.'),
    AccessControlListNotSupported: stays(
      'The bucket takes no ACLs, as its owner owns all of its objects: leave out acl.',
    ),
    KMS: stays(
      'The KMS key cannot be used: check that the key of sse-kms-key-id, or of the bucket, is there, enabled, and in the region of its bucket.',
    ),
    EntityTooLarge: stays('The object is too large for one copy request (5 GiB).'),
    KeyTooLongError: stays('The service refuses keys of this length.'),
    InvalidAccessKeyId: stays(
      'The access key does not exist or has expired: check the credentials.',
    ),
    SignatureDoesNotMatch: stays('The secret key does not belong to the access key.'),
    BucketRegionError: stays('The bucket is in another region: set aws-region to it.'),
    AuthorizationHeaderMalformed: stays('The bucket is in another region: set aws-region to it.'),
    PermanentRedirect: stays('The bucket is in another region: set aws-region to it.'),
    MethodNotAllowed: stays(
      'The service does not know this kind of request for the object: check endpoint-url, and what stands before the service.',
    ),
    AllAccessDisabled: stays(
      'S3 has closed the whole bucket: check the spelling of source and destination, and ask AWS Support why.',
    ),
    AccountProblem: stays(
      'Something is wrong with the AWS account, so that S3 refuses it: ask AWS Support.',
    ),
    NotSignedUp: stays(
      'The AWS account is not signed up for S3: finish that first, or ask AWS Support.',
    ),
    InvalidPayer: stays(
      'All access to the object is disabled, as its account cannot pay: ask its owner, or AWS Support.',
    ),
    InvalidKey: stays(
      'The key is not valid UTF-8 and cannot be named in a request: rename the object.',
    ),
    MaxDuration: stays(
      'The run reached max-duration: run again, and it goes on with what is left; or raise max-duration.',
    ),
    AnswerTooLong: stays(
      'The service sent an answer without end: check endpoint-url, and what stands before the service.',
    ),
    NotDeleted: heals(
      'The service answered a delete as if it were done, and still has the object: check endpoint-url, and what stands before the service.',
    ),
    QuotaExceeded: stays(
      'The quota of the destination is used up: raise it or make room, then run again, and it goes on with what is left.',
    ),
    OutOfResources: stays(
      'The machine ran out of memory or disk space: run again, and it goes on with what is left; use a larger runner, or lower numworkers.',
    ),
    Unreachable: stays(
      'Nobody answered any more: check endpoint-url and the network, then run again, and it goes on with what is left.',
    ),
    NotVerified: stays(
      'The copy was reported done, but the destination does not hold it, or was not looked at: something else writes there, the service lost it, or the run ended before. Run again.',
    ),
    CopiesFailed: stays(
      'Deletes run only when every copy is done: heal the copies that failed, then run again.',
    ),
    ExistsAtSource: stays(
      'The source got this object after the plan was made, so it stays: run again, and the new state is planned.',
    ),
    SourceListingChanged: stays(
      'Keys came or went at the source after the plan was made: run again while nobody writes there. Where nobody does, the service does not list correctly: run without delete.',
    ),
    StoredUnderAnotherName: stays(
      'The destination keeps keys under another spelling (case, Unicode form, slashes, blanks), so that this one cannot be mirrored there: rename the object at the source, exclude it, or use a destination that keeps keys as they are.',
    ),
    OtherKeysNamed: stays(
      'The service answered a delete with the names of other objects, so nothing more is deleted: check there what is left, check endpoint-url and what stands before the service, and run without delete until it is mended.',
    ),
    ListingFailed: heals(
      'A place could not be listed to its end before the deletes, so nothing was deleted: run again; if it stays, the service does not list correctly.',
    ),
    EngineLost: heals('s5cmd ended without a word about this object: run again.'),
    CredentialsLost: stays(
      'The credentials could not be renewed during the run, or the service takes fresh ones for expired: see the message.',
    ),
    SlowDown: heals('S3 asks for fewer requests: lower numworkers, or run again later.'),
    ServiceUnavailable: heals('The service is overloaded: run again later.'),
    InternalError: heals('The service failed: run again later.'),
    RequestTimeout: heals('The connection was too slow: run again, or lower numworkers.'),
    RequestError: heals(
      'The service could not be reached: check endpoint-url and the network, and where a proxy is on the way HTTP_PROXY, HTTPS_PROXY and NO_PROXY.',
    ),
    UntrustedCertificate: stays(
      'The certificate of the service, or of a proxy that reads along, is not trusted: set AWS_CA_BUNDLE to a PEM file with the CA that signed it.',
    ),
    ProxyRefused: stays(
      'The proxy does not let this through: check the user and password in HTTPS_PROXY or HTTP_PROXY, and what the proxy allows.',
    ),
    ExpiredToken: heals(
      'The credentials ran out: allow a longer role-duration-seconds; where they were fresh, check the clock of the service.',
    ),
    InvalidToken: heals('The session token was refused: check the credentials.'),
    Cancelled: stays('The run was cancelled before this object was settled: run again.'),
  }),
)

const UNNAMED = heals('Run again; if it stays, open an issue with the message.')

/** S3 passes on the errors of KMS under names such as KMS.DisabledException. */
const familyOf = (code: string): string => code.split('.')[0] ?? code

/** What is known of a code; an unnamed code is worth another attempt. */
export const failureKind = (code: string | undefined): FailureKind =>
  FAILURES.get(code ?? '') ?? FAILURES.get(familyOf(code ?? '')) ?? UNNAMED

/** Where the documentation tells more of a code. */
export const helpOf = (code: string): string => {
  const named = [code, familyOf(code)].find((name) => FAILURES.has(name))
  return `docs/troubleshooting.md#${named?.toLowerCase() ?? 'execute'}`
}

const CONSEQUENCES: ReadonlySet<string> = new Set(['HeldBack', 'CopiesFailed'])

/** Whether ops failed so only because others did. */
export const isConsequence = (code: string): boolean => CONSEQUENCES.has(code)

/** What to do about the network; undefined where the service answered, so that it is not to blame. */
export function networkHint({ code, status }: ServiceFailure): string | undefined {
  if (status !== undefined && code !== 'ProxyRefused') return undefined
  return FAILURES.get(code === 'RequestTimeout' ? 'RequestError' : code)?.resolution
}
