import { type Body, bytesBody, md5Of, readBody, syntheticBody } from './body.ts'
import { toBytes, toText } from './bytes.ts'
import { createKeyIndex, type KeyIndex, type ListOrder } from './key-index.ts'

type Texts = Readonly<Record<string, string>>

/** Whether checksums are of the whole object, or of its parts' checksums. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE'

/** Checksums of an object, base64 by algorithm in lower case; undefined: not worked out yet. */
export interface StoredChecksums {
  readonly type: ChecksumType
  /** Composite ones end with the number of parts. */
  readonly values: Readonly<Record<string, string | undefined>>
}

/** An object as the server keeps it; all texts are byte strings. */
export interface StoredObject {
  readonly body: Body
  /** Without quotes; absent until somebody asks, so that a million objects start fast. */
  etag: string | undefined
  readonly lastModifiedMs: number
  /** Of the first part, after a multipart upload. */
  readonly firstPartBytes?: number | undefined
  readonly storageClass: string
  /** Standard headers (`content-type`, `cache-control`, …) in lower case. */
  readonly headers: Texts
  /** User metadata without the `x-amz-meta-` prefix. */
  readonly metadata: Texts
  readonly tags: Texts
  /** `x-amz-server-side-encryption…` headers. */
  readonly encryption: Texts
  /** Their values are worked out when somebody asks. */
  checksums: StoredChecksums
  readonly acl: string | undefined
  /** Whether a readable copy of an archived object was restored. */
  readonly restored?: boolean
}

/** A multipart upload in progress. */
export interface Upload {
  readonly id: string
  readonly keyBytes: string
  readonly startedMs: number
  /** ARN of who began it. */
  readonly initiator: string
  readonly attributes: Omit<StoredObject, 'body' | 'etag' | 'lastModifiedMs' | 'checksums'>
  /** What the object is to have; undefined: none. */
  readonly checksum:
    | { readonly name: string; readonly type: ChecksumType; readonly asked: boolean }
    | undefined
  readonly parts: Map<number, Part>
}

/** One uploaded part; the ETag has no quotes. */
export interface Part {
  readonly body: Body
  readonly etag: string
  readonly uploadedMs: number
}

/** How a bucket differs from a private one in the server's own region. */
export interface BucketOptions {
  readonly region?: string
  /** Anybody may list and read it. */
  readonly public?: boolean
  /** What GetBucketVersioning answers; no versions are kept. */
  readonly versioning?: 'Enabled' | 'Suspended'
  /** What GetBucketEncryption answers. Default AES256. */
  readonly encryption?: 'AES256' | 'aws:kms'
  /** ARN of the customer's key of that encryption. */
  readonly kmsKey?: string
  /** Object Lock retains what is written, so that S3 wants a digest with it; nothing is really retained. */
  readonly objectLock?: boolean
}

/** A bucket with its objects and unfinished uploads. */
export interface Bucket
  extends Required<Pick<BucketOptions, 'region' | 'public' | 'encryption' | 'objectLock'>> {
  readonly name: string
  readonly versioning: BucketOptions['versioning'] | undefined
  readonly kmsKey: string | undefined
  readonly createdMs: number
  readonly objects: KeyIndex<StoredObject>
  readonly uploads: Map<string, Upload>
}

/** What a test puts: real bytes, or a size whose bytes are made from `seed` when they are read. */
export interface ObjectSpec {
  readonly body?: string | Uint8Array
  readonly size?: number
  readonly seed?: number
  /** Without quotes. Default: the MD5 of the body. */
  readonly etag?: string
  readonly lastModifiedMs?: number
  readonly storageClass?: string
  readonly restored?: boolean
  readonly headers?: Texts
  readonly metadata?: Texts
  readonly tags?: Texts
  readonly encryption?: Texts
  /** Base64 by algorithm (`crc32`, `sha256`, …); undefined: that of the content. Default: none, as objects of before December 2024. */
  readonly checksums?: StoredChecksums['values']
  /** Default `FULL_OBJECT`. */
  readonly checksumType?: ChecksumType
}

/** What two objects must share to be the same to a user. */
export interface ObjectFacts {
  readonly size: number
  readonly etag: string
  /** The MD5 of the content, whatever the ETag says. */
  readonly md5: string
  /** Standard headers, names in lower case. */
  readonly headers: Texts
  readonly storageClass: string
  readonly metadata: Texts
  readonly tags: Texts
}

/** Direct access to what the server holds, past HTTP and permissions. Keys are Unicode text. */
export interface ObjectStore {
  readonly createBucket: (name: string, options?: BucketOptions) => void
  /** Another name of a bucket, as access points have. */
  readonly alias: (name: string, bucket: string) => void
  /** Bytes as key are for keys that are not valid UTF-8. Creates a missing bucket. */
  readonly put: (bucket: string, key: string | Uint8Array, spec: ObjectSpec) => void
  readonly facts: (bucket: string, key: string) => ObjectFacts | undefined
  /** Whole seconds, in milliseconds since the epoch. */
  readonly lastModifiedMs: (bucket: string, key: string) => number | undefined
  /** What it has by algorithm that is of the whole object, in lower case; values may not be worked out yet. */
  readonly wholeChecksums: (bucket: string, key: string) => readonly string[]
  readonly bytes: (bucket: string, key: string) => Buffer | undefined
  readonly delete: (bucket: string, key: string | Uint8Array) => boolean
  /** All keys under the prefix in listing order. */
  readonly keys: (bucket: string, prefix?: string) => string[]
  /** Facts by key without the prefix, for `expect(snapshot(a)).toEqual(snapshot(b))`. */
  readonly snapshot: (bucket: string, prefix?: string) => Map<string, ObjectFacts>
  /** Ids of unfinished multipart uploads. */
  readonly uploads: (bucket: string) => string[]
  /** Of these, those that hold parts, which are paid for. */
  readonly paidUploads: (bucket: string) => string[]
}

