import { randomBytes } from 'node:crypto'
import { toText } from '../bytes.ts'
import { errorWithStatus, type Reply, xmlReply } from '../reply.ts'
import type { Exchange } from '../service.ts'
import { element } from '../xml.ts'
import { refusal } from './authorize.ts'
import { type Caller, type Credentials, newId, newSecret, type Role } from './iam.ts'
import { compilePolicy, type Policy, type PolicyDocument } from './policy.ts'
import { verifyIdToken } from './web-identity.ts'

/** Answers an STS action. */
export function handleSts(exchange: Exchange): Reply {
  switch (exchange.request.operation) {
    case 'AssumeRoleWithWebIdentity':
      return assumeRoleWithWebIdentity(exchange)
    case 'AssumeRole':
      return assumeRole(exchange)
    case 'GetCallerIdentity':
      return getCallerIdentity(exchange)
    default:
      throw errorWithStatus(400, 'InvalidAction', 'Could not find operation in this server')
  }
}

const parameter = ({ request }: Exchange, name: string): string | undefined => {
  const value = request.form.get(name)
  return value === undefined ? undefined : toText(value)
}

const validation = (message: string) => errorWithStatus(400, 'ValidationError', message)

function required(exchange: Exchange, name: string): string {
  const value = parameter(exchange, name)
  if (value === undefined || value === '') {
    throw validation(
      `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
    )
  }
  return value
}

function signer(exchange: Exchange): Caller {
  if (exchange.caller !== undefined) return exchange.caller
  throw errorWithStatus(
    403,
    'MissingAuthenticationToken',
    'Request is missing Authentication Token',
  )
}

function assumeRoleWithWebIdentity(exchange: Exchange): Reply {
  const { iam, issuer, now } = exchange.service
  const roleArn = requiredRoleArn(exchange)
  const sessionName = requiredSessionName(exchange)
  const token = required(exchange, 'WebIdentityToken')
  const identity = verifyIdToken(token, issuer, { audiences: iam.audiences, nowMs: now() })
  const role = iam.roles.get(roleArn)
  const provider = `arn:aws:iam::${iam.account}:oidc-provider/${identity.provider}`
  const decision = role?.trust({
    action: 'sts:AssumeRoleWithWebIdentity',
    resource: '*',
    principals: [provider],
    context: new Map([
      [`${identity.provider}:sub`, [identity.subject]],
      [`${identity.provider}:aud`, identity.audiences],
    ]),
  })
  if (role === undefined || decision !== 'Allow') {
    throw errorWithStatus(
      403,
      'AccessDenied',
      'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    )
  }
  const session = openSession(exchange, role, sessionName)
  return stsReply(
    exchange,
    element('SubjectFromWebIdentityToken', identity.subject) +
      element('Audience', identity.audience) +
      element('Provider', provider) +
      session,
  )
}

function assumeRole(exchange: Exchange): Reply {
  const caller = signer(exchange)
  const roleArn = requiredRoleArn(exchange)
  const sessionName = requiredSessionName(exchange)
  const role = exchange.service.iam.roles.get(roleArn)
  const externalId = parameter(exchange, 'ExternalId')
  const access = { action: 'sts:AssumeRole', resource: roleArn }
  const decision = role?.trust({
    action: access.action,
    resource: '*',
    principals: caller.principals,
    context: new Map(externalId === undefined ? [] : [['sts:externalid', [externalId]]]),
  })
  // Trust by name is enough within an account, unless a policy of the caller forbids it.
  const forbidden = refusal(caller, access)?.includes('explicit deny') ?? false
  if (role === undefined || decision !== 'Allow' || forbidden) {
    throw errorWithStatus(
      403,
      'AccessDenied',
      `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    )
  }
  return stsReply(exchange, openSession(exchange, role, sessionName))
}

function getCallerIdentity(exchange: Exchange): Reply {
  const { arn, userId } = signer(exchange)
  return stsReply(
    exchange,
    element('Arn', arn) +
      element('UserId', userId) +
      element('Account', exchange.service.iam.account),
  )
}

