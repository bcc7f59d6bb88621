import type { Body } from './body.ts'

/** What the server sends. Text is a byte string; `socket` and `cutAtBytes` are for scripted faults. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Body | undefined
  readonly errorCode?: string
  readonly socket?: 'reset' | 'stall' | 'trickle'
  readonly cutAtBytes?: number
}

/** An error answer in the making: thrown by handlers, written as XML by the endpoint. */
export interface ServiceError extends Error {
  readonly code: string
  readonly status: number
  /** Further elements of the error document, for example `BucketName`. */
  readonly details: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

/** The optional parts of a service error. */
export interface ErrorExtras {
  readonly details?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

const STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  ExpiredToken: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidObjectState: 403,
  InvalidPartNumber: 416,
  InvalidRange: 416,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NotImplemented: 501,
  PermanentRedirect: 301,
  PreconditionFailed: 412,
  RequestTimeTooSkewed: 403,
  ServerSideEncryptionConfigurationNotFoundError: 404,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
}

/** An error with AWS's code; the status is the one S3 sends with it (400 where it is not listed). */
export function serviceError(
  code: string,
  message: string,
  extras: ErrorExtras = {},
): ServiceError {
  return Object.assign(new Error(message), {
    code,
    status: STATUS[code] ?? 400,
    details: extras.details ?? {},
    headers: extras.headers ?? {},
  })
}

/** As `serviceError`, with a status of its own: STS sends other ones than S3 for the same codes. */
export const errorWithStatus = (status: number, code: string, message: string): ServiceError =>
  Object.assign(serviceError(code, message), { status })

/** Tells a service error from a bug of the server. */
export const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && 'code' in error && 'status' in error && 'details' in error

/** 200 with an XML document. */
export const xmlReply = (body: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/xml', ...headers },
  body,
})

/** An answer without a body. */
export const emptyReply = (
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({ status, headers, body: undefined })
