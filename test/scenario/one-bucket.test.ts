import { fail } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage
const ALIAS = 'data-ap-xyz-s3alias'
const WRITES = ['CopyObject', 'PutObject', 'DeleteObject', 'DeleteObjects', 'UploadPart']
const writes = () => WRITES.reduce((sum, name) => sum + stage.kit.counters.of(name), 0)
const put = (bucket: string, ...keys: readonly string[]) => {
  for (const key of keys) stage.kit.store.put(bucket, key, { body: `body of ${bucket}/${key}` })
}
const MIRROR = { delete: 'true', engine: 'direct', 'max-delete': '100%' }
const HELD = ['a.txt', 'app/a.txt', 'app/b.txt', 'other/keep.txt']

beforeEach(async () => {
  stage = await openStage()
  put('data', ...HELD)
  stage.kit.store.alias(ALIAS, 'data')
})
afterEach(() => stage[Symbol.asyncDispose]())

const localhost = () => stage.kit.endpoint.replace('127.0.0.1', 'localhost')

/** A role that may do no more than so many statements allow. */
const roleOf = (...Statement: readonly object[]): string => {
  const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
  const policies = [{ Statement: Statement as never }]
  return stage.kit.iam.addRole({ name: `Least${Statement.length}`, trust, policies })
}
const allow = (Resource: string, ...Action: readonly string[]) => ({
  Effect: 'Allow',
  Action,
  Resource: `arn:aws:s3:::${Resource}`,
})

const refused = async (inputs: Readonly<Record<string, string>>, ...reasons: string[]) => {
  const before = stage.kit.store.keys('data')
  await using run = await stage.run({ ...MIRROR, ...inputs })
  expect(run.exitCode).toBe(1)
  expect(run.outputs).toMatchObject({ result: 'failed', copied: '0', deleted: '0' })
  for (const reason of reasons) expect(run.outputs['failure-message']).toContain(reason)
  expect(writes()).toBe(0)
  expect(stage.kit.store.keys('data')).toEqual(before)
  expect(stage.kit.store.uploads('data')).toEqual([])
  return run.outputs
}

describe('one bucket under two names is refused', () => {
  it('where delete would take the source away, by an alias', async () => {
    const places = { source: 's3://data/app/', destination: `s3://${ALIAS}/` }
    expect(await refused(places, 'one bucket', 'contains source')).toMatchObject({
      'failure-kind': 'guard',
      'planned-deletes': '3',
    })
  })

  it('where only HeadBucket tells that a name is an alias', async () => {
    stage.kit.store.alias('innocent', 'data')
    await refused({ source: 's3://data/app/', destination: 's3://innocent/' }, 'one bucket')
    await refused({ source: 's3://innocent/app/', destination: 's3://data/' }, 'one bucket')
  })

  it('where keys are organised anew in one folder, by two endpoints', async () => {
    const places = { source: 's3://data/app/', destination: 's3://data/app/' }
    const at = { 'endpoint-url': stage.kit.endpoint, 'destination-endpoint-url': localhost() }
    const keys = { 'key-pattern': '^(?<y>.)', 'key-template': 'y={y}/{name}' }
    await refused({ ...places, ...at, ...keys }, 'key-template')
  })

  it('where keys are organised anew in one folder, by an alias', async () => {
    const keys = { 'key-pattern': '^(?<y>.)', 'key-template': 'y={y}/{name}' }
    const places = { source: 's3://data/app/', destination: `s3://${ALIAS}/app/` }
    await refused({ ...places, ...keys }, 'one bucket', 'same as source')
  })

  it('where every run would nest its results once more, without delete', async () => {
    const places = { source: 's3://data/', destination: `s3://${ALIAS}/copy/`, delete: 'false' }
    await refused(places, 'one bucket', 'is inside source')
  })

  it('where objects would be written onto themselves, without delete', async () => {
    const places = { source: 's3://data/app/', destination: `s3://${ALIAS}/app/`, delete: 'false' }
    await refused({ ...places, compare: 'always' }, 'one bucket', 'same as source')
  })

  it.each([
    ['would be written onto themselves', 's3://data/app/', 'same as source'],
    ['would be nested once more', 's3://data/app/copy/', 'is inside source'],
  ])('where objects %s by another endpoint, without delete', async (_what, to, why) => {
    const places = { source: 's3://data/app/', destination: to, compare: 'always' }
    const at = { 'endpoint-url': stage.kit.endpoint, 'destination-endpoint-url': localhost() }
    await refused({ ...places, ...at, delete: 'false' }, 'one bucket', why)
  })

  it('where no object may be read in both, as an upload that is begun shows in both', async () => {
    stage.kit.faults.add({
      match: ({ operation, bucket }) => operation === 'HeadObject' && bucket === ALIAS,
      fault: fail(403, 'AccessDenied'),
    })
    await refused({ source: 's3://data/app/', destination: `s3://${ALIAS}/` }, 'one bucket')
  })

  it('where a function makes other answers of the same objects', async () => {
    stage.kit.store.alias('made--ol-s3', 'data')
    stage.kit.faults.add({
      match: ({ operation, bucket }) => operation === 'HeadObject' && bucket === 'made--ol-s3',
      fault: async (_request, next) => {
        const reply = await next()
        return { ...reply, headers: { ...reply.headers, etag: '"made"' } }
      },
    })
    await refused({ source: 's3://data/app/', destination: 's3://made--ol-s3/' }, 'one bucket')
  })

  it('where nothing proves that there are two', async () => {
    for (const match of [{ operation: 'ListMultipartUploads' }, { operation: 'HeadObject' }])
      stage.kit.faults.add({
        match: ({ operation, bucket }) => operation === match.operation && bucket === ALIAS,
        fault: fail(403, 'AccessDenied'),
      })
    stage.kit.faults.add({
      match: { operation: 'ListMultipartUploads' },
      fault: fail(403, 'AccessDenied'),
    })
    const places = { source: 's3://data/app/', destination: `s3://${ALIAS}/` }
    await refused(places, 'could not be determined', 's3:ListBucketMultipartUploads')
  })
})

