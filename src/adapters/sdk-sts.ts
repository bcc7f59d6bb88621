import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  STSClient,
  type STSClientConfig,
  type Credentials as StsCredentials,
} from '@aws-sdk/client-sts'
import { credentialFlaws, flawSentence } from '../model/credential-flaws.ts'
import type { IdentityAddress } from '../ports.ts'
import type { Agents } from './agents.ts'
import type { AskingRules } from './profile.ts'
import { toSdk } from './sdk-credentials.ts'
import { SdkHandler } from './sdk-handler.ts'
import { sdkService } from './sdk-service.ts'

function given({ Credentials: found }: { readonly Credentials?: StsCredentials | undefined }) {
  const {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: token,
  } = found ?? {}
  if (!accessKeyId || !secretAccessKey || !token) throw new Error('STS returned no credentials.')
  const expiresAtMs = found?.Expiration?.getTime()
  return toSdk(async () => ({ accessKeyId, secretAccessKey, sessionToken: token, expiresAtMs }))()
}

/** Profiles ask the same STS as everybody else, and SSO by the same agents: only AWS has it, where the SDK finds it. */
export function askingRules({ service, timeoutMs }: IdentityAddress, agents: Agents): AskingRules {
  const requestHandler = new SdkHandler({ agents, timeoutMs })
  const client = (config: STSClientConfig = {}): STSClient =>
    new STSClient({ ...sdkService(service), maxAttempts: 1, requestHandler, ...config })
  const { fips: useFipsEndpoint, dualstack: useDualstackEndpoint } = service.variant
  return {
    clientConfig: { requestHandler, useFipsEndpoint, useDualstackEndpoint },
    parentClientConfig: { region: service.region },
    roleAssumer: async (credentials, params) => {
      const flaws = credentialFlaws(credentials).map((flaw) => flawSentence(flaw, 'source_profile'))
      if (flaws.length > 0) throw new Error(flaws.join(' '))
      return given(await client({ credentials }).send(new AssumeRoleCommand(params)))
    },
    roleAssumerWithWebIdentity: async (params) =>
      given(await client().send(new AssumeRoleWithWebIdentityCommand(params))),
  }
}
