import { readFile } from 'node:fs/promises'
import { before, fail, wrongList } from 's3-direct-sync-testkit/faults.ts'
import { hostileKeys } from 's3-direct-sync-testkit/fixtures.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { ignoresConditions } from 's3-direct-sync-testkit/strange-services.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage
const WRITES = ['CopyObject', 'PutObject', 'DeleteObject', 'DeleteObjects', 'UploadPart']
const writes = () => WRITES.reduce((sum, name) => sum + stage.kit.counters.of(name), 0)
const put = (bucket: string, ...keys: readonly string[]) => {
  for (const key of keys)
    stage.kit.store.put(bucket, key, { body: `body of ${key.split('/').at(-1)}` })
}
const destination = () => stage.kit.store.keys('dst')
const rows = async (path: string): Promise<Record<string, unknown>[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
const MIRROR = { delete: 'true', engine: 'direct' }

beforeEach(async () => {
  stage = await openStage()
  put('src', 'data/a', 'data/b', 'data/new')
  put('dst', 'copy/a', 'copy/b', 'copy/old', 'copy/gone/x', 'outside')
})
afterEach(() => stage[Symbol.asyncDispose]())

describe('delete', () => {
  it('removes what only the destination has, behind all copies, and nothing else', async () => {
    const order: string[] = []
    for (const operation of ['CopyObject', 'DeleteObjects'])
      stage.kit.faults.add({
        match: { operation },
        fault: before(() => {
          order.push(operation)
        }),
      })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({
      result: 'success',
      'planned-copies': '1',
      'planned-deletes': '2',
      copied: '1',
      deleted: '2',
    })
    // The first of them finds out whether the service heeds conditions.
    expect(order).toEqual(['CopyObject', 'DeleteObjects', 'DeleteObjects'])
    expect(destination()).toEqual(['copy/a', 'copy/b', 'copy/new', 'outside'])
    const results = await rows(`${run.reportDir}/results.ndjson`)
    expect(results.filter(({ op }) => op === 'delete')).toMatchObject([
      { key: 'copy/gone/x', status: 'done' },
      { key: 'copy/old', status: 'done' },
    ])
    expect(run.log).toContain('Deleted: 2 files')
    expect(run.summary).toContain('1 object copied')
    expect(run.summary).toContain('2 objects deleted')
  })

  it('is off unless asked, and leaves excluded keys alone', async () => {
    await using unasked = await stage.run({ engine: 'direct' })
    expect(unasked.outputs).toMatchObject({ result: 'success', 'planned-deletes': '0' })
    expect(unasked.outputs).toMatchObject({ copied: '1', deleted: '0' })
    expect(destination()).toContain('copy/old')
    await using run = await stage.run({ ...MIRROR, exclude: 'gone/**' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '0', deleted: '1' })
    expect(run.summary).toContain('## ✅ 1 object deleted')
    expect(destination()).toContain('copy/gone/x')
    expect(destination()).not.toContain('copy/old')
  })

  it("leaves the destination's own folder marker alone, and does not count it", async () => {
    for (const key of destination()) stage.kit.store.delete('dst', key)
    put('dst', 'copy/')
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', 'planned-deletes': '0' })
    expect(destination()).toEqual(['copy/', 'copy/a', 'copy/b', 'copy/new'])
  })

  it("is refused where the object of the source's own folder has content and no key to go to", async () => {
    put('src', 'data/')
    const before = destination()
    const root = { ...MIRROR, destination: 's3://dst/', 'max-delete': '100%' }
    await using run = await stage.run(root)
    expect(run.outputs, run.stdout).toMatchObject({ result: 'failed', 'failure-kind': 'plan' })
    expect(run.outputs['failure-message']).toContain('s3://src/data/ cannot be copied')
    expect(destination()).toEqual(before)
    stage.kit.store.put('src', 'data/', { body: '' })
    await using empty = await stage.run(root)
    expect(empty.outputs, empty.stdout).toMatchObject({ result: 'success' })
    expect(destination()).toEqual(['a', 'b', 'new'])
  })

  it('asks again for what the service did not answer for', async () => {
    stage.kit.faults.add({
      match: { operation: 'DeleteObjects' },
      nth: 2,
      times: 1,
      fault: () => ({
        status: 200,
        headers: { 'content-type': 'application/xml' },
        body: '<DeleteResult></DeleteResult>',
      }),
    })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '2' })
    expect(destination()).not.toContain('copy/old')
  })

  it('names every key as it is', async () => {
    const hostile = hostileKeys().map(({ key }) => `copy/x/${key}`)
    put('dst', ...hostile)
    await using run = await stage.run({ ...MIRROR, 'max-delete': '1000 100%' })
    expect(run.outputs).toMatchObject({ result: 'success', deleted: String(hostile.length + 2) })
    expect(destination()).toEqual(['copy/a', 'copy/b', 'copy/new', 'outside'])
  })

  it('goes on over many requests', async () => {
    for (let i = 0; i < 1500; i++) put('dst', `copy/many/${i}`)
    await using run = await stage.run({ ...MIRROR, 'max-delete': '99.95%' })
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '1502' })
    // One of them found out whether the service heeds conditions.
    expect(stage.kit.counters.of('DeleteObjects')).toBe(3)
  })
})

