import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
  type STSClientConfig,
  type Credentials as StsCredentials,
} from '@aws-sdk/client-sts'
import { credentialFlaws, flawSentence } from '../model/credential-flaws.ts'
import type { Credentials, CurrentCredentials } from '../model/credentials.ts'
import type { Identity, IdentityAddress, RoleRequest } from '../ports.ts'
import { agentsFor } from './agents.ts'
import { discovery } from './discovery.ts'
import type { AskingRules } from './profile.ts'
import { toSdk } from './sdk-credentials.ts'
import { SdkHandler } from './sdk-handler.ts'
import { sdkService } from './sdk-service.ts'

/** Credentials are asked for one after the other. */
const SOCKETS = 4

function credentialsOf(given: StsCredentials | undefined): Credentials {
  if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken)
    throw new Error('STS returned no credentials.')
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

type Client = (config?: STSClientConfig) => STSClient

/** Profiles ask the same STS as everybody else, and SSO by the same agents: only AWS has it, where the SDK finds it. */
function askingRules(
  client: Client,
  { service, timeoutMs }: IdentityAddress,
  requestHandler: SdkHandler,
): AskingRules {
  const { fips: useFipsEndpoint, dualstack: useDualstackEndpoint } = service.variant
  const given = (answer: { Credentials?: StsCredentials | undefined }) =>
    toSdk(async () => credentialsOf(answer.Credentials))()
  return {
    clientConfig: { requestHandler, useFipsEndpoint, useDualstackEndpoint },
    parentClientConfig: { region: service.region },
    timeoutMs,
    roleAssumer: async (credentials, params) => {
      const flaws = credentialFlaws(credentials).map((flaw) => flawSentence(flaw, 'source_profile'))
      if (flaws.length > 0) throw new Error(flaws.join(' '))
      return given(await client({ credentials }).send(new AssumeRoleCommand(params)))
    },
    roleAssumerWithWebIdentity: async (params) =>
      given(await client().send(new AssumeRoleWithWebIdentityCommand(params))),
  }
}

/** STS through the AWS SDK; one attempt a call, since every attempt takes a fresh token. */
export function stsIdentity(address: IdentityAddress): Identity {
  const agents = agentsFor({ maxSockets: SOCKETS })
  const requestHandler = new SdkHandler({ agents, timeoutMs: address.timeoutMs })
  const client: Client = (config = {}) => {
    return new STSClient({
      ...sdkService(address.service),
      maxAttempts: 1,
      requestHandler,
      ...config,
    })
  }
  const as = (credentials: CurrentCredentials) => client({ credentials: toSdk(credentials) })

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
    discover: (profile, cancelled) =>
      discovery(profile, askingRules(client, address, requestHandler), cancelled),
  }
}
