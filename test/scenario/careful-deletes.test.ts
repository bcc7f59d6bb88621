import { readFile } from 'node:fs/promises'
import { before, type Fault, fail, type RequestInfo, reset } from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import {
  endsListingsAfter,
  keysToDelete,
  namesAnother,
  spelled,
  trimsKeys,
} from 's3-direct-sync-testkit/strange-services.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage
const put = (bucket: string, ...keys: readonly string[]) => {
  for (const key of keys) stage.kit.store.put(bucket, key, { body: `body of ${key}` })
}
const same = (...names: readonly string[]) => {
  for (const name of names) {
    stage.kit.store.put('src', `data/${name}`, { body: name })
    stage.kit.store.put('dst', `copy/${name}`, { body: name })
  }
}
const destination = () => stage.kit.store.keys('dst')
const many = (count: number, folder = 'many') =>
  Array.from({ length: count }, (_, i) => `${folder}/${String(i).padStart(5, '0')}`)
const failedRows = async (run: StepResult): Promise<Record<string, unknown>[]> =>
  (await readFile(run.outputs['failed-path'] ?? '', 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
const codes = async (run: StepResult) =>
  Object.entries(Object.groupBy(await failedRows(run), ({ code }) => String(code))).map(
    ([code, rows]) => [code, rows?.length],
  )
const MIRROR = { delete: 'true', engine: 'direct', 'max-delete': '99.99%' }

beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage[Symbol.asyncDispose]())

/** Listings of the source for the plan, not those of its first keys. */
const sourceListings = (fault: Fault, times: number) =>
  stage.kit.faults.add({
    match: ({ operation, bucket, query }) =>
      operation === 'ListObjectsV2' && bucket === 'src' && !query.has('max-keys'),
    times,
    fault,
  })

describe('a source that lists only some of its objects', () => {
  it('loses none of 1,200 copies: every one is looked up by itself', async () => {
    same(...many(1300))
    sourceListings(endsListingsAfter(100), 1_000_000)
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ 'planned-deletes': '1200', deleted: '0', failed: '1200' })
    expect(await codes(run)).toEqual([['ExistsAtSource', 1200]])
    expect(destination().length).toBe(1300)
    expect(stage.kit.counters.of('DeleteObjects')).toBe(0)
  })

  it.each([
    ['in the first listing', 1, 10],
    ['by another number in each', 2, 12],
  ])('loses none with key-template either: %s', async (_when, times, second) => {
    same(...many(20, 'a'))
    let listed = 0
    sourceListings((request, next) => {
      listed++
      return endsListingsAfter(listed === 1 ? 10 : second)(request, next)
    }, times)
    await using run = await stage.run({ ...MIRROR, 'key-template': '{key}' })
    expect(run.outputs).toMatchObject({ 'planned-deletes': '10', deleted: '0', failed: '10' })
    expect(await codes(run)).toEqual([['SourceListingChanged', 10]])
    expect(run.outputs['failure-message']).toContain('run without delete')
    expect(destination().length).toBe(20)
  })
})