describe('nothing is written at all', () => {
  const refused = async (inputs: Readonly<Record<string, string>>, reason: string) => {
    await using run = await stage.run({ ...MIRROR, ...inputs })
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(run.outputs['failure-message']).toContain(reason)
    expect(writes()).toBe(0)
  }

  it('when a part is just right, but all of the scope would go', async () => {
    const gone = { include: 'gone/**', 'allow-empty-source': 'filtered' }
    await refused({ ...gone, 'max-delete': '99%' }, 'Every object in scope')
    await using run = await stage.run({ ...MIRROR, ...gone, 'max-delete': '100%' })
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '1' })
  })
  it('when the source is empty while it is listed, and only then gets objects', async () => {
    for (const key of ['data/a', 'data/b', 'data/new']) stage.kit.store.delete('src', key)
    stage.kit.faults.add({
      match: ({ operation, bucket, query }) =>
        operation === 'ListObjectsV2' && bucket === 'src' && !query.has('max-keys'),
      times: 1,
      fault: async (_request, next) => {
        const page = await next()
        put('src', 'data/late')
        return page
      },
    })
    await refused({ 'max-delete': '100%' }, 'The source is empty')
  })
  it('when the single object goes before it is listed', async () => {
    stage.kit.faults.add({
      match: { operation: 'ListObjectsV2', bucket: 'src' },
      fault: before(({ query }) => {
        if (!query.has('max-keys')) stage.kit.store.delete('src', 'data/a')
      }),
    })
    put('src', 'data/ab')
    await refused({ source: 's3://src/data/a', delete: 'false' }, 'The source is empty')
  })
  it('when an empty source is allowed, but not that all goes', () =>
    refused({ source: 's3://src/dta/', 'allow-empty-source': 'true' }, 'Every object in scope'))
  it('when all goes, though both places have a folder marker', async () => {
    for (const key of ['data/a', 'data/b']) stage.kit.store.delete('src', key)
    put('src', 'data/')
    put('dst', 'copy/')
    await refused({}, 'Every object in scope')
  })
  it('with a single object', () => refused({ source: 's3://src/data/a' }, 'single object'))

  it('when source lies inside destination', async () => {
    await using run = await stage.run({ ...MIRROR, destination: 's3://src/' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(writes()).toBe(0)
  })

  it.each([
    ['src', wrongList('unclosed')],
    ['dst', wrongList('bad-key-count')],
  ])('when a listing of %s is not complete', async (bucket, fault) => {
    stage.kit.faults.add({ match: { operation: 'ListObjectsV2', bucket }, fault })
    await using run = await stage.run({ ...MIRROR, 'retry-count': '0' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'list' })
    expect(writes()).toBe(0)
  })
})

describe('nothing is deleted', () => {
  it('when a copy fails', async () => {
    stage.kit.faults.add({ match: { operation: 'CopyObject' }, fault: fail(403, 'AccessDenied') })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ result: 'failed', failed: '3', deleted: '0', copied: '0' })
    expect(stage.kit.counters.of('DeleteObjects')).toBe(0)
    expect(await rows(run.outputs['failed-path'] ?? '')).toMatchObject([
      { op: 'copy', code: 'AccessDenied' },
      { op: 'delete', code: 'CopiesFailed' },
      { op: 'delete', code: 'CopiesFailed' },
    ])
  })

  it('in a dry run', async () => {
    await using run = await stage.run({ ...MIRROR, 'dry-run': 'true' })
    expect(run.outputs).toMatchObject({ result: 'planned', 'planned-deletes': '2' })
    expect(run.summary).toContain('1 object would be copied')
    expect(run.summary).toContain('2 deleted')
    expect(writes()).toBe(0)
  })
})

