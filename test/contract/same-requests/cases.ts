import { hash } from 'node:crypto'
import { hostileKeys } from 's3-direct-sync-testkit/fixtures.ts'
import type { ObjectOptions, WriteOptions } from '../../../src/model/write-options.ts'
import type {
  ListQuery,
  ObjectAddress,
  ObjectHeaders,
  Store,
  Upload,
  WriteCondition,
} from '../../../src/storage/store.ts'
import { copyHeaders, writeHeaders } from '../../../src/transfer/direct/headers.ts'

/** What an SDK is told; `CopySource` as bucket and key. */
export type Params = Readonly<Record<string, unknown>>

/** One request, as an SDK is told of it and as we make it. */
export interface Case {
  readonly operation: Operation
  /** What is odd about it. */
  readonly title: string
  readonly params: Params
  readonly ours: (store: Store) => Promise<unknown>
}

/** Every operation that we send by our own requests, and the one whose request of the SDK we change. */
export const OPERATIONS = [
  'CopyObject',
  'UploadPartCopy',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
  'PutObject',
  'GetObject',
  'HeadObject',
  'GetObjectTagging',
  'ListObjectsV2',
  'HeadBucket',
  'DeleteObjects',
] as const

export type Operation = (typeof OPERATIONS)[number]

const BUCKET = 'bucket-one'
export const ETAG = '5d41402abc4b2a76b9719d911017c592'
const SOURCE_BUCKET = 'source-one'
const UPLOAD_ID = 'an/upload+id=.~_-%41'
const LIMIT = { timeoutMs: 10_000 }
const KEY_ARN = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'

const from = (key: string) => ({ bucket: SOURCE_BUCKET, key, etag: ETAG })
const sdkFrom = (key: string) => ({
  CopySource: { Bucket: SOURCE_BUCKET, Key: key },
  CopySourceIfMatch: `"${ETAG}"`,
})
const at = (key: string, bucket = BUCKET) => ({ bucket, key })
const sdkAt = ({ bucket: Bucket, key: Key }: ObjectAddress) => ({ Bucket, Key })

/** A condition of a write, ours and theirs. */
const CONDITIONS: readonly (readonly [WriteCondition | undefined, Params])[] = [
  [undefined, {}],
  ['absent', { IfNoneMatch: '*' }],
  [{ etag: `${ETAG}-2` }, { IfMatch: `"${ETAG}-2"` }],
]

/** How objects are written, ours and theirs. */
const OPTIONS: readonly (readonly [title: string, WriteOptions, Params])[] = [
  [
    'SSE-S3, a storage class and an ACL',
    { sse: 'AES256', storageClass: 'STANDARD_IA', acl: 'bucket-owner-full-control' },
    {
      ServerSideEncryption: 'AES256',
      StorageClass: 'STANDARD_IA',
      ACL: 'bucket-owner-full-control',
    },
  ],
  [
    'SSE-KMS with a key',
    { sse: 'aws:kms', sseKmsKeyId: KEY_ARN },
    { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KEY_ARN },
  ],
  [
    'DSSE-KMS with a key',
    { sse: 'aws:kms:dsse', sseKmsKeyId: 'alias/a b' },
    { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: 'alias/a b' },
  ],
]

const USER = {
  plain: 'v',
  empty: '',
  inner: 'a  b   c',
  outer: '  x ',
  tab: 'a\tb',
  quoted: `a, "b"='c' \\;`,
}
const META = Object.fromEntries(Object.entries(USER).map(([k, v]) => [`x-amz-meta-${k}`, v]))

/** Metadata that takes the place of the source's. */
const REPLACED: readonly [ObjectOptions, Params] = [
  {
    metadata: {
      cacheControl: 'max-age=1,  s-maxage="2"',
      contentType: 'text/plain; charset=utf-8',
    },
    headers: {
      'content-disposition': `attachment; filename="it's, a=b.txt"`,
      'content-encoding': 'br',
      ...META,
    },
  },
  {
    CacheControl: 'max-age=1,  s-maxage="2"',
    ContentType: 'text/plain; charset=utf-8',
    ContentDisposition: `attachment; filename="it's, a=b.txt"`,
    ContentEncoding: 'br',
    Metadata: USER,
  },
]

