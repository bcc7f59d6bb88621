import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fail } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage[Symbol.asyncDispose]())

const bodyOf = (key: string): string => `body of ${key.split('/').at(-1)}`
const put = (bucket: string, ...keys: readonly string[]) => {
  for (const key of keys) stage.kit.store.put(bucket, key, { body: bodyOf(key) })
}
const row = (key: string, status: string) => ({
  key,
  size: Buffer.byteLength(bodyOf(key)),
  etag: createHash('md5').update(bodyOf(key)).digest('hex'),
  status,
})
const published = async (path = '') => {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line)).sort((a, b) => (a.key < b.key ? -1 : 1))
}

describe.each(['s5cmd', 'direct'])('published.ndjson, with %s', (engine) => {
  it('names what was copied and what stood there already, and nothing else', async () => {
    put('src', 'data/new', 'data/same', 'data/sub/"ü"', 'data/left.tmp')
    put('dst', 'copy/same', 'copy/only-here')
    await using run = await stage.run({ engine, exclude: '*.tmp' })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '2' })
    const rows = [row('new', 'copied'), row('same', 'unchanged'), row('sub/"ü"', 'copied')]
    expect(await published(run.outputs['published-path'])).toEqual(rows)
    await using again = await stage.run({ engine, exclude: '*.tmp' })
    expect(again.outputs['result']).toBe('nothing-to-do')
    const unchanged = rows.map((one) => ({ ...one, status: 'unchanged' }))
    expect(await published(again.outputs['published-path'])).toEqual(unchanged)
  })

  it('is the manifest of the next stage as it is, and pins what was published', async () => {
    put('src', 'data/a', 'data/b+c')
    stage.kit.store.createBucket('prod')
    await using staging = await stage.run({ engine })
    // Somebody puts something beside what was tested.
    put('dst', 'copy/untested')
    const next = {
      source: 's3://dst/copy/',
      destination: 's3://prod/live/',
      manifest: staging.outputs['published-path'] ?? '',
      'manifest-missing': 'fail',
    }
    await using production = await stage.run(next)
    expect(production.outputs, production.log).toMatchObject({ result: 'success', copied: '2' })
    expect(stage.kit.store.keys('prod')).toEqual(['live/a', 'live/b+c'])
    stage.kit.store.put('dst', 'copy/a', { body: 'other bytes' })
    await using changed = await stage.run(next)
    expect(changed.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(changed.outputs['failure-message']).toContain('"copy/a"')
  })
})

it('of a folder with a marker is the manifest of the next stage too', async () => {
  put('src', 'data/a')
  stage.kit.store.put('src', 'data/', { body: '' })
  stage.kit.store.createBucket('prod')
  await using staging = await stage.run({ engine: 'direct' })
  await using production = await stage.run({
    source: 's3://dst/copy/',
    destination: 's3://prod/live/',
    manifest: staging.outputs['published-path'] ?? '',
  })
  expect(production.outputs, production.log).toMatchObject({ result: 'success', copied: '2' })
  expect(stage.kit.store.keys('prod')).toEqual(['live/', 'live/a'])
})

it('does not name a copy that failed', async () => {
  put('src', 'data/a', 'data/bad')
  stage.kit.faults.add({
    match: { operation: 'CopyObject', key: 'copy/bad' },
    fault: fail(403, 'AccessDenied'),
  })
  await using run = await stage.run({ engine: 'direct' })
  expect(run.outputs).toMatchObject({ result: 'partial', failed: '1' })
  expect(await published(run.outputs['published-path'])).toEqual([row('a', 'copied')])
})

it.each([{ mode: 'plan' }, { 'dry-run': 'true' }, { mode: 'check' }])(
  'is not there with %o',
  async (inputs) => {
    put('src', 'data/a')
    await using run = await stage.run(inputs)
    expect(run.outputs['published-path']).toBe('')
  },
)

it('of a single object names it', async () => {
  put('src', 'one/file.bin')
  await using run = await stage.run({ source: 's3://src/one/file.bin' })
  expect(await published(run.outputs['published-path'])).toEqual([row('file.bin', 'copied')])
})
