import { readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { forge, type Line, openPlanStage, type PlanStage } from './plan-stage.ts'

const MIRROR = { delete: 'true' }
const HOUR = 3600

/** Copies of `new` and `newer`, deletes of `old` and `older`; `same` stays. */
async function mirrored(inputs: Readonly<Record<string, string>> = {}): Promise<PlanStage> {
  const opened = await openPlanStage({ ...MIRROR, ...inputs })
  opened.put('src', { 'data/new': 'new', 'data/newer': 'newer', 'data/same': 'same' }, HOUR)
  opened.put('dst', { 'copy/newer': 'older content', 'copy/same': 'same' }, 2 * HOUR)
  opened.put('dst', { 'copy/old': 'old', 'copy/older': 'older', outside: 'outside' }, 2 * HOUR)
  await opened.plan()
  return opened
}

let scene: PlanStage
beforeAll(async () => {
  scene = await mirrored()
})
afterAll(() => scene[Symbol.asyncDispose]())
beforeEach(() => scene.rewind())

const MADE = { 'copy/new': 'new', 'copy/newer': 'newer', 'copy/same': 'same', outside: 'outside' }

const rowsOf = async (path = ''): Promise<readonly Line[]> =>
  (await readFile(path, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line): Line => JSON.parse(line))

describe('of a plan that was approved', () => {
  it.each<[string, (scene: PlanStage) => void, readonly string[], Record<string, string>]>([
    [
      'a copy is not made of what is gone, nor onto what somebody wrote since',
      ({ stage, put }) => {
        stage.kit.store.delete('src', 'data/new')
        put('dst', { 'copy/newer': 'theirs' }, HOUR + 1)
      },
      ['copy data/new NoSuchKey', 'copy data/newer DestinationChanged'],
      { result: 'failed', copied: '0', failed: '4', deleted: '0' },
    ],
    [
      'a copy is not made of what is another object by now',
      ({ put }) => put('src', { 'data/new': 'not what was approved' }),
      ['copy data/new SourceChanged'],
      { result: 'partial', copied: '1', failed: '3', deleted: '0' },
    ],
    [
      'a copy is not made onto what somebody removed since',
      ({ stage }) => stage.kit.store.delete('dst', 'copy/newer'),
      ['copy data/newer DestinationChanged'],
      { result: 'partial', copied: '1', failed: '3', deleted: '0' },
    ],
    [
      'a delete is not made of what the source has by now, nor of what somebody wrote since',
      ({ put }) => {
        put('src', { 'data/old': 'old' })
        put('dst', { 'copy/older': 'theirs' })
      },
      ['delete copy/old ExistsAtSource', 'delete copy/older DestinationChanged'],
      { result: 'partial', copied: '2', failed: '2', deleted: '0' },
    ],
  ])('%s', async (_what, act, expected, outputs) => {
    act(scene)
    const before = scene.held()
    await using run = await scene.execute()
    expect(run.outputs).toMatchObject(outputs)
    const rows = await scene.failed(run)
    expect(rows.filter((row) => !row.endsWith('CopiesFailed'))).toEqual(expected)
    for (const row of expected) {
      const [, key = ''] = row.split(' ')
      const target = key.replace('data/', 'copy/')
      expect(scene.held()[target]).toBe(before[target])
    }
    expect(run.outputs['planned-copies']).toBe('2')
    expect(run.outputs['planned-deletes']).toBe('2')
    // Every operation of the run's own plan has its row, and nothing else has.
    const planned = (await rowsOf(run.outputs['plan-path'])).filter(({ op }) => op !== undefined)
    const told = await rowsOf(`${dirname(run.outputs['report-path'] ?? '')}/results.ndjson`)
    const names = (lines: readonly Line[]) => lines.map(({ op, key }) => `${op} ${key}`).sort()
    expect(names(told)).toEqual(names(planned))
  })

  it('what is so already is done no more, and the second time there is nothing to do', async () => {
    scene.stage.kit.store.delete('dst', 'copy/old')
    scene.put('dst', { 'copy/new': 'new' })
    await using run = await scene.execute()
    expect(run.outputs).toMatchObject({
      result: 'success',
      copied: '1',
      deleted: '1',
      skipped: '2',
    })
    expect(scene.held()).toEqual(MADE)
    const writes = scene.writes()
    await using again = await scene.execute()
    expect(again.exitCode).toBe(0)
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do', skipped: '3' })
    expect(scene.writes()).toBe(writes)
    expect(scene.held()).toEqual(MADE)
  })

  it('what came since is left, counted, and told', async () => {
    scene.put('src', { 'data/came': 'late' })
    scene.put('dst', { 'copy/came too': 'late' })
    await using run = await scene.execute()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2', deleted: '2' })
    expect(scene.held()).toEqual({ ...MADE, 'copy/came too': 'late' })
    expect(run.annotations.warnings[0]?.message).toContain(
      '2 changes are not in the approved plan, so not applied: make a new plan',
    )
    const report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
    expect(report.reasons['not-approved']).toEqual({ objects: 1, bytes: 4 })
    expect(report.totals.skipped).toEqual({ objects: 2, bytes: 8 })
    await using again = await scene.execute()
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do' })
    expect(again.annotations.warnings[0]?.message).toContain(
      '2 changes are not in the approved plan',
    )
  })

  it('the file stays as it is, where it lies in the report folder', async () => {
    const before = await readFile(scene.planFile)
    scene.stage.kit.store.delete('src', 'data/new')
    const folder = dirname(scene.planFile)
    await using run = await scene.execute({ 'report-dir': folder })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1' })
    expect(run.outputs['plan-path']).toBe(`${folder}/carried.ndjson`)
    expect(await readFile(scene.planFile)).toEqual(before)
  })

  it('a dry run tells what of it cannot be carried out any more, and writes nothing', async () => {
    scene.put('src', { 'data/new': 'another' })
    await using run = await scene.execute({ 'dry-run': 'true' })
    expect(run.outputs).toMatchObject({ result: 'planned', 'planned-copies': '2' })
    expect(run.annotations.warnings[0]?.message).toContain(
      '1 of the approved operations can no longer be carried out',
    )
    expect(scene.writes()).toBe(0)
  })

  it('nothing is left where all of it changed: every operation has a row that says so', async () => {
    scene.put('src', { 'data/new': '1', 'data/newer': '2', 'data/old': '3', 'data/older': '4' })
    await using run = await scene.execute()
    expect(run.outputs).toMatchObject({ result: 'failed', copied: '0', failed: '4', unknown: '0' })
    expect(await scene.failed(run)).toEqual([
      'copy data/new SourceChanged',
      'copy data/newer SourceChanged',
      'delete copy/old ExistsAtSource',
      'delete copy/older ExistsAtSource',
    ])
    expect(scene.writes()).toBe(0)
  })
})

describe('a plan that was carried out has nothing to do the second time', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['compare: newer', { compare: 'newer' }],
    ['overwrite: never', { overwrite: 'never', exclude: 'newer' }],
    ['compare: etag and filters', { compare: 'etag', include: 'new*\nold*\nsame', exclude: '*r' }],
    [
      'compare: size and a template',
      {
        compare: 'size',
        ...{ 'key-pattern': '^(?<first>.)', 'key-template': '{first}/{key}', delete: 'false' },
      },
    ],
    [
      'compare: missing and a single object',
      {
        compare: 'missing',
        ...{ source: 's3://src/data/new', destination: 's3://dst/copy/', delete: 'false' },
      },
    ],
  ])('with %s', async (_what, inputs) => {
    await using other = await mirrored(inputs)
    await using run = await other.execute()
    expect(run.outputs['result']).toBe('success')
    const held = other.held()
    const writes = other.writes()
    await using again = await other.execute()
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do', failed: '0' })
    expect(other.held()).toEqual(held)
    expect(other.writes()).toBe(writes)
  })
})