/** What a read of a source told, and the same as an SDK is told of it. */
const CARRIED: readonly [source: ObjectHeaders, tags: string, Params] = [
  {
    'cache-control': 'no-store',
    'content-type': 'application/x-parquet',
    'content-disposition': 'inline',
    'content-encoding': 'gzip',
    'content-language': 'de, en',
    expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
    ...META,
    ...{ etag: `"${ETAG}"`, 'content-length': '5', 'x-amz-version-id': 'v', date: 'today' },
  },
  'a=1%2B2&b%20c=%C3%BC',
  {
    CacheControl: 'no-store',
    ContentType: 'application/x-parquet',
    ContentDisposition: 'inline',
    ContentEncoding: 'gzip',
    ContentLanguage: 'de, en',
    Expires: '2099-01-01T00:00:00Z',
    Metadata: USER,
    Tagging: 'a=1%2B2&b%20c=%C3%BC',
  },
]

interface Written {
  readonly title: string
  readonly key?: string
  readonly only?: WriteCondition | undefined
  readonly headers?: ObjectHeaders
  readonly params?: Params
}

const sdkWrite = ({ key = 'k', params = {} }: Written) => ({ ...sdkAt(at(key)), ...params })
const ourWrite = ({ key = 'k', only, headers = {} }: Written) => ({ to: at(key), only, headers })

const copy = (written: Written, fromKey = 'from'): Case => ({
  operation: 'CopyObject',
  title: written.title,
  params: { ...sdkWrite(written), ...sdkFrom(fromKey) },
  ours: ({ objects }) => objects.copy({ ...from(fromKey), size: 1 }, ourWrite(written), LIMIT),
})

const put = (written: Written, body = Buffer.from('hello\0\xff', 'latin1')): Case => ({
  operation: 'PutObject',
  title: written.title,
  params: { ...sdkWrite(written), Body: body },
  ours: ({ objects }) => objects.put(ourWrite(written), body, LIMIT),
})

const start = (written: Written): Case => ({
  operation: 'CreateMultipartUpload',
  title: written.title,
  params: sdkWrite(written),
  ours: ({ objects }) => objects.startUpload(ourWrite(written), LIMIT),
})

/** The five operations on an upload, with a key that may be odd. */
function uploads(title: string, key: string): Case[] {
  const upload: Upload = { ...at(key), uploadId: UPLOAD_ID }
  const params = { ...sdkAt(upload), UploadId: UPLOAD_ID }
  const body = Buffer.from('part')
  const etags = [ETAG, `${ETAG.slice(1)}0`]
  const Parts = etags.map((ETag, n) => ({ ETag: `"${ETag}"`, PartNumber: n + 1 }))
  const completes = CONDITIONS.map(
    ([only, condition]): Case => ({
      operation: 'CompleteMultipartUpload',
      title: `${title}, ${JSON.stringify(condition)}`,
      params: { ...params, MultipartUpload: { Parts }, ...condition },
      ours: ({ objects }) => objects.completeUpload(upload, { etags, only }, LIMIT),
    }),
  )
  const sum = { algorithm: 'CRC64NVME', value: 'rosUhgp5mIg=' } as const
  const ofWhole = { ChecksumType: 'FULL_OBJECT' } as const
  return [
    start({ title, key }),
    {
      operation: 'CreateMultipartUpload',
      title: `${title}, with a checksum of the whole`,
      params: { ...sdkAt(upload), ChecksumAlgorithm: sum.algorithm, ...ofWhole },
      ours: ({ objects }) =>
        objects.startUpload({ to: at(key), only: undefined, headers: {}, whole: sum }, LIMIT),
    },
    {
      operation: 'CompleteMultipartUpload',
      title: `${title}, with a checksum of the whole`,
      params: {
        ...{ ...params, MultipartUpload: { Parts } },
        ...{ ChecksumCRC64NVME: sum.value, ...ofWhole },
      },
      ours: ({ objects }) =>
        objects.completeUpload(upload, { etags, only: undefined, whole: sum }, LIMIT),
    },
    {
      operation: 'UploadPart',
      title,
      params: { ...params, PartNumber: 10_000, Body: body },
      ours: ({ objects }) => objects.putPart({ upload, number: 10_000 }, body, LIMIT),
    },
    {
      operation: 'UploadPartCopy',
      title,
      params: {
        ...params,
        PartNumber: 2,
        ...sdkFrom(key),
        CopySourceRange: 'bytes=5368709120-10737418239',
      },
      ours: ({ objects }) =>
        objects.copyPart(
          { upload, number: 2 },
          { ...from(key), range: { first: 5 * 2 ** 30, last: 10 * 2 ** 30 - 1 } },
          LIMIT,
        ),
    },
    ...completes,
    {
      operation: 'AbortMultipartUpload',
      title,
      params,
      ours: ({ objects }) => objects.abortUpload(upload, LIMIT),
    },
  ]
}

