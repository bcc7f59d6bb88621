import { entryOf, healsByStatus, isOwnCode, plainCode } from './catalogue.ts'
import { ServiceError, type ServiceFailure, shortened } from './service-error.ts'

export type { ServiceFailure } from './service-error.ts'

/** What the SDK and Node throw, as far as it is looked at. */
interface Thrown {
  readonly name?: string
  /** Node's name of what the network did. */
  readonly code?: unknown
  /** The service's own name of what is wrong, where the SDK has another one. */
  readonly Code?: unknown
  readonly message?: string
  /** Of a failure of the file system. */
  readonly path?: unknown
  /** The proxy's answer to a tunnel. */
  readonly statusCode?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
}

const BY_STATUS: Readonly<Record<number, string>> = {
  307: 'TemporaryRedirect',
  401: 'AccessDenied',
  403: 'AccessDenied',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  407: 'ProxyRefused',
  408: 'RequestTimeout',
  411: 'MissingContentLength',
  412: 'PreconditionFailed',
  413: 'RequestTooLarge',
  416: 'InvalidRange',
  429: 'TooManyRequests',
  500: 'InternalError',
  501: 'NotImplemented',
  503: 'ServiceUnavailable',
}

/** The code of an answer that tells none. */
export function codeByStatus(status: number | undefined): string {
  const named = BY_STATUS[status ?? 0]
  if (named) return named
  if (status === undefined || status >= 500 || status < 300) return 'RequestError'
  return status < 400 ? 'PermanentRedirect' : 'BadRequest'
}

/** What stands where a service told no code: the SDK's words, or its status. */
const NAMELESS = /^(Unknown|UnknownError|Error|Forbidden|\d{3})$/

/** How Node and OpenSSL call a certificate that proves nothing. */
const CERTIFICATE = /CERT|SIGNATURE|^HOSTNAME_MISMATCH$/

/** Node names its own refusals so; of these, only what TLS, proxies and sockets do is the network's. */
const LOCAL = /^ERR_(?!TLS_|SSL_|PROXY_|SOCKET_|STREAM_PREMATURE_CLOSE$)/

/** What OpenSSL calls a wrong version number: an answer in plain http. */
export const NO_TLS = 'The server does not support https'

/** What Node's names of failed calls mean; `at` is the host or address that it tells. */
const CALLS: Readonly<Record<string, (at: string) => string>> = {
  ENOTFOUND: (at) => `DNS cannot resolve ${at}`,
  EAI_AGAIN: (at) => `DNS did not answer for ${at}`,
  ECONNREFUSED: (at) => `connection refused by ${at}`,
  ETIMEDOUT: (at) => `${at} did not respond`,
  EHOSTUNREACH: (at) => `no route to ${at}`,
  ENETUNREACH: (at) => `no route to ${at}`,
}

/** A failure of the network in words, with its name behind them; as Node tells it where that says more. */
function inWords(code: string, text: string): string {
  const [, call, at] = /^(?:connect|getaddrinfo) (\S+) (\S+)$/.exec(text) ?? []
  if (at !== undefined && call === code && Object.hasOwn(CALLS, code))
    return `${CALLS[code]?.(at)} (${code})`
  if (/^(socket hang up|read ECONNRESET)$/.test(text))
    return `the connection was closed before a response arrived (${code})`
  // Of certificates Node goes on with an option of its own command line, which AWS_CA_BUNDLE stands in for here.
  return `${code} ${text.replace(/; if the root CA is installed locally, .*$/s, '')}`.trim()
}

function networkFailure(code: string, text: string, { statusCode, path }: Thrown): ServiceFailure {
  const told = `${code} ${text}`.trim()
  // A file that cannot be read is no matter of the network.
  if (typeof path === 'string') return { code, message: text, status: undefined }
  const failure = {
    code: 'RequestError',
    message: /EPROTO.*wrong version number/s.test(told) ? NO_TLS : inWords(code, text),
    status: undefined,
  }
  if (LOCAL.test(code)) return { ...failure, code: 'RequestNotSent' }
  if (CERTIFICATE.test(code)) return { ...failure, code: 'UntrustedCertificate' }
  if (code !== 'ERR_PROXY_TUNNEL') return failure
  // Node before 24.17 names the proxy with its password.
  const safe = { ...failure, message: told.replace(/\/\/[^/\s]*@/, '//') }
  return statusCode === 407 || statusCode === 403 ? { ...safe, code: 'ProxyRefused' } : safe
}

/** What services call their errors; what else stands there may be anything, also a secret that is sent back. */
const CODE = /^[A-Za-z0-9._-]{1,64}$/

