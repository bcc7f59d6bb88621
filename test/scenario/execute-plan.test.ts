import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { forge, type Line } from './plan-stage.ts'

let stage: Stage
let folder: string
const WRITES = ['CopyObject', 'PutObject', 'DeleteObject', 'DeleteObjects', 'UploadPart']
const writes = () => WRITES.reduce((sum, name) => sum + stage.kit.counters.of(name), 0)
const put = (bucket: string, ...keys: readonly string[]) => {
  for (const key of keys)
    stage.kit.store.put(bucket, key, { body: `body of ${key.split('/').at(-1)}` })
}
const destination = () => stage.kit.store.keys('dst')
const planFile = () => join(folder, 'plan.ndjson')
const MIRROR = { delete: 'true' }
const execute = (inputs: Readonly<Record<string, string>> = {}) =>
  stage.run({ ...MIRROR, mode: 'execute', 'plan-dir': folder, ...inputs })

/** The plan as another job would find it. */
async function plan(inputs: Readonly<Record<string, string>> = {}): Promise<void> {
  await using run = await stage.run({ ...MIRROR, ...inputs, mode: 'plan' })
  expect(run.outputs).toMatchObject({ result: 'planned' })
  await writeFile(planFile(), await readFile(run.outputs['plan-path'] ?? ''))
}

