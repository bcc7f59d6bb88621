import type { ErrorEntry } from './error-entry.ts'

/** The remedy of a code that says nothing by itself. */
export const SEE_MESSAGE = 'read the message'
const LATER = 'run again later'
const SET_REGION = 'set aws-region to that region'
const RUN_AGAIN = 'run again: the new state is planned'

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
    meaning: 'S3 is throttling: too many requests',
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
    meaning: 'The service had an internal error',
    remedy: LATER,
  },
  {
    code: 'OperationAborted',
    aliases: ['ConditionalRequestConflict'],
    retry: 'request',
    meaning: 'Another request for the same object or bucket was in progress',
    remedy: 'run again, and make sure that nothing else writes there at the same time',
  },
  {
    code: 'TemporaryRedirect',
    retry: 'pass',
    meaning: 'The bucket is new or has moved, and DNS is not up to date yet',
    remedy: LATER,
  },
  {
    code: 'RequestTimeTooSkewed',
    aliases: ['RequestExpired'],
    retry: 'request',
    meaning: 'The clock of this runner differs too much from that of the service',
    remedy: 'correct the clock of the runner',
  },
  // Who may do what.
  {
    code: 'AccessDenied',
    aliases: ['NotAuthorized'],
    retry: 'no',
    meaning: 'The identity may not read the source object or write the destination key',
    remedy:
      'allow s3:GetObject (and s3:GetObjectTagging) on the source; s3:PutObject (and s3:PutObjectTagging) on the destination, s3:GetObject there for overwritten or deleted objects, s3:DeleteObject with delete; and the use of the KMS key, if any',
    role: '{trust} AWS returns the same error for a role that does not exist.',
  },
  {
    code: 'ExpiredToken',
    retry: 'pass',
    expired: 'always',
    meaning: 'The role session or temporary keys expired',
    remedy:
      'set role-to-assume, whose session is renewed during the run; keys of an earlier step cannot be renewed: get them right before this step, or with a longer role-duration-seconds (1 hour by default); if they were new, check the clock of the service',
    role: 'The OIDC token or the keys that assume the role had expired. A token is valid for minutes: with web-identity-token-file, write a new one right before this step. Temporary keys last 1 hour by default: get new ones right before this step. If they were new, check the clock of this runner.',
  },
  {
    code: 'InvalidToken',
    retry: 'pass',
    expired: 'always',
    meaning: 'The session token was rejected',
    remedy:
      'pass access key ID, secret access key and session token of the same session; a token of the global STS endpoint is not valid in regions that are disabled by default',
  },
  {
    code: 'InvalidAccessKeyId',
    aliases: ['InvalidClientTokenId', 'UnrecognizedClient', 'Unauthorized', 'NotAuthenticated'],
    retry: 'no',
    expired: 'when-due',
    meaning: 'The access key does not exist or has expired',
    remedy: 'check the credentials',
    role: 'STS does not know the keys used to assume the role: check aws-access-key-id and aws-session-token, and sts-endpoint if the service is not AWS.',
  },
  {
    code: 'SignatureDoesNotMatch',
    aliases: ['IncompleteSignature'],
    retry: 'no',
    meaning: 'The secret key does not belong to the access key',
    remedy:
      'paste both again; a proxy in front of your own service must not change host, path or headers',
    role: 'The secret key does not belong to the access key: paste both again.',
  },
  {
    code: 'InvalidIdentityToken',
    retry: 'no',
    // STS could not reach GitHub for a moment.
    healsWhere: /Couldn't retrieve verification key/i,
    meaning: 'The account does not accept this OIDC token',
    remedy: 'create an IAM OIDC identity provider for the issuer and audience of the token',
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
    meaning: 'The token issuer rejected the token, or it has expired',
    remedy: 'run again with a new token',
    role: 'The token issuer rejected the token, or it has expired: run again with a new token. {trust}',
  },
  {
    code: 'PackedPolicyTooLarge',
    retry: 'no',
    meaning: 'The session policies are too long in total',
    remedy: 'shorten inline-session-policy, or use fewer managed-session-policies',
    role: 'Shorten inline-session-policy, or use fewer managed-session-policies.',
  },
  {
    code: 'MalformedPolicyDocument',
    aliases: ['MalformedPolicy'],
    retry: 'no',
    meaning: 'The session policy is not valid',
    remedy: 'check inline-session-policy',
    role: 'Check inline-session-policy.',
  },
  {
    code: 'InvalidParameterValue',
    retry: 'no',
    meaning: 'The service rejected a value in the request',
    remedy: SEE_MESSAGE,
    role: '{trust}',
  },
  {
    code: 'ValidationError',
    retry: 'no',
    meaning: 'The service rejected a value in the request',
    remedy: SEE_MESSAGE,
    role: 'Check role-to-assume, role-session-name and role-duration-seconds against what the role allows; with role chaining a session lasts at most 3600 seconds, and is renewed automatically.',
  },
  {
    code: 'RegionDisabled',
    aliases: ['OptInRequired'],
    retry: 'no',
    meaning: 'This region, or STS in it, is not enabled for the account',
    remedy: 'enable it, or set aws-region to another region',
    role: 'STS is not enabled in this region: enable it in the IAM account settings, or set aws-region to another region.',
  },
  {
    code: 'AllAccessDisabled',
    retry: 'no',
    meaning: 'S3 has disabled all access to the bucket',
    remedy: 'check the spelling of source and destination, and contact AWS Support',
  },
  {
    code: 'AccountProblem',
    retry: 'no',
    meaning: 'There is a problem with the AWS account, so S3 rejects its requests',
    remedy: 'contact AWS Support',
  },
  {
    code: 'NotSignedUp',
    retry: 'no',
    meaning: 'The AWS account is not signed up for S3',
    remedy: 'finish the sign-up, or contact AWS Support',
  },
  {
    code: 'InvalidPayer',
    retry: 'no',
    meaning: 'All access to the object is disabled because of a billing problem of its account',
    remedy: 'ask the owner of the object, or contact AWS Support',
  },
  // What is there, and what is not.
  {
    code: 'NoSuchKey',
    aliases: ['NotFound'],
    retry: 'no',
    meaning: 'The source object was removed after it was listed',
    remedy: 'run again; with mode: execute, make a new plan first',
  },
  {
    code: 'NoSuchBucket',
    retry: 'no',
    meaning: 'A bucket does not exist',
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
    remedy: 'restore it first, then run again, or exclude it',
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
    meaning:
      'The service needs virtual-hosted-style URLs, which are not possible for this bucket or endpoint',
    remedy:
      'use a host name, not an IP address, in endpoint-url, and a bucket name without dots and uppercase letters',
  },
  // What is asked for.
  {
    code: 'NotImplemented',
    aliases: ['UnsupportedOperation'],
    retry: 'no',
    meaning: 'The service does not implement this request',
    remedy: SEE_MESSAGE,
  },
  {
    code: 'MethodNotAllowed',
    retry: 'no',
    meaning: 'The service does not allow this method for the object',
    remedy: 'check endpoint-url, and any proxy in front of the service',
  },
  {
    code: 'InvalidRequest',
    aliases: ['BadRequest', 'MalformedXML', 'MissingContentLength', 'InvalidAction'],
    retry: 'no',
    meaning: 'The service rejected the request as invalid',
    remedy: SEE_MESSAGE,
  },
  {
    code: 'InvalidArgument',
    retry: 'no',
    meaning: 'The service rejected an argument of the request',
    remedy: SEE_MESSAGE,
  },
  {
    code: 'InvalidRange',
    retry: 'no',
    meaning:
      'The service does not return the requested byte range, so objects cannot be streamed safely',
    remedy: 'check endpoint-url, and any proxy in front of the service',
  },
  {
    code: 'InvalidStorageClass',
    retry: 'no',
    meaning: 'The service does not support this storage class',
    remedy: 'remove storage-class (the input, or in headers)',
  },
  {
    code: 'AccessControlListNotSupported',
    retry: 'no',
    meaning: 'ACLs are disabled for the bucket (Object Ownership: bucket owner enforced)',
    remedy: 'remove acl (the input, or in headers)',
  },
  {
    code: 'KMS',
    retry: 'no',
    meaning: 'The KMS key cannot be used',
    remedy:
      'check that the key of sse-kms-key-id, or of the bucket, exists, is enabled, and is in the region of the bucket; use the full ARN for a key of another account',
  },
  {
    code: 'EntityTooLarge',
    retry: 'no',
    meaning: 'The object is too large for one copy request (5 GiB)',
    remedy: 'use engine: direct, which copies it as a multipart upload',
  },
  {
    code: 'KeyTooLongError',
    aliases: ['KeyTooLong'],
    retry: 'no',
    meaning: 'The key is too long for the service',
    remedy: 'shorten the key',
  },
  {
    code: 'MetadataTooLarge',
    retry: 'no',
    meaning: 'The metadata of the object would exceed the 2 KB that S3 allows',
    remedy:
      'shorten metadata in headers (all rules that match the object count, and what it has already)',
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
    meaning:
      'The service cannot store an object with this key, or not together with existing objects',
    remedy:
      'rename the object, or the one whose key is the parent folder of this one; services that store objects in a file system cannot have a file and a folder of the same name',
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
    meaning: 'The quota of the destination is exceeded',
    remedy: 'raise it or free space, then run again to continue',
  },
  // Uploads in parts.
  {
    code: 'NoSuchUpload',
    retry: 'pass',
    meaning: 'The multipart upload was aborted by someone else, perhaps by a lifecycle rule',
    remedy: 'run again',
  },
  {
    code: 'InvalidPart',
    retry: 'pass',
    meaning: 'The service lost a part of a multipart upload',
    remedy: 'run again; if it fails again, raise part-size to use fewer parts',
  },
  {
    code: 'InvalidPartOrder',
    retry: 'no',
    meaning: 'The service mixed up the parts of a multipart upload',
    remedy: SEE_MESSAGE,
  },
  {
    code: 'EntityTooSmall',
    retry: 'no',
    meaning: 'The service needs larger parts',
    remedy: 'raise part-size',
  },
  {
    code: 'BadDigest',
    aliases: ['XAmzContentSHA256Mismatch', 'XAmzContentChecksumMismatch'],
    retry: 'pass',
    meaning: 'The received bytes do not match their checksum',
    remedy: 'run again, and check the network and proxies between the runner and the service',
  },
]
