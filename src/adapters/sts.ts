import { ServiceError } from '../errors/service-error.ts'
import type { Credentials } from '../model/credentials.ts'
import { isUsual, type ServiceAddress } from '../model/service.ts'
import type { Caller, IdentityAddress, RoleRequest } from '../ports.ts'
import type { Agents } from './agents.ts'
import { textOf, toldFailure } from './error-answer.ts'
import { escapeUri } from './escape-uri.ts'
import { sdkService } from './sdk-service.ts'
import { MOST_SKEW_MS, ServerTime } from './server-time.ts'
import { createSigner, sha256 } from './sigv4.ts'
import { ask, type WireAnswer } from './wire.ts'
import { rootOf } from './xml.ts'

const API = '2011-06-15'
/** A service that gives no connection soon gives none at all. */
const CONNECT_MS = 10_000

/** The URL of STS as the SDK's rules have it, which are long; undefined where one has to ask them. */
export function usualStsUrl(service: ServiceAddress): URL | undefined {
  const { endpoint, region } = service
  if (endpoint !== undefined) return new URL(endpoint)
  return isUsual(service, region) ? new URL(`https://sts.${region}.amazonaws.com`) : undefined
}

async function baseOf(service: ServiceAddress): Promise<URL> {
  const usual = usualStsUrl(service)
  if (usual) return usual
  const { region, variant } = service
  const { STSClient } = await import('@aws-sdk/client-sts')
  const client = new STSClient({ ...sdkService(service) })
  return client.config.endpointProvider({
    Region: region,
    UseFIPS: variant.fips,
    UseDualStack: variant.dualstack,
    UseGlobalEndpoint: false,
  }).url
}

/** Parameters of an action; what is undefined is not sent. */
type Parameters = Readonly<Record<string, string | undefined>>

function bodyOf(action: string, parameters: Parameters): Buffer {
  const all: Parameters = { Action: action, Version: API, ...parameters }
  return Buffer.from(
    Object.entries(all)
      .flatMap(([name, value]) =>
        value === undefined ? [] : [`${escapeUri(name)}=${escapeUri(value)}`],
      )
      .join('&'),
  )
}

const parametersOf = (role: RoleRequest): Parameters => ({
  RoleArn: role.roleArn,
  RoleSessionName: role.sessionName,
  ...Object.fromEntries(
    (role.policyArns ?? []).map((arn, at) => [`PolicyArns.member.${at + 1}.arn`, arn]),
  ),
  Policy: role.policy,
  DurationSeconds: String(role.durationSeconds),
  ExternalId: role.externalId,
})

/** The result of an action. Throws ServiceError where the answer is none. */
function resultOf(answer: WireAnswer, action: string): string {
  const { status, body } = answer
  if (status < 200 || status >= 300) throw toldFailure(answer).error
  const result = rootOf(body.toString('latin1'), `${action}Response`)
  if (result !== undefined) return result
  throw new ServiceError('Unanswered', 'The response is not from STS.', { status })
}

function credentialsIn(result: string): Credentials {
  const [accessKeyId, secretAccessKey, sessionToken, expiration] = [
    'AccessKeyId',
    'SecretAccessKey',
    'SessionToken',
    'Expiration',
  ].map((name) => textOf(result, name))
  if (!accessKeyId || !secretAccessKey || !sessionToken)
    throw new Error('STS returned no credentials.')
  const expiresAtMs = expiration === undefined ? undefined : Date.parse(expiration)
  return { accessKeyId, secretAccessKey, sessionToken, expiresAtMs }
}

/** STS by our own requests: its SDK takes longer to load than all else of a run that has nothing to do. */
export class Sts {
  readonly #address: IdentityAddress
  readonly #agents: Agents
  readonly #sign: ReturnType<typeof createSigner>
  readonly #serverTime = new ServerTime()
  #base: Promise<URL> | undefined

  constructor(address: IdentityAddress, agents: Agents) {
    this.#address = address
    this.#agents = agents
    this.#sign = createSigner({ region: address.service.region, service: 'sts' })
  }

  /** Unsigned. */
  async assumeRoleWithWebIdentity(role: RoleRequest, token: string): Promise<Credentials> {
    const parameters = { ...parametersOf(role), WebIdentityToken: token, ExternalId: undefined }
    return credentialsIn(await this.#ask('AssumeRoleWithWebIdentity', parameters, undefined))
  }

  async assumeRole(role: RoleRequest, by: Credentials): Promise<Credentials> {
    return credentialsIn(await this.#ask('AssumeRole', parametersOf(role), by))
  }

  async callerIdentity(of: Credentials): Promise<Caller> {
    const result = await this.#ask('GetCallerIdentity', {}, of)
    return { account: textOf(result, 'Account') ?? '', arn: textOf(result, 'Arn') ?? '' }
  }

  /** Asks once, and once more where the signature had a time that is not the service's. */
  async #ask(action: string, parameters: Parameters, by: Credentials | undefined): Promise<string> {
    const body = bodyOf(action, parameters)
    const nowMs = this.#serverTime.timeMs() ?? Date.now()
    const answer = await this.#send(body, by, nowMs)
    this.#serverTime.saw(answer.headers.date)
    const serverMs = this.#serverTime.timeMs() ?? nowMs
    const isLate = by !== undefined && Math.abs(serverMs - nowMs) > MOST_SKEW_MS
    return isLate && answer.status >= 400 && answer.status < 500
      ? resultOf(await this.#send(body, by, serverMs), action)
      : resultOf(answer, action)
  }

  async #send(body: Buffer, by: Credentials | undefined, nowMs: number): Promise<WireAnswer> {
    this.#base ??= baseOf(this.#address.service)
    const base = await this.#base
    const { pathname, host } = base
    const path = pathname.endsWith('/') ? pathname : `${pathname}/`
    const own = { host, 'content-type': 'application/x-www-form-urlencoded' }
    const signable = { method: 'POST', path, query: '', headers: own, payloadSha256: sha256(body) }
    const headers: Record<string, string> = by ? this.#sign(signable, by, nowMs) : { ...own }
    headers['content-length'] = String(body.length)
    headers['user-agent'] = 's3-direct-sync'
    const { timeoutMs } = this.#address
    const request = { base, method: 'POST', target: path, headers, body, connectMs: CONNECT_MS }
    return ask(request, this.#agents, { timeoutMs })
  }
}