async function open(): Promise<void> {
  stage = await openStage()
  folder = await mkdtemp(join(tmpdir(), 'plan-'))
  put('src', 'data/a', 'data/b', 'data/new', 'data/newer')
  put('dst', 'copy/a', 'copy/b', 'copy/old', 'copy/old2', 'outside')
}
async function close(): Promise<void> {
  await stage[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
}

async function refused(
  reason: string,
  inputs: Readonly<Record<string, string>> = {},
): Promise<void> {
  await using run = await execute(inputs)
  expect(run.exitCode).toBe(1)
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
  expect(run.outputs['failure-message']).toContain(reason)
  expect(writes()).toBe(0)
}

describe('a plan', () => {
  beforeEach(open)
  afterEach(close)

  it('is carried out by another job, exactly as it was approved', async () => {
    await plan()
    put('src', 'data/came-later')
    put('dst', 'copy/came-later-too')
    await using run = await execute()
    expect(run.outputs).toMatchObject({
      result: 'success',
      copied: '2',
      deleted: '2',
      engine: 'direct',
    })
    expect(destination()).toEqual([
      'copy/a',
      'copy/b',
      'copy/came-later-too',
      'copy/new',
      'copy/newer',
      'outside',
    ])
  })

  it('is carried out from the report folder of the same step', async () => {
    await using planned = await stage.run({ ...MIRROR, mode: 'plan', 'report-dir': folder })
    expect(planned.outputs['plan-path']).toBe(planFile())
    await using run = await execute({ 'report-dir': folder, 'plan-dir': '' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2', deleted: '2' })
  })

  it('does not copy what is another object by now, and then deletes nothing', async () => {
    await plan()
    stage.kit.store.put('src', 'data/new', { body: 'not what was approved' })
    await using run = await execute()
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', failed: '3', deleted: '0' })
    expect(await readFile(run.outputs['failed-path'] ?? '', 'utf8')).toContain('SourceChanged')
    expect(destination()).not.toContain('copy/new')
    expect(destination()).toContain('copy/old')
  })

  it('calls nothing done that a service copied though it is another object by now', async () => {
    await plan()
    stage.kit.faults.add({
      match: { operation: 'CopyObject', key: 'copy/new' },
      // As services answer that do not know what a copy is bound to.
      fault: () => {
        stage.kit.store.put('src', 'data/new', { body: 'body of you' })
        stage.kit.store.put('dst', 'copy/new', { body: 'body of you' })
        const { etag } = stage.kit.store.facts('dst', 'copy/new') ?? {}
        const body = `<CopyObjectResult><ETag>"${etag}"</ETag></CopyObjectResult>`
        return { status: 200, headers: { 'content-type': 'application/xml' }, body }
      },
    })
    await using run = await execute()
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', failed: '3', deleted: '0' })
    expect(stage.kit.store.bytes('dst', 'copy/new')?.toString()).toBe('body of you')
    const rows = await readFile(run.outputs['failed-path'] ?? '', 'utf8')
    expect(rows).toContain('the destination may hold what was not approved')
  })

  it('does not delete what the source has by now', async () => {
    await plan()
    put('src', 'data/old')
    await using run = await execute()
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '2', failed: '1', deleted: '1' })
    expect(await readFile(run.outputs['failed-path'] ?? '', 'utf8')).toContain('ExistsAtSource')
    expect(destination()).toContain('copy/old')
    expect(destination()).not.toContain('copy/old2')
  })

  it('does not overwrite what somebody wrote where the plan saw nothing', async () => {
    await plan()
    stage.kit.store.put('dst', 'copy/new', { body: 'theirs' })
    await using run = await execute()
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', deleted: '0' })
    expect(await readFile(run.outputs['failed-path'] ?? '', 'utf8')).toContain('DestinationChanged')
    expect(stage.kit.store.bytes('dst', 'copy/new')?.toString()).toBe('theirs')
  })

  it('is kept where its folder is the report folder by another name', async () => {
    await plan()
    const other = `${folder}-link`
    await symlink(folder, other)
    await using run = await execute({ 'report-dir': other })
    await rm(other)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2', deleted: '2' })
  })

  it('writes nothing in a dry run', async () => {
    await plan()
    await using run = await execute({ 'dry-run': 'true' })
    expect(run.outputs).toMatchObject({ result: 'planned', 'planned-copies': '2' })
    expect(writes()).toBe(0)
  })
})

describe('a plan is refused, and nothing is touched,', () => {
  // Which is why all of them may find the same two places and the same plan.
  let approved: string
  beforeAll(async () => {
    await open()
    await plan()
    approved = await readFile(planFile(), 'utf8')
  })
  afterAll(close)
  beforeEach(async () => {
    await rm(planFile(), { recursive: true, force: true })
    await writeFile(planFile(), approved)
  })

  it.each([
    ['another destination', { destination: 's3://dst/other/' }, 'its destination is another'],
    ['another source', { source: 's3://src/' }, 'its source is another'],
    ['other filters', { exclude: '*.tmp' }, 'other filters'],
    ['another compare', { compare: 'size' }, 'another compare'],
    ['a run without delete', { delete: 'false' }, 'another compare or delete'],
  ])('for %s', async (_what, inputs, reason) => {
    await refused(reason, inputs)
  })

  it.each([
    ['over max-delete', { 'max-delete': '1' }, 'max-delete is 1'],
    ['over a part of what is there now', { 'max-delete': '49%' }, 'max-delete is 49%'],
  ])('%s', async (_what, inputs, reason) => {
    await refused(reason, inputs)
  })

  it.each<[string, (text: string) => string, string]>([
    ['without a trailer', (text) => text.slice(0, text.lastIndexOf('{"trailer"')), 'no trailer'],
    ['cut within a line', (text) => text.slice(0, -20), 'not JSON'],
    ['empty', () => '', 'does not begin'],
    ['with something behind it', (text) => `${text}{"op":"copy"}\n`, 'behind its trailer'],
    ['with a changed line', (text) => text.replace('"size":11', '"size":12'), 'its lines are not'],
    ['of another kind', () => '{"schema":"s3-direct-sync/plan/9"}\n', 'does not begin'],
  ])('%s', async (_what, bend, reason) => {
    await writeFile(planFile(), bend(approved))
    await refused(reason)
  })

  const copy = (lines: readonly Line[]) => lines.findIndex(({ op }) => op === 'copy')
  const withOp = (lines: readonly Line[], at: number, change: Line): Line[] =>
    lines.with(at, { ...lines[at], ...change })
  it.each<[string, (lines: readonly Line[]) => readonly Line[], string]>([
    [
      'deletes outside',
      (all) => withOp(all, all.length - 1, { key: 'outside' }),
      'outside the dest',
    ],
    [
      'copies outside',
      (all) => withOp(all, copy(all), { to: 'outside' }),
      'outside the destination',
    ],
    ['copies another object', (all) => withOp(all, copy(all), { key: 'secret' }), 'another object'],
    [
      'deletes what it copies',
      (all) => all.toSpliced(-2, 0, { ...all.at(-1), key: 'copy/new' }),
      'it copies and deletes',
    ],
    [
      'names an ETag that every object has',
      (all) => withOp(all, all.length - 1, { etag: '*' }),
      'not an op',
    ],
    [
      'names a key that is no text',
      (all) => withOp(all, all.length - 1, { key: 'copy/z\ud800' }),
      'not an op',
    ],
    ['names a key twice', (all) => [...all, all.at(-1) ?? {}], 'comes twice'],
    [
      'deletes first',
      (all) => [all[0] ?? {}, all.at(-1) ?? {}, ...all.slice(1, -1)],
      'behind its copies',
    ],
    ['holds an unknown op', (all) => [...all, { op: 'chmod', key: 'copy/z' }], 'not an op'],
    [
      'holds an unknown field',
      (all) => withOp(all, copy(all), { acl: 'public-read' }),
      'not an op',
    ],
    [
      'has the digest of another request',
      (all) => withOp(all, 0, { requestDigest: '0'.repeat(64) }),
      'other filters',
    ],
  ])('when it was forged and %s', async (_what, change, reason) => {
    await forge(planFile(), change)
    await refused(reason)
  })

  it('when it was forged and names what the filters leave out', async () => {
    await plan({ exclude: 'keep/**' })
    await forge(planFile(), (all) => withOp(all, all.length - 1, { key: 'copy/keep/x' }))
    await refused('leave "copy/keep/x" out', { exclude: 'keep/**' })
  })

  it('when its trailer gives other reasons than its lines', async () => {
    await writeFile(
      planFile(),
      approved.replace('"reasons":{"', '"reasons":{"always":{"objects":1,"bytes":1},"'),
    )
    await refused('counts other ops')
  })

  it('when it is a folder', async () => {
    await rm(planFile())
    await mkdir(planFile())
    await using run = await execute()
    expect(run.outputs['failure-message']).toContain('There is no plan')
  })

  it('when there is none', async () => {
    await rm(planFile())
    await using run = await execute()
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.outputs['failure-message']).toContain('There is no plan')
  })

  it('by an engine that cannot bind it', async () => {
    await using run = await execute({ engine: 's5cmd' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.outputs['failure-message']).toContain('s5cmd cannot bind')
  })
})

describe('a plan is refused by what is there now, and nothing is touched,', () => {
  beforeEach(open)
  afterEach(close)

  it('when it would empty the destination as it is now', async () => {
    await plan()
    for (const key of ['copy/a', 'copy/b']) stage.kit.store.delete('dst', key)
    await refused('Every object in scope')
  })

  it('when the source is empty by now', async () => {
    await plan()
    for (const key of stage.kit.store.keys('src')) stage.kit.store.delete('src', key)
    await refused('The source is empty')
  })
})