describe('with overwrite: never', () => {
  let versions: PlanStage
  beforeAll(async () => {
    versions = await openPlanStage({ overwrite: 'never' })
    versions.put('src', { 'data/v1': 'one', 'data/v2': 'two' })
    await versions.plan()
  })
  afterAll(() => versions[Symbol.asyncDispose]())
  beforeEach(() => versions.rewind())

  it('nothing is copied while another object came in the way of what was approved', async () => {
    versions.put('dst', { 'copy/v1': 'published' })
    await using run = await versions.execute()
    expect(run.outputs).toMatchObject({ result: 'failed', copied: '0', failed: '2' })
    expect(await versions.failed(run)).toEqual([
      'copy data/v1 DestinationExists',
      'copy data/v2 HeldBack',
    ])
    expect(versions.held()).toEqual({ 'copy/v1': 'published' })
    expect(versions.writes()).toBe(0)
  })

  it('a plan is refused while another object is in the way of what nobody approved', async () => {
    versions.put('src', { 'data/v3': 'three' })
    versions.put('dst', { 'copy/v3': 'published' })
    await using run = await versions.execute()
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(run.outputs['failure-message']).toContain('written to "copy/v3" after the plan was made')
    expect(versions.writes()).toBe(0)
  })
})

const copyOf = (name: string, more: Line): Line => ({
  ...{ op: 'copy', key: `data/${name}`, to: `copy/${name}` },
  ...more,
})

