/** How objects are written, where that is not as the source or the bucket has it. */
export interface WriteOptions {
  readonly storageClass?: string | undefined
  readonly sse?: string | undefined
  readonly sseKmsKeyId?: string | undefined
  readonly acl?: string | undefined
  /** Takes the place of all the source's metadata; undefined: that is kept. */
  readonly metadata?: ObjectMetadata | undefined
  /** Copies get none; undefined: those of the source. */
  readonly tags?: 'drop' | undefined
}

/** What describes an object to those who read it. */
export interface ObjectMetadata {
  readonly cacheControl?: string | undefined
  /** undefined: the source's is kept. */
  readonly contentType?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly user: Readonly<Record<string, string>>
}

/** Whether the type of each object is the source's, though all else that describes it is replaced: S3 would forget it. */
export const keepsType = ({ metadata }: Pick<WriteOptions, 'metadata'>): boolean =>
  metadata !== undefined && metadata.contentType === undefined

type Headers = Readonly<Record<string, string>>

/** The headers that have a value. */
export const given = (headers: Readonly<Record<string, string | undefined>>): Headers =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )

/** What every write says, whatever it writes. */
export const optionHeaders = ({ storageClass, sse, sseKmsKeyId, acl }: WriteOptions): Headers =>
  given({
    'x-amz-storage-class': storageClass,
    'x-amz-server-side-encryption': sse,
    'x-amz-server-side-encryption-aws-kms-key-id': sseKmsKeyId,
    'x-amz-acl': acl,
  })
