import { SyncError } from '../errors/sync-error.ts'
import type { CredentialSource, Credentials } from '../model/credentials.ts'
import type { IdentityFacts } from '../model/report.ts'
import type { AccessRequest } from '../model/request.ts'
import type { Identity, Log, Ports, RoleRequest } from '../ports.ts'
import { notFound, roleRefused } from './hints.ts'
import { withRetry } from './retry.ts'
import { wellFormed } from './well-formed.ts'

interface CredentialContext {
  readonly identity: Identity
  readonly ports: Ports
  readonly log: Log
}

/** Who is asked for, and how. */
export interface SessionRequest {
  readonly access: AccessRequest
  /** The service that knows the credentials; undefined means AWS. */
  readonly endpoint: string | undefined
  readonly requestTimeoutMs: number
}

interface Obtained {
  readonly source: IdentityFacts['source']
  readonly obtain: CredentialSource
}

const roleRequest = (who: AccessRequest, roleArn: string): RoleRequest => ({
  roleArn,
  sessionName: who.sessionName,
  durationSeconds: who.durationSeconds,
  externalId: who.externalId,
  policy: who.inlinePolicy,
  policyArns: who.policyArns.length > 0 ? who.policyArns : undefined,
})

/** A token lives five minutes, so every attempt takes a fresh one. */
function byToken(
  who: AccessRequest,
  role: RoleRequest,
  { context, token }: { context: CredentialContext; token: () => Promise<string> },
): CredentialSource {
  const { identity, ports, log } = context
  return () => {
    const asked = { token: '' }
    return withRetry(
      ports.clock,
      async (): Promise<Credentials> => {
        asked.token = await token()
        return await identity.assumeRoleWithWebIdentity(role, asked.token)
      },
      ({ code }, ms) => log.line('debug', `AssumeRoleWithWebIdentity: ${code}, again in ${ms} ms`),
    ).catch((error: unknown) => {
      throw error instanceof SyncError ? error : roleRefused(who, asked, error)
    })
  }
}

function byKeys(
  role: RoleRequest,
  base: CredentialSource,
  { access, context }: { access: AccessRequest; context: CredentialContext },
): CredentialSource {
  const { identity, ports, log } = context
  return () =>
    withRetry(
      ports.clock,
      async () => {
        const keys = wellFormed(await base())
        return identity.assumeRole(role, async () => keys)
      },
      ({ code }, ms) => log.line('debug', `AssumeRole: ${code}, again in ${ms} ms`),
    ).catch((error: unknown) => {
      throw error instanceof SyncError ? error : roleRefused(access, 'keys', error)
    })
}

function staticKeys(who: AccessRequest): CredentialSource | undefined {
  const { keys } = who
  return keys && (async () => ({ ...keys, foundIn: 'inputs' }))
}

/** Of an OIDC token: they have one or two kilobytes. */
const MOST_TOKEN_BYTES = 64 * 1024

async function tokenOf(path: string, { files, host }: Ports): Promise<string> {
  try {
    const token = (await files.readText(path, MOST_TOKEN_BYTES)).trim()
    host.mask(token)
    return token
  } catch (cause) {
    throw new SyncError('credentials', `web-identity-token-file cannot be read: ${path}`, {
      hint: 'Check the path; the file must exist before this step runs.',
      cause,
    })
  }
}

function noToken(host: Ports['host']): SyncError {
  const fork =
    host.env['GITHUB_EVENT_NAME'] === 'pull_request'
      ? ' A pull request from a fork never gets one.'
      : ''
  return new SyncError(
    'credentials',
    'role-to-assume is set, but this job may not ask for an OIDC token.',
    {
      hint: `Add to the job:\n  permissions:\n    id-token: write\n    contents: read\n${fork}`.trimEnd(),
    },
  )
}

function discovered(who: AccessRequest, { identity, ports }: CredentialContext): CredentialSource {
  const profile = who.profile ?? ports.host.env['AWS_PROFILE']
  const find = identity.discover(profile, ports.host.cancelled)
  return () =>
    find().catch((error: unknown) => {
      throw error instanceof SyncError ? error : notFound(profile, error)
    })
}

/** Where the request's credentials come from, and how to get them; nothing is asked for yet. */
export function credentialSource(
  { access, requestTimeoutMs }: SessionRequest,
  context: CredentialContext,
): Obtained {
  const { host } = context.ports
  const keys = staticKeys(access) ?? (access.profile ? discovered(access, context) : undefined)
  if (!access.roleArn)
    return keys && access.keys
      ? { source: 'inputs', obtain: keys }
      : { source: 'discovered', obtain: keys ?? discovered(access, context) }
  const role = roleRequest(access, access.roleArn)
  if (keys) return { source: 'role-by-keys', obtain: byKeys(role, keys, { access, context }) }
  const { tokenFile } = access
  if (tokenFile) {
    const token = () => tokenOf(tokenFile, context.ports)
    return { source: 'token-file', obtain: byToken(access, role, { context, token }) }
  }
  if (!host.env['ACTIONS_ID_TOKEN_REQUEST_URL']) throw noToken(host)
  const token = () => host.idToken(access.audience, requestTimeoutMs)
  return { source: 'oidc', obtain: byToken(access, role, { context, token }) }
}
