import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ForwardProxy, startForwardProxy } from 's3-direct-sync-testkit/forward-proxy.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { loopbackTls } from 's3-direct-sync-testkit/web-server.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

type Texts = Readonly<Record<string, string>>

/** What a step is given, and what stands in the config file of its home. */
interface Given {
  readonly inputs?: Texts
  readonly env?: Texts
  readonly config?: string
}

/** Where everything must go, and where nothing may go. */
let meant: Stage
let other: Stage
/** The only way to AWS, for runs that are meant to go there. */
let proxy: ForwardProxy | undefined

const BUCKETS = ['src', 'dst', 'data', 'backup']
const S3_HOSTS = ['s3', 's3-fips', 's3.dualstack'].map((name) => `${name}.us-east-1.amazonaws.com`)
/** The hosts of AWS as its documentation has them. */
const AWS_HOSTS = [
  ...S3_HOSTS.flatMap((host) => [host, ...BUCKETS.map((bucket) => `${bucket}.${host}`)]),
  ...['sts', 'sts-fips', 'monitoring'].map((name) => `${name}.us-east-1.amazonaws.com`),
  'sts.us-east-1.api.aws',
]

const allow = (bucket: string) => ({
  Statement: {
    Effect: 'Allow' as const,
    Action: 's3:*',
    Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
  },
})
const EVERYTHING = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } as const

const keysAs = (
  prefix: '' | 'source-',
  keys: { accessKeyId: string; secretAccessKey: string },
) => ({
  [`${prefix}aws-access-key-id`]: keys.accessKeyId,
  [`${prefix}aws-secret-access-key`]: keys.secretAccessKey,
})

async function open(where: 'aws' | 'elsewhere'): Promise<void> {
  meant = await openStage({ tls: where === 'aws' })
  other = await openStage()
  for (const { kit } of [meant, other]) {
    for (const key of ['a', 'b', 'same', 'dir/']) kit.store.put('src', `data/${key}`, { body: key })
    kit.store.put('dst', 'copy/same', { body: 'same' })
    kit.store.put('dst', 'copy/extra', { body: 'extra' })
    kit.counters.reset()
  }
  if (where === 'elsewhere') return
  const hosts = Object.fromEntries(AWS_HOSTS.map((host) => [host, meant.kit.endpoint]))
  proxy = await startForwardProxy({ hosts })
}

afterEach(async () => {
  await proxy?.[Symbol.asyncDispose]()
  proxy = undefined
  await Promise.all([meant, other].map((stage) => stage[Symbol.asyncDispose]()))
})

/** Runs the action as the job of `meant`, with nothing but what is given to say where things are. */
async function run({ inputs = {}, env = {}, config = '' }: Given, more: Texts = {}) {
  const job = await openJob()
  await mkdir(join(job.home, '.aws'))
  await writeFile(join(job.home, '.aws', 'config'), config)
  const out = proxy ? { HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: loopbackTls().caFile } : {}
  const done = await meant.run(
    { 'endpoint-url': '', 'sts-endpoint': '', 'aws-region': '', ...inputs, ...more },
    { job, env: { ...meant.kit.idTokenEnv, ...out, ...env } },
  )
  return Object.assign(done, { [Symbol.asyncDispose]: () => job[Symbol.asyncDispose]() })
}

/** Counts copies by who sent them. */
function watchCopies(): { s5cmd: number; direct: number } {
  const copies = { s5cmd: 0, direct: 0 }
  meant.kit.faults.add({
    match: { operation: 'CopyObject' },
    fault: ({ headers }, next) => {
      copies[headers['user-agent']?.startsWith('aws-sdk-go/') ? 's5cmd' : 'direct'] += 1
      return next()
    },
  })
  return copies
}

function expectNobodyElsewhere(done: StepResult): void {
  const { counters } = other.kit
  expect({ asked: counters.operations(), connections: counters.connections() }, done.log).toEqual({
    asked: {},
    connections: 0,
  })
}

/** A run through STS, LIST, HEAD, copies of both engines, and a delete. */
async function expectEveryDoor(given: Given): Promise<void> {
  const copies = watchCopies()
  await using done = await run(given, { delete: 'true' })
  expectNobodyElsewhere(done)
  expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '3', deleted: '1' })
  expect(copies).toEqual({ s5cmd: 2, direct: 1 })
  expect(Object.keys(meant.kit.counters.operations())).toEqual(
    expect.arrayContaining(['ListObjectsV2', 'HeadObject', 'DeleteObjects', 'GetCallerIdentity']),
  )
}

