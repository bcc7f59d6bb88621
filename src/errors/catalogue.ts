import type { ErrorEntry } from './error-entry.ts'
import { OWN_CODES } from './own-codes.ts'
import { SEE_MESSAGE, SERVICE_CODES } from './service-codes.ts'
import type { ServiceFailure } from './service-error.ts'
import { spokenRemedy } from './spoken.ts'

/** What is known of a failure code: whether another attempt can heal it, and what a person does about it. */
export interface FailureKind {
  readonly retryable: boolean
  readonly resolution: string
}

/** The catalogue: every error code that is known, one row each. */
export const ERROR_ENTRIES: readonly ErrorEntry[] = [...SERVICE_CODES, ...OWN_CODES]

const BY_NAME: ReadonlyMap<string, ErrorEntry> = new Map(
  ERROR_ENTRIES.flatMap((entry) =>
    [entry.code, ...(entry.aliases ?? [])].map((name) => [name, entry] as const),
  ),
)

const withoutException = (code: string): string => code.replace(/Exception$/, '')

/** A code as services send it: SDKs, and some services, put `Exception` behind the same name. */
export function plainCode(code: string): string {
  const plain = withoutException(code)
  return BY_NAME.has(plain) ? plain : code
}

/** The network has these names by our own words, and s5cmd and S3 by theirs. */
const SHARED: ReadonlySet<string> = new Set(['RequestError', 'RequestTimeout'])
const OWN: ReadonlySet<string> = new Set(
  OWN_CODES.map(({ code }) => code).filter((code) => !SHARED.has(code)),
)

/** Whether only this action may say a code: from a service it would tell of the run what is not so. */
export const isOwnCode = (code: string): boolean => OWN.has(plainCode(code))

/** S3 passes on the errors of KMS under names such as KMS.DisabledException. */
const familyOf = (code: string): string => code.split('.')[0] ?? code

/** The row of a code, by any of its names; undefined where nobody knows it. */
export const entryOf = (code: string): ErrorEntry | undefined =>
  BY_NAME.get(code) ?? BY_NAME.get(withoutException(code)) ?? BY_NAME.get(familyOf(code))

/** Whether an answer that tells no known code may be another one when it is asked for again. */
export const healsByStatus = (status: number): boolean =>
  status === 429 || (status >= 500 && status !== 501)

/** What is known of a code. A code that nobody knows heals unless its status (HTTP) says that the request is at fault. */
export function failureKind(code: string | undefined, status?: number): FailureKind {
  const entry = entryOf(code ?? '')
  if (entry)
    return { retryable: entry.retry !== 'no', resolution: `${entry.meaning}: ${entry.remedy}.` }
  return {
    retryable: status === undefined || healsByStatus(status),
    resolution:
      'Read the message, and run again; if it fails again, open an issue with the message.',
  }
}

/** Whether only the message says what is wrong. */
export const isVague = (code: string): boolean => entryOf(code)?.remedy === SEE_MESSAGE

/** A longer clause is none for a title. */
const TITLE_CHARS = 60

/** What a code means, with the code behind it, as a title has room for; the bare code where nobody knows more. */
export function titleOfCode(code: string): string {
  const meaning = isVague(code) ? '' : (entryOf(code)?.meaning ?? '')
  return meaning === '' || meaning.length > TITLE_CHARS ? code : `${meaning} (${code})`
}

/** What to do about a code, without what its title says already. */
export function remedyIn(code: string, resolution: string): string {
  const opening = `${entryOf(code)?.meaning}: `
  if (titleOfCode(code) === code || !resolution.startsWith(opening)) return resolution
  const remedy = resolution.slice(opening.length)
  return remedy.charAt(0).toUpperCase() + remedy.slice(1)
}

/** What to do about a failure, by its words or its code; undefined where nobody knows more than its message says. */
export const remedyFor = (
  failure: Pick<ServiceFailure, 'code' | 'message'>,
): string | undefined => {
  const spoken = spokenRemedy(failure)
  if (spoken !== undefined) return spoken
  const entry = entryOf(failure.code)
  return entry && entry.remedy !== SEE_MESSAGE ? failureKind(failure.code).resolution : undefined
}

/** Whether another run may end better though nobody changes anything: the remedy says so, or the code passes by itself. */
export function healsByRunning(code: string): boolean {
  const { retryable, resolution } = failureKind(code)
  return retryable || /(?<!then )\brun again\b/.test(resolution)
}

/** Whether a failure asks for fewer requests. */
export const isThrottling = (code: string | undefined): boolean =>
  entryOf(code ?? '')?.throttle === true

/** Whether a code says that credentials have expired. */
export const isExpiry = (code: string): boolean => entryOf(code)?.expired === 'always'

/**
 * Whether an answer says so of credentials that expire then, milliseconds since the epoch. Compatible services do not
 * know keys any more that have expired; an answer to HEAD, without a code, says nothing at all.
 */
export function hasExpired(
  code: string | undefined,
  expiresAtMs: number | undefined,
  nowMs: number,
): boolean {
  if (code !== undefined && isExpiry(code)) return true
  const may = code === undefined || entryOf(code)?.expired === 'when-due'
  return may && expiresAtMs !== undefined && nowMs >= expiresAtMs
}

/** What to do where a code is the answer to a role that was asked for; `trust` is what its trust policy must allow. */
export const roleRemedy = (code: string, trust: string): string | undefined =>
  entryOf(code)?.role?.replace('{trust}', () => trust)

/** Where the documentation tells more of a code. */
export const helpOf = (code: string): string =>
  `docs/troubleshooting.md#${entryOf(code)?.code.toLowerCase() ?? 'copy'}`

const CONSEQUENCES: ReadonlySet<string> = new Set(['HeldBack', 'CopiesFailed'])

/** Whether ops failed so only because others did. */
export const isConsequence = (code: string): boolean => CONSEQUENCES.has(code)

/** What to do about the network; undefined where the service answered, so that it is not to blame. */
export function networkHint({ code, status }: ServiceFailure): string | undefined {
  if (status !== undefined && code !== 'ProxyRefused') return undefined
  if (code === 'RequestTimeout')
    return 'The request timed out: check endpoint-url, the network and proxies; if the service only needs more time, raise request-timeout.'
  const known = entryOf(code)
  return known && failureKind(known.code).resolution
}
