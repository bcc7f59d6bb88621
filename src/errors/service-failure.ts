/** What a service or the network said when a request failed. */
export interface ServiceFailure {
  /** The service's error code, or for the network's RequestError / RequestTimeout / Cancelled / UntrustedCertificate / ProxyRefused. */
  readonly code: string
  readonly message: string
  /** HTTP status, where an answer came. */
  readonly status: number | undefined
}

interface ErrorLike {
  readonly name?: string
  readonly code?: unknown
  readonly message?: string
  /** The proxy's answer to a tunnel. */
  readonly statusCode?: unknown
  readonly cause?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number }
}

const BY_STATUS: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  400: 'BadRequest',
  403: 'AccessDenied',
  404: 'NotFound',
  407: 'ProxyRefused',
  412: 'PreconditionFailed',
  500: 'InternalError',
  501: 'NotImplemented',
  503: 'ServiceUnavailable',
}

const NAMELESS = new Set([
  'Unknown',
  'UnknownError',
  'Error',
  'Forbidden',
  '403',
  '412',
  '500',
  '501',
  '503',
])

/** How Node and OpenSSL call a certificate that proves nothing. */
const CERTIFICATE = /CERT|SIGNATURE|^HOSTNAME_MISMATCH$/

function networkFailure(code: string, text: string, { statusCode }: ErrorLike): ServiceFailure {
  const message = `${code} ${text}`.trim()
  const failure = { code: 'RequestError', message, status: undefined }
  if (CERTIFICATE.test(code)) return { ...failure, code: 'UntrustedCertificate' }
  if (code !== 'ERR_PROXY_TUNNEL') return failure
  // Node before 24.17 names the proxy with its password.
  const told = { ...failure, message: message.replace(/\/\/[^/\s]*@/, '//') }
  return statusCode === 407 || statusCode === 403 ? { ...told, code: 'ProxyRefused' } : told
}

/** What services call their errors; what else stands there may be anything, also a secret that is sent back. */
const CODE = /^[A-Za-z0-9._-]{1,64}$/

/** A code as services send them; any other text becomes `Unnamed`, and is told behind the message. */
export function namedFailure(
  code: string,
  message: string,
): Pick<ServiceFailure, 'code' | 'message'> {
  if (CODE.test(code)) return { code, message }
  return { code: 'Unnamed', message: code === '' ? message : `${message} (its code: ${code})` }
}

/** Code, message and status of any error that came through a port; the code is a plain word in any case. */
export function serviceFailure(error: unknown): ServiceFailure {
  const like: ErrorLike = typeof error === 'object' && error !== null ? error : {}
  const message = like.message ?? String(error)
  const status = like.$metadata?.httpStatusCode
  const name = like.name ?? ''
  if (name === 'AbortError') return { code: 'Cancelled', message, status }
  if (name === 'TimeoutError') return { code: 'RequestTimeout', message, status }
  if (status === undefined && typeof like.code === 'string')
    return networkFailure(like.code, message, like)
  if (NAMELESS.has(name)) {
    const said = status !== undefined && /^(UnknownError|Unknown)?$/.test(message)
    const told = said ? `The service answered with status ${status}, and no reason.` : message
    return { code: BY_STATUS[status ?? 0] ?? 'RequestError', message: told, status }
  }
  return { ...namedFailure(name, message), status }
}

/** Whether the same request may succeed when it is sent again. */
export function isTransient({ code, status }: ServiceFailure): boolean {
  if (
    /^(RequestError|RequestTimeout|SlowDown|Throttling\w*|TooManyRequests\w*|IDPCommunicationError|ConditionalRequestConflict)$/.test(
      code,
    )
  )
    return true
  return status !== undefined && (status === 429 || (status >= 500 && status !== 501))
}