describe('two buckets are not refused', () => {
  it('where one is named by the alias of another bucket', async () => {
    put('mirror', 'app/gone.txt', 'app/a.txt')
    stage.kit.store.alias('mirror-ap-s3alias', 'mirror')
    const places = { source: 's3://data/app/', destination: 's3://mirror-ap-s3alias/app/' }
    await using run = await stage.run({ ...MIRROR, ...places })
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '1' })
    expect(stage.kit.store.keys('mirror')).toEqual(['app/a.txt', 'app/b.txt'])
  })

  it('where only an upload can prove it, and it is taken back', async () => {
    put('mirror', 'app/gone.txt')
    stage.kit.store.alias('mirror-ap-s3alias', 'mirror')
    stage.kit.faults.add({
      match: ({ operation, bucket, key }) =>
        operation === 'HeadObject' && bucket !== 'data' && !key.startsWith('x'),
      fault: fail(403, 'AccessDenied'),
    })
    const places = { source: 's3://data/app/', destination: 's3://mirror-ap-s3alias/app/' }
    await using run = await stage.run({ ...MIRROR, ...places, verify: 'outcomes' })
    expect(run.outputs).toMatchObject({ deleted: '1', copied: '2' })
    expect(stage.kit.store.uploads('mirror')).toEqual([])
  })

  it('where both have plain names, for a role that may do no more than a sync needs', async () => {
    put('mirror', 'app/gone.txt', 'app/a.txt')
    const role = roleOf(
      allow('data', 's3:ListBucket'),
      allow('mirror', 's3:ListBucket'),
      allow('data/app/*', 's3:GetObject', 's3:GetObjectTagging'),
      allow('mirror/app/*', 's3:GetObject', 's3:PutObject', 's3:PutObjectTagging'),
      allow('mirror/app/*', 's3:DeleteObject', 's3:AbortMultipartUpload'),
    )
    const places = { source: 's3://data/app/', destination: 's3://mirror/app/' }
    await using run = await stage.run({ ...MIRROR, ...places, 'role-to-assume': role })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2', deleted: '1' })
    expect(stage.kit.counters.of('ListMultipartUploads')).toBeLessThanOrEqual(1)
  })

  it('where they are one, but the places do not overlap', async () => {
    put('data', 'mirror/gone.txt')
    const places = { source: 's3://data/app/', destination: `s3://${ALIAS}/mirror/` }
    await using run = await stage.run({ ...MIRROR, ...places })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2', deleted: '1' })
    expect(stage.kit.store.keys('data')).toEqual([...HELD, 'mirror/a.txt', 'mirror/b.txt'].sort())
  })
})

