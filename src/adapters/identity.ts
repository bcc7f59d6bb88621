import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
  type STSClientConfig,
  type Credentials as StsCredentials,
} from '@aws-sdk/client-sts'
import type {
  CredentialSource,
  Credentials,
  Identity,
  IdentityAddress,
  RoleRequest,
} from '../ports.ts'
import { agentsFor } from './agents.ts'
import { fromSdk, toSdk } from './sdk-credentials.ts'

const CONNECT_MS = 10_000
/** Credentials are asked for one after the other. */
const SOCKETS = 4

function credentialsOf(given: StsCredentials | undefined): Credentials {
  if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken)
    throw new Error('STS answered without credentials.')
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    sessionToken: given.SessionToken,
    expiresAtMs: given.Expiration?.getTime(),
  }
}

const roleInput = (role: RoleRequest) => ({
  RoleArn: role.roleArn,
  RoleSessionName: role.sessionName,
  DurationSeconds: role.durationSeconds,
  Policy: role.policy,
  PolicyArns: role.policyArns?.map((arn) => ({ arn })),
})

/** STS through the AWS SDK; one attempt a call, since every attempt takes a fresh token. */
export function stsIdentity(address: IdentityAddress): Identity {
  const agents = agentsFor({ maxSockets: SOCKETS })
  const client = (config: STSClientConfig = {}) =>
    new STSClient({
      region: address.region,
      ...(address.endpoint ? { endpoint: address.endpoint } : {}),
      maxAttempts: 1,
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        requestTimeout: address.timeoutMs,
        // The limit above ends with the head of an answer; a body that stops coming is ended by this one.
        socketTimeout: address.timeoutMs,
        throwOnRequestTimeout: true,
        httpAgent: agents.http,
        httpsAgent: agents.https,
      },
      ...config,
    })
  const as = (credentials: CredentialSource) => client({ credentials: toSdk(credentials) })

  return {
    assumeRoleWithWebIdentity: async (role, token) => {
      const input = { ...roleInput(role), WebIdentityToken: token }
      const answer = await client().send(new AssumeRoleWithWebIdentityCommand(input))
      return credentialsOf(answer.Credentials)
    },
    assumeRole: async (role, base) => {
      const input = { ...roleInput(role), ExternalId: role.externalId }
      const answer = await as(base).send(new AssumeRoleCommand(input))
      return credentialsOf(answer.Credentials)
    },
    callerIdentity: async (credentials) => {
      const { Account = '', Arn = '' } = await as(credentials).send(
        new GetCallerIdentityCommand({}),
      )
      return { account: Account, arn: Arn }
    },
    // A client without credentials finds them where the SDK always looks, STS and SSO by the same agents.
    discover: (profile) => fromSdk(client(profile ? { profile } : {}).config.credentials),
  }
}
