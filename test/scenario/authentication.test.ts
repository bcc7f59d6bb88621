import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import {
  type SessionKeys,
  startContainerRole,
  startInstanceMetadata,
  startSsoPortal,
} from 's3-direct-sync-testkit/credential-services.ts'
import { delay } from 's3-direct-sync-testkit/faults.ts'
import { startForwardProxy } from 's3-direct-sync-testkit/forward-proxy.ts'
import type { Credentials } from 's3-direct-sync-testkit/iam/iam.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

type Texts = Readonly<Record<string, string>>

/** What a request to the testkit was signed with. */
interface Signed {
  readonly operation: string
  readonly accessKeyId: string | undefined
  readonly sessionToken: string | undefined
  readonly bySdkForGo: boolean
}

const SELF_HOSTED = { RUNNER_ENVIRONMENT: 'self-hosted' }
const EVERYTHING = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } as const
const ANYONE = {
  Statement: { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' },
} as const

let stage: Stage
let home: string
let signed: Signed[]
/** Access keys that STS gave out. */
let given: string[]

beforeEach(async () => {
  stage = await openStage()
  home = await mkdtemp(join(tmpdir(), 'authentication-'))
  await mkdir(join(home, '.aws', 'sso', 'cache'), { recursive: true })
  for (const key of ['a', 'b', 'd/e']) stage.kit.store.put('src', `data/${key}`, { body: key })
  signed = []
  given = []
  stage.kit.faults.add({
    match: () => true,
    fault: async ({ operation, headers }, next) => {
      signed.push({
        operation,
        accessKeyId: /Credential=([^/]+)/.exec(headers['authorization'] ?? '')?.[1],
        sessionToken: headers['x-amz-security-token'],
        bySdkForGo: headers['user-agent']?.startsWith('aws-sdk-go/') ?? false,
      })
      const reply = await next()
      const key = /<AccessKeyId>(\w+)</.exec(typeof reply.body === 'string' ? reply.body : '')?.[1]
      if (key) given.push(key)
      return reply
    },
  })
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  await rm(home, { recursive: true })
})

const run = (inputs: Texts, env: Texts = {}): Promise<StepResult> =>
  stage.run({ 'role-to-assume': '', engine: 's5cmd', ...inputs }, { env: { HOME: home, ...env } })

const config = (text: string) => writeFile(join(home, '.aws', 'config'), text)
const user = (name: string) => stage.kit.iam.addUser(name, [EVERYTHING])
const roleFor = (name: string) =>
  stage.kit.iam.addRole({ name, trust: ANYONE, policies: [EVERYTHING] })

/** Keys with a session token that the testkit knows. */
async function session(name: string): Promise<SessionKeys> {
  const { endpoint, iam } = stage.kit
  const sts = new STSClient({ endpoint, region: 'us-east-1', credentials: iam.admin })
  const role = { RoleArn: roleFor(name), RoleSessionName: 'runner' }
  const { Credentials: keys } = await sts.send(new AssumeRoleCommand(role))
  sts.destroy()
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = keys ?? {}
  signed = []
  given = []
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
}

const iniOf = ({ accessKeyId, secretAccessKey, sessionToken }: Credentials): string =>
  [
    `aws_access_key_id = ${accessKeyId}`,
    `aws_secret_access_key = ${secretAccessKey}`,
    ...(sessionToken ? [`aws_session_token = ${sessionToken}`] : []),
    '',
  ].join('\n')

/** Every object was copied by s5cmd, which signed with this key and session, as everything else that asked S3. */
function expectCopiedWith(done: StepResult, accessKeyId: string | undefined, token?: string): void {
  expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '3', engine: 's5cmd' })
  expect(stage.equal()).toBe(true)
  const copies = signed.filter(({ operation }) => operation === 'CopyObject')
  const copy = { operation: 'CopyObject', accessKeyId, bySdkForGo: true }
  expect(copies).toMatchObject([copy, copy, copy])
  for (const { sessionToken } of copies)
    if (accessKeyId?.startsWith('ASIA')) expect(sessionToken).toEqual(token ?? expect.any(String))
    else expect(sessionToken).toBeUndefined()
}

