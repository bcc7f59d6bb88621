import { createSign, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { listenOnLoopback, webServer } from './web-server.ts'

/** A JSON Web Key, public part. */
export type Jwk = Readonly<Record<string, unknown>>

/** Claims of an id token. */
export type Claims = Readonly<Record<string, unknown>>

/** GitHub's OIDC issuer: the token endpoint that a job asks, and the keys that STS checks with. */
export interface Issuer {
  readonly url: string
  /** The `sub` of the tokens that the endpoint hands out. */
  subject: string
  /** Further claims, over the usual ones, of those tokens. */
  claims: Claims
  /** HTTP statuses for the next token requests, first come first served: `[503, 503]`, `[403]`. */
  refusals: number[]
  /** Every token request is answered so much later, milliseconds. */
  delayMs: number
  /** Answers to token requests, refusals included. */
  readonly requests: () => number
  /** Signs a token as the endpoint would; tests bend the claims or the header. */
  readonly sign: (claims?: Claims, header?: Claims) => string
  readonly publicKey: (keyId: string) => KeyObject | undefined
  readonly env: Readonly<Record<string, string>>
  readonly close: () => Promise<void>
}

/** Where and as whom the issuer speaks. */
export interface IssuerOptions {
  readonly subject: string
  readonly now: () => number
  /** Default: plain HTTP. */
  readonly tls?: boolean
  /** Path of the issuer, as GitHub Enterprise Server has it. Default: none. */
  readonly path?: string
}

let keyPair: ReturnType<typeof newKeyPair> | undefined

/** Making an RSA key takes a tenth of a second: once per process is enough. */
function newKeyPair() {
  return { ...generateKeyPairSync('rsa', { modulusLength: 2048 }), keyId: randomUUID() }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

const DEFAULT_AUDIENCE = 'https://github.com/o'
const LIFETIME_SECONDS = 300

/** Starts the issuer on a loopback port of its own. */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  keyPair ??= newKeyPair()
  const { privateKey, publicKey, keyId } = keyPair
  const bearer = randomUUID()
  const server = webServer(options.tls ?? false)
  server.on('request', (request, response) => {
    setTimeout(() => answer(request, response), issuer.delayMs)
  })
  const { url: host, close } = await listenOnLoopback(server)
  const url = host + (options.path ?? '')
  let requests = 0
  const issuer: Issuer = {
    url,
    subject: options.subject,
    claims: {},
    refusals: [],
    delayMs: 0,
    requests: () => requests,
    sign: (claims = {}, header = {}) => {
      const nowSeconds = Math.floor(options.now() / 1000)
      const payload = { ...usualClaims(issuer, nowSeconds), ...issuer.claims, ...claims }
      const head = encode({ alg: 'RS256', typ: 'JWT', kid: keyId, ...header })
      const signed = `${head}.${encode(payload)}`
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`
    },
    publicKey: (id) => (id === keyId ? publicKey : undefined),
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer,
    },
    close,
  }
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname: asked, searchParams } = new URL(request.url ?? '/', host)
    const pathname = asked.slice(options.path?.length ?? 0)
    if (pathname === '/.well-known/openid-configuration') return send(response, discovery(url))
    if (pathname === '/jwks') return send(response, { keys: [jwk(publicKey, keyId)] })
    if (pathname !== '/token') return send(response, { message: 'not found' }, 404)
    requests += 1
    const authorized = request.headers.authorization === `Bearer ${bearer}`
    const refused = issuer.refusals.shift() ?? (authorized ? undefined : 401)
    if (refused !== undefined) return send(response, { message: 'refused' }, refused)
    const value = issuer.sign({ aud: searchParams.get('audience') ?? DEFAULT_AUDIENCE })
    send(response, { count: value.length, value })
  }
  return issuer
}

function usualClaims(issuer: Issuer, nowSeconds: number): Claims {
  return {
    iss: issuer.url,
    sub: issuer.subject,
    aud: 'sts.amazonaws.com',
    iat: nowSeconds,
    nbf: nowSeconds - 600,
    exp: nowSeconds + LIFETIME_SECONDS,
    jti: randomUUID(),
    repository: 'o/r',
    repository_owner: 'o',
    repository_id: '2',
    repository_owner_id: '1',
    ref: 'refs/heads/main',
    ref_type: 'branch',
    sha: '0123456789abcdef0123456789abcdef01234567',
    run_id: '1000',
    run_attempt: '1',
    workflow: 'sync',
    job_workflow_ref: 'o/r/.github/workflows/sync.yml@refs/heads/main',
    event_name: 'workflow_dispatch',
    runner_environment: 'github-hosted',
  }
}

const discovery = (url: string) => ({
  issuer: url,
  jwks_uri: `${url}/jwks`,
  response_types_supported: ['id_token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
})

const jwk = (key: KeyObject, kid: string): Jwk => ({
  ...key.export({ format: 'jwk' }),
  kid,
  alg: 'RS256',
  use: 'sig',
})

function send(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
