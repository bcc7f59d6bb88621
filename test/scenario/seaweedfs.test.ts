import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { GetObjectTaggingCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { hostileKeys, marketArchive } from 's3-direct-sync-testkit/fixtures.ts'
import { runAction } from 's3-direct-sync-testkit/runner.ts'
import { roleArn } from 's3-direct-sync-testkit/seaweedfs.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Policy } from '../../src/preflight/policy.ts'
import { openSeaweedStage, type SeaweedStage } from './seaweed-stage.ts'

// More than one page of a listing, and more than are proven one by one.
const OBJECTS = 1200

let stage: SeaweedStage
const env = () => stage.issuer.env

const jsonLines = async (path: string): Promise<Record<string, unknown>[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

/** Keys that SeaweedFS stores faithfully, in two folders: the second has a hostile name itself. */
const faithful = (): string[] =>
  hostileKeys()
    .filter((one) => one.seaweedfs)
    .flatMap(({ key }) => [`all/hostile/${key}`, `all/it's "##[set-output name=x]" * ?/${key}`])

beforeAll(async () => {
  stage = await openSeaweedStage()
  const hostile = faithful()
  const ordinary = Array.from(marketArchive(OBJECTS - hostile.length), ({ key }) => `all/${key}`)
  await stage.put([...hostile, ...ordinary], (key) => ({
    ContentType: 'application/x-kline',
    CacheControl: 'max-age=60',
    Metadata: { origin: 'exchange' },
    ...(key.endsWith('1m-2025-07-15.zip') ? { Tagging: 'kind=kline' } : {}),
  }))
}, 120_000)

afterAll(() => stage[Symbol.asyncDispose]())

describe('a sync on SeaweedFS with a role assumed by OIDC and the real s5cmd', () => {
  it('copies 1,200 objects with hostile keys among them; the second run copies none', async () => {
    expect(faithful().length).toBeGreaterThanOrEqual(200)
    await using first = await runAction({
      inputs: stage.inputs('all'),
      env: env(),
      timeoutMs: 120_000,
    })
    expect(first.outputs).toMatchObject({
      result: 'success',
      copied: String(OBJECTS),
      failed: '0',
      unknown: '0',
    })
    expect(first.exitCode).toBe(0)
    const [source, destination] = [
      await stage.contents('src', 'all/'),
      await stage.contents('dst', 'all/'),
    ]
    expect(source.size).toBe(OBJECTS)
    expect(destination).toEqual(source)

    await using second = await runAction({
      inputs: stage.inputs('all'),
      env: env(),
      timeoutMs: 120_000,
    })
    expect(second.outputs).toMatchObject({
      result: 'nothing-to-do',
      copied: '0',
      skipped: String(OBJECTS),
    })
    expect(second.exitCode).toBe(0)
  }, 240_000)

  it('leaves no drift, as a role finds that may only list', async () => {
    const check = { mode: 'check', delete: 'true', 'role-to-assume': roleArn('Watch') }
    const inputs = stage.inputs('all', check)
    await using run = await runAction({ inputs, env: env(), timeoutMs: 120_000 })
    expect(run.exitCode).toBe(0)
    expect(run.outputs).toMatchObject({ result: 'nothing-to-do', skipped: String(OBJECTS) })
    expect(run.summary).toContain('Source and destination match: 1,200 objects compared')
  }, 120_000)

  it('proves every copy by one listing where that is asked for, and a check finds what is new', async () => {
    await stage.put(['seen/a', 'seen/b', 'seen/sub/c'])
    const inputs = stage.inputs('seen', { verify: 'listing' })
    await using run = await runAction({ inputs, env: env() })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3' })
    expect(run.summary).toContain('3 objects checked · a listing of the destination')
    await stage.put(['seen/d'])
    const check = stage.inputs('seen', { mode: 'check', 'role-to-assume': roleArn('Watch') })
    await using drift = await runAction({ inputs: check, env: env() })
    expect(drift.exitCode).toBe(1)
    expect(drift.outputs).toMatchObject({ result: 'drift', 'planned-copies': '1', skipped: '3' })
    expect((await stage.contents('dst', 'seen/')).size).toBe(3)
  })

  it('keeps content type, metadata and tags', async () => {
    const keys = [...(await stage.contents('dst', 'all/')).keys()]
    const tagged = keys.filter((key) => key.endsWith('1m-2025-07-15.zip'))
    expect(tagged.length).toBeGreaterThan(0)
    for (const key of [...tagged.slice(0, 3), ...faithful().slice(0, 40)])
      expect(await stage.head('dst', key)).toEqual(await stage.head('src', key))
    const tags = await stage.admin.send(
      new GetObjectTaggingCommand({ Bucket: 'dst', Key: tagged[0] ?? '' }),
    )
    expect(tags.TagSet).toEqual([{ Key: 'kind', Value: 'kline' }])
  })

  it('names the one object that was refused, and finishes the others', async () => {
    await stage.put(['few/a', 'few/denied', 'few/z'])
    const policy = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: ['s3:*'], Resource: ['*'] },
        { Effect: 'Deny', Action: ['s3:PutObject'], Resource: ['arn:aws:s3:::dst/few/denied'] },
      ],
    }
    const inputs = stage.inputs('few', { 'inline-session-policy': JSON.stringify(policy) })
    await using run = await runAction({ inputs, env: env() })
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '2', failed: '1' })
    const failed = await jsonLines(run.outputs['failed-path'] ?? '')
    expect(failed).toMatchObject([
      { key: 'few/denied', status: 'failed', code: 'AccessDenied', attempts: 1 },
    ])
    expect(run.summary).toContain('few/denied')
    expect(run.annotations.errors.length).toBe(1)
    expect([...(await stage.contents('dst', 'few/')).keys()].sort()).toEqual(['few/a', 'few/z'])
  })
})

