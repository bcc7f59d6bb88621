import { entryOf, networkHint, roleRemedy } from '../errors/catalogue.ts'
import { isTransient, serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { unreached } from '../errors/unreached.ts'
import { OF_FORK } from '../inputs/withheld.ts'
import type { AccessRequest } from '../model/request.ts'

/** The claims of a token that a trust policy looks at; undefined when it is no JWT. */
export function claimsOf(token: string): { sub: string; aud: string; iss: string } | undefined {
  try {
    const payload = token.split('.')[1] ?? ''
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return { sub: String(claims.sub), aud: String(claims.aud), iss: String(claims.iss) }
  } catch {
    return undefined
  }
}

function trustHint(token: string): string {
  const claims = claimsOf(token)
  if (!claims) return 'The token that was sent is not a JWT: check web-identity-token-file.'
  const form = claims.sub.includes('@')
    ? ' This repository has the immutable form of sub (OWNER@ID/REPO@ID): a trust policy with the plain names does not match it.'
    : ''
  return `The role's trust policy must allow sub "${claims.sub}" and aud "${claims.aud}" from ${claims.iss}.${form}`
}

/** What a role was asked for with: a token, the keys that the inputs name, or those that the runner has. */
export type AskedWith = { readonly token: string } | 'keys' | 'found keys'

const KEYS_HINT =
  "The role's trust policy must allow the identity of the given keys (and role-external-id), and that identity must be allowed sts:AssumeRole on the role."

/** What a job lacks that may not ask for a token. */
const TOKEN_PERMISSION = 'add `permissions: { id-token: write, contents: read }` to the job'

const FOUND_HINT = `It was asked for by the credentials that this runner has, since this job may not ask for an OIDC token: the role's trust policy must allow their identity (and role-external-id), and it must be allowed sts:AssumeRole on the role. To take it by an OIDC token, ${TOKEN_PERMISSION}.`

const LATER_HINT = 'It was tried several times. It may pass by itself: run again later.'
const UNKNOWN_HINT = 'See the message; check role-to-assume and sts-endpoint.'

/** That STS could not be asked at all, which says nothing of who asks; undefined where it answered. */
function stsUnreached({ sts }: AccessRequest, error: unknown): SyncError | undefined {
  const { endpoint, region } = sts
  const asked = { service: 'STS', endpoint, region, input: 'sts-endpoint' } as const
  const nobody = unreached(serviceFailure(error), asked)
  return nobody && new SyncError('credentials', nobody.message, { hint: nobody.hint, cause: error })
}

/** The refusal of a role as a SyncError that names the one thing to change. */
export function roleRefused(access: AccessRequest, asked: AskedWith, error: unknown): SyncError {
  const nobody = stsUnreached(access, error)
  if (nobody) return nobody
  const failure = serviceFailure(error)
  const { code, message } = failure
  const trust =
    typeof asked === 'object' ? trustHint(asked.token) : asked === 'keys' ? KEYS_HINT : FOUND_HINT
  return new SyncError(
    'credentials',
    `The role ${access.roleArn} could not be assumed: ${code}: ${message}`,
    {
      hint: isTransient(failure)
        ? (networkHint(failure) ?? LATER_HINT)
        : (roleRemedy(code, trust) ?? networkHint(failure) ?? UNKNOWN_HINT),
      cause: error,
    },
  )
}

const DISCOVERY_HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /It took longer than/,
    'Look why it does not answer: a credential_process must not wait for input. If it only needs more time, raise request-timeout.',
  ],
  [
    /SSO session|UnauthorizedException/i,
    'Nobody can run "aws sso login" in a job: log in on this runner before, or set role-to-assume (with permissions: id-token: write).',
  ],
  [
    /credential_process/,
    "Run the command of credential_process as this runner's user: it must end with 0 and print JSON with Version 1, AccessKeyId and SecretAccessKey. It is started in an empty folder: name its program and its files by their whole paths.",
  ],
  [
    /AccessDenied/,
    "The trust policy of the profile's role_arn must allow its source_profile or credential_source.",
  ],
]
const PROFILE_HINT =
  'Check the name in aws-profile (or AWS_PROFILE), and that the profile has both keys, a role_arn, a credential_process or SSO. Profiles are read from ~/.aws/config (or AWS_CONFIG_FILE) and ~/.aws/credentials (or AWS_SHARED_CREDENTIALS_FILE) of this runner.'
