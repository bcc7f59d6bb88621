import { fromEnv } from '@aws-sdk/credential-provider-env'
import { fromHttp } from '@aws-sdk/credential-provider-http'
import { fromTokenFile } from '@aws-sdk/credential-provider-web-identity'
import { fromInstanceMetadata } from '@smithy/credential-provider-imds'
import { shortened } from '../errors/service-error.ts'
import type { CredentialSource } from '../model/credentials.ts'
import { orAborted } from '../model/or-aborted.ts'
import { deadline } from './deadline.ts'
import { type AskingRules, fromProfile } from './profile.ts'
import { fromSdk, type SdkSource } from './sdk-credentials.ts'
import { checkTokenFile } from './token-file.ts'

/** Where credentials may be found: how to look there, or why nobody does. */
interface Place {
  readonly name: string
  /** What credentials of this place say that they were found in; its name where nothing else stands here. */
  readonly foundIn?: string
  readonly look: ((signal: AbortSignal) => ReturnType<SdkSource>) | string
}

const CONTAINER = ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI']

const withToken =
  (variable: string, look: SdkSource): SdkSource =>
  async () => {
    const file = process.env[variable]
    if (file) await checkTokenFile(file)
    return look()
  }

/** Other machines than those of EC2 have metadata of their own at the same address, or nobody who answers. */
function whyNoInstance(env: NodeJS.ProcessEnv): string | undefined {
  if (env['RUNNER_ENVIRONMENT'] === 'github-hosted') return 'GitHub-hosted runners have none'
  const disabled = env['AWS_EC2_METADATA_DISABLED']
  return disabled && disabled !== 'false' ? 'AWS_EC2_METADATA_DISABLED is set' : undefined
}

/** Keys that the environment holds by half: the SDK would only say that it found none. */
function halfOfKeys(env: NodeJS.ProcessEnv): string | undefined {
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
  const missing = names.filter((name) => !env[name])
  const [one] = missing
  if (missing.length !== 1 || one === undefined) return undefined
  return `${one} is not set or empty, but the other one is set`
}

/** A profile that was named is the only place: nobody wants the keys of somebody else for a misspelt name. */
function places(profile: string | undefined, rules: AskingRules): readonly Place[] {
  const { env } = process
  const ini = (name: string): Place => ({
    name: `profile "${name}"`,
    look: fromProfile(name, rules),
  })
  if (profile) return [ini(profile)]
  const inContainer = CONTAINER.some((name) => env[name])
  return [
    {
      name: 'environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)',
      foundIn: 'environment',
      look: halfOfKeys(env) ?? fromEnv(),
    },
    ini('default'),
    {
      name: 'token file (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN)',
      look: withToken('AWS_WEB_IDENTITY_TOKEN_FILE', fromTokenFile(rules)),
    },
    inContainer
      ? {
          name: 'container role',
          look: withToken('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', () => fromHttp()()),
        }
      : {
          name: 'container role (AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI)',
          look: 'not set',
        },
    {
      name: 'instance role',
      look: inContainer
        ? 'not tried in a container'
        : (whyNoInstance(env) ?? fromInstanceMetadata()),
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

/**
 * Credentials from the profile, or from the first place that has some, in the SDK's order: environment, default
 * profile, token file, container, instance. Nothing is kept: every call looks anew. Throws an error with a line for
 * every place that was looked at, or the reason of the signal.
 */
export function discovery(
  profile: string | undefined,
  rules: AskingRules,
  cancelled: AbortSignal,
): CredentialSource {
  return async () => {
    const reasons: string[] = []
    for (const { name, foundIn = name, look } of places(profile, rules)) {
      if (typeof look === 'string') {
        reasons.push(`${name}: ${look}`)
        continue
      }
      try {
        const { timeoutMs } = rules
        const signal = deadline({ timeoutMs, signal: cancelled })
        const credentials = fromSdk(() => look(signal))()
        return { ...(await orAborted(signal, credentials)), foundIn }
      } catch (error) {
        cancelled.throwIfAborted()
        reasons.push(`${name}: ${reasonOf(error)}`)
        if (!goesOn(error)) break
      }
    }
    throw new Error(reasons.join('\n'))
  }
}
