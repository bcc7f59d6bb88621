import { isOwnCode } from '../errors/catalogue.ts'
import { shortened } from '../errors/service-error.ts'
import { codeByStatus, ofPage } from '../errors/service-failure.ts'

/** One line of s5cmd's output, understood. `job` is `SOURCE DESTINATION` as s5cmd echoes it. */
export type LogEvent =
  | { readonly kind: 'done'; readonly job: string }
  | {
      readonly kind: 'failed'
      readonly job: string
      readonly code: string
      readonly message: string
      readonly httpStatus: number | undefined
      /** s5cmd could not read the answer, which may be one to a copy that was made. */
      readonly mayStand: boolean
    }
  | { readonly kind: 'retry'; readonly code: string; readonly message: string }
  | { readonly kind: 'other'; readonly text: string }

interface LogLine {
  readonly operation?: unknown
  readonly success?: unknown
  readonly source?: unknown
  readonly destination?: unknown
  readonly command?: unknown
  readonly error?: unknown
}

function parsed(text: string): LogLine | undefined {
  try {
    const line: unknown = JSON.parse(text)
    return typeof line === 'object' && line !== null ? line : undefined
  } catch {
    return undefined
  }
}

/** Enough for two keys of the longest kind and what s5cmd says of them. */
const LONG_LINE_CHARS = 64 * 1024

/** Reads a line; one with an error text without end was cut off within that, and what stands before it is whole. */
function parse(text: string): LogLine | undefined {
  const whole = parsed(text)
  if (whole || text.length <= LONG_LINE_CHARS) return whole
  const begun = text.slice(0, LONG_LINE_CHARS).replace(/\\(u[0-9a-f]{0,3})?$/, '')
  // Of two backslashes at the end the first one may be left.
  return parsed(`${begun}"}`) ?? parsed(`${begun}\\"}`)
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/: x509: /, 'UntrustedCertificate'],
  // An answer to HEAD has no body, so that s5cmd has only its status to name.
  [/^Forbidden:/, 'AccessDenied'],
  [/^NotFound:/, 'NoSuchKey'],
  [/^([A-Z][A-Za-z0-9._-]{1,63})(?::|$)/, ''],
  [/larger than the maximum allowable size/, 'EntityTooLarge'],
  [/status code: 403/, 'AccessDenied'],
  [/status code: 404/, 'NoSuchKey'],
  [/status code: 503/, 'ServiceUnavailable'],
  [/too many open files|connection (reset|refused)|no such host|time(d )?out/i, 'RequestError'],
  // How Windows and macOS say that no port is left.
  [
    /only one usage of each socket address|lacked sufficient buffer space|can't assign requested address/i,
    'RequestError',
  ],
]

/** The S3 code in an error text of s5cmd; its first word, where that is one. */
export function codeOf(error: string): string {
  for (const [pattern, code] of WORDS) {
    const match = pattern.exec(error)
    const named = match?.[1] ?? ''
    if (match) return code || (isOwnCode(named) ? 'Unnamed' : named)
  }
  return 'Unnamed'
}

/** The answer's status, where s5cmd names it. */
function statusOf(error: string): number | undefined {
  const [, status] = /status code: (\d{3})/.exec(error) ?? []
  return status === undefined ? undefined : Number(status)
}

const UNREADABLE = /^SerializationError: /

/** What an error text says. What s5cmd cannot read it shows byte by byte: mostly that is no XML. */
function failureIn(error: string, httpStatus: number | undefined) {
  if (!UNREADABLE.test(error))
    return { code: codeOf(error), message: shortened(error), mayStand: false }
  if (httpStatus === undefined || httpStatus < 300)
    return { code: codeOf(error), message: shortened(error), mayStand: true }
  const message = ofPage(httpStatus)
  return { code: codeByStatus(httpStatus), message, mayStand: httpStatus >= 500 }
}

/** `cp --raw=true s3://a s3://b` and `cp s3://a s3://b` alike: what stands behind the flags. */
const jobOf = (command: string): string => command.slice(Math.max(command.indexOf('s3://'), 0))

/** Reads one line of `s5cmd --json --log debug run`; never throws, whatever the line is. */
export function readLogLine(text: string): LogEvent {
  const line = parse(text)
  const other: LogEvent = { kind: 'other', text }
  if (!line) return other
  const { operation, success, source, destination, command, error } = line
  if (operation === 'cp' && success === true)
    return typeof source === 'string' && typeof destination === 'string'
      ? { kind: 'done', job: `${source} ${destination}` }
      : other
  if (typeof error !== 'string') return other
  if (operation === 'cp' && typeof command === 'string') {
    const httpStatus = statusOf(error)
    return { kind: 'failed', job: jobOf(command), ...failureIn(error, httpStatus), httpStatus }
  }
  const [, retried] = /^retryable error: ?(.*)$/s.exec(error) ?? []
  return retried === undefined
    ? other
    : { kind: 'retry', code: codeOf(retried), message: shortened(error) }
}
