import { hash } from 'node:crypto'
import { serviceError } from '../reply.ts'
import type { ServerRequest } from '../request.ts'
import type { ChecksumSupport } from '../service.ts'
import { CHECKSUMS } from './checksums.ts'
import { invalidRequest, notImplemented } from './request-rules.ts'

/** Base64 by algorithm suffix, for example `crc32`. */
export type Checksums = Readonly<Record<string, string>>

/** What AWS knows and this server cannot work out. */
const INCOMPUTABLE: readonly string[] = ['xxhash64', 'xxhash3', 'xxhash128']

const PREFIX = 'x-amz-checksum-'

/** Headers that begin like a checksum and are none. */
const NO_CHECKSUM: readonly string[] = [
  'x-amz-checksum-algorithm',
  'x-amz-checksum-mode',
  'x-amz-checksum-type',
]

/** Whether a header of this name brings a checksum. */
export const isChecksum = (name: string): boolean =>
  name.startsWith(PREFIX) && !NO_CHECKSUM.includes(name)

/** Judges Content-MD5 against the body. */
export function checkContentMd5({ headers }: ServerRequest, bytes: Buffer): void {
  const declared = headers['content-md5']
  if (declared === undefined) return
  if (!isBase64Of(declared, 16)) {
    throw serviceError('InvalidDigest', 'The Content-MD5 you specified was invalid.', {
      details: { 'Content-MD5': declared },
    })
  }
  const actual = hash('md5', bytes, 'base64')
  if (actual === declared) return
  throw serviceError('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
    details: { ExpectedDigest: declared, CalculatedDigest: actual },
  })
}

function isBase64Of(text: string, size: number): boolean {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === size && bytes.toString('base64') === text
}

/** Judges the one `x-amz-checksum-…` that a request may have, in its headers or behind its body, and gives it back. */
export function checkChecksums(
  request: ServerRequest,
  bytes: Buffer,
  trailers: ReadonlyMap<string, string>,
): Checksums {
  const inHead = Object.keys(request.headers).filter(isChecksum)
  const announced = announcedTrailer(request, trailers)
  if (inHead.length + announced.length > 1) {
    throw invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    )
  }
  const [header] = [...inHead, ...announced]
  checkSdkAlgorithm(request, header)
  if (header === undefined) return {}
  const name = header.slice(PREFIX.length)
  const declared = request.headers[header] ?? trailers.get(header) ?? ''
  checkChecksum({ header, name, declared }, bytes)
  return { [name]: declared }
}

function announcedTrailer(
  { headers }: ServerRequest,
  trailers: ReadonlyMap<string, string>,
): readonly string[] {
  const name = headers['x-amz-trailer']?.toLowerCase()
  if (name === undefined) return []
  if (!isChecksum(name)) {
    throw invalidRequest('The value specified in the x-amz-trailer header is not supported')
  }
  if (trailers.has(name)) return [name]
  throw serviceError(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  )
}

function checkSdkAlgorithm({ headers }: ServerRequest, header: string | undefined): void {
  const wanted = headers['x-amz-sdk-checksum-algorithm']
  if (wanted === undefined) return
  if (header === undefined) {
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    )
  }
  if (header === PREFIX + wanted.toLowerCase()) return
  throw invalidRequest('Value for x-amz-sdk-checksum-algorithm header is invalid.')
}

/** The algorithm of this name, in lower case; throws for one that S3 or this server does not know. */
export function checksumOf(name: string): (bytes: Buffer) => string {
  if (INCOMPUTABLE.includes(name)) throw notImplemented(PREFIX + name)
  const checksum = CHECKSUMS[name]
  if (checksum !== undefined) return checksum
  throw invalidRequest('The algorithm type you specified in x-amz-checksum- header is invalid.')
}

interface Declared {
  readonly header: string
  readonly name: string
  readonly declared: string
}

function checkChecksum({ header, name, declared }: Declared, bytes: Buffer): void {
  const actual = checksumOf(name)(bytes)
  if (!isBase64Of(declared, Buffer.from(actual, 'base64').length)) {
    throw invalidRequest(`Value for ${header} header is invalid.`)
  }
  if (actual === declared) return
  throw serviceError(
    'BadDigest',
    `The ${name.toUpperCase()} you specified did not match the calculated checksum.`,
  )
}

/** What a request proved, to a service that can judge so much. */
export interface Proof {
  readonly checksums: Checksums
  readonly support: ChecksumSupport
}

/** Refuses a request without a digest where the service wants one, in AWS's words. */
export function demandDigest(
  { headers }: ServerRequest,
  { checksums, support }: Proof,
  message: string,
): void {
  if (headers['content-md5'] !== undefined) return
  if (support === 'md5-only') {
    throw serviceError(
      'MissingContentMD5',
      'Missing required header for this request: Content-Md5.',
    )
  }
  if (Object.keys(checksums).length > 0) return
  throw invalidRequest(message)
}
