import { verify } from 'node:crypto'
import type { Claims, Issuer } from '../issuer.ts'
import { errorWithStatus } from '../reply.ts'

/** The checked facts of an id token. */
export interface WebIdentity {
  readonly subject: string
  readonly audience: string
  readonly audiences: readonly string[]
  /** The issuer's host and port: the name of the provider in ARNs and condition keys. */
  readonly provider: string
  readonly claims: Claims
}

const invalid = (message: string) => errorWithStatus(400, 'InvalidIdentityToken', message)

/** Checks signature, issuer, audience and times as STS does; throws STS's errors. */
export function verifyIdToken(
  token: string,
  issuer: Issuer,
  expected: { readonly audiences: readonly string[]; readonly nowMs: number },
): WebIdentity {
  const { header, claims, signed, signature } = decode(token)
  if (claims['iss'] !== issuer.url) {
    throw invalid(`No OpenIDConnect provider found in your account for ${String(claims['iss'])}`)
  }
  const key = issuer.publicKey(String(header['kid']))
  if (header['alg'] !== 'RS256' || key === undefined) {
    throw invalid(
      "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
    )
  }
  if (!verify('RSA-SHA256', Buffer.from(signed), key, signature)) {
    throw invalid('The ID Token provided is not a valid JWT: its signature does not match.')
  }
  checkTimes(claims, Math.floor(expected.nowMs / 1000))
  const audiences = [claims['aud']].flat().map(String)
  const audience = audiences.find((name) => expected.audiences.includes(name))
  if (audience === undefined) throw invalid('Incorrect token audience')
  const provider = issuer.url.replace(/^https?:\/\//, '')
  return { subject: String(claims['sub'] ?? ''), audience, audiences, provider, claims }
}

function checkTimes(claims: Claims, nowSeconds: number): void {
  const { exp, nbf } = claims
  if (typeof exp !== 'number') throw invalid('Missing a required claim: exp')
  if (exp <= nowSeconds) {
    throw errorWithStatus(
      400,
      'ExpiredTokenException',
      `Token expired: current date/time ${nowSeconds} must be before the expiration date/time ${exp}`,
    )
  }
  if (typeof nbf === 'number' && nbf > nowSeconds) throw invalid('The token is not yet valid')
}

function decode(token: string) {
  const [head = '', payload = '', signature = '', ...more] = token.split('.')
  const header = parseJson(head)
  const claims = parseJson(payload)
  if (header === undefined || claims === undefined || more.length > 0) {
    throw invalid(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    )
  }
  return {
    header,
    claims,
    signed: `${head}.${payload}`,
    signature: Buffer.from(signature, 'base64url'),
  }
}

function parseJson(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Claims) : undefined
  } catch {
    return undefined
  }
}
