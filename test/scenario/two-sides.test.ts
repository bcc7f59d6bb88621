import { readFile } from 'node:fs/promises'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { hostileKeys } from 's3-direct-sync-testkit/fixtures.ts'
import { type SeaweedFS, startSeaweedFS } from 's3-direct-sync-testkit/seaweedfs.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const MIB = 2 ** 20

const allow = (bucket: string, ...actions: readonly string[]) => ({
  Statement: {
    Effect: 'Allow' as const,
    Action: actions,
    Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
  },
})
const READ = ['s3:ListBucket', 's3:GetObject', 's3:GetObjectTagging']
const WRITE = [
  ...READ,
  's3:PutObject',
  's3:PutObjectTagging',
  's3:DeleteObject',
  's3:AbortMultipartUpload',
]

const keysAs = (
  prefix: '' | 'source-',
  keys: { accessKeyId: string; secretAccessKey: string },
) => ({
  [`${prefix}aws-access-key-id`]: keys.accessKeyId,
  [`${prefix}aws-secret-access-key`]: keys.secretAccessKey,
})

describe('two services', () => {
  let weed: SeaweedFS
  let client: S3Client
  let stage: Stage
  const body = Buffer.alloc(12 * MIB + 7, 'the twelve of them ')
  const names = hostileKeys()
    .filter(({ key, seaweedfs }) => seaweedfs && !key.endsWith('/'))
    .map(({ key }) => key)

  beforeAll(async () => {
    weed = await startSeaweedFS({ buckets: ['archive'] })
    client = new S3Client({
      endpoint: weed.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: weed.admin,
    })
    const put = (Key: string, Body: Buffer | string, more = {}) =>
      client.send(new PutObjectCommand({ Bucket: 'archive', Key, Body, ...more }))
    for (const key of names) await put(`data/${key}`, key)
    await put('data/empty', '', { ContentLength: 0 })
    const described = {
      ContentType: 'text/x',
      CacheControl: 'no-store',
      ContentLanguage: 'de',
      Metadata: { k: 'v' },
      Tagging: 'a=1&b=2',
    }
    await put('data/large', body, described)
    await put('data/small', 'small', described)
  }, 60_000)
  beforeEach(async () => {
    // What is copied in the second in which it was written is copied once more; here that second is over.
    stage = await openStage({ now: () => Date.now() + 2000 })
    return () => stage[Symbol.asyncDispose]()
  })
  afterAll(async () => {
    client.destroy()
    await weed.close()
  })

  const pull = (inputs = {}) =>
    stage.run({
      source: 's3://archive/data/',
      'source-endpoint-url': weed.endpoint,
      ...keysAs('source-', weed.admin),
      'part-size': '5MiB',
      ...inputs,
    })

  it('are brought together through the runner, with all that belongs to the objects', async () => {
    await using first = await pull()
    expect(first.outputs).toMatchObject({
      result: 'success',
      engine: 'direct',
      copied: String(names.length + 3),
    })
    const { store, counters } = stage.kit
    for (const key of names) expect(store.bytes('dst', `copy/${key}`)?.toString()).toBe(key)
    expect(store.bytes('dst', 'copy/large')?.equals(body)).toBe(true)
    expect(counters.of('UploadPart')).toBe(3)
    for (const key of ['large', 'small'])
      expect(store.facts('dst', `copy/${key}`)).toMatchObject({
        headers: {
          'content-type': 'text/x',
          'cache-control': 'no-store',
          'content-language': 'de',
        },
        metadata: { k: 'v' },
        tags: { a: '1', b: '2' },
      })
    expect(first.summary).toContain('Bytes through this runner')
    expect(first.summary).toMatch(/Parts +\| 5.2 MB \(set by input\)/)
    const report = JSON.parse(await readFile(first.outputs['report-path'] ?? '', 'utf8'))
    expect(report).toMatchObject({
      streamed: 'two-services',
      routes: { 'two-services': names.length + 3 },
      engine: { partBytes: [{ value: 5 * 2 ** 20, rule: 'asked-for' }] },
    })
    await using second = await pull()
    expect(second.outputs['result']).toBe('nothing-to-do')
  })

  it('are told apart though their buckets have one name', async () => {
    stage.kit.store.createBucket('archive')
    await using run = await pull({ destination: 's3://archive/data/', include: 'small' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(stage.kit.store.bytes('archive', 'data/small')?.toString()).toBe('small')
  })

  it('go the other way as well', async () => {
    stage.kit.store.put('src', 'data/from the kit', { body: 'kit' })
    await using run = await stage.run({
      'source-endpoint-url': stage.kit.endpoint,
      ...keysAs('source-', stage.kit.iam.admin),
      destination: 's3://archive/back/',
      'endpoint-url': weed.endpoint,
      'sts-endpoint': '',
      'role-to-assume': '',
      ...keysAs('', weed.admin),
    })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
  })

  it('fail by name where the source refuses its keys', async () => {
    await using run = await pull({ 'source-aws-secret-access-key': 'wrong-wrong-wrong' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'list' })
    expect(run.outputs['failure-message']).toContain('bucket archive could not be listed')
  })

  it('are not for s5cmd', async () => {
    await using run = await pull({ engine: 's5cmd' })
    expect(run.outputs['failure-message']).toContain(
      's5cmd cannot copy from one service to another',
    )
  })
})

describe('two identities of one service', () => {
  let stage: Stage
  const user = (name: string, ...policies: readonly ReturnType<typeof allow>[]) =>
    stage.kit.iam.addUser(name, policies)

  beforeEach(async () => {
    stage = await openStage()
    const { store, counters } = stage.kit
    for (const key of ['a', 'b c', 'd/e']) store.put('src', `data/${key}`, { body: key })
    counters.reset()
    return () => stage[Symbol.asyncDispose]()
  })

  const run = (inputs: Readonly<Record<string, string>>) =>
    stage.run({ 'role-to-assume': '', ...inputs })
  const reader = () => keysAs('source-', user('reader', allow('src', ...READ)))
  const writer = () => keysAs('', user('writer', allow('dst', ...WRITE)))

  it('stream where neither can do both', async () => {
    await using streamed = await run({ ...reader(), ...writer() })
    expect(streamed.outputs).toMatchObject({ result: 'success', copied: '3', engine: 'direct' })
    expect(stage.kit.counters.operations()).toMatchObject({ GetObject: 3, PutObject: 3 })
    expect(stage.kit.counters.of('CopyObject')).toBe(0)
    expect(streamed.summary).toContain('3 objects · 7 B')
    expect(stage.equal()).toBe(true)
  })

  it('let the service copy where the writer may read', async () => {
    const both = user('both', allow('src', ...READ), allow('dst', ...WRITE))
    await using copied = await run({ ...reader(), ...keysAs('', both) })
    expect(copied.outputs).toMatchObject({ result: 'success', copied: '3' })
    expect(stage.kit.counters.of('CopyObject')).toBe(3)
    expect(stage.kit.counters.of('GetObject')).toBe(0)
    expect(copied.summary).not.toContain('Bytes through this runner')
  })

  it('let the service copy where the reader may write, and leave nothing of the probe', async () => {
    const both = user('both', allow('src', ...READ), allow('dst', ...WRITE))
    await using copied = await run({ ...keysAs('source-', both), ...writer() })
    expect(copied.outputs).toMatchObject({ result: 'success', copied: '3' })
    expect(stage.kit.counters.of('CopyObject')).toBe(3)
    expect(stage.kit.store.uploads('dst')).toEqual([])
    expect(copied.summary).toMatch(/Identity at the source.*same as the destination/)
  })

  it('write nothing in a dry run, not even a probe', async () => {
    await using dry = await run({ ...reader(), ...writer(), 'dry-run': 'true' })
    expect(dry.outputs['result']).toBe('planned')
    const { operations } = stage.kit.counters
    expect(Object.keys(operations()).filter((name) => !/^(List|Head|Get)/.test(name))).toEqual([])
  })

  it('read a public source unsigned, and let the service copy it', async () => {
    stage.kit.store.createBucket('public', { public: true })
    stage.kit.store.put('public', 'data/a', { body: 'a' })
    await using copied = await run({
      source: 's3://public/data/',
      'source-no-sign-request': 'true',
      ...writer(),
    })
    expect(copied.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(stage.kit.counters.of('CopyObject')).toBe(1)
    expect(copied.summary).toContain('unsigned requests')
  })

  it('take a role each', async () => {
    const { iam } = stage.kit
    const trust = {
      Statement: { Effect: 'Allow' as const, Principal: { AWS: '*' }, Action: 'sts:AssumeRole' },
    }
    const roleArn = iam.addRole({ name: 'Reader', trust, policies: [allow('src', ...READ)] })
    const base = user('base', {
      Statement: { ...allow('x', 'sts:AssumeRole').Statement, Resource: ['*'] },
    })
    await using streamed = await run({
      'source-role-to-assume': roleArn,
      ...keysAs('source-', base),
      ...writer(),
    })
    expect(streamed.outputs).toMatchObject({ result: 'success', copied: '3' })
    expect(streamed.summary).toContain('assumed-role/Reader')
  })

  it('name the identity that was refused', async () => {
    const nobody = keysAs('source-', {
      accessKeyId: 'AKIANOBODY',
      secretAccessKey: 'nobody-knows-it',
    })
    await using refused = await run({ ...nobody, ...writer() })
    expect(refused.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
    expect(refused.outputs['failure-message']).toContain('For the source: ')
    expect(refused.log).not.toContain('nobody-knows-it')
  })
})
