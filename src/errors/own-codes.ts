import type { ErrorEntry } from './error-entry.ts'

/** Codes that this action gives to what it meets itself: the network, the run, the places. */
export const OWN_CODES: readonly ErrorEntry[] = [
  {
    code: 'RequestError',
    retry: 'request',
    meaning: 'The service could not be reached',
    remedy:
      'check endpoint-url and the network, and where a proxy is on the way HTTP_PROXY, HTTPS_PROXY and NO_PROXY',
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
    meaning: 'The request could not be made of what it was given',
    remedy:
      'mostly a key or a token holds a line break or another character that no header takes, so paste the secret again',
  },
  {
    code: 'UntrustedCertificate',
    retry: 'no',
    meaning: 'The certificate of the service, or of a proxy that reads along, is not trusted',
    remedy: 'set AWS_CA_BUNDLE to a PEM file with the CA that signed it',
  },
  {
    code: 'ProxyRefused',
    retry: 'no',
    meaning: 'The proxy does not let this through',
    remedy: 'check the user and password in HTTPS_PROXY or HTTP_PROXY, and what the proxy allows',
  },
  {
    code: 'Redirected',
    retry: 'no',
    meaning: 'What answers there sends to another address, which no signed request follows',
    remedy: 'set endpoint-url to the address of S3 itself',
  },
  {
    code: 'RequestTooLarge',
    retry: 'no',
    meaning: 'The service, or a proxy before it, takes no request of this size',
    remedy:
      'raise its limit (client_max_body_size of nginx), or lower part-size below it where the objects are larger than a part',
  },
  {
    code: 'AnswerTooLong',
    retry: 'no',
    meaning: 'The service sent an answer without end',
    remedy: 'check endpoint-url, and what stands before the service',
  },
  {
    code: 'Cancelled',
    retry: 'no',
    meaning: 'The run was cancelled before this object was finished',
    remedy: 'run again',
  },
  {
    code: 'MaxDuration',
    retry: 'no',
    meaning: 'The run reached max-duration',
    remedy: 'run again, and it goes on with what is left; or raise max-duration',
  },
  {
    code: 'OutOfResources',
    retry: 'no',
    meaning: 'The machine ran out of memory or disk space',
    remedy: 'run again, and it goes on with what is left; use a larger runner, or lower numworkers',
  },
  {
    code: 'Unreachable',
    retry: 'no',
    meaning: 'Nobody answered any more',
    remedy: 'check endpoint-url and the network, then run again, and it goes on with what is left',
  },
  {
    code: 'EngineLost',
    retry: 'pass',
    meaning: 's5cmd ended without a word about this object',
    remedy: 'run again',
  },
  {
    code: 'CredentialsLost',
    retry: 'no',
    meaning:
      'The credentials could not be renewed during the run, or the service takes fresh ones for expired',
    remedy: 'see the message',
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
    meaning: 'Something wrote to the file while it was read, so that nothing of it was uploaded',
    remedy: 'wait for what writes there in a step before this one, then run again',
  },
  {
    code: 'FileUnreadable',
    retry: 'no',
    meaning: 'The file cannot be read on this runner',
    remedy: 'see the message, and allow the user that runs the job to read it, or exclude it',
  },
  {
    code: 'NotInSource',
    retry: 'no',
    meaning: 'The source has no such object, and the manifest names it',
    remedy:
      'check source and the manifest; where objects may be missing, set manifest-missing: skip',
  },
  {
    code: 'ChangedSinceManifest',
    retry: 'no',
    meaning: 'The source object is another than the manifest says',
    remedy: 'make the manifest anew from what the source holds now',
  },
  {
    code: 'DestinationChanged',
    retry: 'no',
    meaning: 'Somebody else writes to the destination; what they wrote was left as it is',
    remedy: 'run again; with mode: execute, make a new plan first',
  },
  {
    code: 'ChecksumUnknown',
    retry: 'no',
    meaning: 'The checksums by which this copy was planned are not told any more',
    remedy: 'make a new plan',
  },
  {
    code: 'DestinationExists',
    retry: 'no',
    meaning: 'Another object is there, and overwrite: never keeps it',
    remedy: 'publish under another key, or remove the object',
  },
  {
    code: 'TagsRefused',
    retry: 'no',
    meaning: 'The destination refuses an object that has tags, which many services do not take',
    remedy:
      'set tags: drop, which copies objects without them, and leave tags out of headers; where it stays, see the message',
  },
  {
    code: 'MetadataNotTold',
    retry: 'no',
    meaning: 'The source object has metadata that no header can tell, so that it would be lost',
    remedy: 'leave the object out of the rules of headers, or write it anew with other metadata',
  },
  {
    code: 'LostShard',
    retry: 'no',
    meaning: 'The shard that was to copy it is lost, and it may not have been copied',
    remedy: 'run the job of that shard again, then the last one',
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
    meaning: 'Other objects of the plan are in the way, or are not done',
    remedy: 'resolve those, then run again',
  },
  {
    code: 'CopiesFailed',
    retry: 'no',
    meaning: 'Deletes run only when every copy is done',
    remedy: 'fix the copies that failed, then run again',
  },
  {
    code: 'ExistsAtSource',
    retry: 'no',
    meaning: 'The source got this object after the plan was made, so it stays',
    remedy: 'run again; with mode: execute, make a new plan first',
  },
  {
    code: 'NotDeleted',
    retry: 'pass',
    meaning: 'The service answered a delete as if it were done, and still has the object',
    remedy: 'check endpoint-url, and what stands before the service',
  },
  {
    code: 'NotVerified',
    retry: 'no',
    meaning:
      'The copy was reported done, but the destination does not hold it, or was not looked at',
    remedy:
      'something else writes there, the service lost it, or the run ended before, so run again',
  },
  {
    code: 'InvalidKey',
    retry: 'no',
    meaning: 'The key is not valid UTF-8 and cannot be named in a request',
    remedy: 'rename the object',
  },
  {
    code: 'SourceListingChanged',
    retry: 'no',
    meaning: 'Keys came or went at the source after the plan was made',
    remedy:
      'run again while nobody writes there; where nobody does, the service does not list correctly, so run without delete',
  },
  {
    code: 'StoredUnderAnotherName',
    retry: 'no',
    meaning:
      'The destination keeps keys under another spelling (case, Unicode form, slashes, blanks), so that this one cannot be mirrored there',
    remedy:
      'rename the object at the source, exclude it, or use a destination that keeps keys as they are',
  },
  {
    code: 'OtherKeysNamed',
    retry: 'no',
    meaning:
      'The service answered a delete with the names of other objects, so nothing more is deleted',
    remedy:
      'check there what is left, check endpoint-url and what stands before the service, and run without delete until that is fixed',
  },
  {
    code: 'ListingFailed',
    retry: 'pass',
    meaning: 'A place could not be listed to its end before the deletes, so nothing was deleted',
    remedy: 'run again; if it stays, the service does not list correctly',
  },
]
