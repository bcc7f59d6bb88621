import type { STSClient } from '@aws-sdk/client-sts'
import type { CredentialSource, CurrentCredentials } from '../model/credentials.ts'

/** Credentials as the SDK holds them. */
export type AwsCredentialIdentity = Awaited<ReturnType<STSClient['config']['credentials']>>
/** Credentials as the SDK's own providers give them. */
export type SdkSource = () => Promise<AwsCredentialIdentity>

/** Our credentials as the SDK takes them; asked for again as they expire. */
export const toSdk =
  (source: CurrentCredentials): SdkSource =>
  async () => {
    const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = await source()
    return {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      ...(expiresAtMs === undefined ? {} : { expiration: new Date(expiresAtMs) }),
    }
  }

/** The SDK's credentials as ours. */
export const fromSdk =
  (source: SdkSource): CredentialSource =>
  async () => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await source()
    return { accessKeyId, secretAccessKey, sessionToken, expiresAtMs: expiration?.getTime() }
  }
