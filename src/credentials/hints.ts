import { SyncError, serviceFailure } from '../errors.ts'
import { networkHint } from '../model/failures.ts'
import type { IdentityRequest } from '../model/request.ts'

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

const HINTS: Readonly<Record<string, (token: string) => string>> = {
  AccessDenied: trustHint,
  InvalidIdentityToken: (token) =>
    `The account has no OIDC identity provider for the issuer of this token, or its audience differs. ${trustHint(token)}`,
  InvalidParameterValue: trustHint,
  ExpiredTokenException: () => 'The token had expired: check the clock of this runner.',
  ValidationError: () =>
    'Check role-to-assume, role-session-name and role-duration-seconds against what the role allows.',
  MalformedPolicyDocument: () => 'Check inline-session-policy.',
  PackedPolicyTooLarge: () =>
    'Shorten inline-session-policy, or name fewer managed-session-policies.',
}

/** The refusal of a role as a SyncError that names the one thing to change. */
export function roleRefused(who: IdentityRequest, token: string, error: unknown): SyncError {
  const failure = serviceFailure(error)
  const { code, message } = failure
  const hint = HINTS[code]?.(token) ?? networkHint(failure)
  return new SyncError(
    'credentials',
    `The role ${who.roleArn} was not given: ${code}: ${message}`,
    {
      hint: hint ?? 'Check role-to-assume and sts-endpoint.',
      cause: error,
    },
  )
}
