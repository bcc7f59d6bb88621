import { serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { withRetry } from '../flow/retry.ts'
import { withheld } from '../inputs/withheld.ts'
import type { CredentialSource, Credentials } from '../model/credentials.ts'
import type { IdentityFacts } from '../model/report.ts'
import type { AccessRequest } from '../model/request.ts'
import { isMisread, SAVE_AS_UTF8 } from '../model/safe.ts'
import type { Identity, Log, Ports, RoleRequest } from '../ports.ts'
import { notFound, nothingToTakeBy, roleRefused } from './hints.ts'
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

const roleRequest = (access: AccessRequest, roleArn: string): RoleRequest => ({
  roleArn,
  sessionName: access.sessionName,
  durationSeconds: access.durationSeconds,
  externalId: access.externalId,
  policy: access.inlinePolicy,
  policyArns: access.policyArns.length > 0 ? access.policyArns : undefined,
})

/** A token lives five minutes, so every attempt takes a fresh one. */
function byToken(
  access: AccessRequest,
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
      ({ code }, ms) => log.line('debug', `AssumeRoleWithWebIdentity: ${code}, retry in ${ms} ms`),
    ).catch((error: unknown) => {
      throw error instanceof SyncError ? error : roleRefused(access, asked, error)
    })
  }
}

const MOST_CHAINED_SECONDS = 3600

/** A session of a role takes another one for an hour at most; whoever asks for more has it renewed. */
async function assume(role: RoleRequest, keys: Credentials, { identity, log }: CredentialContext) {
  const by = async () => keys
  try {
    return await identity.assumeRole(role, by)
  } catch (error) {
    const chained = /role chaining/i.test(serviceFailure(error).message)
    if (!chained || role.durationSeconds <= MOST_CHAINED_SECONDS) throw error
    log.line(
      'info',
      'A role assumed by another role (role chaining) lasts at most one hour; it is renewed before it expires.',
    )
    return identity.assumeRole({ ...role, durationSeconds: MOST_CHAINED_SECONDS }, by)
  }
}

function byKeys(
  role: RoleRequest,
  { base, asked }: { readonly base: CredentialSource; readonly asked: 'keys' | 'found keys' },
  { access, context }: { access: AccessRequest; context: CredentialContext },
): CredentialSource {
  const { ports, log } = context
  return () =>
    withRetry(
      ports.clock,
      async () => assume(role, wellFormed(await base()), context),
      ({ code }, ms) => log.line('debug', `AssumeRole: ${code}, retry in ${ms} ms`),
    ).catch((error: unknown) => {
      throw error instanceof SyncError ? error : roleRefused(access, asked, error)
    })
}

function staticKeys(access: AccessRequest): CredentialSource | undefined {
  const { keys } = access
  return keys && (async () => ({ ...keys, foundIn: 'inputs' }))
}

/** Of an OIDC token: they have one or two kilobytes. */
const MOST_TOKEN_BYTES = 64 * 1024

async function tokenOf(path: string, { files, host }: Ports): Promise<string> {
  try {
    const token = (await files.readText(path, MOST_TOKEN_BYTES)).trim()
    if (isMisread(token)) throw new Error(SAVE_AS_UTF8)
    host.mask(token)
    return token
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SyncError('credentials', `web-identity-token-file cannot be read: ${path}: ${why}`, {
      hint: 'Check the path; the file must exist before this step runs.',
      cause,
    })
  }
}

/** What the runner has, by whatever the SDK finds; `explain` says what it means that there is nothing. */
function discovered(
  access: AccessRequest,
  { identity, ports: { host, files } }: CredentialContext,
  explain: typeof notFound = notFound,
): CredentialSource {
  const profile = access.profile ?? host.env['AWS_PROFILE']
  const find = identity.discover(profile, host.cancelled)
  return () =>
    find().catch(async (error: unknown) => {
      if (error instanceof SyncError) throw error
      throw explain(profile, await withheld(host.env, files), error)
    })
}

/** A job that may not ask for a token may stand on a machine that has a role, or behind a step that took one. */
function byWhatIsFound(
  role: RoleRequest,
  access: AccessRequest,
  context: CredentialContext,
): CredentialSource {
  const base = discovered(access, context, (profile, why, error) =>
    profile ? notFound(profile, why, error) : nothingToTakeBy(why, error),
  )
  return byKeys(role, { base, asked: 'found keys' }, { access, context })
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
  if (keys)
    return {
      source: 'role-by-keys',
      obtain: byKeys(role, { base: keys, asked: 'keys' }, { access, context }),
    }
  const { tokenFile } = access
  if (tokenFile) {
    const token = () => tokenOf(tokenFile, context.ports)
    return { source: 'token-file', obtain: byToken(access, role, { context, token }) }
  }
  if (!host.env['ACTIONS_ID_TOKEN_REQUEST_URL'])
    return { source: 'role-by-keys', obtain: byWhatIsFound(role, access, context) }
  if (access.externalId !== undefined)
    context.log.line(
      'warn',
      'role-external-id has no effect when the role is assumed by OIDC token.',
    )
  const token = () => host.idToken(access.audience, requestTimeoutMs)
  return { source: 'oidc', obtain: byToken(access, role, { context, token }) }
}
