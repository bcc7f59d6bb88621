import { CredentialsProviderError } from '@smithy/core/config'
import type { AwsCredentialIdentity } from './sdk-credentials.ts'
import { runCommand } from './shell-command.ts'

/** What may be read in the JSON that AWS describes; each of it may be anything. */
interface Printed {
  readonly Version?: unknown
  readonly AccessKeyId?: unknown
  readonly SecretAccessKey?: unknown
  readonly SessionToken?: unknown
  readonly Expiration?: unknown
}

function parsed(stdout: string): Printed | undefined {
  try {
    const json: unknown = JSON.parse(stdout.trim())
    return typeof json === 'object' && json !== null ? json : undefined
  } catch {
    return undefined
  }
}

/** What says when, as an instant; an invalid one where it says nothing. */
const instant = (value: unknown): Date =>
  new Date(typeof value === 'string' || typeof value === 'number' ? value : Number.NaN)

/** Credentials as a credential_process prints them, or what is wrong with them. */
function credentialsIn(stdout: string): AwsCredentialIdentity | string {
  const printed = parsed(stdout)
  if (!printed) return 'returned invalid JSON'
  const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration } = printed
  if (Version !== 1) return 'did not return Version 1'
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string')
    return 'returned invalid credentials: AccessKeyId and SecretAccessKey must be texts'
  const sessionToken = SessionToken || undefined
  if (sessionToken !== undefined && typeof sessionToken !== 'string')
    return 'returned invalid credentials: SessionToken must be a text'
  const expiration = Expiration ? instant(Expiration) : undefined
  if (expiration && expiration.getTime() < Date.now()) return 'returned expired credentials'
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(expiration ? { expiration } : {}),
  }
}

/** What a command ran into, without what it printed: that may hold secrets. */
async function resultOf(
  command: string,
  signal: AbortSignal,
): Promise<AwsCredentialIdentity | string> {
  try {
    const { how, stdout } = await runCommand(command, signal)
    if (how === 0) return credentialsIn(stdout)
    const by = typeof how === 'number' ? `exit code ${how}` : how
    return `ended with an error (${by}; its output is not shown: it may hold secrets)`
  } catch (error) {
    signal.throwIfAborted()
    return `failed: ${error instanceof Error ? error.message : error}`
  }
}

/** Credentials that the credential_process of a profile prints. Throws where it gives none, so that other places are asked. */
export async function fromCommand(
  { profile, command }: { readonly profile: string; readonly command: string },
  signal: AbortSignal,
): Promise<AwsCredentialIdentity> {
  const result = await resultOf(command, signal)
  if (typeof result !== 'string') return result
  throw new CredentialsProviderError(`Profile ${profile} credential_process ${result}.`)
}