describe('an object stays, though it was planned to go,', () => {
  it.each([2, 1001])('when the source has it by now, %i planned', async (planned) => {
    for (let i = 2; i < planned; i++) put('dst', `copy/many/${i}`)
    stage.kit.faults.add({
      match: { operation: 'CopyObject' },
      times: 1,
      fault: before(() => put('src', 'data/old')),
    })
    await using run = await stage.run({ ...MIRROR, 'max-delete': '99.99%' })
    expect(run.outputs).toMatchObject({
      result: 'partial',
      'planned-deletes': String(planned),
      deleted: String(planned - 1),
      failed: '1',
    })
    expect(destination()).toContain('copy/old')
    expect(await rows(run.outputs['failed-path'] ?? '')).toMatchObject([
      { op: 'delete', key: 'copy/old', code: 'ExistsAtSource' },
    ])
  })

  it('when nobody can see whether the source has it', async () => {
    stage.kit.faults.add({
      match: { operation: 'HeadObject', bucket: 'src' },
      fault: fail(503, 'SlowDown'),
    })
    await using run = await stage.run({ ...MIRROR, 'retry-count': '0' })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', deleted: '0', failed: '2' })
    expect(writes()).toBe(1)
  })
})

describe('an object stays', () => {
  it.each<[string, number]>([
    ['', 0],
    [', though a request was damaged on its way', 1],
    [', on a service that does not know conditions', 99],
  ])('when it was written again after it was listed%s', async (_where, refusals) => {
    stage.kit.faults.add({
      match: { operation: 'DeleteObjects' },
      times: 1,
      fault: before(() => stage.kit.store.put('dst', 'copy/old', { body: 'fresh' })),
    })
    stage.kit.faults.add({
      match: ({ operation, payload }) =>
        operation === 'DeleteObjects' && payload.toString().includes('<ETag>'),
      times: refusals,
      fault: fail(400, 'MalformedXML'),
    })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ result: 'partial', deleted: '1', failed: '1' })
    expect(destination()).toContain('copy/old')
    expect(await rows(run.outputs['failed-path'] ?? '')).toMatchObject([
      { op: 'delete', key: 'copy/old', code: 'PreconditionFailed' },
    ])
  })

  it('when it was written again, where only single deletes know no conditions', async () => {
    put('dst', 'copy/one\n', 'copy/two\n')
    stage.kit.faults.add({
      match: ({ operation, headers }) =>
        operation === 'DeleteObject' && headers['if-match'] !== undefined,
      fault: (request, next) => {
        stage.kit.store.put('dst', 'copy/two\n', { body: 'fresh' })
        return fail(501, 'NotImplemented')(request, next)
      },
    })
    await using run = await stage.run({ ...MIRROR, 'max-delete': '100%' })
    expect(run.outputs).toMatchObject({ result: 'partial', deleted: '3', failed: '1' })
    expect(destination()).toContain('copy/two\n')
  })

  it.each([
    ['by XML', 'old'],
    ['one by one', 'old\n'],
  ])('when it was written again, on a service that ignores conditions, %s', async (_way, name) => {
    put('dst', 'copy/a.old', `copy/${name}`)
    stage.kit.faults.add({
      match: { operation: 'CopyObject' },
      fault: (_request, next) => {
        stage.kit.store.put('dst', `copy/${name}`, { body: 'fresh' })
        return next()
      },
    })
    for (const operation of ['DeleteObjects', 'DeleteObject'])
      stage.kit.faults.add({ match: { operation }, fault: ignoresConditions(stage.kit.store) })
    await using run = await stage.run({ ...MIRROR, 'max-delete': '100%' })
    expect(run.outputs).toMatchObject({ result: 'partial', failed: '1' })
    expect(destination()).toContain(`copy/${name}`)
    expect(destination()).not.toContain('copy/a.old')
    expect(await rows(run.outputs['failed-path'] ?? '')).toMatchObject([
      { op: 'delete', key: `copy/${name}`, code: 'PreconditionFailed' },
    ])
  })

  it('when it may not be deleted, and it is named', async () => {
    const Statement = [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 's3:DeleteObject', Resource: 'arn:aws:s3:::dst/copy/old' },
    ] as const
    const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
    const role = stage.kit.iam.addRole({ name: 'Half', trust, policies: [{ Statement }] })
    await using run = await stage.run({ ...MIRROR, 'role-to-assume': role })
    expect(run.outputs).toMatchObject({ result: 'partial', deleted: '1', failed: '1' })
    expect(run.annotations.errors[0]?.message).toContain('AccessDenied')
  })
})

it('deletes again what failed once, and counts what is gone already as done', async () => {
  stage.kit.faults.add({
    match: { operation: 'DeleteObjects' },
    nth: 2,
    times: 1,
    fault: async (_request, next) => {
      await next()
      return {
        status: 200,
        headers: { 'content-type': 'application/xml' },
        body: '<DeleteResult><Deleted><Key>copy/gone/x</Key></Deleted><Error><Key>copy/old</Key><Code>InternalError</Code><Message>again</Message></Error></DeleteResult>',
      }
    },
  })
  await using run = await stage.run(MIRROR)
  expect(run.outputs).toMatchObject({ result: 'success', deleted: '2' })
  expect(stage.kit.counters.of('DeleteObjects')).toBe(3)
})
