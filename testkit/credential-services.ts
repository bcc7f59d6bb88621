import type { IncomingMessage } from 'node:http'
import type { Credentials } from './iam/iam.ts'
import { listenOnLoopback, webServer } from './web-server.ts'

/** Keys of a session, as the services below hand them out. */
export type SessionKeys = Required<Credentials>

/** A stand-in of a service that hands out keys, on loopback. */
export interface CredentialService extends AsyncDisposable {
  readonly url: string
  /** Method and path of everything it was asked, in order. */
  readonly requests: readonly string[]
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

const HOUR_MS = 3_600_000
const inAnHour = (): number => Date.now() + HOUR_MS
const refusal = (status: number): Answer => ({ status, body: '' })
const json = (body: unknown): Answer => ({ status: 200, body: JSON.stringify(body) })

async function start(reply: (request: IncomingMessage, url: URL) => Answer | undefined) {
  const requests: string[] = []
  const server = webServer(false)
  server.on('request', (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const answer = reply(request, new URL(request.url ?? '/', 'http://127.0.0.1'))
    if (answer) response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  const { url, close } = await listenOnLoopback(server)
  return { url, requests, [Symbol.asyncDispose]: close }
}

const roleAnswer = ({ accessKeyId, secretAccessKey, sessionToken }: SessionKeys): Answer =>
  json({
    Code: 'Success',
    Type: 'AWS-HMAC',
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: new Date(inAnHour()).toISOString().replace(/\.\d+/, ''),
    LastUpdated: new Date().toISOString(),
  })

/** The endpoint of a container's role (ECS, EKS, CodeBuild), for those who know its token. */
export const startContainerRole = (keys: SessionKeys, token: string): Promise<CredentialService> =>
  start(({ headers }) => (headers.authorization === token ? roleAnswer(keys) : refusal(401)))

const ROLES = '/latest/meta-data/iam/security-credentials/'

/** The instance metadata service of EC2 (IMDSv2) with one role; without keys it never answers. */
export function startInstanceMetadata(keys?: SessionKeys): Promise<CredentialService> {
  const token = 'imds-session'
  return start(({ method, headers }, { pathname }) => {
    if (!keys) return undefined
    if (method === 'PUT' && pathname === '/latest/api/token') {
      const limited = headers['x-aws-ec2-metadata-token-ttl-seconds'] !== undefined
      return limited ? { status: 200, body: token } : refusal(400)
    }
    if (headers['x-aws-ec2-metadata-token'] !== token) return refusal(401)
    if (pathname === ROLES) return { status: 200, body: 'Runner' }
    return pathname === `${ROLES}Runner` ? roleAnswer(keys) : refusal(404)
  })
}

const LOGGED_OUT: Answer = {
  status: 401,
  body: '{"message":"Session token not found or invalid"}',
  headers: { 'x-amzn-errortype': 'UnauthorizedException' },
}

/** The portal of IAM Identity Center (SSO), for those who know the access token. */
export const startSsoPortal = (keys: SessionKeys, token: string): Promise<CredentialService> =>
  start(({ headers }, { pathname, searchParams }) => {
    if (headers['x-amz-sso_bearer_token'] !== token) return LOGGED_OUT
    const known = searchParams.get('account_id') && searchParams.get('role_name')
    if (pathname !== '/federation/credentials' || !known) return refusal(404)
    return json({ roleCredentials: { ...keys, expiration: inAnHour() } })
  })
