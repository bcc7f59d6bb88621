import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let stage: Stage
let folder: string
const EVERYTHING = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } as const

beforeAll(async () => {
  stage = await openStage()
  stage.kit.store.put('src', 'data/a', { body: 'a' })
  folder = await mkdtemp(join(tmpdir(), 'identity-'))
})
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const run = (
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
) => stage.run({ 'role-to-assume': '', 'dry-run': 'true', ...inputs }, { env })

describe('credentials', () => {
  it('come from the inputs, and need no STS of the service', async () => {
    const { accessKeyId, secretAccessKey } = stage.kit.iam.addUser('keys', [EVERYTHING])
    const keys = { 'aws-access-key-id': accessKeyId, 'aws-secret-access-key': secretAccessKey }
    await using known = await run(keys)
    expect(known.outputs).toMatchObject({ result: 'planned', 'aws-account-id': '123456789012' })
    await using unknown = await run({ ...keys, 'sts-endpoint': '' })
    expect(unknown.outputs).toMatchObject({ result: 'planned', 'aws-account-id': '' })
    expect(unknown.log).not.toContain(secretAccessKey)
  })

  it('come from the environment', async () => {
    const { accessKeyId, secretAccessKey } = stage.kit.iam.addUser('environment', [EVERYTHING])
    const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
    await using found = await run({}, env)
    expect(found.outputs['result']).toBe('planned')
    expect(found.log).toContain('user/environment')
  })

  it.skipIf(process.platform === 'win32').each([
    ['AWS_WEB_IDENTITY_TOKEN_FILE', { AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/Sync' }],
    [
      'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/' },
    ],
  ])('are not waited for where a pipe is named for a token: %s', async (variable, env) => {
    const file = join(folder, variable)
    execFileSync('mkfifo', [file])
    await using found = await run({}, { ...env, [variable]: file })
    expect(found).toMatchObject({ exitCode: 1, timedOut: false })
    expect(found.outputs['failure-message']).toContain('it is not a regular file')
  })

  it('come from a token file', async () => {
    const file = join(folder, 'token')
    await writeFile(file, stage.kit.issuer.sign())
    const role = { 'role-to-assume': stage.roleArn }
    await using found = await run({ ...role, 'web-identity-token-file': file })
    expect(found.outputs['result']).toBe('planned')
    await using missing = await run({ ...role, 'web-identity-token-file': join(folder, 'none') })
    expect(missing.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
    expect(missing.outputs['failure-message']).toContain('web-identity-token-file')
  })

  it('come from a role that keys may take, with its external id', async () => {
    const keys = stage.kit.iam.addUser('chain', [EVERYTHING])
    const trust = {
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::123456789012:root' },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': 'ours' } },
      },
    } as const
    const role = stage.kit.iam.addRole({ name: 'Chained', trust, policies: [EVERYTHING] })
    const inputs = {
      'role-to-assume': role,
      'aws-access-key-id': keys.accessKeyId,
      'aws-secret-access-key': keys.secretAccessKey,
    }
    await using taken = await run({ ...inputs, 'role-external-id': 'ours' })
    expect(taken.outputs).toMatchObject({ result: 'planned' })
    expect(taken.outputs['assumed-role-arn']).toContain('assumed-role/Chained')
    await using refused = await run({ ...inputs, 'role-external-id': 'theirs' })
    expect(refused.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
  })

  it('that are refused say so, once and clearly', async () => {
    const keys = { 'aws-access-key-id': 'AKIAUNKNOWN0', 'aws-secret-access-key': 'nobodys-secret' }
    await using refused = await run(keys)
    expect(refused.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
    await using noSts = await run({ ...keys, 'sts-endpoint': '' })
    expect(noSts.outputs['result']).toBe('failed')
    expect(noSts.outputs['failure-message']).toContain('InvalidAccessKeyId')
  })

  it('by OIDC survive an STS and an issuer that are busy', async () => {
    stage.kit.issuer.refusals = [503]
    stage.kit.faults.add({
      match: { operation: 'AssumeRoleWithWebIdentity' },
      times: 1,
      fault: fail(500, 'InternalFailure'),
    })
    await using found = await stage.run({ 'dry-run': 'true' })
    expect(found.outputs['result']).toBe('planned')
  })

  it('narrow themselves by a session policy', async () => {
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
    })
    await using narrow = await stage.run({ 'inline-session-policy': policy })
    expect(narrow.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'list' })
  })
})

describe('secrets', () => {
  it('are hidden in the log and written nowhere', async () => {
    await using done = await stage.run({ 'log-level': 'trace' })
    expect(done.outputs['result']).toBe('success')
    const told = done.log + done.summary + JSON.stringify(done.outputs)
    const hidden = done.masks.filter((mask) => mask.length >= 8)
    expect(hidden.length).toBeGreaterThanOrEqual(3)
    for (const secret of hidden) expect(told).not.toContain(secret)
  })
})