/** As the store has an object. */
function factsOf({ stage }: PlanStage, bucket: string, key: string) {
  const { size = 0, etag = '' } = stage.kit.store.facts(bucket, key) ?? {}
  const lastModified = new Date(stage.kit.store.lastModifiedMs(bucket, key) ?? 0).toISOString()
  return { size, etag, lastModified }
}

describe('a forged plan', () => {
  it.each<[string, Readonly<Record<string, string>>, string, 'newer' | 'older']>([
    ['that overwrites what was published', { overwrite: 'never' }, 'size-differs', 'older'],
    ['that brings an older object back', {}, 'etag-differs', 'newer'],
  ])('%s is refused, and nothing is touched', async (_what, inputs, reason, destination) => {
    await using other = await openPlanStage(inputs)
    other.put('src', { 'data/a': 'a', 'data/b': 'EVIL' }, HOUR)
    other.put('dst', { 'copy/b': 'GOOD' }, destination === 'newer' ? 60 : 2 * HOUR)
    await other.plan()
    const forged = copyOf('b', {
      ...factsOf(other, 'src', 'data/b'),
      toEtag: factsOf(other, 'dst', 'copy/b').etag,
      reason,
    })
    await forge(other.planFile, (lines) => [...lines.filter(({ key }) => key !== 'data/b'), forged])
    await using run = await other.execute()
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(run.outputs['failure-message']).toContain(
      `it copies an object that this run would not copy: "copy/b" (${reason})`,
    )
    expect(other.held()).toEqual({ 'copy/b': 'GOOD' })
    expect(other.writes()).toBe(0)
  })

  it('that deletes what no listing shows sends no request for it, and counts nothing', async () => {
    const slipped = ['copy/m/../top', 'copy/./x', 'copy/nothing'].map((key) => ({
      ...{ op: 'delete', key, size: 1, etag: 'e', reason: 'only-at-destination' },
    }))
    await forge(scene.planFile, (lines) => {
      const deletes = lines.filter(({ op }) => op === 'delete')
      const sorted = [...deletes, ...slipped].sort((a, b) =>
        `${a['key']}` < `${b['key']}` ? -1 : 1,
      )
      return [...lines.filter(({ op }) => op !== 'delete'), ...sorted]
    })
    const asked: string[] = []
    scene.stage.kit.faults.add({
      match: ({ operation, key }) => {
        if (operation === 'HeadObject' || operation === 'DeleteObject') asked.push(key)
        return false
      },
      fault: (_request, next) => next(),
    })
    await using run = await scene.execute()
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '2', 'planned-deletes': '2' })
    expect(asked.filter((key) => key.includes('m/') || key.includes('x'))).toEqual([])
    expect(scene.held()).toEqual(MADE)
  })

  it('that counts more in its trailer than is there moves no guard', async () => {
    const text = await readFile(scene.planFile, 'utf8')
    const forged = text.replace(/"inScope":4/, '"inScope":4000')
    expect(forged).not.toBe(text)
    await writeFile(scene.planFile, forged)
    await using run = await scene.execute({ 'max-delete': '49%' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(run.outputs['failure-message']).toContain('2 of 4 objects')
    expect(scene.writes()).toBe(0)
  })

  it('whose key the pattern finds no end with is refused in seconds, by its name', async () => {
    await using other = await openPlanStage({
      ...{ 'key-pattern': '^(?<d>(a+)+)b/', 'key-template': '{d}/{name}' },
    })
    other.put('src', { 'data/b': 'b' })
    await other.plan()
    const key = `${'a'.repeat(60)}!`
    await forge(other.planFile, (lines) =>
      lines.map((line) => (line['op'] === 'copy' ? { ...line, ...copyOf(key, {}) } : line)),
    )
    await using run = await other.execute()
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(run.outputs['failure-message']).toContain(
      `key-pattern takes too long with "data/${key}"`,
    )
    expect(run.timedOut).toBe(false)
  })
})