describe('a delete is looked up just before its batch', () => {
  it('so that what came to the source while earlier batches were deleted stays', async () => {
    same('a')
    put('dst', ...many(1500).map((name) => `copy/${name}`))
    stage.kit.faults.add({
      match: { operation: 'DeleteObjects' },
      times: 1,
      fault: before(() => put('src', 'data/many/01400')),
    })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ result: 'partial', deleted: '1499', failed: '1' })
    expect(destination()).toEqual(['copy/a', 'copy/many/01400'])
    expect(await codes(run)).toEqual([['ExistsAtSource', 1]])
  })

  it('and again before it is tried again', async () => {
    same('a', 'b')
    put('dst', 'copy/old')
    stage.kit.faults.add({
      match: { operation: 'DeleteObjects' },
      times: 99,
      fault: (request, next) => {
        put('src', 'data/old')
        return fail(503, 'SlowDown')(request, next)
      },
    })
    await using run = await stage.run({ ...MIRROR, 'retry-count': '0' })
    expect(await codes(run)).toEqual([['ExistsAtSource', 1]])
    expect(stage.kit.counters.of('DeleteObjects')).toBe(1)
  })

  it('by a listing of its key where a HEAD is refused', async () => {
    same('a', 'b', 'c')
    put('dst', 'copy/old', 'copy/came')
    put('src', 'data/old/x', 'data/old.y')
    put('dst', 'copy/old/x', 'copy/old.y')
    stage.kit.faults.add({
      match: ({ operation, bucket, key }) =>
        operation === 'HeadObject' && bucket === 'src' && /(old|came)$/.test(key),
      fault: (request, next) => {
        put('src', 'data/came')
        return fail(403, 'AccessDenied')(request, next)
      },
    })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ 'planned-deletes': '2', deleted: '1' })
    expect(await failedRows(run)).toMatchObject([{ key: 'copy/came', code: 'ExistsAtSource' }])
    expect(destination()).not.toContain('copy/old')
  })

  it('at the pace of requests-per-second', async () => {
    same('a')
    put('dst', ...many(30).map((name) => `copy/${name}`))
    await using run = await stage.run({ ...MIRROR, 'requests-per-second': '20' })
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '30' })
    const report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
    const timing = report.stages.find((one: { stage: string }) => one.stage === 'delete')
    expect(timing.seconds).toBeGreaterThan(1)
  })

  it('and many are looked up at a time', async () => {
    same('a')
    put('dst', ...many(1500).map((name) => `copy/${name}`))
    let [now, most] = [0, 0]
    stage.kit.faults.add({
      match: { operation: 'HeadObject', bucket: 'src' },
      fault: async (_request, next) => {
        most = Math.max(most, ++now)
        // So many at a time come only by and by, as answers come.
        await new Promise((resolve) => setTimeout(resolve, 50))
        now--
        return next()
      },
    })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '1500' })
    expect(most).toBeGreaterThan(64)
    expect(most).toBeLessThanOrEqual(256)
  })
})

