import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail, before as meanwhile } from 's3-direct-sync-testkit/faults.ts'
import { listenOnLoopback } from 's3-direct-sync-testkit/web-server.ts'
import { describe, expect, it } from 'vitest'
import { EXTRAS_LIST, extrasListOf } from '../extras-list.ts'
import { openShardStage, type ShardStage } from './shard-stage.ts'

const DAY_S = 86_400

const bodies = (names: string, folder = 'data') =>
  Object.fromEntries(names.split('').map((name) => [`${folder}/${name}`, `body of ${name}`]))

/** A plan for six objects, three of them in each of two parts, and an object to delete. */
async function planned(scene: ShardStage, inputs: Readonly<Record<string, string>> = {}) {
  scene.put('src', bodies('abcdef'))
  scene.put('dst', { 'copy/old': 'old' }, 60)
  await scene.plan('2', inputs)
}

describe('where somebody slips, the message says what to do:', () => {
  it('a job that asks for other parts than the plan has', async () => {
    await using scene = await openShardStage()
    scene.put('src', bodies('ab'))
    await scene.plan('8')
    await using ran = await scene.execute(1, { shard: '1/8' })
    expect(ran.outputs['failure-message']).toContain('it has 2 parts, but shard is 1/8')
    expect(ran.outputs['failure-message']).toContain('the output shard-count of the job that made')
    expect(ran.outputs['failure-message']).not.toContain('Make a new plan')
  })

  it('a job that is not told its part', async () => {
    await using scene = await openShardStage()
    scene.put('src', bodies('ab'))
    await scene.plan('2')
    await using ran = await scene.execute(1, { shard: '' })
    expect(ran.outputs['failure-message']).toContain('a plan in parts (plan.json) needs shard')
  })

  it('a job that is given the file in place of its folder', async () => {
    await using scene = await openShardStage()
    scene.put('src', bodies('ab'))
    await scene.plan('2')
    const file = join(scene.planDir, 'plan.json')
    for (const ran of [
      await scene.execute(1, { 'plan-dir': file }),
      await scene.finish({ 'plan-dir': file }),
    ]) {
      await using refused = ran
      expect(refused.outputs, refused.stdout).toMatchObject({ 'failure-kind': 'inputs' })
      expect(refused.outputs['failure-message']).toContain(`There is no plan.json in ${file}`)
    }
  })

  it('the last job, which is not given all files of the plan', async () => {
    await using scene = await openShardStage()
    await planned(scene)
    await rm(join(scene.planDir, 'finish.ndjson'))
    await using ended = await scene.finish()
    expect(ended.outputs['failure-message']).toContain('it is missing. Set plan-dir to a folder')
  })

  it('the last job, which finds files of another plan', async () => {
    await using scene = await openShardStage()
    await planned(scene)
    await scene.executeAll()
    await mkdir(join(scene.shardsDir, 'of-another'))
    await writeFile(join(scene.shardsDir, 'of-another', 'shard-003.json'), '{}')
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({ 'failure-kind': 'lost-shard', copied: '6' })
    expect(ended.outputs['failure-message']).toContain(
      'Remove the files of another plan from shards-dir. Then run this job again.',
    )
  })

  it('the last job, which finds no files at all', async () => {
    await using scene = await openShardStage()
    await planned(scene)
    await scene.executeAll()
    await using ended = await scene.finish({ 'shards-dir': join(scene.shardsDir, 'else') })
    expect(ended.outputs, ended.stdout).toMatchObject({ 'failure-kind': 'lost-shard', copied: '6' })
    expect(ended.outputs['failure-message']).toContain('Check that shards-dir is the folder with')
  })

  it('the last job, where every shard refused the plan', async () => {
    await using scene = await openShardStage({ delete: 'true', exclude: 'logs' })
    scene.put('src', bodies('abcd'))
    scene.put('dst', { 'copy/a': 'body of a', 'copy/logs/1': 'x' }, 60)
    await scene.plan('2')
    for (const number of [1, 2]) await (await scene.execute(number))[Symbol.asyncDispose]()
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({ 'failure-kind': 'lost-shard', copied: '0' })
    const told = ended.outputs['failure-message']
    expect(told).toContain(
      'shard 1: its job failed: The plan was refused when it was made: exclude',
    )
    expect(told).toContain('Resolve why these jobs failed. Run')
  })

  it('an object that is gone from the source, in whichever job', async () => {
    await using scene = await openShardStage()
    scene.put('src', bodies('ab'))
    await scene.plan('2')
    scene.stage.kit.store.delete('src', 'data/a')
    await using ran = await scene.execute(1)
    await using _other = await scene.execute(2)
    await using ended = await scene.finish()
    for (const { outputs } of [ran, ended])
      expect(outputs['failure-message']).toContain('make a new plan with mode: plan. NoSuchKey')
  })
})