/** Of `123456789`. */
const WHOLE = 'y/Q5Jg=='

/** Writes of files, with checksums of the whole and of each part. */
function provenWrites(): Case[] {
  const upload: Upload = { ...at('k'), uploadId: UPLOAD_ID }
  const params = { ...sdkAt(upload), UploadId: UPLOAD_ID }
  const body = Buffer.from('123456789')
  const md5 = hash('md5', body, 'base64')
  const etags = [ETAG, `${ETAG.slice(1)}0`]
  const Parts = etags.map((ETag, n) => ({ ETag: `"${ETag}"`, PartNumber: n + 1 }))
  const title = 'with checksums'
  const sums = { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'FULL_OBJECT' }
  return [
    put(
      {
        title,
        headers: { 'x-amz-checksum-crc32': WHOLE },
        params: { ChecksumCRC32: WHOLE },
      },
      body,
    ),
    start({
      title,
      headers: sums,
      params: { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' },
    }),
    {
      operation: 'UploadPart',
      title,
      params: { ...params, PartNumber: 2, Body: body, ChecksumCRC32: WHOLE },
      ours: ({ objects }) =>
        objects.putPart({ upload, number: 2, proof: { md5, crc32: WHOLE } }, body, LIMIT),
    },
    {
      operation: 'CompleteMultipartUpload',
      title,
      params: {
        ...params,
        MultipartUpload: { Parts },
        ChecksumCRC32: WHOLE,
        ChecksumType: 'FULL_OBJECT',
      },
      ours: ({ objects }) =>
        objects.completeUpload(
          upload,
          { etags, only: undefined, whole: { algorithm: 'CRC32', value: WHOLE } },
          LIMIT,
        ),
    },
  ]
}

/** Whether a bucket is there. */
const bucketCase = (bucket: string): Case => ({
  operation: 'HeadBucket',
  title: bucket,
  params: { Bucket: bucket },
  ours: (store) => store.findBucket(bucket),
})

/** Reads of an object whose key may be odd. */
function reads(title: string, key: string, bucket = BUCKET): Case[] {
  const pinned = { ...at(key, bucket), etag: ETAG }
  const params = { ...sdkAt(pinned), IfMatch: `"${ETAG}"` }
  const range = { first: 0, last: 4 }
  return [
    {
      operation: 'GetObject',
      title,
      params,
      ours: ({ objects }) => objects.read(pinned, { bytes: 5 }, LIMIT),
    },
    {
      operation: 'GetObject',
      title: `${title}, a range`,
      params: { ...params, Range: 'bytes=0-4' },
      ours: ({ objects }) => objects.read(pinned, { bytes: 5, range }, LIMIT),
    },
    {
      operation: 'HeadObject',
      title,
      params,
      ours: ({ objects }) => objects.describe(pinned, LIMIT),
    },
    {
      operation: 'HeadObject',
      title: `${title}, whatever it is`,
      params: sdkAt(pinned),
      ours: ({ objects }) => objects.stat(at(key, bucket), LIMIT),
    },
    {
      operation: 'HeadObject',
      title: `${title}, with its checksums`,
      params: { ...sdkAt(pinned), ChecksumMode: 'ENABLED' },
      ours: ({ objects }) => objects.stat(at(key, bucket), LIMIT, 'with-checksums'),
    },
    {
      operation: 'ListObjectsV2',
      title: `${title}, as a prefix`,
      params: { Bucket: bucket, Prefix: key, EncodingType: 'url' },
      ours: ({ objects }) => objects.page({ bucket, prefix: key }, LIMIT),
    },
    {
      operation: 'ListObjectsV2',
      title: `${title}, behind a page`,
      params: {
        Bucket: bucket,
        Prefix: key,
        EncodingType: 'url',
        ContinuationToken: `1/${key}=`,
        Delimiter: '/',
        MaxKeys: 4,
      },
      ours: ({ objects }) =>
        objects.page(
          { bucket, prefix: key, token: `1/${key}=`, delimiter: '/', mostKeys: 4 },
          LIMIT,
        ),
    },
    {
      operation: 'ListObjectsV2',
      title: `${title}, as where a listing begins`,
      params: { Bucket: bucket, Prefix: '', EncodingType: 'url', StartAfter: key },
      ours: ({ objects }) => objects.page({ bucket, prefix: '', startAfter: key }, LIMIT),
    },
    {
      operation: 'HeadObject',
      title: `${title}, the first part`,
      params: { ...params, PartNumber: 1 },
      ours: ({ objects }) => objects.describe(pinned, LIMIT, 'first-part'),
    },
    {
      operation: 'GetObjectTagging',
      title,
      params: sdkAt(pinned),
      ours: ({ objects }) => objects.tags(at(key, bucket), LIMIT),
    },
  ]
}

const remove = (title: string, keys: readonly string[]): Case => ({
  operation: 'DeleteObjects',
  title,
  params: {
    Bucket: BUCKET,
    Delete: { Objects: keys.map((Key) => ({ Key, ETag: `"${ETAG}"` })) },
  },
  ours: (store) =>
    store.deleteObjects(
      BUCKET,
      keys.map((key) => ({ key, etag: ETAG })),
      { signal: new AbortController().signal, pace: async () => {} },
    ),
})

/** A plain delete. */
export const DELETES = remove('one key', ['plain.txt'])

/** Keys that break tools, and the longest ones there can be. */
const ODD_KEYS = [
  ...hostileKeys().map(({ key }) => key),
  'k'.repeat(1024),
  'ü'.repeat(512),
  '\u{1f600}'.repeat(256),
  `/${'a/'.repeat(511)}`,
]

/** XML has no way to write the others that all parsers keep, so that they are deleted one by one. */
const isPlainInXml = (key: string): boolean =>
  !/[\p{Cc}\p{Zl}\p{Zp}]|(^|\/)\s|\s(\/|$)|\s\s/u.test(key)

/** The oddest of them: for operations whose paths are made as all others are. */
const ODDEST_KEYS = [
  "/a//b/../ c+%2F'()*!~ü\u{10000}?x=1&y#é/",
  '.',
  '..',
  '//',
  ' ',
  'k'.repeat(1024),
]

/** Writes with everything that can be asked for. */
function writes(): Case[] {
  const [replace, replaceParams] = REPLACED
  const [source, tags, carriedParams] = CARRIED
  const carried = { title: 'all that a source has', headers: writeHeaders({}, source, tags) }
  const replaced = { title: 'metadata of its own', headers: writeHeaders(replace, source, '') }
  const directive = { ...replaceParams, MetadataDirective: 'REPLACE' }
  return [
    ...CONDITIONS.flatMap(([only, params]) => {
      const written = { title: `condition ${JSON.stringify(params)}`, only, params }
      return [copy(written), put(written)]
    }),
    ...OPTIONS.flatMap(([title, options, params]) => [
      copy({ title, headers: copyHeaders(options), params }),
      put({ title, headers: writeHeaders(options, {}, ''), params }),
      start({ title, headers: writeHeaders(options, {}, ''), params }),
    ]),
    copy({ title: 'metadata of its own', headers: copyHeaders(replace), params: directive }),
    put({ ...replaced, params: replaceParams }),
    start({ ...replaced, params: replaceParams }),
    put({ ...carried, params: carriedParams }),
    start({ ...carried, params: carriedParams }),
    put({ title: 'no bytes' }, Buffer.alloc(0)),
    put({ title: '3 MiB' }, Buffer.alloc(3 * 2 ** 20, 'x')),
  ]
}

/** Each operation, plain and with all that can be asked for. */
export const everyCase = (): Case[] => [
  ...writes(),
  ...uploads('a plain key', 'dir/plain.txt'),
  ...provenWrites(),
  ...reads('a plain key', 'dir/plain.txt'),
  bucketCase(BUCKET),
  remove('two keys', ['dir/plain.txt', `a "b" 'c' <d> & ü\u{1f600}`]),
  remove('odd keys', ODD_KEYS.filter(isPlainInXml)),
  remove(
    '1,000 keys',
    Array.from({ length: 1000 }, (_, n) => `key-${n}`),
  ),
]

const titleOf = (key: string): string => JSON.stringify(key).slice(0, 60)

/** Each operation whose path or headers name a key, with the oddest ones. */
export const oddestKeyCases = (): Case[] =>
  ODDEST_KEYS.flatMap((key) => [
    put({ title: titleOf(key), key }),
    copy({ title: titleOf(key), key }, key),
    ...uploads(titleOf(key), key),
    ...reads(titleOf(key), key),
  ])

/** A key in a path, and in the header of a copy, with all odd ones. */
export const oddKeyCases = (): Case[] =>
  ODD_KEYS.flatMap((key) => [
    put({ title: titleOf(key), key }),
    copy({ title: titleOf(key), key }, key),
  ])

/** What can be asked without a signature. */
export const readCases = (): Case[] => reads('a plain key', 'dir/plain.txt')

/** What is asked of a page beside its bucket and prefix, ours and theirs. */
const PAGES: readonly (readonly [title: string, Omit<ListQuery, 'bucket' | 'prefix'>, Params])[] = [
  ['from its beginning', {}, {}],
  ['behind a key', { startAfter: "p/a b+ü&c=d'(e)" }, { StartAfter: "p/a b+ü&c=d'(e)" }],
  ['behind a page', { token: '1/a+b==', startAfter: 'unheeded' }, { ContinuationToken: '1/a+b==' }],
  ['folded', { delimiter: '/' }, { Delimiter: '/' }],
  ['of a few keys', { mostKeys: 4 }, { MaxKeys: 4 }],
]

/**
 * Pages as they are listed to be compared; AWS alone is asked which objects are restored. The last one is of a service
 * that knows no encoding, which the store remembers.
 */
export function pageCases({ isAws }: { readonly isAws: boolean }): Case[] {
  const bucket = BUCKET
  const restored = isAws ? { OptionalObjectAttributes: ['RestoreStatus'] } : {}
  const page = (title: string, prefix: string, more: Params, ours: Case['ours']): Case => ({
    operation: 'ListObjectsV2',
    title: `${title}, as it is compared`,
    params: { Bucket: bucket, Prefix: prefix, EncodingType: 'url', ...more },
    ours,
  })
  return [
    ...PAGES.map(([title, query, params]) =>
      page(title, 'p/', { ...(params['MaxKeys'] ? {} : restored), ...params }, (store) =>
        store.page({ bucket, prefix: 'p/', ...query }),
      ),
    ),
    ...['', "odd //../ c+%2F'()*!~ü\u{10000}?x=1&y#é"].map((prefix) =>
      page(`of ${JSON.stringify(prefix)}`, prefix, restored, (store) =>
        store.page({ bucket, prefix }),
      ),
    ),
    page('without an encoding', 'p/', { ...restored, EncodingType: undefined }, (store) => {
      store.capabilities.lacksKeyEncoding()
      return store.page({ bucket, prefix: 'p/' })
    }),
  ]
}

/** A bucket whose name no certificate covers. */
export const dottedCases = (): Case[] => reads('a bucket with dots', 'a b', 'bucket.with.dots')

/** Metadata as it stands on the wire. */
export const metadataCase = (text: string): Case =>
  put({
    title: text,
    headers: writeHeaders({}, { 'x-amz-meta-band': text }, ''),
    params: { Metadata: { band: text } },
  })
