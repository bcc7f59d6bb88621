import type { ErrorEntry } from './error-entry.ts'

/** Codes that this action gives to what it meets itself: the network, the run, the places. */
export const OWN_CODES: readonly ErrorEntry[] = [
  {
    code: 'RequestError',
    retry: 'request',
    meaning: 'The service could not be reached',
    remedy:
      'check endpoint-url, the network and, if there is a proxy, HTTP_PROXY, HTTPS_PROXY and NO_PROXY',
  },
  {
    code: 'RequestTimeout',
    retry: 'request',
    meaning: 'The connection was too slow',
    remedy: 'run again, or lower numworkers',
  },
  {
    code: 'RequestNotSent',
    retry: 'no',
    meaning: 'The request could not be built from its values',
    remedy:
      'usually a key or token contains a line break or another character that is invalid in a header: paste the secret again',
  },
  {
    code: 'UntrustedCertificate',
    retry: 'no',
    meaning: 'The TLS certificate of the service, or of a TLS-intercepting proxy, is not trusted',
    remedy: 'set AWS_CA_BUNDLE to a PEM file with the CA that signed it',
  },
  {
    code: 'ProxyRefused',
    retry: 'no',
    meaning: 'The proxy refused the connection',
    remedy: 'check user and password in HTTPS_PROXY or HTTP_PROXY, and the rules of the proxy',
  },
  {
    code: 'Redirected',
    retry: 'no',
    meaning: 'The server redirects to another address; signed requests are not redirected',
    remedy: 'set endpoint-url to the address of the S3 API',
  },
  {
    code: 'RequestTooLarge',
    retry: 'no',
    meaning: 'The service, or a proxy in front of it, rejects requests of this size',
    remedy: 'raise its limit (client_max_body_size in nginx), or set part-size below that limit',
  },
  {
    code: 'AnswerTooLong',
    retry: 'no',
    meaning: 'The response of the service exceeds the size limit',
    remedy: 'check endpoint-url, and any proxy in front of the service',
  },
  {
    code: 'Cancelled',
    retry: 'no',
    meaning: 'The run was cancelled before it finished this object',
    remedy: 'run again',
  },
  {
    code: 'LockLost',
    retry: 'no',
    meaning: 'The run lost its lock before this object was finished',
    remedy:
      'run again; if the runner was paused or the network failed for long, set a longer ttl in lock',
  },
  {
    code: 'MaxDuration',
    retry: 'no',
    meaning: 'The run reached max-duration',
    remedy: 'run again to continue, or raise max-duration',
  },
  {
    code: 'OutOfResources',
    retry: 'no',
    meaning: 'The machine ran out of memory or disk space',
    remedy: 'run again to continue; use a larger runner, or lower numworkers',
  },
  {
    code: 'Unreachable',
    retry: 'no',
    meaning: 'The service stopped responding',
    remedy: 'check endpoint-url and the network, then run again to continue',
  },
  {
    code: 'EngineLost',
    retry: 'pass',
    meaning: 's5cmd exited without reporting a result for this object',
    remedy: 'run again',
  },
  {
    code: 'CredentialsLost',
    retry: 'no',
    meaning:
      'The credentials could not be renewed during the run, or the service rejects new ones as expired',
    remedy: 'read the message',
  },
  {
    code: 'SourceChanged',
    retry: 'no',
    meaning: 'The source object changed after it was planned',
    remedy: 'run again; with mode: execute, make a new plan first',
  },
  {
    code: 'ChangedWhileRead',
    retry: 'no',
    meaning: 'The file was modified while it was read, so it was not uploaded',
    remedy: 'make sure that the step that writes it has finished, then run again',
  },
  {
    code: 'FileUnreadable',
    retry: 'no',
    meaning: 'The file cannot be read on this runner',
    remedy: 'read the message, and allow the user of the job to read it, or exclude it',
  },
  {
    code: 'FileUnwritable',
    retry: 'no',
    meaning: 'The file cannot be written on this runner',
    remedy: 'read the message, and allow the user of the job to write there, or exclude it',
  },
  {
    code: 'FileReadOnly',
    retry: 'no',
    meaning: 'The file is read-only, so it was not changed',
    remedy: 'make it writable, or exclude it',
  },
  {
    code: 'NotAFile',
    retry: 'no',
    meaning: 'A folder, a symbolic link or a device is in the way of the file',
    remedy: 'read the message, and rename or remove what is in the way, or exclude the object',
  },
  {
    code: 'DiskFull',
    retry: 'no',
    meaning: 'The disk has no space left for the file, or a disk quota is exceeded',
    remedy: 'free some space, or narrow source or include; files that are complete stay',
  },
  {
    code: 'NotInSource',
    retry: 'no',
    meaning: 'The manifest lists an object that the source does not have',
    remedy: 'check source and the manifest; if objects may be missing, set manifest-missing: skip',
  },
  {
    code: 'ChangedSinceManifest',
    retry: 'no',
    meaning: 'The source object differs from the manifest',
    remedy: 'create the manifest again from the current source',
  },
  {
    code: 'DestinationChanged',
    retry: 'no',
    meaning:
      'The destination object was changed by somebody else, so it was not overwritten or deleted',
    remedy: 'run again; with mode: execute, make a new plan first',
  },
  {
    code: 'ChecksumUnknown',
    retry: 'no',
    meaning: 'The checksums that this copy was planned by can no longer be read',
    remedy: 'make a new plan',
  },
  {
    code: 'DestinationExists',
    retry: 'no',
    meaning: 'Another object already exists under this key, and overwrite: never protects it',
    remedy: 'publish under another key, or remove the existing object',
  },
  {
    code: 'TagsRefused',
    retry: 'no',
    meaning: 'The destination rejects objects with tags, which many services do not support',
    remedy:
      'set tags: drop to copy objects without tags, and remove tags from headers; if it fails again, read the message',
  },
  {
    code: 'MetadataNotTold',
    retry: 'no',
    meaning:
      'The source object has metadata that S3 cannot return in a header, so it would be lost',
    remedy: 'exclude the object from the headers rules, or write it again with other metadata',
  },
  {
    code: 'LostShard',
    retry: 'no',
    meaning:
      'Neither a shard nor the report of S3 Batch Operations tells how the copy of this object ended, so it may not have been copied',
    remedy:
      'run the job of that shard again, then the job with mode: finish; or run mode: sync, which copies what is missing',
  },
  {
    code: 'JobTaskFailed',
    retry: 'no',
    meaning: 'A task of the S3 Batch Operations job failed',
    remedy: 'see the message, or run mode: sync, which copies what is missing',
  },
  {
    code: 'HeldBack',
    retry: 'no',
    meaning: 'This object waits for other objects that failed or cannot be overwritten',
    remedy: 'fix those, then run again',
  },
  {
    code: 'CopiesFailed',
    retry: 'no',
    meaning: 'Deletes run only when every copy is done',
    remedy: 'fix the copies that failed, then run again',
  },
  {
    code: 'DeleteNotDue',
    retry: 'no',
    meaning:
      'According to the list at the destination, delete-after keeps this object for some more time',
    remedy: 'make a new plan when that time is over',
  },
  {
    code: 'ExtrasNotNoted',
    retry: 'no',
    meaning:
      'The list of objects to delete later (delete-after) could not be written at the destination',
    remedy: 'read the message, and run again',
  },
  {
    code: 'ExistsAtSource',
    retry: 'no',
    meaning: 'The source got this object after the plan was made, so it is not deleted',
    remedy: 'run again; with mode: execute, make a new plan first',
  },
  {
    code: 'NotDeleted',
    retry: 'pass',
    meaning: 'The service confirmed a delete, but the object still exists',
    remedy: 'check endpoint-url, and any proxy in front of the service',
  },
  {
    code: 'NotVerified',
    retry: 'no',
    meaning:
      'The copy was reported as done, but the destination does not have it or could not be checked',
    remedy:
      'something else writes there, the service lost it, or the run ended too early: run again',
  },
  {
    code: 'InvalidKey',
    retry: 'no',
    meaning: 'The key is not valid UTF-8 and cannot be sent in a request',
    remedy: 'rename the object',
  },
  {
    code: 'SourceListingChanged',
    retry: 'no',
    meaning: 'Keys were added or removed at the source after the plan was made',
    remedy:
      'run again while nothing writes there; if nothing does, the service returns incorrect listings: run without delete',
  },
  {
    code: 'StoredUnderAnotherName',
    retry: 'no',
    meaning:
      'The destination stores this key under a different spelling (case, Unicode normalization, slashes, spaces), so it cannot be mirrored there',
    remedy: 'rename the object at the source, exclude it, or use a destination that preserves keys',
  },
  {
    code: 'OtherKeysNamed',
    retry: 'no',
    meaning: 'The response to a delete contained keys of other objects, so deleting was stopped',
    remedy:
      'check what is left at the destination, check endpoint-url and any proxy in front of the service, and run without delete until that is fixed',
  },
  {
    code: 'ListingFailed',
    retry: 'pass',
    meaning: 'The listing right before the deletes was incomplete, so nothing was deleted',
    remedy: 'run again; if this happens again, the service returns incorrect listings',
  },
]
