import type { Origin } from '../model/request.ts'
import type { AwsConfig, Host } from '../ports.ts'
import { misspelt } from './misspelt.ts'
import { endpointUrl, flag } from './parsers.ts'
import type { Reader } from './reader.ts'
import { INPUTS, type InputValues } from './schema.ts'
import { unreadable, withoutSecrets } from './shown.ts'
import type { Side } from './sides.ts'

/** A value that no input names, and where it was found. */
export interface LookupValue<T> {
  readonly value: T
  readonly origin: Extract<Origin, 'environment' | 'config file'>
  readonly where: string
}

/** Something that keeps a run from knowing where to ask. */
export interface LookupProblem {
  /** An input, or a setting of a file. */
  readonly input: string
  readonly text: string
}

/** What may say where a service is. */
export interface Sources {
  readonly environment: boolean
  readonly file: boolean
  /** What is said of all services at once counts as well. */
  readonly shared: boolean
}

/** A place to look at. */
interface Candidate {
  readonly text: string | undefined
  readonly origin: LookupValue<unknown>['origin']
  readonly where: string
}

const INPUT_OF = {
  s3: 'endpoint-url',
  sts: 'sts-endpoint',
  cloudwatch: 'cloudwatch-metrics',
  cloudfront: 'cloudfront',
}

/**
 * Looks for what the inputs leave open where the AWS tools look, in their order: the environment, then the profile of
 * the side. Nobody else reads these variables and settings.
 */
export class AwsLookup {
  readonly #values: InputValues
  readonly #env: Host['env']
  readonly #aws: AwsConfig
  readonly #problems = new Map<string, LookupProblem>()

  constructor(values: InputValues, env: Host['env'], aws: AwsConfig) {
    this.#values = values
    this.#env = env
    this.#aws = aws
    for (const { path, problem } of [aws.config, aws.credentials])
      if (problem !== undefined) this.refuse(path, `cannot be used: ${problem}`)
    for (const side of ['source', 'destination'] as const) this.#refuseMisspelt(side)
  }

