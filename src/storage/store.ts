import type { ServiceFailure } from '../errors/service-failure.ts'
import type { ByteSink } from '../model/byte-sink.ts'
import type { ChecksumValues } from '../model/checksum.ts'
import type { Credentials, CurrentCredentials } from '../model/credentials.ts'
import type { Limit } from '../model/limit.ts'
import type { ServiceAddress } from '../model/service.ts'
import type { Capabilities } from './capabilities.ts'
import type { Landing } from './landing.ts'
import type { LocalFiles } from './local-files.ts'
import type { ObjectPage } from './object-page.ts'

/** How one side's S3 is reached. */
export interface StoreAddress {
  readonly service: ServiceAddress
  /** undefined: requests are not signed. */
  readonly credentials: CurrentCredentials | undefined
  /** Told when the service says that these credentials have run out. */
  readonly onExpired: (credentials: Credentials) => void
  /** For requests that answer at once. */
  readonly timeoutMs: number
  readonly maxAttempts: number
  /** Who pays for requests, where that is not the bucket's owner. */
  readonly requestPayer?: 'requester' | undefined
  /** Requests at a time. */
  readonly maxSockets: number
}

export interface ListQuery {
  readonly bucket: string
  readonly prefix: string
  /** Where the page before said that this one begins. */
  readonly token?: string | undefined
  /** Keys up to this one are left out; counts only without `token`. */
  readonly startAfter?: string | undefined
  /** Keys are folded into common prefixes that end with it. */
  readonly delimiter?: string | undefined
  /** Keys of a page at most; undefined: as many as the service gives. */
  readonly mostKeys?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** A page, and what it took. */
export interface ListedPage extends ObjectPage {
  /** Requests. */
  readonly attempts: number
}

/** Whatever gives keys in the order of their bytes. */
export interface Lister {
  /**
   * One page of the keys that begin with a prefix. Throws what the service said; of a page that is not whole
   * SyncError, which is retryable: it may be asked for again.
   */
  page(query: ListQuery): Promise<ListedPage>
}

/** What HEAD tells of an object. */
export interface HeadResult {
  /** Bytes; NaN where it does not tell them, as behind a proxy that compresses. */
  readonly size: number
  readonly etag: string
  /** ISO 8601; '' where it does not tell it. */
  readonly modified: string
  /** Whether a readable copy of an archived object was restored. */
  readonly restored: boolean
  /** ARN of the customer's key that it is encrypted with, where there is one. */
  readonly kmsKey?: string | undefined
  /** Whether its encryption leaves the ETag an MD5: not with SSE-KMS, DSSE-KMS and SSE-C. */
  readonly etagIsMd5?: boolean | undefined
  /** Those of the whole object that are stored with it; undefined: nobody asked for them. */
  readonly checksums?: ChecksumValues | undefined
  /** Bytes of the parts that it was uploaded in, where this action wrote them down. */
  readonly partBytes?: number | undefined
  /** '' for STANDARD, or where the service names none. */
  readonly storageClass?: string | undefined
  /** Where the service keeps versions. */
  readonly versionId?: string | undefined
}

/** The full-object checksums that are stored with an object. */
export interface ObjectChecksums {
  readonly etag: string
  readonly values: ChecksumValues
  /** Bytes of the parts that it was uploaded in, where this action wrote them down. */
  readonly partBytes?: number | undefined
}

/** What HeadBucket tells of a name. */
export interface BucketFacts {
  /** undefined when the service does not tell. */
  readonly region: string | undefined
  /** Whether the service says that the name is one of an access point, and not of a bucket. */
  readonly isAlias: boolean
  /** Why the service does not answer this question; undefined: it does. Whether the bucket is there a listing tells. */
  readonly refusal?: unknown
}

/** What objects of a bucket are encrypted with where nothing else is asked for. */
export interface BucketEncryption {
  /** As S3 names it: AES256, aws:kms, … */
  readonly algorithm: string
  /** The customer's key, where there is one. */
  readonly kmsKey?: string | undefined
}

/** Where an object is. */
export interface ObjectAddress {
  readonly bucket: string
  readonly key: string
  /** undefined: the object as it is now. Only reads and copies may name another version. */
  readonly versionId?: string | undefined
}

/** An object in the state that a listing showed: with another ETag it is refused (PreconditionFailed). */
export interface PinnedObject extends ObjectAddress {
  /** '' where the listing told none: then it is not pinned. */
  readonly etag: string
  /** The service does not know conditions: what its answer tells of the object is all that pins it. */
  readonly unasked?: boolean | undefined
}

/** An object that is copied whole. */
export interface CopySource extends PinnedObject {
  /** Bytes, which the copy moves. */
  readonly size: number
}

/** What one request may take, and who is told of it. */
export interface RequestLimit extends Limit {
  /** Told why the request is made again, where the objects make it again. */
  readonly onRetry?: ((failure: ServiceFailure) => void) | undefined
}

/** What must stand at the destination for a write to be made: nothing, or an object with this ETag. */
export type WriteCondition = 'absent' | { readonly etag: string }

/** HTTP headers as S3 names them, in lower case; values as they stand on the wire (latin1). */
export type ObjectHeaders = Readonly<Record<string, string>>

/** The checksum of the whole that an object in parts is to have; S3 puts it together from those of the parts. */
export interface PartedChecksum {
  /** As S3 names it: of those only CRCs can be put together. */
  readonly algorithm: 'CRC64NVME' | 'CRC32C' | 'CRC32'
  /** What it has to be, base64: the service refuses to put together anything else. undefined: whatever it is. */
  readonly value?: string | undefined
}

/** A write of a whole object. */
export interface ObjectWrite {
  readonly to: ObjectAddress
  /** undefined: whatever stands there is overwritten. */
  readonly only: WriteCondition | undefined
  readonly headers: ObjectHeaders
  /** What an object in parts is to have; undefined: as the service likes. */
  readonly whole?: PartedChecksum | undefined
}

/** An unfinished multipart upload. */
export interface Upload extends ObjectAddress {
  readonly uploadId: string
}

/** An unfinished upload as a listing tells of it. */
export interface FoundUpload extends Upload {
  /** ARN of who began it, where the service tells. */
  readonly initiator: string | undefined
}

/** A part of an unfinished upload; parts count from 1. */
export interface UploadPart {
  readonly upload: Upload
  readonly number: number
  /** Digests of its bytes where they are known, base64; a CRC-32 where the upload was begun with such checksums. */
  readonly proof?: { readonly md5: string; readonly crc32?: string } | undefined
}

/** Bytes of an object, first and last included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** Where the bytes of one attempt at a read go. */
export interface ReadSink extends ByteSink {
  /** That came so far. */
  readonly bytes: number
  /** Resolves when all are kept. Throws where they are not. */
  end(): Promise<void>
  /** Resolves when nothing of this attempt is under way any more, as it is over; never throws. */
  drop(): Promise<void>
}

/** Bytes that are wanted of an object. */
export interface WantedBytes {
  readonly bytes: number
  /** undefined: they are all. */
  readonly range?: ByteRange | undefined
  /** Makes where each attempt puts them; undefined: into the content that is given. */
  readonly into?: (() => ReadSink) | undefined
}

/** What an object is, beside its content. */
export interface Described {
  /** Of the whole object, bytes. */
  readonly size: number
  readonly etag: string
  readonly headers: ObjectHeaders
}

/**
 * Reads and writes objects. Every call is one request, which only `retrying` objects make again. Errors are as the
 * store's; ETags are without quotes.
 */
export interface Objects {
  /** Server-side copy; gives the new object's ETag, '' where the answer names none. */
  copy(from: CopySource, write: ObjectWrite, limit: RequestLimit): Promise<string>
  /** HEAD; undefined when there is no such object. Who asks for checksums needs the right to decrypt it. */
  stat(
    object: ObjectAddress,
    limit: RequestLimit,
    what?: 'with-checksums',
  ): Promise<HeadResult | undefined>
  /** A page as a store's, which does not tell of archived objects whether they are restored. */
  page(query: Omit<ListQuery, 'signal'>, limit: RequestLimit): Promise<ObjectPage>
  /**
   * HEAD, of the whole object, with its checksums where they are asked for, or of its first part. Throws NotFound when there
   * is no such object.
   */
  describe(
    object: PinnedObject,
    limit: RequestLimit,
    what?: 'first-part' | 'with-checksums',
  ): Promise<Described>
  /** Tags as the header `x-amz-tagging` takes them; '' for none. Throws where the answer is none. */
  tags(object: ObjectAddress, limit: RequestLimit): Promise<string>
  /** Reads so many bytes: all, or those of a range. Throws InvalidRange when others come, RequestError when fewer do. */
  read(object: PinnedObject, what: WantedBytes, limit: RequestLimit): Promise<Content>
  /** Gives the new object's ETag, '' where the answer names none. */
  put(write: ObjectWrite, bytes: Uint8Array, limit: RequestLimit): Promise<string>
  startUpload(write: ObjectWrite, limit: RequestLimit): Promise<Upload>
  /** Server-side copy of some bytes; gives the part's ETag. */
  copyPart(
    part: UploadPart,
    from: PinnedObject & { readonly range: ByteRange },
    limit: RequestLimit,
  ): Promise<string>
  /** Gives the part's ETag. */
  putPart(part: UploadPart, bytes: Uint8Array, limit: RequestLimit): Promise<string>
  /** Puts the parts together, in order; gives the new object's ETag, '' where the answer names none. */
  completeUpload(
    upload: Upload,
    parts: {
      readonly etags: readonly string[]
      readonly only: WriteCondition | undefined
      /** As the upload was begun with it; undefined: with none. */
      readonly whole?: PartedChecksum | undefined
    },
    limit: RequestLimit,
  ): Promise<string>
  /** An upload that is gone already is not an error. */
  abortUpload(upload: Upload, limit: RequestLimit): Promise<void>
}

/** Some or all bytes of an object. */
export interface Content extends Described {
  readonly bytes: Uint8Array
}

/** An object that is to be deleted while it has this ETag. */
export interface DeleteTarget {
  readonly key: string
  /** '' where the listing told none. */
  readonly etag: string
  /** Bytes; with the time (ISO 8601) what an object is known by whose ETag nobody tells. */
  readonly size?: number | undefined
  readonly lastModified?: string | undefined
}

/** How deletes are kept to the pace of the run. */
export interface DeleteLimits {
  readonly signal: AbortSignal
  /** Resolves when one more request may begin. */
  readonly pace: () => Promise<void>
}

/** An object that was not deleted, as far as the service says. */
export interface DeleteFailure {
  readonly key: string
  readonly code: string
  readonly message: string
  /** Nothing was heard of it: it may be gone all the same. */
  readonly unheard?: boolean
}

/** A service. Listings of AWS tell which archived objects are restored; other services may not know that. Errors are ServiceErrors, or what `serviceFailure` makes one of. */
export interface Store extends Lister {
  /** HeadBucket. Throws when the service cannot be reached, or fails. */
  findBucket(bucket: string): Promise<BucketFacts>
  /** undefined when nothing is encrypted unless it is asked for. One request; throws where the answer is none. */
  bucketEncryption(bucket: string): Promise<BucketEncryption | undefined>
  /** Whether what is overwritten or deleted stays as an older version. One request; throws where the answer is none. */
  isVersioned(bucket: string): Promise<boolean>
  /** HEAD; undefined when there is no such object. */
  stat(object: ObjectAddress, signal?: AbortSignal): Promise<HeadResult | undefined>
  /** The headers of HEAD; undefined when there is no such object. */
  describe(object: ObjectAddress, signal?: AbortSignal): Promise<ObjectHeaders | undefined>
  /** What a refusal of `stat` says when it is asked for with a body, which HEAD has not; one request. Else the same error. */
  refusalOf(object: ObjectAddress, error: unknown): Promise<unknown>
  /** undefined when there is no such object; no values where none of the whole object is stored. */
  checksums(
    bucket: string,
    key: string,
    signal?: AbortSignal,
    versionId?: string,
  ): Promise<ObjectChecksums | undefined>
  /**
   * Deletes up to 1,000 objects, each pinned to its ETag where the service heeds that; gives those that stay.
   * Throws OtherKeysNamed when the answer names a key that was not asked for.
   */
  deleteObjects(
    bucket: string,
    targets: readonly DeleteTarget[],
    limit: DeleteLimits,
  ): Promise<readonly DeleteFailure[]>
  /** Deletes one object while it has its ETag, where the service heeds that. One request: that there is none may be an error. */
  deletePinned(object: PinnedObject, limit: Limit): Promise<void>
  /** Unfinished uploads of keys that begin with the prefix. Throws where the service leads in circles, or never comes to an end. */
  uploads(
    place: { readonly bucket: string; readonly prefix: string },
    signal: AbortSignal,
  ): AsyncIterable<FoundUpload>
  readonly objects: Objects
  /** What it turned out to do, and not to do. */
  readonly capabilities: Capabilities
  /** The service's clock, milliseconds since the epoch, never ahead of it; undefined before the first answer. */
  serverTimeMs(): number | undefined
  /** Where its objects are files of this runner: only who reads one knows what it holds. */
  readonly local?: LocalFiles | undefined
  /** Where objects become files of this runner, as this is the destination. */
  readonly landing?: Landing | undefined
  /** The region that requests to a bucket are signed for by now: an answer may have named another one than was given. */
  regionOf(bucket: string): string
  close(): void
}
