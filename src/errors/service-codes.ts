import type { ErrorEntry } from './error-entry.ts'

/** The remedy of a code that says nothing by itself. */
export const SEE_MESSAGE = 'see the message'
const LATER = 'run again later'
const SET_REGION = 'set aws-region to it'
const RUN_AGAIN = 'run again, and the new state is planned'

/** Codes that services send: S3, KMS behind it, STS, and those of compatible services. */
export const SERVICE_CODES: readonly ErrorEntry[] = [
  // Too much, too fast, or out of order for a while.
  {
    code: 'SlowDown',
    aliases: [
      'SlowDownRead',
      'SlowDownWrite',
      'Throttling',
      'Throttled',
      'RequestThrottled',
      'RequestLimitExceeded',
      'TooManyRequests',
      'BandwidthLimitExceeded',
      'PriorRequestNotComplete',
      'ProvisionedThroughputExceeded',
      'KMS.Throttling',
    ],
    retry: 'request',
    throttle: true,
    meaning: 'S3 asks for fewer requests',
    remedy: 'lower numworkers, or run again later',
  },
  {
    code: 'ServiceUnavailable',
    aliases: ['ServerBusy', 'XMinioServerNotInitialized'],
    retry: 'request',
    throttle: true,
    meaning: 'The service is overloaded',
    remedy: LATER,
  },
  {
    code: 'InternalError',
    aliases: [
      'InternalFailure',
      'InternalServerError',
      'KMS.Internal',
      'KMS.KMSInternal',
      'KMS.DependencyTimeout',
    ],
    retry: 'request',
    meaning: 'The service failed',
    remedy: LATER,
  },
  {
    code: 'OperationAborted',
    aliases: ['ConditionalRequestConflict'],
    retry: 'request',
    meaning: 'Another request for the same object or bucket was under way',
    remedy: 'run again, and keep others from writing there meanwhile',
  },
  {
    code: 'TemporaryRedirect',
    retry: 'pass',
    meaning: 'The bucket is new or has moved, and its address is not known everywhere yet',
    remedy: LATER,
  },
  {
    code: 'RequestTimeTooSkewed',
    aliases: ['RequestExpired'],
    retry: 'request',
    meaning: 'The clock of this runner differs too much from that of the service',
    remedy: 'set the clock of the runner',
  },
  // Who may do what.
  {
    code: 'AccessDenied',
    aliases: ['NotAuthorized'],
    retry: 'no',
    meaning: 'The identity may not read the source object or write the destination key',
    remedy:
      'allow s3:GetObject (and s3:GetObjectTagging) on the source; s3:PutObject (and s3:PutObjectTagging) on the destination, s3:GetObject there for what is overwritten or deleted, and s3:DeleteObject with delete; and the KMS key where one is used',
    role: '{trust}',
  },
  {
    code: 'ExpiredToken',
    retry: 'pass',
    expired: 'always',
    meaning: 'The credentials ran out',
    remedy:
      'allow a longer role-duration-seconds; where they were fresh, check the clock of the service',
    role: 'What the role was asked for with had expired: check the clock of this runner, and that the token or the keys are fresh.',
  },
  {
    code: 'InvalidToken',
    retry: 'pass',
    expired: 'always',
    meaning: 'The session token was refused',
    remedy: 'check the credentials',
  },
  {
    code: 'InvalidAccessKeyId',
    aliases: ['InvalidClientTokenId', 'UnrecognizedClient', 'Unauthorized', 'NotAuthenticated'],
    retry: 'no',
    expired: 'when-due',
    meaning: 'The access key does not exist or has expired',
    remedy: 'check the credentials',
    role: 'This STS does not know the keys that the role was asked for with: check aws-access-key-id and aws-session-token, and sts-endpoint where the service is not AWS.',
  },
  {
    code: 'SignatureDoesNotMatch',
    aliases: ['IncompleteSignature'],
    retry: 'no',
    meaning: 'The secret key does not belong to the access key',
    remedy:
      'paste both again; what stands before a service of your own must leave host, path and headers as they are',
    role: 'The secret key does not belong to the access key: paste both again.',
  },
  {
    code: 'InvalidIdentityToken',
    retry: 'no',
    // STS could not reach GitHub for a moment.
    healsWhere: /Couldn't retrieve verification key/i,
    meaning: 'The account does not take this OIDC token',
    remedy: 'give it an identity provider for the issuer and the audience of the token',
    role: 'The account has no OIDC identity provider for the issuer of this token, or its audience differs. {trust}',
  },
  {
    code: 'IDPCommunicationError',
    retry: 'request',
    meaning: 'STS could not reach the issuer of the token',
    remedy: LATER,
    role: 'STS could not reach the issuer of the token: run again later.',
  },
  {
    code: 'IDPRejectedClaim',
    retry: 'no',
    meaning: 'The issuer of the token did not stand by it, or it lived too long',
    remedy: 'run again with a fresh token',
    role: 'The issuer of the token did not stand by it, or it has expired: run again with a fresh token. {trust}',
  },
  {
    code: 'PackedPolicyTooLarge',
    retry: 'no',
    meaning: 'The session policies are too long together',
    remedy: 'shorten inline-session-policy, or name fewer managed-session-policies',
    role: 'Shorten inline-session-policy, or name fewer managed-session-policies.',
  },
  {
    code: 'MalformedPolicyDocument',
    aliases: ['MalformedPolicy'],
    retry: 'no',
    meaning: 'The session policy is not one that IAM understands',
    remedy: 'check inline-session-policy',
    role: 'Check inline-session-policy.',
  },
  {
    code: 'InvalidParameterValue',
    retry: 'no',
    meaning: 'The service refuses a value of the request',
    remedy: SEE_MESSAGE,
    role: '{trust}',
  },
  {
    code: 'ValidationError',
    retry: 'no',
    meaning: 'The service refuses a value of the request',
    remedy: SEE_MESSAGE,
    role: 'Check role-to-assume, role-session-name and role-duration-seconds against what the role allows; a role that is taken by the session of another one lasts 3600 seconds at most, and is renewed anyway.',
  },
  {
    code: 'RegionDisabled',
    aliases: ['OptInRequired'],
    retry: 'no',
    meaning: 'The account has not activated this region, or STS in it',
    remedy: 'activate it, or set aws-region to another one',
    role: 'STS is not activated in this region: activate it in the account settings of IAM, or set aws-region to another one.',
  },
  {
    code: 'AllAccessDisabled',
    retry: 'no',
    meaning: 'S3 has closed the whole bucket',
    remedy: 'check the spelling of source and destination, and ask AWS Support why',
  },
  {
    code: 'AccountProblem',
    retry: 'no',
    meaning: 'Something is wrong with the AWS account, so that S3 refuses it',
    remedy: 'ask AWS Support',
  },
  {
    code: 'NotSignedUp',
    retry: 'no',
    meaning: 'The AWS account is not signed up for S3',
    remedy: 'finish that first, or ask AWS Support',
  },
  {
    code: 'InvalidPayer',
    retry: 'no',
    meaning: 'All access to the object is disabled, as its account cannot pay',
    remedy: 'ask its owner, or AWS Support',
  },
  // What is there, and what is not.
  {
    code: 'NoSuchKey',
    aliases: ['NotFound'],
    retry: 'no',
    meaning: 'The source object was removed after it was listed',
    remedy: 'run again',
  },
  {
    code: 'NoSuchBucket',
    retry: 'no',
    meaning: 'A bucket is missing',
    remedy: 'check the spelling of source and destination',
  },
  {
    code: 'PreconditionFailed',
    retry: 'no',
    meaning: 'The object changed after it was listed',
    remedy: RUN_AGAIN,
  },
  {
    code: 'InvalidObjectState',
    retry: 'no',
    meaning: 'The source object is archived',
    remedy: 'restore it first, then run again',
  },
  {
    code: 'BucketRegionError',
    aliases: ['IllegalLocationConstraint'],
    retry: 'no',
    meaning: 'The bucket is in another region',
    remedy: SET_REGION,
  },
  {
    code: 'AuthorizationHeaderMalformed',
    retry: 'no',
    meaning: 'The bucket is in another region',
    remedy: SET_REGION,
  },
  {
    code: 'PermanentRedirect',
    retry: 'no',
    meaning: 'The bucket is in another region',
    remedy: SET_REGION,
  },
  {
    code: 'VirtualHostDomainRequired',
    aliases: ['SecondLevelDomainForbidden', 'PathStyleDomainForbidden', 'InvalidPathAccess'],
    retry: 'no',
    meaning: 'The service wants the bucket in the name of the host, where it cannot stand',
    remedy:
      'name the service in endpoint-url by its host, not by a number, and use a bucket without dots and capitals in its name',
  },
  // What is asked for.
  {
    code: 'NotImplemented',
    aliases: ['UnsupportedOperation'],
    retry: 'no',
    meaning: 'The service does not know what was asked for',
    remedy: SEE_MESSAGE,
  },
  {
    code: 'MethodNotAllowed',
    retry: 'no',
    meaning: 'The service does not know this kind of request for the object',
    remedy: 'check endpoint-url, and what stands before the service',
  },
  {
    code: 'InvalidRequest',
    aliases: ['BadRequest', 'MalformedXML', 'MissingContentLength', 'InvalidAction'],
    retry: 'no',
    meaning: 'The service refuses the request as it stands',
    remedy: SEE_MESSAGE,
  },
  {
    code: 'InvalidArgument',
    retry: 'no',
    meaning: 'The service refuses what was asked for',
    remedy: SEE_MESSAGE,
  },
  {
    code: 'InvalidRange',
    retry: 'no',
    meaning:
      'The service does not send the bytes of an object that it was asked for, so that nothing can be streamed from it safely',
    remedy: 'check endpoint-url, and what stands before the service',
  },
  {
    code: 'InvalidStorageClass',
    retry: 'no',
    meaning: 'The service does not know this storage-class',
    remedy: 'leave it out',
  },
  {
    code: 'AccessControlListNotSupported',
    retry: 'no',
    meaning: 'The bucket takes no ACLs, as its owner owns all of its objects',
    remedy: 'leave out acl',
  },
  {
    code: 'KMS',
    retry: 'no',
    meaning: 'The KMS key cannot be used',
    remedy:
      'check that the key of sse-kms-key-id, or of the bucket, is there, enabled, and in the region of its bucket; the key of another account has to be named by its whole ARN',
  },
  {
    code: 'EntityTooLarge',
    retry: 'no',
    meaning: 'The object is too large for one copy request (5 GiB)',
    remedy: 'copy it with engine: direct, which does so in parts',
  },
  {
    code: 'KeyTooLongError',
    aliases: ['KeyTooLong'],
    retry: 'no',
    meaning: 'The service refuses keys of this length',
    remedy: 'shorten the key',
  },
  {
    code: 'KeyNotStorable',
    aliases: [
      'XMinioParentIsObject',
      'XMinioObjectExistsAsDirectory',
      'XMinioInvalidObjectName',
      'XMinioInvalidResourceName',
      'ObjectParentIsFile',
      'ExistingObjectIsFile',
      'ExistingObjectIsDirectory',
      'InvalidObjectName',
    ],
    retry: 'no',
    meaning: 'The service cannot hold an object of this name, or not beside those that are there',
    remedy:
      'rename the object, or the one whose key is the folder of this one; services on a file system hold no name that is file and folder at once',
  },
  {
    code: 'QuotaExceeded',
    aliases: [
      'XMinioAdminBucketQuotaExceeded',
      'XMinioStorageFull',
      'InsufficientStorage',
      'StorageFull',
    ],
    retry: 'no',
    meaning: 'The quota of the destination is used up',
    remedy: 'raise it or make room, then run again, and it goes on with what is left',
  },
  // Uploads in parts.
  {
    code: 'NoSuchUpload',
    retry: 'pass',
    meaning: 'Somebody aborted the upload in parts while it went on, perhaps a lifecycle rule',
    remedy: 'run again',
  },
  {
    code: 'InvalidPart',
    retry: 'pass',
    meaning: 'The service lost a part of an upload',
    remedy: 'run again; where it stays, raise part-size, so that there are fewer parts',
  },
  {
    code: 'InvalidPartOrder',
    retry: 'no',
    meaning: 'The service mixed up the parts of an upload',
    remedy: SEE_MESSAGE,
  },
  {
    code: 'EntityTooSmall',
    retry: 'no',
    meaning: 'The service wants larger parts',
    remedy: 'raise part-size',
  },
  {
    code: 'BadDigest',
    aliases: ['XAmzContentSHA256Mismatch', 'XAmzContentChecksumMismatch'],
    retry: 'pass',
    meaning: 'The bytes that came are not those that the ETag of the source names',
    remedy: 'run again, and look at what is between the runner and the source',
  },
]
