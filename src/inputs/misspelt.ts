/** Settings of a profile that say where a service is. */
const OF_PLACES = [
  ...['region', 'endpoint_url', 'services', 'ignore_configured_endpoint_urls'],
  ...['use_fips_endpoint', 'use_dualstack_endpoint'],
] as const

/** Settings of a profile that say who somebody is. */
const OF_IDENTITIES = [
  ...['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token', 'role_arn'],
  ...['source_profile', 'credential_source', 'credential_process', 'web_identity_token_file'],
  ...['external_id', 'role_session_name', 'sso_session', 'sso_account_id', 'sso_role_name'],
  ...['sso_start_url', 'sso_region'],
] as const

/** A setting of a profile that nobody reads, and the one that was meant. */
export interface Misspelt {
  readonly written: string
  readonly meant: string
}

/** What is left of a name without what tells it from the one that was meant: case, hyphens, `export`, what nobody sees. */
const bare = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^export\s+/, '')
    .replaceAll('-', '_')
    .replace(/[^a-z0-9_]/g, '')

/**
 * Settings that the AWS CLI may read, or its user takes for read, and the SDKs pass over in silence, so that another
 * service is asked or somebody else acts. A setting that also stands there as it should be is no problem.
 */
export function misspelt(
  settings: Readonly<Record<string, string | undefined>>,
  { identities }: { readonly identities: boolean },
): readonly Misspelt[] {
  const known: readonly string[] = identities ? [...OF_PLACES, ...OF_IDENTITIES] : OF_PLACES
  return Object.keys(settings).flatMap((written) => {
    const meant = bare(written)
    const isRead = known.includes(written) || settings[meant] !== undefined
    return isRead || !known.includes(meant) ? [] : [{ written, meant }]
  })
}
