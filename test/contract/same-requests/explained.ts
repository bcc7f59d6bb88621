import { OPERATIONS, type Operation } from './cases.ts'
import type { Difference } from './compare.ts'

/** Who else sends the same request. */
export type Other = 'SDK' | 'botocore'

/** How a service is reached. */
export type Way = 'HTTP' | 'HTTPS' | 'AWS'

/** Differences that are meant. */
interface Explained {
  readonly why: string
  readonly from: readonly Other[]
  readonly kind: Difference['kind']
  readonly fields: readonly string[]
  readonly on: readonly Operation[]
  /** Default: every way. */
  readonly ways?: readonly Way[]
}

const OURS = OPERATIONS.filter((operation) => operation !== 'DeleteObjects')
const BYTES: readonly Operation[] = ['PutObject', 'UploadPart']
const OTHERS: readonly Other[] = ['SDK', 'botocore']
const SECURE: readonly Way[] = ['HTTPS', 'AWS']
const ENDPOINTS: readonly Way[] = ['HTTP', 'HTTPS']

const header = (...names: readonly string[]): string[] => names.map((name) => `header ${name}`)

/** Every difference there is between our requests and those of both SDKs, each with its reason. */
export const EXPLAINED: readonly Explained[] = [
  {
    why: 'Programs name themselves each their own way; nothing depends on it.',
    from: OTHERS,
    kind: 'other',
    fields: header('user-agent'),
    on: OPERATIONS,
  },
  {
    why: 'What the SDKs tell AWS of their attempts is for statistics.',
    from: OTHERS,
    kind: 'only theirs',
    fields: header('amz-sdk-invocation-id', 'amz-sdk-request'),
    on: OURS,
  },
  {
    why: 'The SDK says who it is once more, for browsers.',
    from: ['SDK'],
    kind: 'only theirs',
    fields: header('x-amz-user-agent'),
    on: OURS,
  },
  {
    why: 'DeleteObjects is sent by the SDK, which says who it is once more.',
    from: ['botocore'],
    kind: 'only ours',
    fields: header('x-amz-user-agent'),
    on: ['DeleteObjects'],
  },
  {
    why: 'DeleteObjects is signed by the SDK, which signs all that no proxy changes.',
    from: ['botocore'],
    kind: 'only ours',
    fields: ['signed amz-sdk-invocation-id', 'signed amz-sdk-request', 'signed content-length'],
    on: ['DeleteObjects'],
  },
  {
    why: 'A bucket in the path may end in a slash, as the SDK for JavaScript has it.',
    from: ['botocore'],
    kind: 'other',
    fields: ['path'],
    on: ['ListObjectsV2'],
  },
  {
    why: 'botocore asks for an encoding whatever it is told; we ask a service that knows none without it.',
    from: ['botocore'],
    kind: 'only theirs',
    fields: ['query encoding-type'],
    on: ['ListObjectsV2'],
  },
  {
    why: 'The SDK names the operation for its own use; S3 does not need it.',
    from: ['SDK'],
    kind: 'only theirs',
    fields: ['query x-id'],
    on: [
      'CopyObject',
      'UploadPartCopy',
      'UploadPart',
      'AbortMultipartUpload',
      'PutObject',
      'GetObject',
    ],
  },
  {
    why: 'A flag may have a = or not: signed is the same.',
    from: ['botocore'],
    kind: 'other',
    fields: ['query uploads'],
    on: ['CreateMultipartUpload'],
  },
  {
    why: 'A flag may have a = or not: signed is the same.',
    from: ['botocore'],
    kind: 'other',
    fields: ['query tagging'],
    on: ['GetObjectTagging'],
  },
  {
    why: 'A flag may have a = or not: signed is the same.',
    from: ['botocore'],
    kind: 'other',
    fields: ['query delete'],
    on: ['DeleteObjects'],
  },
  {
    why: 'The SDK ends the path of a bucket with a slash; both name it.',
    from: ['botocore'],
    kind: 'other',
    fields: ['path'],
    on: ['DeleteObjects', 'HeadBucket'],
    ways: ENDPOINTS,
  },
  {
    why: 'Node says that a connection is kept, which goes without saying.',
    from: ['botocore'],
    kind: 'only ours',
    fields: header('connection'),
    on: OPERATIONS,
  },
  {
    why: 'botocore asks for no compression; unasked S3 compresses nothing.',
    from: ['botocore'],
    kind: 'only theirs',
    fields: header('accept-encoding'),
    on: OPERATIONS,
  },
  {
    why: 'A DELETE without a body needs no length.',
    from: ['botocore'],
    kind: 'only theirs',
    fields: header('content-length'),
    on: ['AbortMultipartUpload'],
  },
  {
    why: 'They ask before they send bytes, which takes a turn more and which not all services answer.',
    from: ['SDK'],
    kind: 'only theirs',
    fields: header('expect'),
    on: ['PutObject'],
  },
  {
    why: 'They ask before they send bytes, which takes a turn more and which not all services answer.',
    from: ['botocore'],
    kind: 'only theirs',
    fields: header('expect'),
    on: BYTES,
  },
  {
    why: 'The service proves bytes by their MD5: every one knows that, and Object Lock wants it.',
    from: OTHERS,
    kind: 'only ours',
    fields: header('content-md5'),
    on: BYTES,
  },
  {
    why: 'The checksum that the SDKs send to AWS unasked takes the place of that MD5.',
    from: ['SDK'],
    kind: 'only theirs',
    fields: header('x-amz-checksum-crc32', 'x-amz-sdk-checksum-algorithm'),
    on: BYTES,
    ways: ['AWS'],
  },
  {
    why: 'botocore sends that checksum behind the bytes, in chunks of S3’s own.',
    from: ['botocore'],
    kind: 'only theirs',
    fields: header(
      'transfer-encoding',
      'x-amz-decoded-content-length',
      'x-amz-sdk-checksum-algorithm',
      'x-amz-trailer',
      'content-encoding',
    ),
    on: BYTES,
    ways: ['AWS'],
  },
  {
    why: 'botocore sends that checksum behind the bytes, in chunks of S3’s own.',
    from: ['botocore'],
    kind: 'only ours',
    fields: header('content-length'),
    on: BYTES,
    ways: ['AWS'],
  },
  {
    why: 'botocore sends that checksum behind the bytes, in chunks of S3’s own.',
    from: ['botocore'],
    kind: 'other',
    fields: header('content-encoding'),
    on: ['PutObject'],
    ways: ['AWS'],
  },
  {
    why: 'Of a range no checksum is stored.',
    from: OTHERS,
    kind: 'only theirs',
    fields: header('x-amz-checksum-mode'),
    on: ['GetObject'],
    ways: ['AWS'],
  },
  {
    why: 'Other services are asked for checksums, too: one costs a fraction of an MD5 to compare.',
    from: OTHERS,
    kind: 'only ours',
    fields: header('x-amz-checksum-mode'),
    on: ['GetObject'],
    ways: ENDPOINTS,
  },
  {
    why: 'Over TLS nothing can change bytes on their way, so that they are not read twice to be signed.',
    from: OTHERS,
    kind: 'other',
    fields: header('x-amz-content-sha256'),
    on: BYTES,
    ways: SECURE,
  },
  {
    why: 'A length that was changed on the way fails by the MD5.',
    from: ['SDK'],
    kind: 'only theirs',
    fields: ['signed content-length'],
    on: [...BYTES, 'CompleteMultipartUpload'],
  },
  {
    why: 'The SDK guesses a type; where the source tells none, S3 gives the copy the one that it gave the source.',
    from: ['SDK'],
    kind: 'only theirs',
    fields: header('content-type'),
    on: BYTES,
  },
  {
    why: 'We and botocore sign what is stored with the object, the SDK leaves this one out.',
    from: ['SDK'],
    kind: 'only ours',
    fields: ['signed cache-control'],
    on: ['CopyObject', 'CreateMultipartUpload', 'PutObject'],
  },
  {
    why: 'A declaration says what goes without saying; length and digest of the body follow from it.',
    from: ['SDK'],
    kind: 'only theirs',
    fields: ['body declaration'],
    on: ['CompleteMultipartUpload'],
  },
  {
    why: 'A declaration says what goes without saying; length and digest of the body follow from it.',
    from: ['SDK'],
    kind: 'other',
    fields: header('content-length', 'x-amz-content-sha256'),
    on: ['CompleteMultipartUpload'],
  },
  {
    why: 'botocore names no type of its XML.',
    from: ['botocore'],
    kind: 'only ours',
    fields: header('content-type'),
    on: ['CompleteMultipartUpload', 'DeleteObjects'],
  },
  {
    why: 'DeleteObjects is written by the SDK: a declaration, and quotes as entities.',
    from: ['botocore'],
    kind: 'only ours',
    fields: ['body declaration'],
    on: ['DeleteObjects'],
  },
  {
    why: 'DeleteObjects is written by the SDK: a declaration, and quotes as entities.',
    from: ['botocore'],
    kind: 'other',
    fields: header('content-length', 'x-amz-content-sha256'),
    on: ['DeleteObjects'],
  },
  {
    why: 'DeleteObjects is written by the SDK: a declaration, and quotes as entities.',
    from: ['botocore'],
    kind: 'other',
    fields: header('x-amz-checksum-crc32'),
    on: ['DeleteObjects'],
    ways: ['AWS'],
  },
  {
    why: 'Services that are not AWS want the MD5 of a delete, and may refuse the newer checksum.',
    from: OTHERS,
    kind: 'only ours',
    fields: header('content-md5'),
    on: ['DeleteObjects'],
    ways: ENDPOINTS,
  },
  {
    why: 'Services that are not AWS want the MD5 of a delete, and may refuse the newer checksum.',
    from: OTHERS,
    kind: 'only theirs',
    fields: header('x-amz-checksum-crc32', 'x-amz-sdk-checksum-algorithm'),
    on: ['DeleteObjects'],
    ways: ENDPOINTS,
  },
]

/** A difference as it is told. */
export const nameOf = (
  from: Other,
  way: Way,
  operation: Operation,
  { kind, field }: Pick<Difference, 'kind' | 'field'>,
): string => `${operation} over ${way}, ${from}: ${field} ${kind}`

/** All that is explained of one way, as it is told. */
export const explainedOf = (way: Way): Set<string> =>
  new Set(
    EXPLAINED.filter(({ ways }) => !ways || ways.includes(way)).flatMap((row) =>
      row.from.flatMap((from) =>
        row.on.flatMap((operation) =>
          row.fields.map((field) => nameOf(from, way, operation, { kind: row.kind, field })),
        ),
      ),
    ),
  )
