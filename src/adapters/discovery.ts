import { shortened } from '../errors/service-error.ts'
import type { CredentialSource, Credentials } from '../model/credentials.ts'
import { orAborted } from '../model/or-aborted.ts'
import { deadline } from './deadline.ts'
import type { SdkPlaces } from './sdk-places.ts'

/** Where credentials may be found: how to look there, or why nobody does. */
interface Place {
  readonly name: string
  /** What credentials of this place say that they were found in; its name where nothing else stands here. */
  readonly foundIn?: string
  readonly look: ((signal: AbortSignal) => Promise<Credentials>) | string
}

const CONTAINER = ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI']

/** Other machines than those of EC2 have metadata of their own at the same address, or nobody who answers. */
function whyNoInstance(env: NodeJS.ProcessEnv): string | undefined {
  if (env['RUNNER_ENVIRONMENT'] === 'github-hosted') return 'GitHub-hosted runners have none'
  const disabled = env['AWS_EC2_METADATA_DISABLED']
  return disabled && disabled !== 'false' ? 'AWS_EC2_METADATA_DISABLED is set' : undefined
}

/** The keys of the environment, as the SDK reads them; why there are none, where there are none. */
function fromEnv(env: NodeJS.ProcessEnv): Place['look'] {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env
  if (accessKeyId && secretAccessKey) {
    const expiry = env['AWS_CREDENTIAL_EXPIRATION']
    const expiresAtMs = expiry ? Date.parse(expiry) : undefined
    const sessionToken = env['AWS_SESSION_TOKEN'] || undefined
    return async () => ({ accessKeyId, secretAccessKey, sessionToken, expiresAtMs })
  }
  // The SDK would only say that it found none.
  if (accessKeyId) return 'AWS_SECRET_ACCESS_KEY is not set or empty, but the other one is set'
  if (secretAccessKey) return 'AWS_ACCESS_KEY_ID is not set or empty, but the other one is set'
  return 'Unable to find environment variable credentials.'
}

/** A profile that was named is the only place: nobody wants the keys of somebody else for a misspelt name. */
function places(profile: string | undefined, bySdk: () => Promise<SdkPlaces>): readonly Place[] {
  const { env } = process
  const ini = (name: string): Place => ({
    name: `profile "${name}"`,
    look: async (signal) => (await bySdk()).profile(name, signal),
  })
  if (profile) return [ini(profile)]
  const inContainer = CONTAINER.some((name) => env[name])
  return [
    {
      name: 'environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)',
      foundIn: 'environment',
      look: fromEnv(env),
    },
    ini('default'),
    {
      name: 'token file (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN)',
      look: async () => (await bySdk()).tokenFile(),
    },
    inContainer
      ? { name: 'container role', look: async () => (await bySdk()).container() }
      : {
          name: 'container role (AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI)',
          look: 'not set',
        },
    {
      name: 'instance role',
      look: inContainer
        ? 'not tried in a container'
        : (whyNoInstance(env) ?? (async () => (await bySdk()).instance())),
    },
  ]
}

/** Why a place gave nothing, without what a service answered that is not JSON: that may hold secrets. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error instanceof SyntaxError) return 'the response is not JSON'
  const code = /^(Error|.*Provider\w*Error)$/.test(error.name) ? '' : `${error.name}: `
  return `${code}${shortened(error.message).replace(/\s+/g, ' ')}`
}

const goesOn = (error: unknown): boolean =>
  error instanceof Error && 'tryNextLink' in error && error.tryNextLink === true

/** How places are looked at. */
interface Looking {
  /** How long one may take to answer. */
  readonly timeoutMs: number
  readonly cancelled: AbortSignal
  /** Loaded where the environment has no keys. */
  readonly bySdk: () => Promise<SdkPlaces>
}

/**
 * Credentials from the profile, or from the first place that has some, in the SDK's order: environment, default
 * profile, token file, container, instance. Nothing is kept: every call looks anew. Throws an error with a line for
 * every place that was looked at, or the reason of the signal.
 */
export function discovery(
  profile: string | undefined,
  { timeoutMs, cancelled, bySdk }: Looking,
): CredentialSource {
  return async () => {
    const reasons: string[] = []
    for (const { name, foundIn = name, look } of places(profile, bySdk)) {
      if (typeof look === 'string') {
        reasons.push(`${name}: ${look}`)
        continue
      }
      try {
        const signal = deadline({ timeoutMs, signal: cancelled })
        return { ...(await orAborted(signal, look(signal))), foundIn }
      } catch (error) {
        cancelled.throwIfAborted()
        reasons.push(`${name}: ${reasonOf(error)}`)
        if (!goesOn(error)) break
      }
    }
    throw new Error(reasons.join('\n'))
  }
}
