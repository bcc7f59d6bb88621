import { fromIni } from '@aws-sdk/credential-provider-ini'
import { CredentialsProviderError } from '@smithy/core/config'
import { readProfiles } from './aws-profiles.ts'
import { fromCommand } from './credential-process.ts'
import type { AwsCredentialIdentity } from './sdk-credentials.ts'
import { checkTokenFile } from './token-file.ts'

/** How the SDK asks STS and SSO on behalf of a profile. */
export type AskingRules = Required<
  Pick<
    NonNullable<Parameters<typeof fromIni>[0]>,
    'clientConfig' | 'parentClientConfig' | 'roleAssumer' | 'roleAssumerWithWebIdentity'
  >
>

type Profiles = Awaited<ReturnType<typeof readProfiles>>
type Profile = Profiles[string]

const hasKeys = ({ aws_access_key_id: id, aws_secret_access_key: secret }: Profile): boolean =>
  id !== undefined && secret !== undefined

const takesRole = ({
  role_arn: role,
  source_profile: profile,
  credential_source: source,
}: Profile): boolean => role !== undefined && (profile === undefined) !== (source === undefined)

/** What the SDK takes for a link of the chain, where it is asked on behalf of another profile. */
const isLink = ({ role_arn: role, credential_source: source }: Profile): boolean =>
  !role && Boolean(source)

/** Profiles of which each is asked on behalf of the one before it. */
interface Chain {
  readonly names: readonly string[]
  /** Whether the last is asked for neither keys nor a role, but for what stands behind these in the SDK's order. */
  readonly ends: boolean
}

/** The way of the SDK from a profile to that whose credentials the roles are taken with. */
function chainOf(profiles: Profiles, first: string): Chain {
  const names = [first]
  for (let name = first; ; ) {
    const profile = profiles[name] ?? {}
    const isFirst = names.length === 1
    if (!isFirst && hasKeys(profile)) return { names, ends: false }
    if (!takesRole(profile) && (isFirst || !isLink(profile)))
      return { names, ends: !hasKeys(profile) }
    const next = profile['source_profile']
    // A circle is the SDK's to refuse, and a credential_source its to ask.
    if (!next || names.indexOf(next, 1) > 0) return { names, ends: false }
    names.push(next)
    name = next
  }
}

/** What AssumeRole is asked for a profile, as the SDK asks. */
function roleOf(roleArn: string, profile: Profile) {
  const { role_session_name: name, external_id: externalId, duration_seconds: seconds } = profile
  return {
    RoleArn: roleArn,
    RoleSessionName: name || `aws-sdk-js-${Date.now()}`,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
    DurationSeconds: Number.parseInt(seconds || '3600', 10),
  }
}

/** The roles of profiles, taken one with the session of the other, the last of them first. */
async function withRoles(
  profiles: readonly Profile[],
  base: () => Promise<AwsCredentialIdentity>,
  roleAssumer: AskingRules['roleAssumer'],
): Promise<AwsCredentialIdentity> {
  if (profiles.some(({ mfa_serial: device }) => device))
    throw new CredentialsProviderError(
      'One of its roles requires multi-factor authentication, which is not possible in a job',
      { tryNextLink: false },
    )
  let credentials = await base()
  for (const profile of profiles.toReversed()) {
    const { role_arn: role } = profile
    if (role) credentials = await roleAssumer(credentials, roleOf(role, profile))
  }
  return credentials
}

/**
 * Credentials of a profile, by the SDK but for a credential_process: the SDK hands out no process, so that one which hangs
 * would be left, and starts it in the folder of the step.
 */
export function fromProfile(
  name: string,
  { clientConfig, parentClientConfig, roleAssumer, roleAssumerWithWebIdentity }: AskingRules,
): (signal: AbortSignal) => Promise<AwsCredentialIdentity> {
  const bySdk = fromIni({
    clientConfig,
    parentClientConfig: { ...parentClientConfig, profile: name },
    roleAssumer,
    roleAssumerWithWebIdentity,
    profile: name,
  })
  return async (signal) => {
    const profiles = await readProfiles()
    const { names, ends } = chainOf(profiles, name)
    const profile = names.at(-1) ?? name
    const {
      credential_process: command,
      web_identity_token_file: token,
      role_arn: role,
    } = profiles[profile] ?? {}
    if (!ends) return bySdk()
    if (token !== undefined && role !== undefined) {
      await checkTokenFile(token)
      return bySdk()
    }
    if (command === undefined) return bySdk()
    const roles = names.slice(0, -1).map((one) => profiles[one] ?? {})
    return withRoles(roles, () => fromCommand({ profile, command }, signal), roleAssumer)
  }
}
