import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startInstanceMetadata } from 's3-direct-sync-testkit/credential-services.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

type Texts = Readonly<Record<string, string>>

const EVERYTHING = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } as const
const TRUST = {
  Statement: { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' },
} as const

let stage: Stage
let folder: string
/** Of the role that is asked for. */
let target: string

beforeEach(async () => {
  stage = await openStage()
  stage.kit.store.put('src', 'data/a', { body: 'a' })
  folder = await mkdtemp(join(tmpdir(), 'roles-'))
  target = stage.kit.iam.addRole({
    name: 'Target',
    trust: TRUST,
    policies: [EVERYTHING],
    maxSessionSeconds: 43_200,
  })
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** A run in a job that may not ask for a token. */
const run = (env: Texts, inputs: Texts = {}) =>
  stage.run({ 'role-to-assume': target, ...inputs }, { env })

const keysOf = (name: string): Texts => {
  const { accessKeyId, secretAccessKey } = stage.kit.iam.addUser(name, [EVERYTHING])
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
}

// https://github.com/aws-actions/configure-aws-credentials/issues/260
describe('a role is taken by what the runner has, where the job may not ask for a token:', () => {
  it('keys of the environment', async () => {
    await using done = await run(keysOf('environment'))
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '1' })
    expect(done.outputs['assumed-role-arn']).toContain('assumed-role/Target/')
  })

  it('a token file of the environment, as EKS has it', async () => {
    const file = join(folder, 'token')
    await writeFile(file, stage.kit.issuer.sign())
    await using done = await run({
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
      AWS_ROLE_ARN: stage.roleArn,
    })
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '1' })
    expect(done.outputs['assumed-role-arn']).toContain('assumed-role/Target/')
    expect(stage.kit.counters.of('AssumeRoleWithWebIdentity')).toBe(1)
  })

  it('the role of an instance', async () => {
    const keys = stage.kit.iam.addUser('instance', [EVERYTHING])
    await using imds = await startInstanceMetadata({ ...keys, sessionToken: '' })
    await using done = await run({
      RUNNER_ENVIRONMENT: 'self-hosted',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url,
    })
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '1' })
    expect(done.outputs['assumed-role-arn']).toContain('assumed-role/Target/')
  })

  it('and one that does not trust it says by what it was asked for, and how OIDC would do it', async () => {
    const trust = {
      Statement: { ...TRUST.Statement, Principal: { AWS: 'arn:aws:iam::999999999999:root' } },
    }
    stage.kit.iam.addRole({ name: 'Target', trust, policies: [EVERYTHING] })
    await using refused = await run(keysOf('stranger'))
    const [error] = refused.annotations.errors
    expect(error?.message).toContain('the credentials of this runner were used')
    expect(error?.message).toContain('id-token: write')
  })

  it('and where it has nothing the error lists where it was looked', async () => {
    await using refused = await run({})
    expect(refused.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
    const [error, ...more] = refused.annotations.errors
    expect(more).toEqual([])
    expect(error?.message).toMatch(
      /^This job may not request an OIDC token: to assume role-to-assume, add `permissions: /,
    )
    expect(error?.message).toContain('- environment (AWS_ACCESS_KEY_ID')
    expect(error?.message).toContain('id-token: write')
    expect(stage.kit.counters.total()).toBe(0)
  })
})

it('a role that is taken by the session of another one lasts an hour, whatever was asked for', async () => {
  const file = join(folder, 'token')
  await writeFile(file, stage.kit.issuer.sign())
  const first = { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: stage.roleArn }
  await using done = await run(first, { 'role-duration-seconds': '7200' })
  expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '1' })
  expect(done.log).toContain('lasts at most one hour; it is renewed')
  expect(done.annotations.errors).toEqual([])
})

describe('a run that GitHub withholds secrets from says so', () => {
  const event = async (head: string | null): Promise<Texts> => {
    const file = join(folder, 'event.json')
    const repo = head === null ? null : { full_name: head }
    const pull_request = { head: { repo }, base: { repo: { full_name: 'o/r' } } }
    await writeFile(file, JSON.stringify({ pull_request }))
    return { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: file }
  }

  it('of a pull request from a fork, also of one that is gone', async () => {
    await using token = await run(await event('stranger/r'))
    await using keys = await run(await event('stranger/r'), { 'role-to-assume': '' })
    await using half = await run(await event('stranger/r'), { 'aws-access-key-id': 'AKIAEXAMPLE0' })
    await using gone = await run(await event(null), { 'role-to-assume': '' })
    for (const { outputs } of [token, keys, half, gone])
      expect(outputs['failure-message']).toContain('This run is for a pull request from a fork')
  })

  it('of Dependabot', async () => {
    const env = { GITHUB_ACTOR: 'dependabot[bot]', GITHUB_EVENT_NAME: 'push' }
    await using keys = await run(env, { 'role-to-assume': '' })
    await using half = await run(env, { 'aws-access-key-id': 'AKIAEXAMPLE0' })
    for (const { outputs } of [keys, half])
      expect(outputs['failure-message']).toContain('This run was started by Dependabot')
  })

  it('and no other', async () => {
    await using own = await run(await event('o/r'), { 'role-to-assume': '' })
    const target = { GITHUB_EVENT_NAME: 'pull_request_target' }
    await using based = await run({ ...(await event('stranger/r')), ...target })
    for (const { outputs } of [own, based])
      expect(outputs['failure-message']).not.toMatch(/This run is|Dependabot began/)
  })
})

it.each([
  [403, 'The runner did not issue an OIDC token (HTTP 403): refused'],
  [500, 'The OIDC token endpoint returned HTTP status 500: refused'],
])('what the token endpoint says of a refusal is told: %i', async (status, told) => {
  stage.kit.issuer.refusals = Array.from({ length: 9 }, () => status)
  await using refused = await stage.run()
  expect(refused.outputs['failure-message']).toContain(told)
  expect(refused.annotations.errors.length).toBe(1)
})

it('settings of the AWS SDK that nobody understands end no run', async () => {
  const wrong = { AWS_DEFAULTS_MODE: 'foo', AWS_RETRY_MODE: 'foo', AWS_MAX_ATTEMPTS: 'foo' }
  await using done = await stage.run({}, { env: { ...stage.kit.idTokenEnv, ...wrong } })
  expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '1' })
})