describe('a service that is not quite S3', () => {
  it('is never asked by XML for keys that a parser would trim or fold', async () => {
    same('a', 'data', 'report.csv', 'x y')
    const loose = [' data', 'report.csv ', 'report.csv\u00a0', '\u3000data', 'x  y', 'data\u2028']
    put('dst', ...loose.map((name) => `copy/${name}`), 'copy/plain')
    const sent: string[] = []
    stage.kit.faults.add({
      match: { operation: 'DeleteObjects' },
      fault: (request, next) => {
        sent.push(...keysToDelete(request))
        return trimsKeys(stage.kit.store)(request, next)
      },
    })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ result: 'success', deleted: String(loose.length + 1) })
    expect(destination()).toEqual(['copy/a', 'copy/data', 'copy/report.csv', 'copy/x y'])
    expect(sent).toEqual(['copy/plain'])
  })

  it('is never asked by XML for a key that begins with a blank at the root of a bucket', async () => {
    stage.kit.store.put('src', 'data/data', { body: 'x' })
    stage.kit.store.put('dst', 'data', { body: 'x' })
    put('dst', ' data')
    stage.kit.faults.add({
      match: { operation: 'DeleteObjects' },
      fault: trimsKeys(stage.kit.store),
    })
    await using run = await stage.run({ ...MIRROR, destination: 's3://dst/' })
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '1' })
    expect(destination()).toEqual(['data'])
  })

  it('is asked for no more deletes once it names an object that nobody asked for', async () => {
    same('a')
    put('dst', ...many(1500).map((name) => `copy/${name}`))
    stage.kit.faults.add({
      match: { operation: 'DeleteObjects' },
      times: 1,
      fault: namesAnother('copy/a'),
    })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ deleted: '0', unknown: '1000', failed: '500' })
    expect(run.exitCode).toBe(1)
    expect(await codes(run)).toEqual([['OtherKeysNamed', 1500]])
    expect(run.outputs['failure-message']).toContain('"copy/a"')
    expect(stage.kit.counters.of('DeleteObjects')).toBe(1)
    expect(stage.kit.counters.of('DeleteObject')).toBe(0)
  })

  it('is asked for no more deletes at once than its answer can name', async () => {
    same('a')
    // As long as keys are that were URLs, and many more where each character is written as a reference.
    put('dst', ...many(1000, `page?${'name=1&'.repeat(20)}`).map((key) => `copy/${key}`))
    await using run = await stage.run({ ...MIRROR, 'max-delete': '1000 100%' })
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '1000', failed: '0' })
    expect(destination()).toEqual(['copy/a'])
    expect(stage.kit.counters.of('DeleteObjects')).toBeLessThanOrEqual(4)
  })

  it('and what it deleted without an answer that can be read is unknown', async () => {
    same('a', 'b')
    put('dst', 'copy/old')
    const fault: Fault = async (_request, next) => ({
      ...(await next()),
      body: '<a>'.repeat(20_001),
    })
    // The first one only asks whether the service heeds conditions.
    stage.kit.faults.add({ match: { operation: 'DeleteObjects' }, nth: 2, times: 99, fault })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ deleted: '0', failed: '0', unknown: '1' })
    expect(destination()).toEqual(['copy/a', 'copy/b'])
  })

  it('that is silent about one odd key has deleted the others all the same', async () => {
    same('a')
    put('dst', ...many(50).map((key) => `copy/${key}`), 'copy/odd ')
    stage.kit.faults.add({ match: { operation: 'DeleteObject' }, times: 1_000_000, fault: reset })
    await using run = await stage.run({ ...MIRROR, 'retry-count': '0', 'max-retries': '1' })
    expect(run.outputs).toMatchObject({
      result: 'partial',
      deleted: '50',
      failed: '0',
      unknown: '1',
    })
    expect(await failedRows(run)).toMatchObject([{ key: 'copy/odd ', status: 'unknown' }])
    expect(destination()).toEqual(['copy/a', 'copy/odd '])
  })

  it('may not know DeleteObjects at all', async () => {
    same('a', 'b')
    put('dst', ...many(5).map((name) => `copy/${name}`), 'copy/odd ')
    const match = { operation: 'DeleteObjects' }
    stage.kit.faults.add({ match, times: 1_000_000, fault: fail(501, 'NotImplemented') })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '6' })
    expect(destination()).toEqual(['copy/a', 'copy/b'])
  })

  it.each([
    ['deletes', { operation: 'DeleteObjects' }, '1000'],
    [
      'looks',
      (request: RequestInfo) => request.operation === 'HeadObject' && /many/.test(request.key),
      '0',
    ],
  ])(
    'that does not answer to the %s of a batch is asked for no others',
    async (_what, match, unknown) => {
      same('a')
      put('dst', ...many(4000).map((key) => `copy/${key}`))
      stage.kit.faults.add({ match, times: 1_000_000, fault: reset })
      const few = { 'retry-count': '0', 'max-retries': '1', 'max-delete': '4000 100%' }
      await using run = await stage.run({ ...MIRROR, ...few })
      expect(run.outputs).toMatchObject({
        deleted: '0',
        unknown,
        failed: `${4000 - Number(unknown)}`,
      })
      expect(stage.kit.counters.of('DeleteObjects')).toBeLessThanOrEqual(2)
      expect(stage.kit.counters.of('HeadObject')).toBeLessThanOrEqual(2100)
    },
  )

  it('that does not answer to one batch of many is asked for the others, and once more for that one', async () => {
    same('a')
    put('dst', ...many(3500).map((key) => `copy/${key}`))
    // The first one only asks whether the service heeds conditions, the second one is the first batch.
    const rule = { match: { operation: 'DeleteObjects' }, nth: 3, times: 1 }
    stage.kit.faults.add({ ...rule, fault: reset })
    const few = { 'retry-count': '0', 'max-retries': '1', 'max-delete': '4000 100%' }
    await using run = await stage.run({ ...MIRROR, ...few })
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '3500' })
    expect(destination()).toEqual(['copy/a'])
    expect(stage.kit.counters.of('DeleteObjects')).toBe(6)
    expect(run.log).toContain('1,000 objects not done yet')
  })

  it('deletes odd keys side by side', async () => {
    same('a')
    put('dst', ...many(200).map((name) => `copy/${name}\n`))
    let begun = 0
    const enough = Promise.withResolvers<void>()
    stage.kit.faults.add({
      match: { operation: 'DeleteObject' },
      // None is answered before more than eight are under way.
      fault: async (_request, next) => {
        if (++begun > 8) enough.resolve()
        await enough.promise
        return next()
      },
    })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '200' })
  })

  it('may tell weak ETags and know no conditions on deletes', async () => {
    same('a', 'b')
    put('dst', 'copy/old')
    stage.kit.faults.add({
      match: { operation: 'HeadObject' },
      fault: async (_request, next) => {
        const reply = await next()
        const etag = reply.headers['etag']?.replaceAll('"', '')
        return etag === undefined
          ? reply
          : { ...reply, headers: { ...reply.headers, etag: `W/"${etag}"` } }
      },
    })
    stage.kit.faults.add({
      match: ({ operation, payload }) =>
        operation === 'DeleteObjects' && payload.toString().includes('<ETag>'),
      fault: fail(501, 'NotImplemented'),
    })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '1' })
    expect(destination()).toEqual(['copy/a', 'copy/b'])
  })
})