const NOTHING_HINT =
  'Set role-to-assume (with permissions: id-token: write), or aws-access-key-id and aws-secret-access-key. A secret that does not exist, or that a pull request from a fork may not read, is empty.'

const listed = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^/gm, '- ')

/** That no place had credentials, as a SyncError that names the one thing to do and lists the places. */
export function notFound(
  profile: string | undefined,
  why: string | undefined,
  error: unknown,
): SyncError {
  const reasons = listed(error)
  const found = DISCOVERY_HINTS.find(([pattern]) => pattern.test(reasons))
  const hint = found?.[1] ?? (profile ? PROFILE_HINT : undefined)
  // Of one place the reason is the cause; of many that have nothing none is.
  if (hint)
    return new SyncError('credentials', `No AWS credentials were found:\n${reasons}`, {
      hint,
      cause: error,
    })
  const ofFork = why?.startsWith(OF_FORK) === true
  const remedy = ofFork ? why : [why, NOTHING_HINT].filter(Boolean).join('\n')
  return new SyncError('credentials', `No AWS credentials were found.\n${remedy}`, {
    hint: `What was looked at:\n${reasons}`,
    cause: error,
  })
}

/** That a role has nothing to be taken by, neither a token nor credentials of the runner. */
export function nothingToTakeBy(why: string | undefined, error: unknown): SyncError {
  const ofFork = why?.startsWith(OF_FORK) === true
  const permission = `To assume role-to-assume, ${TOKEN_PERMISSION}.`
  const remedies = ofFork ? [why] : [permission, why]
  const told = ['This job may not ask for an OIDC token.', ...remedies].filter(Boolean)
  return new SyncError('credentials', told.join('\n'), {
    title: ofFork ? 'A pull request from a fork gets no OIDC token' : undefined,
    hint: `No other credentials were found to assume the role by:\n${listed(error)}`,
    cause: error,
  })
}

/** Where keys of the inputs are refused: what is wrong with them mostly. */
const KEY_HINTS: Readonly<Record<string, string>> = {
  InvalidAccessKeyId:
    'Put keys that are active into aws-access-key-id and aws-secret-access-key; keys of another service than AWS need endpoint-url.',
  SignatureDoesNotMatch:
    'Paste aws-secret-access-key again: it is cut off, or belongs to another access key.',
  ExpiredToken:
    'Keys that are given as inputs cannot be renewed: pass fresh ones, or set role-to-assume.',
}

/** What a service says is wrong, without advice that does not know where keys come from here. */
const withoutAdvice = (message: string): string =>
  message.replace(/(?<=\.)\s+(Check|Consult) .*$/s, '')

/** Credentials that were refused, as a SyncError that names the one thing to change. */
export function credentialsRefused(access: AccessRequest, error: unknown): SyncError {
  const nobody = stsUnreached(access, error)
  if (nobody) return nobody
  const failure = serviceFailure(error)
  const { code, message } = failure
  const entry = entryOf(code)
  const given = access.keys && !access.roleArn ? KEY_HINTS[entry?.code ?? ''] : undefined
  const what = `The credentials were refused: ${code}: ${withoutAdvice(message)}`
  return new SyncError('credentials', what, {
    hint:
      given ??
      networkHint(failure) ??
      'Check the keys or the role, and sts-endpoint where the service is not AWS.',
    cause: error,
  })
}