it('what waits to be deleted is deleted when it is due, however many jobs copy', async () => {
  const inputs = { delete: 'true', 'delete-after': '7d', 'max-delete': '100%' }
  await using scene = await openShardStage(inputs)
  await planned(scene)
  scene.put('dst', { 'copy/old': 'old' }, 30 * DAY_S)
  await scene.executeAll()
  await using waiting = await scene.finish()
  expect(waiting.outputs, waiting.stdout).toMatchObject({ result: 'success', deleted: '0' })
  expect(scene.held()[EXTRAS_LIST]).toContain('"key":"old"')
  const since = new Date(Date.now() - 8 * DAY_S * 1000).toISOString()
  scene.put('dst', { [EXTRAS_LIST]: extrasListOf(scene.stage, { old: since }) })
  await scene.plan('2')
  await scene.executeAll()
  await using ended = await scene.finish()
  expect(ended.outputs, ended.stdout).toMatchObject({ result: 'success', deleted: '1' })
  expect(Object.keys(scene.held())).not.toContain('copy/old')
})

it('a part without copies is not lost by a job that never ran', async () => {
  await using scene = await openShardStage({ delete: 'true' })
  scene.put('src', { 'data/a': 'same' }, 90)
  scene.put('dst', { 'copy/a': 'same', 'copy/old': 'old' }, 60)
  await scene.plan('2')
  await using ended = await scene.finish()
  expect(ended.outputs, ended.stdout).toMatchObject({ result: 'success', deleted: '1' })
})

it('what shards wrote to disks of their own is no success of the last job', async () => {
  const destination = await mkdtemp(join(tmpdir(), 'down-'))
  await using scene = await openShardStage({ destination })
  scene.put('src', bodies('abcd'))
  await scene.plan('2')
  await scene.executeAll()
  await using ended = await scene.finish()
  expect(ended.outputs, ended.stdout).toMatchObject({ result: 'success', copied: '4' })
  await rm(destination, { recursive: true })
  await mkdir(destination)
  await using elsewhere = await scene.finish()
  expect(elsewhere.outputs, elsewhere.stdout).toMatchObject({ 'failure-kind': 'guard' })
  expect(elsewhere.outputs['failure-message']).toContain('4 objects that the shards copied are not')
  await rm(destination, { recursive: true })
})

it('other services are told once of all shards, by the last job', async () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end()
  })
  const there = await listenOnLoopback(server)
  const services = {
    AWS_ENDPOINT_URL_CLOUDWATCH: there.url,
    AWS_ENDPOINT_URL_CLOUDFRONT: there.url,
  }
  const inputs = { 'cloudwatch-metrics': 'true', cloudfront: 'E2ABCDEF' }
  await using scene = await openShardStage(inputs, {}, services)
  scene.put('src', bodies('abcd'))
  scene.put('dst', { 'copy/a': 'older', 'copy/c': 'older' }, 60)
  await scene.plan('2')
  await scene.executeAll()
  expect(asked).toEqual([])
  await using ended = await scene.finish()
  expect(
    asked.some((url) => url.includes('invalidation')),
    ended.stdout,
  ).toBe(true)
  expect(asked.some((url) => !url.includes('invalidation'))).toBe(true)
  await there.close()
})

it('the speed of all shards is that of their copying, and not of reading what they left', async () => {
  await using scene = await openShardStage()
  await planned(scene)
  await scene.executeAll()
  let seconds = 0
  for (const number of [1, 2]) {
    const path = join(scene.shardsDir, `s3-shard-${number}`, `shard-00${number}.json`)
    seconds += JSON.parse(await readFile(path, 'utf8')).report.copySeconds
  }
  await using ended = await scene.finish()
  expect(Number(ended.outputs['objects-per-second'])).toBeLessThanOrEqual(6 / seconds + 0.1)
  expect(ended.summary).not.toContain('Infinity')
  expect(ended.log).toContain('list: not needed')
})

it('what the engines of shards did counts, also where the last job copies later waves', async () => {
  await using scene = await openShardStage({ engine: 'direct', waves: '*.html' })
  scene.put('src', { ...bodies('abcd'), 'data/index.html': 'x' })
  await scene.plan('2')
  scene.stage.kit.faults.add({
    match: { operation: 'CopyObject', key: 'copy/a' },
    fault: fail(500, 'InternalError'),
    times: 1,
  })
  await scene.executeAll()
  await using ended = await scene.finish()
  expect(ended.outputs, ended.stdout).toMatchObject({ result: 'success', copied: '5' })
  const { engine } = JSON.parse(await readFile(ended.outputs['report-path'] ?? '', 'utf8'))
  expect(engine).toMatchObject({ used: ['direct'], requestRetries: 1, batches: 3 })
})

