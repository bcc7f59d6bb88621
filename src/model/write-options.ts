/** How objects are written, where that is not as the source or the bucket has it. */
export interface WriteOptions {
  readonly storageClass?: string | undefined
  readonly sse?: string | undefined
  readonly sseKmsKeyId?: string | undefined
  readonly acl?: string | undefined
  /** Takes the place of all the source's metadata; undefined: that is kept. */
  readonly metadata?: ObjectMetadata | undefined
}

/** What describes an object to those who read it. */
export interface ObjectMetadata {
  readonly cacheControl?: string | undefined
  readonly contentType?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly user: Readonly<Record<string, string>>
}