  /** Each only once, though both sides may come upon it. */
  get problems(): readonly LookupProblem[] {
    return [...this.#problems.values()]
  }

  refuse(input: string, text: string): void {
    this.#problems.set(`${input}: ${text}`, { input, text })
  }

  /** Where a service is for a side; undefined means AWS. */
  endpoint(
    side: Side,
    service: keyof typeof INPUT_OF,
    among: Sources,
  ): LookupValue<string> | undefined {
    if (this.#ignoresEndpoints(side)) return undefined
    const own = `AWS_ENDPOINT_URL_${service.toUpperCase()}`
    const variables = among.shared ? [own, 'AWS_ENDPOINT_URL'] : [own]
    const candidates = [
      ...(among.environment ? variables.map((name) => this.#variable(name)) : []),
      ...(among.file ? [this.#section(side, service)] : []),
      ...(among.file && among.shared ? [this.#setting(side, 'endpoint_url')] : []),
    ]
    const found = this.#first(INPUT_OF[service], candidates, endpointUrl)
    if (!found && among.file) this.#refuseNested(side, service)
    return found
  }

  /** A plugin of the AWS CLI reads `s3 =` with `endpoint_url` below; nothing else does, and would go to AWS in silence. */
  #refuseNested(side: Side, service: keyof typeof INPUT_OF): void {
    const name = `${service}.endpoint_url`
    const { text, where } = this.#setting(side, name)
    if (text)
      this.refuse(
        INPUT_OF[service],
        `${where} is supported only by a plugin of the AWS CLI; set endpoint_url in the profile or in a [services] section, or set the input ${INPUT_OF[service]}`,
      )
  }

  #refuseMisspelt(side: Side): void {
    const profile = this.#profile(side)
    if (/^\s|\s$|\p{C}/u.test(profile))
      this.refuse(
        'aws-profile or AWS_PROFILE',
        `${JSON.stringify(profile)}: there is no profile of this name`,
      )
    for (const { sections, path } of [this.#aws.config, this.#aws.credentials]) {
      const settings = (Object.hasOwn(sections, profile) ? sections[profile] : undefined) ?? {}
      for (const { written, meant } of misspelt(settings, { identities: this.#asks(side) }))
        this.refuse(
          path,
          `${JSON.stringify(written)} of the profile ${profile} is ignored: write ${meant}`,
        )
    }
  }

  /** Whether a side's identity may come from its profile: not where an input or the environment gives another. */
  #asks(side: Side): boolean {
    const own = side === 'source' ? this.#values['source-profile'] : undefined
    if (own ?? this.#values['aws-profile']) return true
    if (this.#values['role-to-assume'] ?? this.#values['aws-access-key-id']) return false
    return Boolean(this.#env['AWS_PROFILE']) || !this.#env['AWS_ACCESS_KEY_ID']
  }

  region(side: Side): LookupValue<string> | undefined {
    const variables = ['AWS_REGION', 'AWS_DEFAULT_REGION'].map((name) => this.#variable(name))
    // Of this setting alone the SDK believes the credentials file first.
    const candidates = [...variables, this.#setting(side, 'region', 'credentials')]
    return this.#first('aws-region', candidates, INPUTS['aws-region'].schema)
  }

  fips(side: Side): LookupValue<boolean> | undefined {
    return this.#flag(side, 'AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint')
  }

  dualstack(side: Side): LookupValue<boolean> | undefined {
    return this.#flag(side, 'AWS_USE_DUALSTACK_ENDPOINT', 'use_dualstack_endpoint')
  }

  #ignoresEndpoints(side: Side): boolean {
    const variable = 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'
    return this.#flag(side, variable, 'ignore_configured_endpoint_urls')?.value === true
  }

  /** The profile whose settings are a side's; both sides share one unless the source names its own. */
  #profile(side: Side): string {
    const own = side === 'source' ? this.#values['source-profile'] : undefined
    return own ?? this.#values['aws-profile'] ?? (this.#env['AWS_PROFILE'] || 'default')
  }

  #variable(name: string): Candidate {
    return { text: this.#env[name], origin: 'environment', where: `${name} of the environment` }
  }

  /** A setting of the side's profile, from the first of the files that has it. */
  #setting(side: Side, name: string, first: 'config' | 'credentials' = 'config'): Candidate {
    const profile = this.#profile(side)
    const { config, credentials } = this.#aws
    const files = first === 'config' ? [config, credentials] : [credentials, config]
    const texts = files.map(({ path, sections }) => ({
      text: Object.hasOwn(sections, profile) ? sections[profile]?.[name] : undefined,
      path,
    }))
    const { text, path } = texts.find((found) => found.text) ?? { text: undefined, path: '' }
    return { text, origin: 'config file', where: `${name} of the profile ${profile} in ${path}` }
  }

  /** The endpoint that `[services x]` gives to a service of the side's profile. */
  #section(side: Side, service: string): Candidate {
    const { text: name, where } = this.#setting(side, 'services')
    const { sections, path } = this.#aws.config
    const key = `services.${name}`
    const text = Object.hasOwn(sections, key) ? sections[key]?.[`${service}.endpoint_url`] : ''
    if (name && !Object.hasOwn(sections, key))
      this.refuse(
        'services',
        `"${name}" (from ${where}): there is no [services ${name}] in ${path}`,
      )
    return { text, origin: 'config file', where: `[services ${name}] in ${path}` }
  }

  #flag(side: Side, variable: string, setting: string): LookupValue<boolean> | undefined {
    return this.#first(setting, [this.#variable(variable), this.#setting(side, setting)], flag)
  }

  /** The SDK would pass over what it cannot read, and go on as if nothing were said. */
  #first<T>(
    input: string,
    candidates: readonly Candidate[],
    reader: Reader<T>,
  ): LookupValue<T> | undefined {
    const { text, origin, where } = candidates.find((found) => found.text) ?? {}
    if (!text || !origin || where === undefined) return undefined
    const read = reader.safeParse(text)
    if (read.success) return { value: read.data, origin, where }
    this.refuse(input, unreadable(withoutSecrets(text), where, read.error.issues))
    return undefined
  }
}