function requiredRoleArn(exchange: Exchange): string {
  const arn = required(exchange, 'RoleArn')
  if (!/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn)) {
    throw validation(`${arn} is invalid`)
  }
  return arn
}

function requiredSessionName(exchange: Exchange): string {
  const name = required(exchange, 'RoleSessionName')
  if (/^[\w+=,.@-]{2,64}$/.test(name)) return name
  throw validation(
    `1 validation error detected: Value '${name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
  )
}

const CHAINED_SECONDS = 3600

function durationSeconds(exchange: Exchange, role: Role): number {
  const seconds = Number(parameter(exchange, 'DurationSeconds') ?? 3600)
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43200) {
    throw validation(
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 43200`,
    )
  }
  if (exchange.caller?.chained === true && seconds > CHAINED_SECONDS) {
    throw validation(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    )
  }
  if (seconds > role.maxSessionSeconds) {
    throw validation(
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    )
  }
  return seconds
}

function sessionPolicies(exchange: Exchange): readonly Policy[] {
  const inline = parameter(exchange, 'Policy')
  const managed = [...exchange.request.form.entries()]
    .filter(([name]) => /^PolicyArns\.member\.\d+\.arn$/.test(name))
    .map(([, arn]) => {
      const policy = exchange.service.iam.managed.get(arn)
      if (policy === undefined) throw validation(`Invalid arn ${arn}`)
      return policy
    })
  return inline === undefined ? managed : [parsePolicy(inline), ...managed]
}

function parsePolicy(text: string): Policy {
  if (text.length > 2048) throw validation('Member must have length less than or equal to 2048')
  try {
    return compilePolicy(JSON.parse(text) as PolicyDocument)
  } catch (error) {
    throw errorWithStatus(400, 'MalformedPolicyDocument', String(error))
  }
}

function openSession(exchange: Exchange, role: Role, sessionName: string): string {
  const { iam, now } = exchange.service
  const seconds = durationSeconds(exchange, role)
  const arn = `arn:aws:sts::${iam.account}:assumed-role/${role.name}/${sessionName}`
  const credentials: Required<Credentials> = {
    accessKeyId: newId('ASIA'),
    secretAccessKey: newSecret(),
    sessionToken: randomBytes(96).toString('base64'),
  }
  const expiresAtMs = now() + (iam.sessionLifetimeMs ?? seconds * 1000)
  const caller: Caller = {
    arn,
    userId: `${role.id}:${sessionName}`,
    principals: [arn, role.arn, `arn:aws:iam::${iam.account}:root`, iam.account],
    identityPolicies: role.policies,
    sessionPolicies: sessionPolicies(exchange),
    chained: true,
  }
  iam.keys.set(credentials.accessKeyId, { caller, expiresAtMs, ...credentials })
  return sessionXml({ caller, credentials, expiresAtMs, policy: parameter(exchange, 'Policy') })
}

interface OpenSession {
  readonly caller: Caller
  readonly credentials: Required<Credentials>
  readonly expiresAtMs: number
  readonly policy: string | undefined
}

function sessionXml({ caller, credentials, expiresAtMs, policy }: OpenSession): string {
  const packed = policy === undefined ? undefined : Math.ceil((policy.length / 2048) * 100)
  return [
    '<AssumedRoleUser>',
    element('Arn', caller.arn),
    element('AssumedRoleId', caller.userId),
    '</AssumedRoleUser><Credentials>',
    element('AccessKeyId', credentials.accessKeyId),
    element('SecretAccessKey', credentials.secretAccessKey),
    element('SessionToken', credentials.sessionToken),
    element('Expiration', `${new Date(expiresAtMs).toISOString().slice(0, 19)}Z`),
    '</Credentials>',
    element('PackedPolicySize', packed),
  ].join('')
}

function stsReply({ request }: Exchange, result: string): Reply {
  const name = request.operation
  return xmlReply(
    `<${name}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${name}Result>${result}</${name}Result><ResponseMetadata>${element('RequestId', request.id)}</ResponseMetadata></${name}Response>`,
    { 'content-type': 'text/xml' },
  )
}
