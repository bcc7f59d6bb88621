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
  if (!claims) return 'The token is not a JWT: check web-identity-token-file.'
  const form = claims.sub.includes('@')
    ? ' This repository uses immutable subject claims (OWNER@ID/REPO@ID): a trust policy with plain names does not match them.'
    : ''
  return `The role's trust policy must allow sub "${claims.sub}" and aud "${claims.aud}" from ${claims.iss}.${form}`
}

/** What a role was asked for with: a token, the keys that the inputs name, or those that the runner has. */
export type AskedWith = { readonly token: string } | 'keys' | 'found keys'

const KEYS_HINT =
  "The role's trust policy must allow the identity of the given keys (and role-external-id), and that identity must be allowed sts:AssumeRole on the role."

/** What a job lacks that may not ask for a token. */
const TOKEN_PERMISSION = 'add `permissions: { id-token: write, contents: read }` to the job'

const FOUND_HINT = `This job may not request an OIDC token, so the credentials of this runner were used to assume the role: the role's trust policy must allow their identity (and role-external-id), and that identity must be allowed sts:AssumeRole on the role. To use an OIDC token instead, ${TOKEN_PERMISSION}.`

const LATER_HINT = 'It was retried several times. The problem may be temporary: run again later.'
const UNKNOWN_HINT = 'Read the message; check role-to-assume and sts-endpoint.'

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
    'Find out why it does not respond: a credential_process must not wait for input. If it only needs more time, raise request-timeout.',
  ],
  [
    /SSO session|UnauthorizedException/i,
    'A job cannot run "aws sso login": log in on this runner beforehand, or set role-to-assume (with permissions: id-token: write).',
  ],
  [
    /credential_process/,
    'Run the credential_process command as the user of this runner: it must exit with 0 and print JSON with Version 1, AccessKeyId and SecretAccessKey. It is started in an empty folder: use absolute paths for its program and files.',
  ],
  [
    /AccessDenied/,
    "The trust policy of the profile's role_arn must allow the identity of its source_profile or credential_source.",
  ],
]
const PROFILE_HINT =
  'Check the name in aws-profile (or AWS_PROFILE), and that the profile has both keys, a role_arn, a credential_process or SSO. Profiles are read from ~/.aws/config (or AWS_CONFIG_FILE) and ~/.aws/credentials (or AWS_SHARED_CREDENTIALS_FILE) of this runner.'
const NOTHING_HINT =
  'Set role-to-assume (with permissions: id-token: write), or aws-access-key-id and aws-secret-access-key. A secret that does not exist, or that this run may not read (a pull request from a fork), is empty.'

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
    hint: `These sources were tried:\n${reasons}`,
    cause: error,
  })
}

/** That a role has nothing to be taken by, neither a token nor credentials of the runner. */
export function nothingToTakeBy(why: string | undefined, error: unknown): SyncError {
  const ofFork = why?.startsWith(OF_FORK) === true
  const permission = `To assume role-to-assume, ${TOKEN_PERMISSION}.`
  const remedies = ofFork ? [why] : [permission, why]
  const told = ['This job may not request an OIDC token.', ...remedies].filter(Boolean)
  return new SyncError('credentials', told.join('\n'), {
    title: ofFork ? 'A pull request from a fork cannot get an OIDC token' : undefined,
    hint: `No other credentials were found to assume the role with:\n${listed(error)}`,
    cause: error,
  })
}

/** Where keys of the inputs are refused: what is wrong with them mostly. */
const KEY_HINTS: Readonly<Record<string, string>> = {
  InvalidAccessKeyId:
    'Set aws-access-key-id and aws-secret-access-key to active keys; keys of a service other than AWS need endpoint-url.',
  SignatureDoesNotMatch:
    'Paste aws-secret-access-key again: it is truncated, or belongs to another access key.',
  ExpiredToken:
    'Temporary keys last 1 hour by default, and keys given as inputs cannot be renewed: pass new ones, or set role-to-assume, whose session is renewed during the run.',
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
      'Check the keys or the role, and sts-endpoint if the service is not AWS.',
    cause: error,
  })
}