/** Some services send the line of the status as the code, such as `412 Precondition Failed`. */
const STATUS_LINE = /^([1-5]\d\d) [A-Za-z' -]{1,64}$/

/** A code as services send them; any other text becomes `Unnamed`, and is told behind the message. */
export function namedFailure(code: string, text: string): Pick<ServiceFailure, 'code' | 'message'> {
  const message = shortened(text)
  if (CODE.test(code) && !isOwnCode(code)) return { code: plainCode(code), message }
  const [, status] = STATUS_LINE.exec(code) ?? []
  if (status !== undefined) return { code: codeByStatus(Number(status)), message }
  return {
    code: 'Unnamed',
    message: code === '' ? message : `${message} (its code: ${shortened(code)})`,
  }
}

function failureOf(thrown: Thrown, message: string): ServiceFailure {
  const status = thrown.$metadata?.httpStatusCode
  const name = typeof thrown.Code === 'string' ? thrown.Code : (thrown.name ?? '')
  if (name === 'AbortError') return { code: 'Cancelled', message, status }
  if (name === 'TimeoutError') return { code: 'RequestTimeout', message, status }
  if (status === undefined && typeof thrown.code === 'string')
    return networkFailure(thrown.code, message, thrown)
  if (!NAMELESS.test(name)) return { ...namedFailure(name, message), status }
  if (status === undefined || !/^(UnknownError|Unknown)?$/.test(message))
    return { code: codeByStatus(status), message, status }
  const isPage = thrown.$response?.headers?.['content-type']?.includes('html')
  return answeredFailure({ status, code: undefined, message: isPage ? ofPage(status) : undefined })
}

/** What is said of a page that came in place of an answer. */
export const ofPage = (status: number): string =>
  `HTTP status ${status}: the response is not from S3, but a page of a proxy, firewall or web server.`

/** What an answer says that tells of a failure: its status, and what its body says. */
export interface FailedAnswer {
  readonly status: number
  /** undefined, or empty: the body tells none. */
  readonly code: string | undefined
  readonly message: string | undefined
  /** How long the service wants to be left alone. */
  readonly retryAfterMs?: number | undefined
}

/** The error of an answer; without a code of its own it is named by its status. */
export function answeredFailure(answer: FailedAnswer): ServiceError {
  const { status, code, message, retryAfterMs } = answer
  const text = message || `The service returned HTTP status ${status} without an error message.`
  const named =
    code && !NAMELESS.test(code)
      ? namedFailure(code, text)
      : { code: codeByStatus(status), message: text }
  return new ServiceError(named.code, named.message, { status, retryAfterMs })
}

/** Any error that came through a port as a ServiceError, whose code is a plain word in any case. */
export function serviceFailure(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error
  const thrown: Thrown = typeof error === 'object' && error !== null ? error : {}
  const { code, message, status } = failureOf(thrown, thrown.message ?? String(error))
  return new ServiceError(code, message, { status, cause: error })
}

/** Whether the same request may succeed when it is sent again. */
export function isTransient({ code, message, status }: ServiceFailure): boolean {
  const entry = entryOf(code)
  if (entry) return entry.retry === 'request' || entry.healsWhere?.test(message) === true
  return status !== undefined && healsByStatus(status)
}

/** By these a service says something else than that it does not know what was asked, or tells one object from another. */
const MEANT = new Set([404, 408, 409, 412, 416, 429])
/** What may be said of anything. */
const VAGUE = new Set([
  'InvalidArgument',
  'InvalidRequest',
  'MalformedXML',
  'BadRequest',
  'MethodNotAllowed',
  'MissingContentLength',
  'NotImplemented',
  'SignatureDoesNotMatch',
  'UnsupportedOperation',
  'Unnamed',
])

/**
 * Whether a service may say so that it does not know something in the request: it has no common word for that. The
 * same request without it proves what it was.
 */
export const isPuzzled = ({ code, status }: ServiceFailure): boolean =>
  code === 'NotImplemented' ||
  status === 501 ||
  (status !== undefined &&
    status >= 400 &&
    status < 500 &&
    !MEANT.has(status) &&
    (VAGUE.has(code) || entryOf(code) === undefined))

/** Whether a failure is the answer of a service that was reached, and not one that may be another next time. */
export const isRefusal = (failure: ServiceFailure): boolean =>
  failure.status !== undefined &&
  (failure.status === 501 || (failure.status >= 400 && failure.status < 500)) &&
  !isTransient(failure)

/** Whether a service says that an object is not there; an answer to HEAD has no other word for it than its status. */
export const isMissing = (error: unknown): boolean =>
  ['NotFound', 'NoSuchKey'].includes(serviceFailure(error).code)