it('a lost shard is told where nothing can be seen of its copies, which are unknown then', async () => {
  await using scene = await openShardStage({ engine: 'direct', 'retry-count': '0' })
  await planned(scene)
  await scene.executeAll()
  await rm(join(scene.shardsDir, 's3-shard-2'), { recursive: true })
  scene.stage.kit.faults.add({
    match: { operation: 'HeadObject', bucket: 'dst' },
    fault: fail(500, 'InternalError'),
  })
  await using ended = await scene.finish()
  expect(ended.outputs, ended.stdout).toMatchObject({
    ...{ result: 'partial', 'failure-kind': 'lost-shard', copied: '3', unknown: '3' },
  })
  expect(ended.log).toContain('The copies of shard 2 are unknown.')
})

it('the last job does not say of its shards that nothing was copied', async () => {
  await using scene = await openShardStage(
    { delete: 'true', 'max-delete': '100%' },
    { pageKeys: 2 },
  )
  await planned(scene)
  await scene.executeAll()
  await using refused = await scene.finish({ 'max-delete': '0' })
  let pages = 0
  scene.stage.kit.faults.add({
    match: ({ operation, bucket }) =>
      operation === 'ListObjectsV2' && bucket === 'src' && pages++ > 0,
    fault: fail(403, 'AccessDenied'),
  })
  await using denied = await scene.finish()
  for (const { outputs, stdout, summary } of [refused, denied]) {
    expect(outputs, stdout).toMatchObject({ result: 'partial', copied: '6', deleted: '0' })
    expect(outputs['failure-message']).toMatch(/This job changed nothing\./)
    expect(summary).not.toMatch(/Nothing was (?:touched|copied)/)
  }
})

it('what a shard found to be another object is not told as verified by the last job', async () => {
  await using scene = await openShardStage({ engine: 'direct', verify: 'listing', numworkers: '1' })
  scene.put('src', bodies('abcd'))
  await scene.plan('2')
  const { faults } = scene.stage.kit
  const overwrite = meanwhile(() => scene.put('dst', { 'copy/a': 'of somebody else' }))
  faults.add({ match: { operation: 'CopyObject', key: 'copy/b' }, fault: overwrite })
  for (const number of [1, 2]) await (await scene.execute(number))[Symbol.asyncDispose]()
  await using ended = await scene.finish()
  expect(ended.outputs, ended.stdout).toMatchObject({ result: 'partial', copied: '3', failed: '1' })
  const { verification } = JSON.parse(await readFile(ended.outputs['report-path'] ?? '', 'utf8'))
  expect(verification).toMatchObject({ method: 'listing', checked: 4, mismatched: 1 })
  expect(ended.summary).toContain('**1 mismatch**')
})

it('shards that write to one disk at a time leave the unfinished files of each other', async () => {
  const destination = await mkdtemp(join(tmpdir(), 'down-'))
  await using scene = await openShardStage({ destination })
  const body = Buffer.alloc(20_000_000, 'x').toString()
  scene.put('src', { 'data/a': body, 'data/b': body })
  await scene.plan('2')
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const hold = meanwhile(() => {
    begun.resolve()
    return ended.promise
  })
  scene.stage.kit.faults.add({ match: { operation: 'GetObject', key: 'data/a' }, fault: hold })
  const first = scene.execute(1)
  await begun.promise
  await using second = await scene.execute(2).finally(ended.resolve)
  await using slow = await first
  for (const { outputs, stdout } of [second, slow])
    expect(outputs, stdout).toMatchObject({ result: 'success', copied: '1' })
  await using last = await scene.finish()
  expect(last.outputs, last.stdout).toMatchObject({ result: 'success', copied: '2' })
  await rm(destination, { recursive: true })
})

it.each<[string, Readonly<Record<string, string>>, string]>([
  ['that a manifest names', {}, ''],
  ['whose keys are organised anew', { 'key-template': 'to/{name}' }, 'to'],
])('shards replace files of this runner %s', async (what, inputs, below) => {
  const destination = await mkdtemp(join(tmpdir(), 'down-'))
  const manifest = join(await mkdtemp(join(tmpdir(), 'list-')), 'list.txt')
  await writeFile(manifest, 'a\nb\nc\nd\n')
  await mkdir(join(destination, below), { recursive: true })
  for (const name of 'ab') await writeFile(join(destination, below, name), 'older')
  // No service tells such a time by HEAD.
  for (const name of 'ab') await utimes(join(destination, below, name), 1.5, 1_700_000_000.123)
  const given = what.includes('manifest') ? { manifest } : inputs
  await using scene = await openShardStage({ destination, ...given })
  scene.put('src', bodies('abcd'))
  await scene.plan('2')
  await scene.executeAll()
  await using ended = await scene.finish()
  expect(ended.outputs, ended.stdout).toMatchObject({ result: 'success', copied: '4' })
  expect(await readFile(join(destination, below, 'a'), 'utf8')).toBe('body of a')
  await rm(destination, { recursive: true })
})