describe('names that some services take for one', () => {
  it('go where a listing shows both', async () => {
    same('a', 'b')
    put('src', 'data/readme')
    put('dst', 'copy/README', 'copy/x//y', 'copy/x/Y')
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1', deleted: '3' })
    expect(destination()).toEqual(['copy/a', 'copy/b', 'copy/readme'])
  })

  it('stay where the destination does not tell them apart, and so does all else', async () => {
    same('a', 'b')
    stage.kit.store.put('src', 'data/Upper', { body: 'x' })
    stage.kit.store.put('dst', 'copy/upper', { body: 'x' })
    put('dst', 'copy/old')
    stage.kit.faults.add({
      match: ({ bucket, key }) => bucket === 'dst' && key !== '',
      fault: spelled((key) => key.toLowerCase()),
    })
    await using run = await stage.run(MIRROR)
    expect(run.outputs).toMatchObject({ 'planned-deletes': '2', deleted: '0', failed: '3' })
    expect(await codes(run)).toEqual([
      ['StoredUnderAnotherName', 2],
      ['CopiesFailed', 1],
    ])
  })

  it('stay where the destination does not tell them apart, run after run, and both are named', async () => {
    same('a', 'b', 'c')
    const nfd = 'cafe\u0301'
    for (const name of ['Upper', '/lead', nfd])
      stage.kit.store.put('src', `data/${name}`, { body: name })
    stage.kit.faults.add({
      match: ({ bucket, key }) => bucket === 'dst' && key !== '',
      fault: spelled((key) => key.normalize('NFC').toLowerCase().replace(/\/+/g, '/')),
    })
    const kept = ['copy/a', 'copy/b', 'copy/c', 'copy/caf\u00e9', 'copy/lead', 'copy/upper']
    await using first = await stage.run(MIRROR)
    expect(first.outputs).toMatchObject({ copied: '3', 'planned-deletes': '0' })
    expect(destination()).toEqual(kept)
    for (let again = 0; again < 2; again++) {
      await using run = await stage.run(MIRROR)
      expect(run.exitCode).toBe(1)
      expect(run.outputs).toMatchObject({ 'planned-deletes': '3', deleted: '0', copied: '0' })
      expect(await codes(run)).toEqual([['StoredUnderAnotherName', 6]])
      expect(run.outputs['failure-message']).toContain('cannot be mirrored')
      expect(destination()).toEqual(kept)
    }
  })
})
