import { fromEnv } from '@aws-sdk/credential-provider-env'
import { fromHttp } from '@aws-sdk/credential-provider-http'
import { fromIni } from '@aws-sdk/credential-provider-ini'
import { fromTokenFile } from '@aws-sdk/credential-provider-web-identity'
import { fromInstanceMetadata } from '@smithy/credential-provider-imds'
import { shortened } from '../errors/service-error.ts'
import { orAborted } from '../model/or-aborted.ts'
import type { CredentialSource } from '../ports.ts'
import { deadline } from './deadline.ts'
import { readText } from './regular-file.ts'
import { fromSdk, type SdkSource } from './sdk-credentials.ts'

/** How the SDK asks STS and SSO on behalf of a profile, and how long a place may take to answer. */
export type AskingRules = Pick<
  NonNullable<Parameters<typeof fromIni>[0]>,
  'clientConfig' | 'parentClientConfig' | 'roleAssumer' | 'roleAssumerWithWebIdentity'
> & { readonly timeoutMs: number }

/** Where credentials may be found: how to look there, or why nobody does. */
interface Place {
  readonly name: string
  /** What credentials of this place say that they were found in; its name where nothing else stands here. */
  readonly foundIn?: string
  readonly look: SdkSource | string
}

const CONTAINER = ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI']

/** Of a token: it has one or two kilobytes. */
const MOST_TOKEN_BYTES = 64 * 1024

/** The SDK reads a file of a token to its end, and of a pipe there may be none: then nothing else is done, no cancel heard. */
const withToken =
  (variable: string, look: SdkSource): SdkSource =>
  async () => {
    const file = process.env[variable]
    if (file)
      await readText(file, MOST_TOKEN_BYTES).catch((error: NodeJS.ErrnoException) => {
        // The SDK says so itself, where it needs the file.
        if (error.code !== 'ENOENT') throw error
      })
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
  return `${one} is not set, or empty, and the other is set`
}

/** A profile that was named is the only place: nobody wants the keys of somebody else for a misspelt name. */
function places(profile: string | undefined, rules: AskingRules): readonly Place[] {
  const { env } = process
  const ini = (name: string): Place => ({
    name: `profile "${name}"`,
    look: fromIni({
      ...rules,
      profile: name,
      parentClientConfig: { ...rules.parentClientConfig, profile: name },
    }),
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
        ? 'not asked in a container'
        : (whyNoInstance(env) ?? fromInstanceMetadata()),
    },
  ]
}

/** Why a place gave nothing, without what a process or a service printed: that may hold secrets. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error instanceof SyntaxError) return 'the answer is not JSON'
  if (error.message.startsWith('Command failed'))
    return 'credential_process ended with an error (its output is not shown: it may hold secrets)'
  const code = /^(Error|.*Provider\w*Error)$/.test(error.name) ? '' : `${error.name}: `
  return `${code}${shortened(error.message).replace(/\s+/g, ' ')}`
}

const goesOn = (error: unknown): boolean =>
  error instanceof Error && 'tryNextLink' in error && error.tryNextLink === true

/**
 * Credentials from the profile, or from the first place that has some, in the SDK's order: environment, default
 * profile, token file, container, instance. Nothing is kept: every call looks anew. Throws an error with a line for
 * every place that was looked at.
 */
export function discovery(profile: string | undefined, rules: AskingRules): CredentialSource {
  return async () => {
    const reasons: string[] = []
    for (const { name, foundIn = name, look } of places(profile, rules)) {
      if (typeof look === 'string') {
        reasons.push(`${name}: ${look}`)
        continue
      }
      try {
        // The SDK waits for ever for a credential_process, as for one that asks somebody for a password.
        return { ...(await orAborted(deadline(rules), fromSdk(look)())), foundIn }
      } catch (error) {
        reasons.push(`${name}: ${reasonOf(error)}`)
        if (!goesOn(error)) break
      }
    }
    throw new Error(reasons.join('\n'))
  }
}