/** A run whose objects pass through the runner, since neither identity can do both. */
async function expectStreamed(given: Given): Promise<void> {
  const { kit } = meant
  const trust = trustGitHub(kit.issuer, 'repo:o/r:*')
  const role = kit.iam.addRole({ name: 'Writer', trust, policies: [allow('dst')] })
  const reader = keysAs('source-', kit.iam.addUser('reader', [allow('src')]))
  const inputs = { compare: 'always', 'role-to-assume': role, ...reader }
  await using done = await run(given, inputs)
  expectNobodyElsewhere(done)
  expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '4' })
  const { operations } = kit.counters
  expect(operations()).toMatchObject({ GetObject: 4, PutObject: 4, AssumeRoleWithWebIdentity: 1 })
}

const everywhere = (url: string): Texts => ({
  AWS_ENDPOINT_URL_S3: url,
  AWS_ENDPOINT_URL_STS: url,
  AWS_ENDPOINT_URL: url,
})
const services = (url: string): string =>
  `services = here\n[services here]\ns3 =\n  endpoint_url = ${url}\nsts =\n  endpoint_url = ${url}\n`

/** Each way to say where, with the other place named by all that must not count. */
const WAYS: Readonly<Record<string, (url: string, wrong: string) => Given>> = {
  'the inputs endpoint-url and sts-endpoint': (url, wrong) => ({
    inputs: { 'endpoint-url': url, 'sts-endpoint': url },
    env: everywhere(wrong),
    config: `[default]\nendpoint_url = ${wrong}\n${services(wrong)}`,
  }),
  'an input for each side, in two spellings': (url, wrong) => ({
    inputs: {
      'source-endpoint-url': `${url.toUpperCase().replace('HTTP', 'http')}/`,
      'destination-endpoint-url': url,
      'sts-endpoint': url,
    },
    env: everywhere(wrong),
  }),
  'AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL_STS': (url, wrong) => ({
    env: { ...everywhere(url), AWS_ENDPOINT_URL: wrong },
    config: `[default]\nendpoint_url = ${wrong}\n`,
  }),
  AWS_ENDPOINT_URL: (url, wrong) => ({
    env: { AWS_ENDPOINT_URL: url },
    config: `[default]\nendpoint_url = ${wrong}\n${services(wrong)}`,
  }),
  'endpoint_url of the default profile': (url) => ({
    config: `[default]\nendpoint_url = ${url}/\n`,
  }),
  'the services section of the default profile': (url, wrong) => ({
    config: `[default]\nendpoint_url = ${wrong}\n${services(url)}`,
  }),
  'the profile that AWS_PROFILE names': (url, wrong) => ({
    env: { AWS_PROFILE: 'near' },
    config: `[default]\nendpoint_url = ${wrong}\n[profile near]\nendpoint_url = ${url}\n`,
  }),
}