/** The server's inner view of the same data. */
export type Buckets = Map<string, Bucket>

/** What a store depends on. */
export interface StoreOptions {
  readonly region: string
  readonly listOrder: ListOrder
  readonly now: () => number
}

const NONE: Texts = Object.freeze({})

/** What S3 says about an object that was written without a content type. */
export const DEFAULT_HEADERS: Texts = Object.freeze({ 'content-type': 'binary/octet-stream' })

/** The ETag of an object, worked out on first use. */
export function etagOf(object: StoredObject): string {
  object.etag ??= md5Of(object.body)
  return object.etag
}

/** S3 keeps and shows whole seconds. */
export const wholeSecond = (timeMs: number): number => Math.floor(timeMs / 1000) * 1000

/** An empty bucket. */
export function newBucket(name: string, options: BucketOptions, store: StoreOptions): Bucket {
  return {
    name,
    region: options.region ?? store.region,
    public: options.public ?? false,
    versioning: options.versioning,
    encryption: options.encryption ?? 'AES256',
    kmsKey: options.kmsKey,
    objectLock: options.objectLock ?? false,
    createdMs: wholeSecond(store.now()),
    objects: createKeyIndex(store.listOrder),
    uploads: new Map(),
  }
}

/** The store over the given buckets. */
export function createStore(buckets: Buckets, options: StoreOptions): ObjectStore {
  const createBucket = (name: string, bucket: BucketOptions = {}) => {
    if (!buckets.has(name)) buckets.set(name, newBucket(name, bucket, options))
  }
  const bucketOf = (name: string) => {
    const bucket = buckets.get(name)
    if (bucket === undefined) throw new Error(`testkit: there is no bucket "${name}"`)
    return bucket
  }
  const objects = (name: string) => bucketOf(name).objects
  const find = (bucket: string, key: string) => objects(bucket).get(toBytes(key))
  const keysOf = (bucket: string, prefix = '') => {
    const index = objects(bucket)
    const all = index.ordered().map((key) => toText(index.fromSortable(key)))
    return all.filter((key) => key.startsWith(prefix))
  }
  return {
    createBucket,
    alias: (name, bucket) => {
      buckets.set(name, bucketOf(bucket))
    },
    put: (bucket, key, spec) => {
      createBucket(bucket)
      objects(bucket).set(toBytes(key), storedObject(spec, options.now()))
    },
    facts: (bucket, key) => factsOf(find(bucket, key)),
    lastModifiedMs: (bucket, key) => find(bucket, key)?.lastModifiedMs,
    wholeChecksums: (bucket, key) => {
      const { type, values } = find(bucket, key)?.checksums ?? { type: 'COMPOSITE', values: NONE }
      return type === 'FULL_OBJECT' ? Object.keys(values) : []
    },
    bytes: (bucket, key) => {
      const object = find(bucket, key)
      return object === undefined ? undefined : Buffer.concat([...readBody(object.body)])
    },
    delete: (bucket, key) => objects(bucket).delete(toBytes(key)),
    keys: keysOf,
    snapshot: (bucket, prefix = '') => {
      const entries = keysOf(bucket, prefix).flatMap((key) => {
        const facts = factsOf(find(bucket, key))
        return facts === undefined ? [] : [[key.slice(prefix.length), facts] as const]
      })
      return new Map(entries)
    },
    uploads: (bucket) => [...(buckets.get(bucket)?.uploads.keys() ?? [])],
    paidUploads: (bucket) =>
      [...(buckets.get(bucket)?.uploads.values() ?? [])]
        .filter(({ parts }) => parts.size > 0)
        .map(({ id }) => id),
  }
}

function storedObject(spec: ObjectSpec, nowMs: number): StoredObject {
  const { body: given } = spec
  const body =
    given === undefined
      ? syntheticBody(spec.size ?? 0, spec.seed ?? 0)
      : bytesBody(Buffer.from(given as Uint8Array))
  return {
    body,
    etag: spec.etag,
    lastModifiedMs: wholeSecond(spec.lastModifiedMs ?? nowMs),
    storageClass: spec.storageClass ?? 'STANDARD',
    headers:
      spec.headers === undefined
        ? DEFAULT_HEADERS
        : { ...DEFAULT_HEADERS, ...mapTexts(spec.headers, toBytes) },
    metadata: mapTexts(spec.metadata, toBytes),
    tags: mapTexts(spec.tags, toBytes),
    encryption: spec.encryption ?? NONE,
    checksums: { type: spec.checksumType ?? 'FULL_OBJECT', values: spec.checksums ?? NONE },
    acl: undefined,
    restored: spec.restored ?? false,
  }
}

function mapTexts(texts: Texts | undefined, change: (text: string) => string): Texts {
  if (texts === undefined) return NONE
  return Object.fromEntries(
    Object.entries(texts).map(([name, value]) => [change(name), change(value)]),
  )
}

function factsOf(object: StoredObject | undefined): ObjectFacts | undefined {
  if (object === undefined) return undefined
  return {
    size: object.body.size,
    etag: etagOf(object),
    md5: md5Of(object.body),
    headers: object.headers,
    storageClass: object.storageClass,
    metadata: mapTexts(object.metadata, toText),
    tags: mapTexts(object.tags, toText),
  }
}
