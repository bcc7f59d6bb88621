import { createHash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from 's3-direct-sync-testkit/faults.ts'
import { describe, expect, it } from 'vitest'
import { sealedText } from '../../src/model/sealed.ts'
import { openShardStage, rowsOf } from './shard-stage.ts'

const bodies = (names: string, folder = 'data') =>
  Object.fromEntries(names.split('').map((name) => [`${folder}/${name}`, `body of ${name}`]))

describe('a plan in parts', () => {
  it('is carried out by several jobs and ended by a last one, with the totals of one runner', async () => {
    await using scene = await openShardStage({ delete: 'true' })
    scene.put('src', bodies('abcdefgh'))
    scene.put('dst', { ...bodies('az', 'copy'), 'copy/old': 'old', 'copy/c': 'another' }, 60)
    await scene.plan('3')
    expect(scene.count()).toBe(3)
    await scene.executeAll({ 'plan-id': scene.planId() })
    expect(Object.keys(scene.held())).toContain('copy/old')
    await using ended = await scene.finish({ 'plan-id': scene.planId() })
    expect(ended.outputs, ended.stdout).toMatchObject({
      ...{ result: 'success', 'planned-copies': '7', copied: '7', 'planned-deletes': '2' },
      ...{ deleted: '2', skipped: '1', failed: '0', unknown: '0', 'shard-count': '3' },
    })
    expect(scene.stage.equal()).toBe(true)
    expect(Object.keys(await rowsOf(ended))).toHaveLength(9)
    const changed = await readFile(ended.outputs['changed-paths-path'] ?? '', 'utf8')
    expect(changed.trim().split('\n').toSorted()).toEqual(['/copy/c', '/copy/old', '/copy/z'])
  })

  it('names a shard that is lost, proves what it copied, deletes nothing, and heals by one more run of it', async () => {
    await using scene = await openShardStage({ delete: 'true' })
    scene.put('src', bodies('abcdef'))
    scene.put('dst', { 'copy/a': 'body of a', 'copy/old': 'old', 'copy/kept': 'x' }, 60)
    scene.put('src', { 'data/kept': 'x' }, 90)
    await scene.plan('3')
    await scene.executeAll()
    // Of its two copies one is lost with it.
    await rm(join(scene.shardsDir, 's3-shard-2'), { recursive: true })
    scene.stage.kit.store.delete('dst', 'copy/d')
    await using ended = await scene.finish()
    expect(ended.exitCode).toBe(1)
    expect(ended.outputs, ended.stdout).toMatchObject({
      ...{ result: 'partial', 'failure-kind': 'lost-shard', copied: '4', unknown: '1' },
      ...{ failed: '1', deleted: '0', 'planned-deletes': '1' },
    })
    expect(ended.outputs['failure-message']).toContain(
      `shard 2: its files were not found in ${scene.shardsDir}`,
    )
    expect(await rowsOf(ended)).toMatchObject({
      ...{ 'copy/c': 'copy done', 'copy/d': 'copy unknown LostShard' },
      'copy/old': 'delete failed CopiesFailed',
    })
    await using again = await scene.execute(2)
    expect(again.outputs).toMatchObject({ result: 'success', copied: '2' })
    await using healed = await scene.finish()
    expect(healed.outputs, healed.stdout).toMatchObject({
      result: 'success',
      copied: '5',
      deleted: '1',
    })
    expect(scene.stage.equal()).toBe(true)
  })

  it('tells what a forged shard says of its failure in one line, cut and safe', async () => {
    await using scene = await openShardStage()
    scene.put('src', bodies('abcd'))
    await scene.plan('2')
    await scene.executeAll()
    const at = (name: string) => join(scene.shardsDir, 's3-shard-2', name)
    await writeFile(at('results-002.ndjson'), '')
    const { digest: _own, ...said } = JSON.parse(await readFile(at('shard-002.json'), 'utf8'))
    const title = `x\n::error::forged\n- shard 1: all is well\u202e${'y'.repeat(10_000)}`
    const failure = { kind: 'copy', title, text: '' }
    const rows = { ...said.rows, digest: createHash('sha256').digest('hex') }
    const forged = { ...said, rows, report: { ...said.report, failure } }
    await writeFile(at('shard-002.json'), sealedText(forged, 'digest'))
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({ 'failure-kind': 'lost-shard' })
    const told = ended.outputs['failure-message'] ?? ''
    expect(told).toContain('x\\x0a::error::forged\\x0a- shard 1: all is well\\u202eyyy')
    expect(told.length).toBeLessThan(2000)
    expect(ended.stdout).toContain('Looking for its 2 objects at the destination.')
  })

  it('holds deletes back where a copy of a shard failed, and tells of it once', async () => {
    await using scene = await openShardStage({ delete: 'true' })
    scene.put('src', bodies('abcd'))
    scene.put('dst', { 'copy/a': 'body of a', 'copy/old': 'old' }, 60)
    await scene.plan('2')
    scene.stage.kit.faults.add({
      match: { operation: 'CopyObject', key: 'copy/c' },
      fault: fail(403, 'AccessDenied'),
    })
    for (const number of [1, 2]) await (await scene.execute(number))[Symbol.asyncDispose]()
    scene.stage.kit.faults.clear()
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({
      ...{ result: 'partial', 'failure-kind': 'copy', copied: '2', failed: '2', deleted: '0' },
    })
    const failed = await readFile(ended.outputs['failed-path'] ?? '', 'utf8')
    expect(failed).toContain('"to":"copy/c"')
    expect(failed).toContain('CopiesFailed')
  })

  it('is judged anew by the last job: what was copied stays and counts', async () => {
    await using scene = await openShardStage({ delete: 'true' })
    scene.put('src', bodies('abcd'))
    scene.put('dst', { 'copy/a': 'body of a', 'copy/old': 'old', 'copy/older': 'old' }, 60)
    await scene.plan('2')
    await scene.executeAll()
    await using refused = await scene.finish({ 'max-delete': '1' })
    expect(refused.outputs, refused.stdout).toMatchObject({
      ...{ result: 'partial', 'failure-kind': 'guard', copied: '3', deleted: '0' },
    })
    expect(Object.keys(scene.held())).toContain('copy/older')
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({ result: 'success', deleted: '2' })
  })

  it('deletes nothing where the last listing does not show what its shards copied', async () => {
    await using scene = await openShardStage({ delete: 'true', engine: 'direct' })
    scene.put('src', bodies('abcdef'))
    scene.put('dst', { ...bodies('a', 'copy'), 'copy/old': 'old' }, 60)
    await scene.plan('3')
    await scene.executeAll()
    // What is new at the source is no copy of theirs.
    scene.put('src', bodies('g'))
    scene.stage.kit.store.delete('dst', 'copy/c')
    await using refused = await scene.finish()
    expect(refused.outputs, refused.stdout).toMatchObject({
      ...{ result: 'partial', 'failure-kind': 'guard', deleted: '0' },
    })
    expect(refused.outputs['failure-message']).toContain(
      '1 object that the shards copied is not at the destination any more: "copy/c".',
    )
    expect(Object.keys(scene.held())).toContain('copy/old')
    scene.put('dst', { 'copy/c': 'body of c' })
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({ result: 'success', deleted: '1' })
  })

  it("is not refused for what is deleted where the source has its folder's own marker", async () => {
    await using scene = await openShardStage({ delete: 'true' })
    scene.put('src', { ...bodies('ab'), 'data/': '' })
    scene.put('dst', { 'copy/a': 'body of a', 'copy/old': 'old' }, 60)
    await scene.plan('2')
    await scene.executeAll()
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({
      ...{ result: 'success', copied: '2', deleted: '1' },
    })
  })

  it('is refused by every shard where its guards refuse the whole of it', async () => {
    await using scene = await openShardStage({ delete: 'true' })
    scene.put('src', bodies('ab'))
    scene.put('dst', { 'copy/old': 'old' }, 60)
    await scene.plan('2')
    await using refused = await scene.execute(1)
    expect(refused.outputs, refused.stdout).toMatchObject({
      result: 'failed',
      'failure-kind': 'guard',
    })
    expect(scene.writes()).toBe(0)
    await using allowed = await scene.execute(1, { 'max-delete': '100%' })
    expect(allowed.outputs, allowed.stdout).toMatchObject({ result: 'success', copied: '1' })
  })

  it('leaves later waves to the last job, which begins them when all before them is done', async () => {
    await using scene = await openShardStage({ waves: '*.html\n---\n/index.html' })
    const site = ['app.js', 'style.css', 'a.html', 'index.html']
    scene.put('src', Object.fromEntries(site.map((name) => [`data/${name}`, name])))
    await scene.plan('2')
    await scene.executeAll()
    expect(Object.keys(scene.held())).toEqual(['copy/app.js', 'copy/style.css'])
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({ result: 'success', copied: '4' })
    expect(scene.stage.equal()).toBe(true)
  })

  it.each<[string, Readonly<Record<string, string>>]>([
    ['where keys are organised anew', { 'key-template': 'to/{name}' }],
    ['where only some keys are included', { include: 'sub/**' }],
  ])('is carried out %s', async (_where, inputs) => {
    await using scene = await openShardStage(inputs)
    const names = 'abcdef'.split('').map((name) => `data/sub/${name}`)
    scene.put('src', Object.fromEntries(names.map((key) => [key, key])))
    scene.put('dst', { 'copy/to/a': 'another', 'copy/sub/a': 'another' }, 60)
    await scene.plan('3')
    await scene.executeAll()
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({ result: 'success', copied: '6' })
  })

  it('has one part where there is nothing to copy, so that the matrix has a job', async () => {
    await using scene = await openShardStage()
    scene.put('src', { 'data/a': 'same' }, 90)
    scene.put('dst', { 'copy/a': 'same' }, 60)
    await scene.plan('8')
    expect(scene.count()).toBe(1)
    await scene.executeAll()
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({ result: 'nothing-to-do', copied: '0' })
  })

  it('has SHA256SUMS of all that its shards copied, also where the last job has nothing to delete', async () => {
    await using scene = await openShardStage({ sha256sums: 'read', engine: 'direct' })
    scene.put('src', bodies('abcd'))
    scene.put('dst', bodies('a', 'copy'))
    await scene.plan('2')
    await scene.executeAll()
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({ result: 'success', copied: '3' })
    const linesOf = async (output: string): Promise<readonly string[]> =>
      (await readFile(ended.outputs[output] ?? '', 'utf8')).trim().split('\n')
    expect((await linesOf('sha256sums-path')).map((line) => line.split('  ')[1])).toEqual([
      ...['a', 'b', 'c', 'd'],
    ])
    expect((await linesOf('published-path')).map((line) => JSON.parse(line).key)).toEqual([
      ...['a', 'b', 'c', 'd'],
    ])
  })

  it('does not carry out a plan that was put in its place', async () => {
    await using scene = await openShardStage()
    scene.put('src', bodies('ab'))
    await scene.plan('2')
    const pinned = { 'plan-id': '0'.repeat(64) }
    await using shard = await scene.execute(1, pinned)
    expect(shard.outputs['failure-message']).toContain('not the plan that plan-id names')
    await using ended = await scene.finish(pinned)
    expect(ended.outputs['failure-kind']).toBe('guard')
    expect(scene.writes()).toBe(0)
  })
})

it('shards list together what one runner lists', async () => {
  const keys = Array.from({ length: 8000 }, (_, at) => String(at).padStart(5, '0'))
  const listsOf = async (shards: number): Promise<number> => {
    await using scene = await openShardStage({}, { pageKeys: 10 })
    scene.put('src', Object.fromEntries(keys.map((key) => [`data/${key}`, 'x'])))
    const there = keys.filter((_, at) => at % 100 > 0)
    scene.put('dst', Object.fromEntries(there.map((key) => [`copy/${key}`, 'x'])))
    await scene.plan(`${shards}`)
    scene.stage.kit.counters.reset()
    await scene.executeAll()
    return scene.stage.kit.counters.of('ListObjectsV2')
  }
  const [one, four] = [await listsOf(1), await listsOf(4)]
  expect(one).toBeGreaterThanOrEqual(1600)
  expect(four / one).toBeLessThanOrEqual(1.05)
})