function expectNothingTouched(failed: StepResult): string {
  expect(failed.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
  expect(failed.annotations.errors.length).toBe(1)
  expect(stage.kit.counters.total()).toBe(0)
  return failed.annotations.errors[0]?.message ?? ''
}

/** A shell script as credential_process. */
async function processThat(...lines: readonly string[]): Promise<string> {
  const file = join(home, 'credentials.sh')
  await writeFile(file, ['#!/bin/sh', ...lines, ''].join('\n'))
  await chmod(file, 0o700)
  return file
}

describe('s5cmd signs with what the SDK found', () => {
  it('in the environment, with a session token', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await session('Exported')
    await using done = await run(
      {},
      {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      },
    )
    expectCopiedWith(done, accessKeyId, sessionToken)
  })

  it('in a profile, of files in the home folder or named by the environment', async () => {
    const keys = user('profile')
    const file = join(home, 'elsewhere')
    await writeFile(file, `[backup]\n${iniOf(keys)}[default]\n${iniOf(user('other'))}`)
    await using done = await run({ 'aws-profile': 'backup' }, { AWS_SHARED_CREDENTIALS_FILE: file })
    expectCopiedWith(done, keys.accessKeyId)
  })

  it('in the profile that AWS_PROFILE names, with a session token', async () => {
    const keys = await session('Profile')
    await config(`[profile nightly]\n${iniOf(keys)}`)
    await using done = await run({}, { AWS_PROFILE: 'nightly' })
    expectCopiedWith(done, keys.accessKeyId, keys.sessionToken)
  })

  it('in the default profile', async () => {
    const keys = user('default')
    await writeFile(join(home, '.aws', 'credentials'), `[default]\n${iniOf(keys)}`)
    await using done = await run({})
    expectCopiedWith(done, keys.accessKeyId)
  })

  it.each([
    { at: 'the input sts-endpoint', inputs: () => ({}) },
    {
      at: 'endpoint_url of the profile in AWS_PROFILE',
      inputs: () => ({ 'sts-endpoint': '', 'aws-profile': '' }),
      env: { AWS_PROFILE: 'sync' },
      ini: (url: string) => `endpoint_url = ${url}\n`,
    },
  ])('in a profile with a role, from the STS at $at', async ({ inputs, env, ini }) => {
    const { endpoint } = stage.kit
    const base = user('base')
    await config(
      `[profile base]\n${iniOf(base)}[profile sync]\nrole_arn = ${roleFor('ByProfile')}\n` +
        `source_profile = base\nregion = us-east-1\n${ini?.(endpoint) ?? ''}`,
    )
    await using done = await run({ 'aws-profile': 'sync', ...inputs() }, env)
    const [assumed] = signed
    expect(assumed).toMatchObject({ operation: 'AssumeRole', accessKeyId: base.accessKeyId })
    expect(given.length).toBe(1)
    expectCopiedWith(done, given[0])
  })

  it('by credential_process', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await session('Process')
    const answer = {
      Version: 1,
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    }
    const file = await processThat(`echo '${JSON.stringify(answer)}'`)
    await config(`[profile vault]\ncredential_process = ${file}\n`)
    await using done = await run({ 'aws-profile': 'vault' })
    expectCopiedWith(done, accessKeyId, sessionToken)
    expect(done.stdout).toContain(`::add-mask::${sessionToken}`)
  })

  it('by SSO, with the token that somebody logged in for, through the proxy of the runner', async () => {
    const keys = await session('Portal')
    await using portal = await startSsoPortal(keys, 'sso-token')
    await using proxy = await startForwardProxy({ hosts: { 'sso.internal.test': portal.url } })
    await logIn('sso-token', Date.now() + 3_600_000)
    await using done = await run(
      { 'aws-profile': 'person' },
      { AWS_ENDPOINT_URL_SSO: 'http://sso.internal.test', HTTP_PROXY: proxy.url },
    )
    expect(proxy.requests).toEqual({ 'sso.internal.test': 1 })
    expect(portal.requests).toEqual([
      expect.stringMatching(/^GET .*\/federation\/credentials\?.*account_id=123456789012/),
    ])
    expectCopiedWith(done, keys.accessKeyId, keys.sessionToken)
  })

  it("at a container's endpoint, with a token in a file", async () => {
    const keys = await session('Container')
    const file = join(home, 'container-token')
    await writeFile(file, 'container-token')
    await using container = await startContainerRole(keys, 'container-token')
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.url}/role`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    }
    await using done = await run({}, env)
    expect(container.requests).toEqual(['GET /role'])
    expectCopiedWith(done, keys.accessKeyId, keys.sessionToken)
  })

  it('at the metadata service of an instance', async () => {
    const keys = await session('Instance')
    await using imds = await startInstanceMetadata(keys)
    const env = { ...SELF_HOSTED, AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url }
    await using done = await run({}, env)
    expect(imds.requests[0]).toBe('PUT /latest/api/token')
    expectCopiedWith(done, keys.accessKeyId, keys.sessionToken)
  })

  it('in a token file that the environment names', async () => {
    const file = join(home, 'token')
    await writeFile(file, stage.kit.issuer.sign())
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: stage.roleArn }
    await using done = await run({}, env)
    expect(signed[0]?.operation).toBe('AssumeRoleWithWebIdentity')
    expectCopiedWith(done, given[0])
  })
})

describe('s5cmd signs with', () => {
  it('the keys of the inputs', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await session('Inputs')
    const others = user('others')
    await using done = await run(
      {
        'aws-access-key-id': accessKeyId,
        'aws-secret-access-key': secretAccessKey,
        'aws-session-token': sessionToken,
      },
      {
        AWS_ACCESS_KEY_ID: others.accessKeyId,
        AWS_SECRET_ACCESS_KEY: others.secretAccessKey,
      },
    )
    expectCopiedWith(done, accessKeyId, sessionToken)
    expect(signed.map((one) => one.accessKeyId)).not.toContain(others.accessKeyId)
  })

  it('the session of the role that the OIDC token of the job gives', async () => {
    await using done = await stage.run({ engine: 's5cmd' })
    expectCopiedWith(done, given[0])
  })

  it('the session of the role that a token in a file gives', async () => {
    const file = join(home, 'token')
    await writeFile(file, stage.kit.issuer.sign())
    const inputs = { 'role-to-assume': stage.roleArn, 'web-identity-token-file': file }
    await using done = await run(inputs)
    expectCopiedWith(done, given[0])
  })

  it('the session of the role that a profile may take', async () => {
    const base = user('base')
    await config(`[profile base]\n${iniOf(base)}`)
    await using done = await run({ 'role-to-assume': roleFor('Taken'), 'aws-profile': 'base' })
    expect(signed[0]).toMatchObject({ operation: 'AssumeRole', accessKeyId: base.accessKeyId })
    expectCopiedWith(done, given[0])
  })
})

describe('source-profile', () => {
  /** Two profiles, one for each side; s5cmd has one identity, so the direct engine copies. */
  async function copyAs(reader: Credentials, writer: Credentials): Promise<void> {
    await config(`[profile archive]\n${iniOf(reader)}[profile here]\n${iniOf(writer)}`)
    const profiles = { 'aws-profile': 'here', 'source-profile': 'archive' }
    await using done = await run({ ...profiles, engine: 'auto' })
    expect(done.outputs).toMatchObject({ result: 'success', copied: '3', engine: 'direct' })
    expect(stage.equal()).toBe(true)
  }
  const keysOf = (operation: string) =>
    new Set(signed.filter((one) => one.operation === operation).map((one) => one.accessKeyId))
  const only = (bucket: string) => ({
    Statement: {
      Effect: 'Allow' as const,
      Action: '*',
      Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
    },
  })

  it('reads the source, and aws-profile writes the destination', async () => {
    const reader = stage.kit.iam.addUser('reader', [only('src')])
    const writer = stage.kit.iam.addUser('writer', [only('dst')])
    await copyAs(reader, writer)
    expect(keysOf('GetObject')).toEqual(new Set([reader.accessKeyId]))
    expect(keysOf('PutObject')).toEqual(new Set([writer.accessKeyId]))
  })

  it('copies too, where it alone may do both', async () => {
    const reader = user('reader')
    await copyAs(reader, stage.kit.iam.addUser('writer', [only('dst')]))
    expect(keysOf('CopyObject')).toEqual(new Set([reader.accessKeyId]))
  })

  it('may be one that takes a role', async () => {
    const writer = stage.kit.iam.addUser('writer', [only('dst')])
    await config(
      `[profile base]\n${iniOf(user('base'))}[profile here]\n${iniOf(writer)}` +
        `[profile archive]\nrole_arn = ${roleFor('Reader')}\nsource_profile = base\n`,
    )
    const profiles = { 'aws-profile': 'here', 'source-profile': 'archive' }
    await using done = await run({ ...profiles, engine: 'auto' })
    expect(done.outputs).toMatchObject({ result: 'success', copied: '3' })
    expect(keysOf('CopyObject')).toEqual(new Set(given))
  })
})

/** The profile `person`, whose session ends at this time. */
async function logIn(accessToken: string, expiresAtMs: number): Promise<void> {
  await config(
    '[profile person]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Sync\n' +
      '[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.com/start\n',
  )
  const name = createHash('sha1').update('corp').digest('hex')
  const token = { accessToken, expiresAt: new Date(expiresAtMs).toISOString() }
  await writeFile(join(home, '.aws', 'sso', 'cache', `${name}.json`), JSON.stringify(token))
}

describe('without credentials', () => {
  it('a GitHub-hosted runner does not ask the metadata service, and says where it looked', async () => {
    await using imds = await startInstanceMetadata(await session('Nobody'))
    stage.kit.counters.reset()
    await using failed = await run({}, { AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url })
    const text = expectNothingTouched(failed)
    expect(imds.requests).toEqual([])
    for (const place of [
      'environment (AWS_ACCESS_KEY_ID',
      'profile "default"',
      'token file (AWS_WEB_IDENTITY_TOKEN_FILE',
      'container role (AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'instance role: GitHub-hosted runners have none',
      'id-token: write',
    ])
      expect(text).toContain(place)
  })

  it('a self-hosted runner asks it, and does not wait for long', async () => {
    await using imds = await startInstanceMetadata()
    const env = { ...SELF_HOSTED, AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url }
    await using failed = await run({}, env)
    expect(expectNothingTouched(failed)).toMatch(/instance role: \w*TimeoutError/)
    expect(imds.requests.length).toBeGreaterThan(0)
    expect(failed.durationMs).toBeLessThan(30_000)
    await using told = await run({}, { ...env, AWS_EC2_METADATA_DISABLED: 'true' })
    expect(expectNothingTouched(told)).toContain('AWS_EC2_METADATA_DISABLED is set')
  })

  it('a container that refuses says so', async () => {
    await using container = await startContainerRole(await session('Container'), 'the-token')
    stage.kit.counters.reset()
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.url}/role`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'another-token',
    }
    await using failed = await run({}, env)
    expect(expectNothingTouched(failed)).toContain(
      'container role: Server responded with status: 401',
    )
    expect(failed.stdout).not.toContain('another-token')
  })
})