describe('every door leads to the service that is named by', () => {
  beforeEach(() => open('elsewhere'))

  const givenBy = (way: string): Given => WAYS[way]?.(meant.kit.endpoint, other.kit.endpoint) ?? {}

  it.each(Object.keys(WAYS))('%s', async (way) => {
    await expectEveryDoor(givenBy(way))
    expect(meant.kit.counters.of('AssumeRoleWithWebIdentity')).toBe(1)
  })

  it.each([
    'an input for each side, in two spellings',
    'the services section of the default profile',
  ])('%s, where objects pass through the runner', async (way) => {
    await expectStreamed(givenBy(way))
  })

  it('the profile of aws-profile, which also takes the role', async () => {
    const { kit, roleArn } = meant
    kit.iam.addRole({
      name: 'Sync',
      trust: { Statement: { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' } },
      policies: [EVERYTHING],
    })
    const { accessKeyId, secretAccessKey } = kit.iam.addUser('base', [EVERYTHING])
    const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`
    await expectEveryDoor({
      inputs: { 'role-to-assume': '', 'aws-profile': 'near' },
      env: { AWS_PROFILE: 'far' },
      config:
        `[profile base]\n${keys}[profile far]\nendpoint_url = ${other.kit.endpoint}\n` +
        `[profile near]\nrole_arn = ${roleArn}\nsource_profile = base\n${services(kit.endpoint)}`,
    })
    expect(kit.counters.of('AssumeRole')).toBe(1)
  })
})

/** Each way to mean AWS, whatever else is named. */
const AWS_WAYS: Readonly<Record<string, (wrong: string) => Given>> = {
  'nothing that says otherwise': () => ({}),
  'endpoint-url: aws': (wrong) => ({
    inputs: { 'endpoint-url': 'aws' },
    env: everywhere(wrong),
    config: `[default]\nendpoint_url = ${wrong}\n${services(wrong)}`,
  }),
  'aws for each side, beside another endpoint-url': (wrong) => ({
    inputs: {
      'endpoint-url': wrong,
      'source-endpoint-url': 'aws',
      'destination-endpoint-url': 'aws',
    },
    env: everywhere(wrong),
  }),
  'aws for each side, beside a profile of another service': (wrong) => ({
    inputs: { 'source-endpoint-url': 'aws', 'destination-endpoint-url': 'aws' },
    env: { AWS_PROFILE: 'near' },
    config: `[profile near]\nendpoint_url = ${wrong}\n${services(wrong)}`,
  }),
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: (wrong) => ({
    env: { ...everywhere(wrong), AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
    config: `[default]\nendpoint_url = ${wrong}\n`,
  }),
  ignore_configured_endpoint_urls: (wrong) => ({
    env: everywhere(wrong),
    config: `[default]\nignore_configured_endpoint_urls = true\nendpoint_url = ${wrong}\n`,
  }),
}

const hostsOf = (s3: string, sts: string): string[] =>
  [`dst.${s3}`, `src.${s3}`, sts].map((host) => `${host}.us-east-1.amazonaws.com`)
const asked = (): string[] => Object.keys(proxy?.tunnels ?? {}).sort()

describe('every door leads to AWS, at the hosts that the docs list, by', () => {
  beforeEach(() => open('aws'))

  it.each(Object.keys(AWS_WAYS))('%s', async (way) => {
    await expectEveryDoor(AWS_WAYS[way]?.(other.kit.endpoint) ?? {})
    expect(asked()).toEqual(hostsOf('s3', 'sts'))
  })

  it.each(['nothing that says otherwise', 'aws for each side, beside another endpoint-url'])(
    '%s, where objects pass through the runner',
    async (way) => {
      await expectStreamed(AWS_WAYS[way]?.(other.kit.endpoint) ?? {})
      expect(asked()).toEqual(hostsOf('s3', 'sts'))
    },
  )
})

describe('all doors ask the same variant of the hosts of AWS', () => {
  beforeEach(() => open('aws'))

  it.each<[string, Given, string[]]>([
    [
      'FIPS by the environment',
      { env: { AWS_USE_FIPS_ENDPOINT: 'true' } },
      ['s3-fips', 'sts-fips'],
    ],
    [
      'FIPS by the profile that AWS_PROFILE names',
      {
        env: { AWS_PROFILE: 'gov' },
        config: '[default]\nuse_fips_endpoint = false\n[profile gov]\nuse_fips_endpoint = true\n',
      },
      ['s3-fips', 'sts-fips'],
    ],
    [
      'the plain ones, where the environment takes back what the file says',
      {
        env: { AWS_USE_FIPS_ENDPOINT: 'false' },
        config: '[default]\nuse_fips_endpoint = true\n',
      },
      ['s3', 'sts'],
    ],
  ])('%s', async (_, given, [s3 = '', sts = '']) => {
    await expectEveryDoor(given)
    expect(asked()).toEqual(hostsOf(s3, sts))
  })

  it('dual-stack by the config file, which STS has in another domain', async () => {
    await expectEveryDoor({ config: '[default]\nuse_dualstack_endpoint = true\n' })
    const [dst = '', src = ''] = hostsOf('s3.dualstack', '')
    expect(asked()).toEqual([dst, src, 'sts.us-east-1.api.aws'])
  })

  it('those of CloudWatch too', async () => {
    await using done = await run(
      { env: { AWS_ENDPOINT_URL: other.kit.endpoint }, inputs: { 'endpoint-url': 'aws' } },
      { 'cloudwatch-metrics': 'true' },
    )
    expectNobodyElsewhere(done)
    expect(asked()).toContain('monitoring.us-east-1.amazonaws.com')
  })
})

describe('beside a service that the environment names, a destination at AWS', () => {
  beforeEach(() => open('aws'))

  /** AWS by `aws` at the destination, and the environment's service as the source. */
  const across = (inputs: Texts): Given => ({
    inputs: {
      'role-to-assume': '',
      'destination-endpoint-url': 'aws',
      ...keysAs('', meant.kit.iam.admin),
      ...keysAs('source-', other.kit.iam.admin),
      ...inputs,
    },
    env: { AWS_ENDPOINT_URL_S3: other.kit.endpoint },
  })

  it('gets the copies and the deletes, and a bucket of its name at the other service keeps all', async () => {
    for (const { kit } of [meant, other]) kit.store.createBucket('backup')
    other.kit.store.put('backup', 'precious.txt', { body: 'precious' })
    for (const key of ['old', 'data/a'])
      meant.kit.store.put('backup', key, { body: key === 'old' ? 'old' : 'a' })
    const inputs = { source: 's3://src/', destination: 's3://backup/', delete: 'true' }
    await using done = await run(across(inputs))
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '3', deleted: '1' })
    expect([...other.kit.store.snapshot('backup', '').keys()]).toEqual(['precious.txt'])
    expect(meant.kit.store.bytes('backup', 'data/b')?.toString()).toBe('b')
    expect(meant.kit.store.bytes('backup', 'old')).toBeUndefined()
  })

  it('is not compared with a bucket of its name at the other service', async () => {
    for (const { kit } of [meant, other]) kit.store.createBucket('data')
    for (const key of ['a', 'b']) other.kit.store.put('data', key, { body: key })
    await using done = await run(across({ source: 's3://data/', destination: 's3://data/' }))
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '2' })
    expect(meant.kit.store.bytes('data', 'a')?.toString()).toBe('a')
  })

  it.each<[string, string, (url: string) => Given]>([
    ['the environment', 's5cmd', (url) => ({ env: { AWS_ENDPOINT_URL_S3: url } })],
    ['the config file', 'direct', (url) => ({ config: `[default]\nendpoint_url = ${url}\n` })],
  ])(
    'keeps its newer objects, though %s names another service without them (%s)',
    async (_, engine, named) => {
      meant.kit.store.put('dst', 'copy/a', { body: 'newer' })
      const given = {
        inputs: {
          'source-endpoint-url': 'aws',
          'destination-endpoint-url': 'aws',
          compare: 'missing',
          engine,
        },
        ...named(other.kit.endpoint),
      }
      await using done = await run(given, { include: 'a' })
      expectNobodyElsewhere(done)
      expect(done.outputs, done.log).toMatchObject({ result: 'nothing-to-do' })
      expect(meant.kit.store.bytes('dst', 'copy/a')?.toString()).toBe('newer')
    },
  )
})

describe('beside a source whose profile names its service, a destination at AWS', () => {
  beforeEach(() => open('aws'))

  it('is the only one that is written to', async () => {
    const { accessKeyId, secretAccessKey } = other.kit.iam.admin
    const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`
    const config = `[profile archive]\nendpoint_url = ${other.kit.endpoint}\n${keys}`
    const inputs = { 'source-profile': 'archive', delete: 'true' }
    await using done = await run({ inputs, config })
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '3', deleted: '1' })
    expect(meant.kit.counters.operations()).toMatchObject({ PutObject: 3, DeleteObjects: 2 })
    const reading = /^(Get|Head|List)/
    const operations = Object.keys(other.kit.counters.operations())
    expect(operations.filter((operation) => !reading.test(operation))).toEqual([])
    expect(other.kit.counters.of('GetObject')).toBe(3)
  })
})

describe('a run asks nobody', () => {
  beforeEach(() => open('elsewhere'))

  it('when the config file cannot be read: it may say where to go', async () => {
    await using failed = await run({ config: '[default]\nendpoint_url http://127.0.0.1\n' })
    expect(failed.outputs).toMatchObject({ result: 'failed' })
    expect(failed.annotations.errors).toHaveLength(1)
    expect(failed.annotations.errors[0]?.message).toMatch(
      /\.aws\/config: cannot be used: line 2 is neither a \[section\] nor name = value/,
    )
    expect(meant.kit.counters.total() + other.kit.counters.total()).toBe(0)
  })
})
