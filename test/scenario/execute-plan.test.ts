import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { forge, type Line, openPlanStage, type PlanStage } from './plan-stage.ts'

let scene: PlanStage
/** The plan as another job would find it. */
let approved: string
const bodies = (...keys: readonly string[]) =>
  Object.fromEntries(keys.map((key) => [key, `body of ${key.split('/').at(-1)}`]))
const destination = () => scene.stage.kit.store.keys('dst')
const execute = (inputs: Readonly<Record<string, string>> = {}) => scene.execute(inputs)

beforeAll(async () => {
  scene = await openPlanStage({ delete: 'true' })
  scene.put('src', bodies('data/a', 'data/b', 'data/new', 'data/newer'))
  scene.put('dst', bodies('copy/a', 'copy/b', 'copy/old', 'copy/old2', 'outside'))
  await scene.plan()
  approved = await readFile(scene.planFile, 'utf8')
})
afterAll(() => scene[Symbol.asyncDispose]())
beforeEach(() => scene.rewind())

async function refused(
  reason: string,
  inputs: Readonly<Record<string, string>> = {},
): Promise<void> {
  await using run = await execute(inputs)
  expect(run.exitCode).toBe(1)
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
  expect(run.outputs['failure-message']).toContain(reason)
  expect(scene.writes()).toBe(0)
}

describe('a plan', () => {
  it('is carried out by another job, exactly as it was approved', async () => {
    scene.put('src', bodies('data/came-later'))
    scene.put('dst', bodies('copy/came-later-too'))
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
    const folder = dirname(scene.planFile)
    await using planned = await scene.stage.run({
      ...{ delete: 'true', mode: 'plan', 'report-dir': folder },
    })
    expect(planned.outputs['plan-path']).toBe(scene.planFile)
    await using run = await execute({ 'report-dir': folder, 'plan-dir': '' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2', deleted: '2' })
  })

  it('calls nothing done that a service copied though it is another object by now', async () => {
    scene.stage.kit.faults.add({
      match: { operation: 'CopyObject', key: 'copy/new' },
      // As services answer that do not know what a copy is bound to.
      fault: () => {
        scene.stage.kit.store.put('src', 'data/new', { body: 'body of you' })
        scene.stage.kit.store.put('dst', 'copy/new', { body: 'body of you' })
        const { etag } = scene.stage.kit.store.facts('dst', 'copy/new') ?? {}
        const body = `<CopyObjectResult><ETag>"${etag}"</ETag></CopyObjectResult>`
        return { status: 200, headers: { 'content-type': 'application/xml' }, body }
      },
    })
    await using run = await execute()
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', failed: '3', deleted: '0' })
    expect(scene.stage.kit.store.bytes('dst', 'copy/new')?.toString()).toBe('body of you')
    const rows = await readFile(run.outputs['failed-path'] ?? '', 'utf8')
    expect(rows).toContain('the destination may have content that was not approved')
  })

  it('does not overwrite what somebody wrote where the plan saw nothing', async () => {
    scene.put('dst', { 'copy/new': 'theirs' })
    await using run = await execute()
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', deleted: '0' })
    expect(await readFile(run.outputs['failed-path'] ?? '', 'utf8')).toContain('DestinationChanged')
    expect(scene.stage.kit.store.bytes('dst', 'copy/new')?.toString()).toBe('theirs')
  })

  it('is kept where its folder is the report folder by another name', async () => {
    const other = `${dirname(scene.planFile)}-link`
    await symlink(dirname(scene.planFile), other)
    await using run = await execute({ 'report-dir': other })
    await rm(other)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2', deleted: '2' })
  })
})

describe('a plan is refused, and nothing is touched,', () => {
  it.each([
    ['another destination', { destination: 's3://dst/other/' }, 'its destination is not'],
    [
      'a run without delete',
      { delete: 'false' },
      'made with delete: true, and this run has delete: false',
    ],
  ])('for %s', async (_what, inputs, reason) => {
    await refused(reason, inputs)
  })

  it('over max-delete', async () => {
    await refused('max-delete is 1', { 'max-delete': '1' })
  })

  it.each<[string, (text: string) => string, string]>([
    ['without a trailer', (text) => text.slice(0, text.lastIndexOf('{"trailer"')), 'no trailer'],
    [
      'with a changed line',
      (text) => text.replace('"size":11', '"size":12'),
      'its lines were changed',
    ],
  ])('%s', async (_what, bend, reason) => {
    await writeFile(scene.planFile, bend(approved))
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
    [
      'has the digest of another request',
      (all) => withOp(all, 0, { requestDigest: '0'.repeat(64) }),
      'different filters',
    ],
  ])('when it was forged and %s', async (_what, change, reason) => {
    await forge(scene.planFile, change)
    await refused(reason)
  })

  it('when it is a folder', async () => {
    await rm(scene.planFile)
    await mkdir(scene.planFile)
    await using run = await execute()
    expect(run.outputs['failure-message']).toContain('There is no plan')
  })

  it('when there is none', async () => {
    await rm(scene.planFile)
    await using run = await execute()
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.outputs['failure-message']).toContain('There is no plan')
  })

  it('by an engine that cannot bind it', async () => {
    await using run = await execute({ engine: 's5cmd' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.outputs['failure-message']).toContain('s5cmd cannot make a copy conditional')
  })
})

describe('a plan is refused by what is there now, and nothing is touched,', () => {
  it('when it would empty the destination as it is now', async () => {
    for (const key of ['copy/a', 'copy/b']) scene.stage.kit.store.delete('dst', key)
    await refused('Every object in scope')
  })

  it('when the source is empty by now', async () => {
    for (const key of scene.stage.kit.store.keys('src')) scene.stage.kit.store.delete('src', key)
    await refused('The source is empty')
  })
})
