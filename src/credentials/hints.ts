import { networkHint, roleRemedy } from '../errors/catalogue.ts'
import { isTransient, serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
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

/** What a role was asked for with. */
export type AskedWith = { readonly token: string } | 'keys'

const KEYS_HINT =
  "The role's trust policy must allow the identity of the given keys (and role-external-id), and that identity must be allowed sts:AssumeRole on the role."

const LATER_HINT = 'It was tried several times. It may pass by itself: run again later.'
const UNKNOWN_HINT = 'See the message; check role-to-assume and sts-endpoint.'

/** The refusal of a role as a SyncError that names the one thing to change. */
export function roleRefused(who: AccessRequest, asked: AskedWith, error: unknown): SyncError {
  const failure = serviceFailure(error)
  const { code, message } = failure
  const trust = asked === 'keys' ? KEYS_HINT : trustHint(asked.token)
  return new SyncError(
    'credentials',
    `The role ${who.roleArn} was not given: ${code}: ${message}`,
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

/** That no place had credentials, as a SyncError that lists the places and names the one thing to do. */
export function notFound(profile: string | undefined, error: unknown): SyncError {
  const reasons = error instanceof Error ? error.message : String(error)
  const found = DISCOVERY_HINTS.find(([pattern]) => pattern.test(reasons))
  return new SyncError(
    'credentials',
    `No AWS credentials were found:\n${reasons.replace(/^/gm, '- ')}`,
    { hint: found?.[1] ?? (profile ? PROFILE_HINT : NOTHING_HINT), cause: error },
  )
}