describe('a profile fails with one clear error', () => {
  it('when nothing has its name, though other places have credentials', async () => {
    const { accessKeyId, secretAccessKey } = user('environment')
    await using imds = await startInstanceMetadata()
    const env = {
      ...SELF_HOSTED,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    }
    for (const [inputs, more] of [
      [{ 'aws-profile': 'misspelt', 'role-to-assume': stage.roleArn }, {}],
      [{}, { AWS_PROFILE: 'misspelt' }],
    ] as const) {
      await using failed = await run(inputs, { ...env, ...more })
      const text = expectNothingTouched(failed)
      expect(text).toContain('profile "misspelt": Could not resolve credentials')
      expect(text).toContain('~/.aws/config')
    }
    expect(imds.requests).toEqual([])
  })

  it('for the source by the names of its inputs', async () => {
    const { accessKeyId, secretAccessKey } = user('environment')
    await using failed = await run(
      { 'source-profile': 'misspelt', engine: 'auto' },
      { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    )
    expect(failed.annotations.errors[0]?.message).toMatch(/For the source: .*source-profile/s)
    expect(Object.keys(stage.kit.counters.operations())).toEqual(['GetCallerIdentity'])
  })

  it.each([
    {
      how: 'exits with 1',
      lines: ['echo secret-on-stdout', 'echo secret-on-stderr >&2', 'exit 1'],
      says: 'credential_process ended with an error',
    },
    { how: 'prints garbage', lines: ['echo secret-on-stdout'], says: 'returned invalid JSON' },
  ])('when its process $how, which shows nothing of its output', async ({ lines, says }) => {
    const file = await processThat(...lines)
    await config(`[profile vault]\ncredential_process = ${file} --token secret-argument\n`)
    await using failed = await run({ 'aws-profile': 'vault', 'log-level': 'trace' })
    const text = expectNothingTouched(failed)
    expect(text).toContain(says)
    expect(text).toContain('Run the credential_process command')
    const told = failed.stdout + failed.stderr + failed.summary + JSON.stringify(failed.outputs)
    expect(told).not.toMatch(/secret-(on-std|argument)/)
  })

  it('when its process waits for somebody to type', async () => {
    await config(`[profile vault]\ncredential_process = ${await processThat('cat')}\n`)
    await using failed = await run({ 'aws-profile': 'vault', 'request-timeout': '1s' })
    expect(expectNothingTouched(failed)).toMatch(/longer than 1 s.*must not wait for input/s)
    expect(failed.leftovers).toEqual([])
  })

  it.each([
    { what: 'has expired', login: () => logIn('sso-token', Date.now() - 1000) },
    { what: 'is not known any more', login: () => logIn('another', Date.now() + 3_600_000) },
  ])('when its SSO session $what', async ({ login }) => {
    await using portal = await startSsoPortal(await session('Portal'), 'sso-token')
    stage.kit.counters.reset()
    await login()
    await using failed = await run(
      { 'aws-profile': 'person', 'log-level': 'trace' },
      { AWS_ENDPOINT_URL_SSO: portal.url, AWS_ENDPOINT_URL_SSO_OIDC: portal.url },
    )
    expect(expectNothingTouched(failed)).toContain('A job cannot run "aws sso login"')
    expect(failed.stdout).not.toContain('sso-token')
  })

  it('when its role does not trust it', async () => {
    const trust = { ...ANYONE, Statement: { ...ANYONE.Statement, Effect: 'Deny' as const } }
    const role = stage.kit.iam.addRole({ name: 'Closed', trust, policies: [EVERYTHING] })
    await config(
      `[profile base]\n${iniOf(user('base'))}[profile sync]\nrole_arn = ${role}\nsource_profile = base\n`,
    )
    await using failed = await run({ 'aws-profile': 'sync' })
    expect(failed.annotations.errors[0]?.message).toMatch(/AccessDenied.*trust policy/s)
    expect(Object.keys(stage.kit.counters.operations())).toEqual(['AssumeRole'])
  })
})

describe('a run that outlives what it found', () => {
  /** A command that takes a role with the administrator's keys, and prints its session as a credential_process does. */
  const takingRole = (): Promise<string> => {
    const sdk = import.meta.resolve('@aws-sdk/client-sts')
    const { endpoint, iam } = stage.kit
    const client = JSON.stringify({ endpoint, region: 'us-east-1', credentials: iam.admin })
    const role = JSON.stringify({ RoleArn: roleFor('Short'), RoleSessionName: 'process' })
    return processThat(
      `exec '${process.execPath}' --input-type=module <<'END'`,
      `import sts from '${sdk}'`,
      `const client = new sts.STSClient(${client})`,
      `const { Credentials } = await client.send(new sts.AssumeRoleCommand(${role}))`,
      'console.log(JSON.stringify({ Version: 1, ...Credentials }))',
      'END',
    )
  }
  const ways = {
    credential_process: async () => `[profile short]\ncredential_process = ${await takingRole()}\n`,
    role_arn: async () =>
      `[profile base]\n${iniOf(user('base'))}` +
      `[profile short]\nrole_arn = ${roleFor('Short')}\nsource_profile = base\n`,
  }

  it.each(['credential_process', 'role_arn'] as const)('asks again (%s)', async (way) => {
    for (let i = 0; i < 100; i++) stage.kit.store.put('src', `data/more/${i}`, { body: `${i}` })
    stage.kit.iam.sessionLifetimeMs = 3000
    stage.kit.faults.add({ match: { operation: 'CopyObject' }, fault: delay(200) })
    await config(await ways[way]())
    const inputs = { 'aws-profile': 'short', numworkers: '2', verify: 'outcomes' }
    await using done = await run(inputs)
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '103', failed: '0' })
    expect(done.durationMs).toBeGreaterThan(9000)
    const copies = signed.filter(({ operation }) => operation === 'CopyObject')
    const keys = new Set(copies.map(({ accessKeyId }) => accessKeyId))
    expect(keys.size).toBeGreaterThan(2)
    expect(given).toEqual(expect.arrayContaining([...keys]))
    expect(copies.every(({ bySdkForGo }) => bySdkForGo)).toBe(true)
  })
})
