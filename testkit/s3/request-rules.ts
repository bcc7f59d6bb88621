import { hash } from 'node:crypto'
import { type ServiceError, serviceError } from '../reply.ts'
import type { ServerRequest } from '../request.ts'
import type { Service } from '../service.ts'
import { MAX_BODY_BYTES, MAX_HEAD_BYTES } from './limits.ts'

/** What S3 refuses of a request before it asks who sent it: how it is framed, and how long its head is. */
export function checkFraming(request: ServerRequest, service: Pick<Service, 'lengths'>): void {
  if (request.headBytes > MAX_HEAD_BYTES) {
    throw serviceError(
      'RequestHeaderSectionTooLarge',
      'Your request header section exceeds the maximum allowed size.',
      { details: { MaxSizeAllowed: String(MAX_HEAD_BYTES) } },
    )
  }
  checkLength(request, service)
  checkArrival(request)
}

function checkLength(
  { method, operation, headers }: ServerRequest,
  { lengths }: Pick<Service, 'lengths'>,
): void {
  if (headers['transfer-encoding'] !== undefined) {
    if (headers['x-amz-decoded-content-length'] !== undefined) return
    throw notImplemented('Transfer-Encoding')
  }
  // Every service makes a bucket without a length.
  const written = (method === 'PUT' && operation !== 'CreateBucket') || method === 'POST'
  const bodied = lengths === 'aws' ? WITH_CONTENT.includes(operation) : written
  if (bodied && headers['content-length'] === undefined) throw missingLength()
}

function checkArrival({ arrival, headers }: ServerRequest): void {
  switch (arrival) {
    case 'unread':
      throw serviceError(
        'EntityTooLarge',
        'Your proposed upload exceeds the maximum allowed size',
        {
          details: {
            ProposedSize: headers['content-length'] ?? '',
            MaxSizeAllowed: String(MAX_BODY_BYTES),
          },
        },
      )
    case 'stalled':
      throw serviceError(
        'RequestTimeout',
        'Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.',
      )
    case 'cut':
      throw serviceError('IncompleteBody', 'The request body terminated unexpectedly')
    case 'whole':
      return
    default:
      arrival satisfies never
  }
}

/** The refusal of a header that S3 knows and does not serve here. */
export const notImplemented = (header: string, additionalMessage?: string): ServiceError =>
  serviceError(
    'NotImplemented',
    'A header you provided implies functionality that is not implemented',
    { details: { Header: header, ...(additionalMessage && { additionalMessage }) } },
  )

const missingLength = () =>
  serviceError('MissingContentLength', 'You must provide the Content-Length HTTP header.')

/** A refused value of a header or query parameter, which the answer names. */
export const invalidArgument = (message: string, name: string, value = ''): ServiceError =>
  serviceError('InvalidArgument', message, {
    details: { ArgumentName: name, ArgumentValue: value },
  })

/** A request that S3 refuses without naming a header. */
export const invalidRequest = (message: string): ServiceError =>
  serviceError('InvalidRequest', message)

const PLAIN_HASH = /^(?:UNSIGNED-PAYLOAD|[0-9a-f]{64})$/
const STREAMS: readonly string[] = [
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
]
const WITH_CONTENT: readonly string[] = ['PutObject', 'UploadPart']

/** Judges what `x-amz-content-sha256` says, before anybody looks at the body. */
export function checkDeclaredHash(request: ServerRequest): void {
  const declared = request.headers['x-amz-content-sha256']
  const signed = request.headers['authorization'] !== undefined
  if (declared === undefined) {
    if (!signed) return
    throw invalidRequest('Missing required header for this request: x-amz-content-sha256')
  }
  if (STREAMS.includes(declared)) {
    checkStream(request, declared, signed)
    return
  }
  if (!PLAIN_HASH.test(declared)) {
    throw invalidArgument(
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
      'x-amz-content-sha256',
      declared,
    )
  }
}

function checkStream(request: ServerRequest, declared: string, signed: boolean): void {
  if (!signed && declared !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') {
    throw invalidRequest(
      "Anonymous requests don't support this x-amz-content-sha256 value. Please use UNSIGNED-PAYLOAD or STREAMING-UNSIGNED-PAYLOAD-TRAILER.",
    )
  }
  if (!WITH_CONTENT.includes(request.operation)) {
    throw invalidRequest('The value of x-amz-content-sha256 header is invalid.')
  }
  if (!/^\d+$/.test(request.headers['x-amz-decoded-content-length'] ?? '')) throw missingLength()
}

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Judges whether the body is as `x-amz-content-sha256` says. */
export function checkPayloadHash({ headers, payload }: ServerRequest): void {
  const declared = headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD'
  if (declared === 'UNSIGNED-PAYLOAD' || STREAMS.includes(declared)) return
  const actual = payload.length === 0 ? EMPTY_SHA256 : hash('sha256', payload)
  if (actual === declared) return
  throw serviceError(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { details: { ClientComputedContentSHA256: declared, S3ComputedContentSHA256: actual } },
  )
}

/** What nobody may ask without a signature, whatever a bucket lets everybody do. */
const ANONYMOUS_REFUSALS: Readonly<Record<string, string>> = {
  CopyObject: 'Anonymous users cannot copy objects. Please authenticate.',
  CreateMultipartUpload: 'Anonymous users cannot initiate multipart uploads. Please authenticate.',
  UploadPartCopy: 'Anonymous users cannot copy objects. Please authenticate.',
}

/** Refuses an anonymous request for what needs a signature. */
export function checkAnonymous({ operation }: ServerRequest): void {
  const message = ANONYMOUS_REFUSALS[operation]
  if (message !== undefined) throw serviceError('AccessDenied', message)
}

/** Refuses the body of a request that has no use for one. */
export function checkNoBody({ payload }: ServerRequest): void {
  if (payload.length === 0) return
  throw invalidRequest(
    'The request included a body. Requests of this type must not include a non-empty body.',
  )
}
