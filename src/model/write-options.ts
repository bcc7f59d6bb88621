import {
  digestOf,
  HEADERS_DIGEST,
  type HeaderRule,
  type HeaderValues,
  headersFor,
} from './header-rules.ts'

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
  /** What some objects are written with instead, by their keys. */
  readonly rules?: readonly HeaderRule[] | undefined
}

/** How one object is written. */
export interface ObjectOptions {
  readonly storageClass?: string | undefined
  readonly sse?: string | undefined
  readonly sseKmsKeyId?: string | undefined
  readonly acl?: string | undefined
  /** Takes the place of all the source's metadata; undefined: that is kept. */
  readonly metadata?: ObjectMetadata | undefined
  /** By rules: they take the place of what the source, or `metadata`, says under these names. */
  readonly headers?: HeaderValues | undefined
  /** As `x-amz-tagging` takes them, '' for none; undefined: those of the source. */
  readonly tags?: string | undefined
}

/** What describes an object to those who read it. */
export interface ObjectMetadata {
  readonly cacheControl?: string | undefined
  /** undefined: the source's is kept. */
  readonly contentType?: string | undefined
}

/** Whether the type of an object is the source's, though all else that describes it is replaced: S3 would forget it. */
export const keepsType = ({
  metadata,
  headers,
}: Pick<ObjectOptions, 'metadata' | 'headers'>): boolean =>
  metadata !== undefined &&
  metadata.contentType === undefined &&
  headers?.['content-type'] === undefined

/** Whether all that describes the source and no rule names is sent again, as S3 replaces all of it or nothing. */
export const keepsOthers = ({
  metadata,
  headers,
}: Pick<ObjectOptions, 'metadata' | 'headers'>): boolean =>
  metadata === undefined && headers !== undefined

/** Headers of a metadata that replaces the source's. */
export const metadataHeaders = ({ cacheControl, contentType }: ObjectMetadata): Headers =>
  given({ 'cache-control': cacheControl, 'content-type': contentType })

/** How all objects are written where there are no rules. */
const unruled = new WeakMap<WriteOptions, ObjectOptions>()

/** How an object is written whose key, as rules read it, is this one: a rule counts before the inputs. */
export function optionsFor(options: WriteOptions, key: string): ObjectOptions {
  if (options.rules && options.rules.length > 0) return ruledOptions(options, key)
  const known = unruled.get(options) ?? ruledOptions(options, key)
  unruled.set(options, known)
  return known
}

function ruledOptions(options: WriteOptions, key: string): ObjectOptions {
  const { storageClass, sse, sseKmsKeyId, acl, metadata, rules = [] } = options
  const ruled = headersFor(rules, key)
  const own = {
    storageClass: ruled.storageClass ?? storageClass,
    sse,
    sseKmsKeyId,
    acl: ruled.acl ?? acl,
    metadata,
    tags: ruled.tags ?? (options.tags === 'drop' ? '' : undefined),
  }
  const { headers } = ruled
  if (Object.keys(headers).length === 0) return own
  const described = { ...(metadata ? metadataHeaders(metadata) : {}), ...headers }
  const digest = digestOf({
    headers: described,
    storageClass: own.storageClass,
    acl: own.acl,
    tags: own.tags,
  })
  return { ...own, headers: { ...headers, [HEADERS_DIGEST]: digest } }
}

type Headers = HeaderValues

/** The headers that have a value. */
export const given = (headers: Readonly<Record<string, string | undefined>>): Headers =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )

/** What every write says, whatever it writes. */
export const optionHeaders = ({
  storageClass,
  sse,
  sseKmsKeyId,
  acl,
}: Pick<ObjectOptions, 'storageClass' | 'sse' | 'sseKmsKeyId' | 'acl'>): Headers =>
  given({
    'x-amz-storage-class': storageClass,
    'x-amz-server-side-encryption': sse,
    'x-amz-server-side-encryption-aws-kms-key-id': sseKmsKeyId,
    'x-amz-acl': acl,
  })
