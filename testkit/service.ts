import type { Caller, IamDirectory } from './iam/iam.ts'
import type { Issuer } from './issuer.ts'
import type { ServerRequest } from './request.ts'
import type { Bucket, Buckets, StoreOptions } from './store.ts'

/** How `+` in `x-amz-copy-source` is read: a space as AWS does, or itself as SeaweedFS and MinIO do. */
export type CopySourceForm = 'aws' | 'path'

/**
 * What proves a body to the service: Content-MD5 or any `x-amz-checksum-…` as at AWS; or Content-MD5 alone, as at
 * compatible services that never heard of the others and pass over them.
 */
export type ChecksumSupport = 'aws' | 'md5-only'

/**
 * Whether writes that have no content need a Content-Length: those of an object, as at GCS; or of them none but PutObject
 * and UploadPart, as at AWS (awslabs/aws-sdk-rust#715).
 */
export type LengthRule = 'every-write' | 'aws'

/** Everything a handler may touch. */
export interface Service extends StoreOptions {
  readonly buckets: Buckets
  readonly iam: IamDirectory
  readonly issuer: Issuer
  readonly pageKeys: number
  readonly copySource: CopySourceForm
  readonly checksums: ChecksumSupport
  readonly lengths: LengthRule
  /** Headers that are signed and then passed over, in lower case. */
  readonly passesOver: readonly string[]
}

/** One request on its way through the server; no caller means anonymous. */
export interface Exchange {
  readonly request: ServerRequest
  readonly caller: Caller | undefined
  readonly service: Service
}

/** A place in a bucket that exists. */
export interface Place {
  readonly bucket: Bucket
  readonly keyBytes: string
}
