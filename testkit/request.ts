import { percentDecode, queryDecode, toText } from './bytes.ts'
import { hasUnheededParameter } from './s3/heeded.ts'

/** How much of a body came: all of it; not all that was announced; a part, then silence; or it was not waited for. */
export type Arrival = 'whole' | 'cut' | 'stalled' | 'unread'

/** One request, parsed from its raw bytes: never through WHATWG URL, which would resolve `..`. */
export interface ServerRequest {
  readonly id: string
  readonly method: string
  /** The path and the query exactly as sent. */
  readonly rawPath: string
  readonly rawQuery: string
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Decoded byte strings; a fault may change them before the request is handled. */
  readonly query: Map<string, string>
  readonly form: ReadonlyMap<string, string>
  readonly service: 's3' | 'sts'
  /** AWS's name of the operation, for example `CopyObject` or `AssumeRole`; else `NotImplemented`. */
  readonly operation: string
  readonly bucket: string
  /** The key as Unicode text, and as the byte string that the store is indexed by. */
  readonly key: string
  readonly keyBytes: string
  readonly payload: Buffer
  readonly arrival: Arrival
  /** Of all header lines and the query. */
  readonly headBytes: number
}

/** What arrives on the socket. */
export interface RawRequest {
  readonly id: string
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly headerBytes: number
  readonly payload: Buffer
  readonly arrival: Arrival
}

/** Splits the request target and names the operation. */
export function parseRequest(raw: RawRequest): ServerRequest {
  const mark = raw.url.indexOf('?')
  const rawPath = mark < 0 ? raw.url : raw.url.slice(0, mark)
  const rawQuery = mark < 0 ? '' : raw.url.slice(mark + 1)
  const { bucket, keyBytes } = addressed(rawPath, raw.headers['host'] ?? '')
  const query = parseQuery(rawQuery)
  const isForm = bucket === '' && raw.method === 'POST'
  const form = isForm ? parseQuery(raw.payload.toString('latin1')) : query
  const action = bucket === '' ? form.get('Action') : undefined
  const target = { method: raw.method, headers: raw.headers, query, bucket, keyBytes }
  return {
    id: raw.id,
    rawPath,
    rawQuery,
    form,
    service: action === undefined ? 's3' : 'sts',
    operation: action ?? operationOf(target),
    key: toText(keyBytes),
    payload: raw.payload,
    arrival: raw.arrival,
    headBytes: raw.headerBytes + rawQuery.length,
    ...target,
  }
}

/** Hosts that AWS gives to a bucket, plain ones and those of FIPS and IPv6; and of a service that takes no others. */
const BUCKET_HOST =
  /^(.+)\.(?:s3(?:-fips)?(?:\.dualstack)?\.[a-z0-9-]+\.amazonaws|oss-[a-z0-9-]+\.aliyuncs)\.com(?::\d+)?$/

/** The bucket stands in the host, else in front of the path. */
function addressed(rawPath: string, host: string): Pick<ServerRequest, 'bucket' | 'keyBytes'> {
  const [, bucket] = BUCKET_HOST.exec(host) ?? []
  if (bucket !== undefined) return { bucket, keyBytes: percentDecode(rawPath.slice(1)) }
  const slash = rawPath.indexOf('/', 1)
  return slash < 0
    ? { bucket: percentDecode(rawPath.slice(1)), keyBytes: '' }
    : {
        bucket: percentDecode(rawPath.slice(1, slash)),
        keyBytes: percentDecode(rawPath.slice(slash + 1)),
      }
}

function parseQuery(text: string): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const part of text === '' ? [] : text.split('&')) {
    const equals = part.indexOf('=')
    const name = equals < 0 ? part : part.slice(0, equals)
    pairs.set(queryDecode(name), equals < 0 ? '' : queryDecode(part.slice(equals + 1)))
  }
  return pairs
}

type Target = Pick<ServerRequest, 'method' | 'headers' | 'query' | 'bucket' | 'keyBytes'>

function operationOf(target: Target): string {
  const { query, bucket, keyBytes, method } = target
  const table = bucket === '' ? SERVICE : keyBytes === '' ? BUCKET : OBJECT
  const found = table.find(
    ([verb, , flag, header]) =>
      verb === method &&
      (flag === '' || query.has(flag)) &&
      (header === undefined || target.headers[header] !== undefined),
  )
  const operation = found?.[1] ?? 'NotImplemented'
  // What S3 would heed must not be passed over here.
  return hasUnheededParameter(operation, query) ? 'NotImplemented' : operation
}

/** Method, operation, query flag that must be there, header that must be there. First match wins. */
type Route = readonly [method: string, operation: string, flag: string, header?: string]

const SERVICE: readonly Route[] = [['GET', 'ListBuckets', '']]

const BUCKET: readonly Route[] = [
  ['GET', 'ListObjectsV2', 'list-type'],
  ['GET', 'GetBucketLocation', 'location'],
  ['GET', 'GetBucketVersioning', 'versioning'],
  ['GET', 'GetBucketEncryption', 'encryption'],
  ['GET', 'ListMultipartUploads', 'uploads'],
  ['HEAD', 'HeadBucket', ''],
  ['PUT', 'CreateBucket', ''],
  ['DELETE', 'DeleteBucket', ''],
  ['POST', 'DeleteObjects', 'delete'],
]

const OBJECT: readonly Route[] = [
  ['GET', 'GetObjectTagging', 'tagging'],
  ['GET', 'ListParts', 'uploadId'],
  ['GET', 'GetObject', ''],
  ['HEAD', 'HeadObject', ''],
  ['PUT', 'PutObjectTagging', 'tagging'],
  ['PUT', 'UploadPartCopy', 'partNumber', 'x-amz-copy-source'],
  ['PUT', 'UploadPart', 'partNumber'],
  ['PUT', 'CopyObject', '', 'x-amz-copy-source'],
  ['PUT', 'PutObject', ''],
  ['POST', 'CreateMultipartUpload', 'uploads'],
  ['POST', 'CompleteMultipartUpload', 'uploadId'],
  ['DELETE', 'DeleteObjectTagging', 'tagging'],
  ['DELETE', 'AbortMultipartUpload', 'uploadId'],
  ['DELETE', 'DeleteObject', ''],
]
