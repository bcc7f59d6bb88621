import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
  for (const key of ['a', 'b']) stage.kit.store.put('src', `data/${key}`, { body: key })
})
beforeEach(() => {
  stage.kit.faults.clear()
  stage.kit.counters.reset()
})
afterAll(() => stage[Symbol.asyncDispose]())

const WRITES = ['CopyObject', 'PutObject', 'DeleteObject', 'DeleteObjects', 'CreateMultipartUpload']

/** One clear error that names kind and words; nothing was written. */
function expectRefusal(
  run: StepResult,
  kind: string,
  ...words: readonly (string | RegExp)[]
): void {
  expect(run.exitCode).toBe(1)
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': kind, copied: '0' })
  expect(run.annotations.errors.length).toBe(1)
  for (const word of words) expect(run.annotations.errors[0]?.message).toMatch(word)
  expect(run.summary).toContain('[!CAUTION]')
  expect(run.commandProblems).toEqual([])
  for (const write of WRITES) expect(stage.kit.counters.of(write)).toBe(0)
}

describe('one clear error, and nothing touched:', () => {
  it('bad inputs, all at once', async () => {
    await using run = await stage.run({
      compare: 'md5',
      numworkers: 'many',
      destination: 'dst/here',
    })
    expectRefusal(run, 'inputs', 'compare', 'numworkers', 'destination', 'nothing was touched')
  })

  it('a wrong hash', async () => {
    await using run = await stage.run({ 's5cmd-sha256': 'a'.repeat(64) })
    expectRefusal(run, 'install', 'a'.repeat(64), /672299fe/)
  })

  it('a mistyped bucket', async () => {
    await using run = await stage.run({ source: 's3://srx/data/' })
    expectRefusal(run, 'preflight', 'source bucket srx does not exist', 'spelling')
  })

  it('an empty or mistyped prefix', async () => {
    await using run = await stage.run({ source: 's3://src/dota/' })
    expectRefusal(run, 'guard', 's3://src/dota/', 'allow-empty-source')
  })

  it('a role that does not trust this repository', async () => {
    const trust = trustGitHub(stage.kit.issuer, 'repo:o@1/r@2:*')
    const other = stage.kit.iam.addRole({ name: 'Other', trust, policies: [] })
    await using run = await stage.run({ 'role-to-assume': other })
    expectRefusal(run, 'credentials', 'repo:o/r:ref:refs/heads/main', 'trust policy')
  })

  it('no permission to ask for an id token', async () => {
    await using run = await stage.run({}, { env: {} })
    expectRefusal(run, 'credentials', 'id-token: write')
  })

  it('no permission to list', async () => {
    const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
    const policies = [
      { Statement: { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' } },
    ] as const
    const blind = stage.kit.iam.addRole({ name: 'Blind', trust, policies })
    await using run = await stage.run({ 'role-to-assume': blind })
    expectRefusal(run, 'list', 's3:ListBucket on arn:aws:s3:::src')
  })

  it('another account than the allowed ones', async () => {
    await using run = await stage.run({ 'allowed-account-ids': '111111111111' })
    expectRefusal(run, 'credentials', '123456789012', 'allowed-account-ids')
  })

  it('a destination inside the source', async () => {
    await using run = await stage.run({ destination: 's3://src/data/copy/' })
    expectRefusal(run, 'inputs', 'inside source')
  })

  it('an endpoint where nothing listens', async () => {
    await using run = await stage.run({ 'endpoint-url': 'http://127.0.0.1:9', 'retry-count': '0' })
    expectRefusal(run, 'preflight', 'ECONNREFUSED', 'endpoint-url')
  })

  it('an endpoint with the bucket behind it', async () => {
    const url = `${stage.kit.endpoint}/src`
    await using run = await stage.run({ 'endpoint-url': url, 'retry-count': '0' })
    const told = 'do not put the bucket name into endpoint-url'
    expect(run.annotations.errors[0]?.message).toContain(`bucket src does not exist: ${told}`)
  })

  it('a report folder that cannot be made', async () => {
    await using run = await stage.run({ 'report-dir': '/dev/null/none' })
    expectRefusal(run, 'inputs', 'report-dir')
  })
})