describe('a role on SeaweedFS', () => {
  it('is refused to another repository, and the hint names its subject', async () => {
    stage.issuer.subject = 'repo:someone/else:ref:refs/heads/main'
    try {
      await using run = await runAction({ inputs: stage.inputs('few'), env: env() })
      expect(run.exitCode).toBe(1)
      expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
      expect(run.log).toContain('repo:someone/else:ref:refs/heads/main')
    } finally {
      stage.issuer.subject = 'repo:o@1/r@2:ref:refs/heads/main'
    }
  })

  it('without s3:ListBucket is told so, and nothing is written', async () => {
    await stage.put(['blind/a'])
    const inputs = stage.inputs('blind', { 'role-to-assume': roleArn('Blind') })
    await using run = await runAction({ inputs, env: env() })
    expect(run.exitCode).toBe(1)
    expect(run.outputs['failure-message']).toContain('s3:ListBucket')
    expect((await stage.contents('dst', 'blind/')).size).toBe(0)
  })
})

describe('the policy of a request', () => {
  const asked = (policy?: Policy) =>
    stage.inputs('least', {
      'role-to-assume': roleArn('All'),
      delete: 'true',
      'max-delete': '100%',
      ...(policy ? { 'inline-session-policy': JSON.stringify(policy) } : {}),
    })
  const required = ({ Statement, ...rest }: Policy, without = ''): Policy => ({
    ...rest,
    Statement: Statement.filter(({ Sid }) => Sid.startsWith('Required') && Sid !== without),
  })
  let policy: Policy

  const changeAll = async () => {
    await stage.put(['least/a', 'least/b'])
    for (const Key of ['least/a', 'least/extra'])
      await stage.admin.send(new PutObjectCommand({ Bucket: 'dst', Key, Body: 'older' }))
  }

  it('suffices', async () => {
    await changeAll()
    await using first = await runAction({ inputs: asked(), env: env() })
    policy = JSON.parse(await readFile(first.outputs['policy-path'] ?? '', 'utf8')) as Policy
    await changeAll()
    await using run = await runAction({ inputs: asked(required(policy)), env: env() })
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '1', failed: '0' })
    expect(run.summary).toContain('no permission to check')
  })

  it.each([
    ['RequiredSourceRead', 's3:GetObject'],
    ['RequiredDestinationWrite', 's3:PutObject'],
    ['RequiredDestinationDelete', 's3:DeleteObject'],
  ])('does not suffice without %s, and the run names %s', async (sid, action) => {
    await changeAll()
    await using run = await runAction({ inputs: asked(required(policy, sid)), env: env() })
    expect(run.exitCode).toBe(1)
    expect(run.outputs['failure-message']).toContain(action)
  })
})

describe('a cancel', () => {
  it('ends within 6 seconds, leaves no s5cmd, tells what is unknown, and the next run finishes the rest', async () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `cancel/${String(i).padStart(5, '0')}`)
    await stage.put(keys)
    const begun = async (): Promise<'SIGINT'> => {
      while ((await stage.contents('dst', 'cancel/')).size === 0) await sleep(20)
      return 'SIGINT'
    }
    await using run = await runAction({
      inputs: stage.inputs('cancel', { numworkers: '4' }),
      env: env(),
      endedBy: begun(),
      timeoutMs: 60_000,
    })
    expect(run.exitedWithinMs).toBeLessThan(6000)
    expect(run.leftovers).toEqual([])
    expect(run.outputs['result']).toBe('cancelled')
    expect(run.exitCode).toBe(1)
    const report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
    expect(report.result).toBe('cancelled')

    await using next = await runAction({ inputs: stage.inputs('cancel'), env: env() })
    expect(next.outputs['result']).toMatch(/success|nothing-to-do/)
    expect(await stage.contents('dst', 'cancel/')).toEqual(await stage.contents('src', 'cancel/'))
  }, 120_000)
})
