/** What went wrong, by the room that noticed it. */
export type ErrorKind =
  | 'input'
  | 'install'
  | 'credentials'
  | 'preflight'
  | 'listing'
  | 'guard'
  | 'execute'
  | 'cancelled'
  | 'internal'

interface Details {
  /** What the user does next. */
  readonly hint?: string
  /** Whether the same step can succeed when it is tried again. */
  readonly retryable?: boolean
  readonly cause?: unknown
}

/** The one error of the project: what failed and why (`message`), and what to do next (`hint`). */
export class SyncError extends Error {
  override readonly name = 'SyncError'
  readonly kind: ErrorKind
  readonly hint: string | undefined
  readonly retryable: boolean

  constructor(kind: ErrorKind, message: string, details: Details = {}) {
    super(message, { cause: details.cause })
    this.kind = kind
    this.hint = details.hint
    this.retryable = details.retryable ?? false
  }
}

/** An error as people read it. */
export interface Explanation {
  readonly kind: ErrorKind
  readonly title: string
  /** What failed and why, then what to do. */
  readonly text: string
}

const TITLES: Readonly<Record<ErrorKind, string>> = {
  input: 'Inputs need a change',
  install: 's5cmd could not be installed',
  credentials: 'No usable AWS credentials',
  preflight: 'The run is not ready to start',
  listing: 'A listing is not complete',
  guard: 'Refused to protect your data',
  execute: 'The copy did not finish',
  cancelled: 'Cancelled',
  internal: 'Unexpected error',
}

/** What a file system refuses for reasons that lie outside of the action. */
const FILE_CODES = new Set([
  'EACCES',
  'EDQUOT',
  'EEXIST',
  'EIO',
  'EISDIR',
  'ELOOP',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
])

const isFileFailure = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error &&
  'syscall' in error &&
  'code' in error &&
  FILE_CODES.has(String(error.code))

function fileHint(code: string): string {
  if (code === 'EMFILE' || code === 'ENFILE')
    return 'The process may open too few files: raise the limit (ulimit -n) or lower numworkers, and run again.'
  return ['EEXIST', 'EISDIR', 'ELOOP'].includes(code)
    ? 'Probably a folder or a link stands where a file should: remove it or set report-dir to another folder, and run again.'
    : 'Check that nothing else fills the disk or removes report-dir, set report-dir to another folder if need be, and run again.'
}

/** Title and text of any error; one that nobody else can be blamed for is a fault of this action and says so. */
export function explain(error: unknown): Explanation {
  if (error instanceof SyncError) {
    const text = error.hint ? `${error.message}\n${error.hint}` : error.message
    return { kind: error.kind, title: TITLES[error.kind], text }
  }
  if (isFileFailure(error))
    return {
      kind: 'execute',
      title: 'A file could not be read or written',
      text: `${error.message}\n${fileHint(error.code)}`,
    }
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    kind: 'internal',
    title: TITLES.internal,
    text: `${reason}\nThis is a fault of the action: please open an issue with this message.`,
  }
}

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

/** The stack of an error and of all its causes, for the debug log. */
export function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? `${error.name}: ${error.message}`
  return error.cause === undefined ? own : `${own}\nCaused by: ${traceOf(error.cause)}`
}