describe('a plan writes nothing to find out', () => {
  const DRY = { 'dry-run': 'true' }
  const PLAN = { mode: 'plan' }

  it.each([
    ['a dry run tells the refusal of a real run as its own', DRY, [], 'in one bucket', 'guard'],
    ['mode: plan says that it is not proven', PLAN, ['HeadObject'], 'could not be determined', ''],
  ])('and %s', async (_what, inputs, denied, text, kind) => {
    for (const operation of denied)
      stage.kit.faults.add({
        match: (request) => request.operation === operation && request.bucket === ALIAS,
        fault: fail(403, 'AccessDenied'),
      })
    const places = { source: 's3://data/app/', destination: `s3://${ALIAS}/` }
    await using run = await stage.run({ ...MIRROR, ...places, ...inputs })
    expect(run.exitCode).toBe(0)
    expect(run.outputs).toMatchObject({ result: 'planned', 'planned-deletes': '3' })
    expect(run.outputs['failure-kind']).toBe(kind)
    expect(run.outputs['failure-message'] !== '').toBe(kind !== '')
    expect(run.annotations.warnings.map(({ message }) => message).join('\n')).toContain(text)
    expect(writes()).toBe(0)
    expect(stage.kit.counters.of('CreateMultipartUpload')).toBe(0)
  })
})

describe('transfers of one step, of which one bucket has two names', () => {
  const names = (first: string, second: string) => `
- { name: one, source: s3://src/a/, destination: s3://data/${first} }
- { name: two, source: s3://src/b/, destination: s3://${ALIAS}/${second} }
`
  beforeEach(() => put('src', 'a/new.txt', 'b/new.txt'))
  const run = (transfers: string, inputs: Readonly<Record<string, string>> = {}) =>
    stage.run({ ...MIRROR, source: '', destination: '', transfers, ...inputs })

  it.each([
    ['the same place', 'app/', 'app/'],
    ['a place inside of it', '', 'app/'],
    ['a place around it', 'app/', ''],
  ])(
    'are refused where the other one has %s, and nothing is written',
    async (_how, first, second) => {
      for (const inputs of [{}, { delete: 'false' }]) {
        await using step = await run(names(first, second), inputs)
        expect(step.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
        expect(step.outputs['failure-message']).toContain('a place of another transfer')
      }
      expect(writes()).toBe(0)
      expect(stage.kit.store.keys('data')).toEqual(HELD)
      expect(stage.kit.store.uploads('data')).toEqual([])
    },
  )

  it.each([{ mode: 'plan' }, { 'dry-run': 'true' }])(
    'are told to be so where nothing is written (%j)',
    async (looking) => {
      await using step = await run(names('app/', 'app/'), looking)
      expect(step.outputs, step.log).toMatchObject({ result: 'planned' })
      const told = JSON.stringify(step.annotations.warnings)
      expect(told).toContain('of another transfer may be the same bucket under two names')
      expect(told).toContain('and is refused if that proves')
      expect(stage.kit.counters.of('CreateMultipartUpload')).toBe(0)
    },
  )

  it('are refused where the one is to delete what the other reads', async () => {
    const transfers = `
- { name: one, source: s3://src/a/, destination: s3://${ALIAS}/app/ }
- { name: two, source: s3://data/app/, destination: s3://dst/copy/ }
`
    await using step = await run(transfers)
    expect(step.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(writes()).toBe(0)
  })

  it('go on beside each other, and where they are two buckets', async () => {
    await using beside = await run(names('app/', 'other/'))
    expect(beside.outputs).toMatchObject({ result: 'success', copied: '2', deleted: '3' })
    stage.kit.store.createBucket('mirror')
    stage.kit.store.alias('mirror-ap-s3alias', 'mirror')
    const mirrors = names('app/', 'app/').replace(ALIAS, 'mirror-ap-s3alias')
    await using apart = await run(mirrors, { compare: 'always' })
    expect(apart.outputs).toMatchObject({ result: 'success', copied: '2' })
    expect(stage.kit.store.uploads('data')).toEqual([])
  })
})
