import { fromHttp } from '@aws-sdk/credential-provider-http'
import { fromTokenFile } from '@aws-sdk/credential-provider-web-identity'
import { fromInstanceMetadata } from '@smithy/credential-provider-imds'
import type { Credentials } from '../model/credentials.ts'
import type { IdentityAddress } from '../ports.ts'
import type { Agents } from './agents.ts'
import { fromProfile } from './profile.ts'
import { fromSdk } from './sdk-credentials.ts'
import { askingRules } from './sdk-sts.ts'
import { checkTokenFile } from './token-file.ts'

/** Looks for credentials where the SDK knows the way. Each throws the SDK's error where it finds none. */
export interface SdkPlaces {
  profile(name: string, signal: AbortSignal): Promise<Credentials>
  tokenFile(): Promise<Credentials>
  container(): Promise<Credentials>
  instance(): Promise<Credentials>
}

async function checkTokenIn(variable: string): Promise<void> {
  const file = process.env[variable]
  if (file) await checkTokenFile(file)
}

/** The SDK's own providers, which ask the given STS. */
export function sdkPlaces(address: IdentityAddress, agents: Agents): SdkPlaces {
  const rules = askingRules(address, agents)
  return {
    profile: (name, signal) => fromSdk(() => fromProfile(name, rules)(signal))(),
    tokenFile: async () => {
      await checkTokenIn('AWS_WEB_IDENTITY_TOKEN_FILE')
      return fromSdk(fromTokenFile(rules))()
    },
    container: async () => {
      await checkTokenIn('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE')
      return fromSdk(fromHttp())()
    },
    instance: () => fromSdk(fromInstanceMetadata())(),
  }
}
