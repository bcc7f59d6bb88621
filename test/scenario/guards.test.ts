import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage
const WRITES = [
  'CopyObject',
  'PutObject',
  'DeleteObject',
  'DeleteObjects',
  'UploadPart',
  'CompleteMultipartUpload',
]
const writes = () => WRITES.reduce((sum, name) => sum + stage.kit.counters.of(name), 0)
const put = (bucket: string, ...keys: readonly string[]) => {
  for (const key of keys)
    stage.kit.store.put(bucket, key, { body: `body of ${key.split('/').at(-1)}` })
}
const destination = () => stage.kit.store.keys('dst')
const MIRROR = { delete: 'true', engine: 'direct' }
const names = (count: number, of: string): string[] =>
  Array.from({ length: count }, (_, i) => `${of}-${`${i}`.padStart(3, '0')}`)

type Lines = readonly Readonly<Record<string, unknown>>[]

async function planOf(run: StepResult): Promise<Lines> {
  const text = await readFile(run.outputs['plan-path'] ?? '', 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const deletesIn = (lines: Lines) => lines.filter(({ op }) => op === 'delete').map(({ key }) => key)

beforeEach(async () => {
  stage = await openStage()
  put('src', ...['a', 'b', 'new'].map((name) => `data/${name}`))
  put('dst', 'copy/a', 'copy/b', ...names(40, 'copy/old'), ...names(60, 'copy/old'), 'outside')
  put('src', ...names(60, 'data/old').slice(40))
})
afterEach(() => stage[Symbol.asyncDispose]())

/** 40 deletes of 62 objects that were found, and one copy. */
const OVER = { ...MIRROR, 'max-delete': '10' }
const MESSAGE =
  '40 of 62 objects in scope at the destination would be deleted; max-delete is 10. Read the list in the plan; if all of them may be deleted, set `max-delete: 40 65%`. Nothing was touched.'

/** What stands in the plan, wherever it is told. */
async function expectPlanShown(run: StepResult): Promise<void> {
  expect(run.outputs).toMatchObject({
    'failure-kind': 'guard',
    'planned-copies': '1',
    'planned-deletes': '40',
    'bytes-planned': '11',
    skipped: '22',
    copied: '0',
    deleted: '0',
    failed: '0',
    unknown: '0',
  })
  expect(run.outputs['failure-message']).toContain(MESSAGE)
  const lines = await planOf(run)
  expect(lines[0]).toMatchObject({ schema: 's3-direct-sync/plan/1', delete: true })
  expect(deletesIn(lines)).toEqual(names(40, 'copy/old'))
  expect(lines.at(-1)).toMatchObject({ trailer: true, deletes: { objects: 40 }, inScope: 62 })
  for (const key of names(40, 'copy/old')) {
    expect(run.summary).toContain(`- \`${key}\` 15 B`)
    expect(run.log).toContain(`To delete: "${key}" (15 B)`)
  }
  expect(run.log).toContain('Before deleting, the source is checked once more: 40 HEAD requests.')
  expect(run.log).toContain('Planned: 1 files, 11 B (nothing was written)\n')
  expect(run.log).toContain('To delete: 40 files, 600 B\n')
  expect(run.log).not.toMatch(/Copied: 0|Average speed/)
  expect(run.summary.match(/Nothing was (touched|copied|written)/g)).toHaveLength(1)
  expect(run.summary.indexOf('### What it would delete (40)')).toBeGreaterThan(0)
  expect(run.summary.slice(0, run.summary.indexOf('- `copy/old-000`'))).not.toMatch(
    /<details>|\n\| /,
  )
  const report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
  expect(report).toMatchObject({
    refused: { kind: 'guard', title: '40 deletes, max-delete is 10' },
    requests: { copies: 1, deletes: 1, lookUps: 40, lookUpLists: 0 },
  })
  expect(writes()).toBe(0)
}

describe('a run over max-delete', () => {
  it('is refused, and shows what it would have deleted', async () => {
    await using run = await stage.run(OVER)
    expect(run.exitCode).toBe(1)
    expect(run.outputs['result']).toBe('failed')
    await expectPlanShown(run)
    const [error, ...others] = run.annotations.errors
    expect(others).toEqual([])
    expect(error).toMatchObject({ title: '40 deletes, max-delete is 10' })
    expect(error?.message).toContain(
      'Would be deleted: "copy/old-000", "copy/old-001", "copy/old-002", and 37 more',
    )
    expect(run.summary).toMatch(/^## ❌ 40 deletes, max-delete is 10\n/)
    expect(run.outputs['failed-path']).toBe('')
  })

  async function expectToldBeforehand(run: StepResult): Promise<void> {
    expect(run.exitCode).toBe(0)
    expect(run.outputs['result']).toBe('planned')
    await expectPlanShown(run)
    expect(run.annotations.errors).toEqual([])
    expect(run.annotations.warnings[0]).toMatchObject({
      title: 'A real run would be refused: 40 deletes, max-delete is 10',
    })
    expect(run.annotations.warnings[0]?.message).toContain('"copy/old-000"')
    expect(run.summary).toMatch(/^## 📝 A real run would be refused: 40 deletes, max-delete is 10/)
    expect(run.log).toContain('A real run would be refused: 40 deletes, max-delete is 10\n')
  }

  it('is told beforehand by a dry run, with the same plan', async () => {
    await using run = await stage.run({ ...OVER, 'dry-run': 'true' })
    await expectToldBeforehand(run)
  })

  it('shows the first hundred of many', async () => {
    put('dst', ...names(130, 'copy/more'))
    await using run = await stage.run({ ...OVER, 'dry-run': 'true' })
    expect(run.outputs['planned-deletes']).toBe('170')
    expect(run.summary).toContain(
      '- `copy/more-099` 16 B\n\n</details>\n\nAnd 70 more in `plan.ndjson`.',
    )
    expect(run.summary).not.toContain('copy/more-100')
    expect(run.log).toContain('To delete: 70 more objects in plan.ndjson')
    expect(deletesIn(await planOf(run)).length).toBe(170)
  })

  it('is told beforehand by mode: plan, and judged again when its plan is carried out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plan-'))
    try {
      await using plan = await stage.run({ ...OVER, mode: 'plan' })
      await expectToldBeforehand(plan)
      await writeFile(
        join(folder, 'plan.ndjson'),
        await readFile(plan.outputs['plan-path'] ?? '', 'utf8'),
      )
      const execute = { ...OVER, mode: 'execute', 'plan-dir': folder }
      await using run = await stage.run(execute)
      expect(run.exitCode).toBe(1)
      expect(run.outputs['result']).toBe('failed')
      await expectPlanShown(run)
      await using dry = await stage.run({ ...execute, 'dry-run': 'true' })
      expect(dry.exitCode).toBe(0)
      expect(dry.outputs['result']).toBe('planned')
      await expectPlanShown(dry)
      await using allowed = await stage.run({ ...execute, 'max-delete': '40 70%' })
      expect(allowed.outputs).toMatchObject({ result: 'success', copied: '1', deleted: '40' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('max-delete', () => {
  it.each([
    ['40 65%', 'success'],
    ['40 64%', 'failed'],
  ])('%s of 62 objects, 40 of them to be deleted: %s', async (maxDelete, result) => {
    await using run = await stage.run({ ...MIRROR, 'max-delete': maxDelete })
    expect(run.outputs).toMatchObject({ result, deleted: result === 'success' ? '40' : '0' })
    if (result === 'failed') expect(run.outputs['failure-kind']).toBe('guard')
    if (result === 'failed') expect(writes()).toBe(0)
  })
})

describe('assets with a hash in their names', () => {
  const deploy = async (version: number, page: readonly string[]) => {
    for (const key of stage.kit.store.keys('src')) stage.kit.store.delete('src', key)
    put('src', ...page, ...names(12, `data/app.${version}`))
    return stage.run(MIRROR)
  }

  it('are replaced deploy by deploy, beside a page that stays', async () => {
    for (const key of destination()) stage.kit.store.delete('dst', key)
    for (const version of [1, 2, 3]) {
      await using run = await deploy(version, ['data/index.html'])
      expect(run.outputs).toMatchObject({ result: 'success', deleted: version === 1 ? '0' : '12' })
    }
    expect(destination()).toEqual([...names(12, 'copy/app.3'), 'copy/index.html'])
  })

  it('are refused where nothing else is there, as a wrong source would be', async () => {
    for (const key of destination()) stage.kit.store.delete('dst', key)
    await using first = await deploy(1, [])
    expect(first.outputs['result']).toBe('success')
    await using second = await deploy(2, [])
    expect(second.outputs).toMatchObject({ result: 'failed', 'planned-deletes': '12' })
    const [error] = second.annotations.errors
    expect(error?.title).toBe('All of s3://dst/copy/ would be deleted: 12 deletes')
    expect(error?.message).toContain('would be deleted (12), and 12 new ones copied: check')
    // As one piece of code in the summary, to be copied from there.
    expect(second.summary).toContain('set `max-delete: 1000 100%`.')
    await using meant = await stage.run({ ...MIRROR, 'max-delete': '1000 100%' })
    expect(meant.outputs).toMatchObject({ result: 'success', deleted: '12' })
  })
})

describe('other refusals show their plan too', () => {
  it.each([
    ['failed', 1, {}],
    ['planned', 0, { mode: 'plan' }],
  ])('an empty source: %s', async (result, exitCode, more) => {
    await using run = await stage.run({ ...MIRROR, source: 's3://src/dta/', ...more })
    expect(run.exitCode).toBe(exitCode)
    expect(run.outputs).toMatchObject({ result, 'failure-kind': 'guard', 'planned-deletes': '62' })
    const { errors, warnings } = run.annotations
    expect([...errors, ...warnings][0]?.title).toMatch(/Source is empty: s3:\/\/src\/dta\/$/)
    expect(run.summary).toContain('- `copy/old-000` 15 B')
    expect(await planOf(run)).toHaveLength(64)
    expect(writes()).toBe(0)
  })

  it('an empty source without deletes is told of a dry run that has nothing to do', async () => {
    await using run = await stage.run({ source: 's3://src/dta/', 'dry-run': 'true' })
    expect(run.exitCode).toBe(0)
    expect(run.outputs).toMatchObject({
      result: 'planned',
      'planned-copies': '0',
      'failure-kind': 'guard',
    })
    expect(run.outputs['failure-message']).toContain('The source is empty')
  })

  async function expectUnnameable(run: StepResult, result: string): Promise<void> {
    expect(run.outputs).toMatchObject({
      ...{ result, 'failure-kind': 'guard', 'planned-deletes': '41' },
    })
    expect((await planOf(run)).at(-2)).toMatchObject({ key: 'copy/\ufffd', unnameable: true })
    expect(writes()).toBe(0)
  }

  it('a key that is not UTF-8', async () => {
    stage.kit.store.put('dst', Buffer.from('copy/\xff', 'latin1'), { body: 'x' })
    await using run = await stage.run({ ...MIRROR, 'max-delete': '1000 100%' })
    await expectUnnameable(run, 'failed')
  })

  it('a plan shows such a key, and deletes none that looks like it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plan-'))
    try {
      const odd = Buffer.from('copy/\xff', 'latin1')
      stage.kit.store.put('dst', odd, { body: 'x' })
      const inputs = { ...MIRROR, 'max-delete': '1000 100%' }
      await using plan = await stage.run({ ...inputs, mode: 'plan' })
      await expectUnnameable(plan, 'planned')
      await writeFile(
        join(folder, 'plan.ndjson'),
        await readFile(plan.outputs['plan-path'] ?? '', 'utf8'),
      )
      stage.kit.store.delete('dst', odd)
      stage.kit.store.put('dst', 'copy/\ufffd', { body: 'x' })
      await using run = await stage.run({ ...inputs, mode: 'execute', 'plan-dir': folder })
      expect(run.outputs).toMatchObject({ result: 'success', deleted: '40' })
      expect(destination()).toContain('copy/\ufffd')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('s5cmd alone that cannot carry the plan', async () => {
    put('src', 'data/new\nline')
    await using run = await stage.run({ engine: 's5cmd' })
    expect(run.outputs).toMatchObject({
      result: 'failed',
      'failure-kind': 'guard',
      'planned-copies': '2',
    })
    expect(run.annotations.errors[0]?.title).toBe('s5cmd cannot copy 1 object of the plan')
    expect(run.log).toContain('Planned: 2 files')
    await using dry = await stage.run({ engine: 's5cmd', 'dry-run': 'true' })
    expect(dry.exitCode).toBe(0)
    expect(dry.outputs).toMatchObject({
      result: 'planned',
      'failure-kind': 'guard',
      'failure-message': run.outputs['failure-message'],
    })
  })
})
