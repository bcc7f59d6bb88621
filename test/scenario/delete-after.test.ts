import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fail, loseReply, before as meanwhile } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EXTRAS_LIST, extrasListOf } from '../extras-list.ts'

const LIST = EXTRAS_LIST
const AFTER = { delete: 'true', 'delete-after': '90s', engine: 'direct' }
const HOUR_MS = 3_600_000

let stage: Stage
/** How far the clock of the service has gone on. */
let aheadMs = 0
const passes = (seconds: number): void => {
  aheadMs += seconds * 1000
}
beforeEach(async () => {
  aheadMs = 0
  stage = await openStage({ now: () => Date.now() + aheadMs })
  put('src', ['data/index', 'data/a.2'])
  put('dst', ['copy/index', 'copy/a.1', 'copy/b.1'])
})
afterEach(() => stage[Symbol.asyncDispose]())

function put(bucket: string, keys: readonly string[], more = ''): void {
  for (const key of keys)
    stage.kit.store.put(bucket, key, {
      body: `body of ${key.split('/').at(-1)}${more}`,
      lastModifiedMs: Date.now() - HOUR_MS,
    })
}

const there = (): string[] => stage.kit.store.keys('dst').filter((key) => key !== LIST)
const text = (): string => stage.kit.store.bytes('dst', LIST)?.toString() ?? ''
const noted = (): Record<string, string> =>
  Object.fromEntries(
    text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ key }) => key !== undefined)
      .map(({ key, since }) => [key, since]),
  )
const writes = () =>
  ['PutObject', 'CopyObject', 'DeleteObject', 'DeleteObjects'].reduce(
    (sum, name) => sum + stage.kit.counters.of(name),
    0,
  )

const listOf = (
  since: Readonly<Record<string, string>>,
  place?: { readonly bucket: string; readonly prefix: string },
): string => extrasListOf(stage, since, place)
const minutesAgo = (minutes: number): string =>
  new Date(Date.now() - minutes * 60_000).toISOString()
const putList = (body: string): void => stage.kit.store.put('dst', LIST, { body })

describe('delete-after', () => {
  it('keeps what only the destination has for so long, tells until when, and then deletes it', async () => {
    await using first = await stage.run(AFTER)
    expect(first.outputs).toMatchObject({ result: 'success', copied: '1', 'planned-deletes': '0' })
    expect(there()).toEqual(['copy/a.1', 'copy/a.2', 'copy/b.1', 'copy/index'])
    expect(Object.keys(noted())).toEqual(['a.1', 'b.1'])
    expect(first.summary).toContain('### Deleted later (2)')
    expect(first.log).toContain(`The list of objects to delete later is at s3://dst/${LIST}`)
    expect(first.log).toMatch(
      /To delete later: 2 files, \d+ B \(until 20\d\d-\d\d-\d\d \d\d:\d\d UTC\)/,
    )
    const report = JSON.parse(await readFile(first.outputs['report-path'] ?? '', 'utf8'))
    expect(report.waiting).toMatchObject({ objects: 2, list: `s3://dst/${LIST}` })
    expect(report.reasons['delete-later']).toMatchObject({ objects: 2 })

    const before = writes()
    await using again = await stage.run(AFTER)
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do' })
    expect(writes()).toBe(before)

    passes(100)
    await using last = await stage.run(AFTER)
    expect(last.outputs).toMatchObject({ result: 'success', 'planned-deletes': '2', deleted: '2' })
    expect(there()).toEqual(['copy/a.2', 'copy/index'])
    expect(noted()).toEqual({})
    await using quiet = await stage.run(AFTER)
    expect(quiet.outputs).toMatchObject({ result: 'nothing-to-do' })
  })

  it('waits anew with what was there again meanwhile, or was written anew', async () => {
    await using first = await stage.run(AFTER)
    expect(first.exitCode).toBe(0)
    const then = noted()
    // One is published again, and given up again; somebody restores the other.
    put('src', ['data/a.1'])
    await using second = await stage.run(AFTER)
    expect(second.exitCode).toBe(0)
    expect(Object.keys(noted())).toEqual(['b.1'])
    stage.kit.store.delete('src', 'data/a.1')
    passes(100)
    stage.kit.store.put('dst', 'copy/b.1', { body: 'body of b.1' })
    await using third = await stage.run(AFTER)
    expect(third.outputs).toMatchObject({ 'planned-deletes': '0' })
    expect(there()).toContain('copy/a.1')
    expect(there()).toContain('copy/b.1')
    for (const key of ['a.1', 'b.1']) expect((noted()[key] ?? '') > (then[key] ?? '')).toBe(true)
  })

  it.each([
    ['lost', () => void stage.kit.store.delete('dst', LIST)],
    ['changed by hand', () => putList(text().replaceAll(/"since":"20../g, '"since":"1999'))],
  ])('deletes nothing too early where its list is %s', async (_what, spoil) => {
    await using first = await stage.run(AFTER)
    expect(first.exitCode).toBe(0)
    passes(100)
    spoil()
    await using run = await stage.run(AFTER)
    expect(run.outputs).toMatchObject({ 'planned-deletes': '0' })
    expect(there()).toEqual(['copy/a.1', 'copy/a.2', 'copy/b.1', 'copy/index'])
    expect(Object.keys(noted())).toEqual(['a.1', 'b.1'])
  })

  it('says that a list cannot be believed, and takes no word of it', async () => {
    putList(
      listOf({ 'a.1': minutesAgo(30), 'b.1': minutesAgo(30) }).replace(
        '"trailer":true',
        '"trailer":false',
      ),
    )
    await using run = await stage.run(AFTER)
    expect(run.outputs).toMatchObject({ result: 'success', 'planned-deletes': '0' })
    expect(run.summary).toContain('cannot be trusted')
    expect(Object.keys(noted())).toEqual(['a.1', 'b.1'])
  })

  it('believes no list that an object was an extra before it was written', async () => {
    putList(listOf({ 'a.1': '1999-01-01T00:00:00.000Z', 'b.1': minutesAgo(30) }))
    stage.kit.store.put('dst', 'copy/a.1', { body: 'body of a.1' })
    putList(listOf({ 'a.1': '1999-01-01T00:00:00.000Z', 'b.1': minutesAgo(30) }))
    await using run = await stage.run(AFTER)
    expect(run.outputs).toMatchObject({ 'planned-deletes': '1', deleted: '1' })
    expect(there()).toContain('copy/a.1')
  })

  it('judges by what is deleted now whether that is too much', async () => {
    putList(listOf({ 'a.1': minutesAgo(30) }))
    await using run = await stage.run({ ...AFTER, 'max-delete': '1' })
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '1' })
    expect(there()).toEqual(['copy/a.2', 'copy/b.1', 'copy/index'])
    passes(100)
    await using refused = await stage.run({ ...AFTER, 'max-delete': '0' })
    expect(refused.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(there()).toContain('copy/b.1')
  })

  it('begins to count behind a run whose copies are all done', async () => {
    stage.kit.faults.add({
      match: { operation: 'CopyObject' },
      fault: fail(403, 'AccessDenied'),
    })
    await using broken = await stage.run({ ...AFTER, verify: 'outcomes' })
    expect(broken.exitCode).toBe(1)
    expect(text()).toBe('')
    stage.kit.faults.clear()
    await using mended = await stage.run(AFTER)
    expect(mended.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(Object.keys(noted())).toEqual(['a.1', 'b.1'])
  })

  it('writes nothing in a dry run and a check, which tell what waits', async () => {
    const had = stage.kit.store.keys('dst')
    await using dry = await stage.run({ ...AFTER, 'dry-run': 'true' })
    expect(dry.outputs).toMatchObject({ result: 'planned', 'planned-deletes': '0' })
    expect(dry.summary).toContain('### Deleted later (2)')
    put('src', ['data/a.1', 'data/b.1'])
    stage.kit.store.delete('src', 'data/a.2')
    await using equal = await stage.run({ ...AFTER, mode: 'check' })
    expect(equal.outputs).toMatchObject({ result: 'nothing-to-do' })
    expect(stage.kit.store.keys('dst')).toEqual(had)
  })

  it('remembers since when something waits that could not be deleted', async () => {
    await using first = await stage.run(AFTER)
    expect(first.exitCode).toBe(0)
    const then = noted()
    passes(100)
    stage.kit.faults.add({
      match: ({ operation }) => operation === 'DeleteObjects' || operation === 'DeleteObject',
      fault: fail(403, 'AccessDenied'),
    })
    await using run = await stage.run(AFTER)
    expect(run.exitCode).toBe(1)
    expect(noted()).toEqual(then)
    stage.kit.faults.clear()
    await using last = await stage.run(AFTER)
    expect(last.outputs).toMatchObject({ result: 'success', deleted: '2' })
  })

  it('adds to what another run noted meanwhile, and deletes nothing then', async () => {
    const others = listOf({ 'a.1': minutesAgo(1), 'c.1': minutesAgo(1) })
    stage.kit.faults.add({
      match: { operation: 'PutObject', key: LIST },
      times: 1,
      fault: meanwhile(() => putList(others)),
    })
    await using run = await stage.run(AFTER)
    expect(run.outputs).toMatchObject({ result: 'success' })
    expect(Object.keys(noted())).toEqual(['a.1', 'b.1', 'c.1'])
    expect((noted()['a.1'] ?? '') > minutesAgo(1)).toBe(true)

    passes(100)
    stage.kit.faults.add({
      match: { operation: 'PutObject', key: LIST },
      times: 1,
      fault: meanwhile(() => putList(listOf({ 'b.1': minutesAgo(0) }))),
    })
    await using held = await stage.run(AFTER)
    expect(held.outputs).toMatchObject({ result: 'failed', deleted: '0', failed: '2' })
    expect(there()).toContain('copy/b.1')
    expect(Object.keys(noted())).toEqual(['a.1', 'b.1'])
  })

  it('knows its own list again where the answer to it was lost', async () => {
    putList(listOf({ 'a.1': minutesAgo(30), 'b.1': minutesAgo(30) }))
    stage.kit.faults.add({
      match: { operation: 'PutObject', key: LIST },
      times: 1,
      fault: loseReply,
    })
    await using run = await stage.run(AFTER)
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '2' })
  })

  it('deletes nothing where it cannot be noted what stays, and says what to do', async () => {
    putList(listOf({ 'a.1': minutesAgo(30) }))
    stage.kit.faults.add({
      match: { operation: 'PutObject', key: LIST },
      fault: fail(403, 'AccessDenied'),
    })
    await using run = await stage.run(AFTER)
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', deleted: '0' })
    expect(run.summary).toContain('ExtrasNotNoted')
    stage.kit.store.delete('dst', 'copy/a.1')
    await using other = await stage.run(AFTER)
    expect(other.exitCode).toBe(1)
    expect(other.outputs['failure-message']).toContain('could not be noted')
  })

  it('never copies nor deletes a list, and leaves alone what another run noted beyond its filters', async () => {
    putList(listOf({ 'a.1': minutesAgo(30), 'b.1': minutesAgo(30) }))
    stage.kit.store.put('src', 'data/.s3-direct-sync-extras.ndjson', { body: 'of the source' })
    await using run = await stage.run({ ...AFTER, include: 'a.*', 'max-delete': '100%' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1', deleted: '1' })
    expect(there()).toContain('copy/b.1')
    expect(Object.keys(noted())).toEqual(['b.1'])
    await using all = await stage.run(AFTER)
    expect(all.outputs).toMatchObject({ result: 'success', deleted: '1' })
  })

  it('carries out of an approved plan what is still due', async () => {
    putList(listOf({ 'a.1': minutesAgo(30), 'b.1': minutesAgo(30) }))
    const folder = await mkdtemp(path.join(tmpdir(), 'plan-'))
    try {
      await using planned = await stage.run({ ...AFTER, mode: 'plan', 'report-dir': folder })
      expect(planned.outputs).toMatchObject({ result: 'planned', 'planned-deletes': '2' })
      const plan = path.join(folder, 'kept')
      await mkdir(plan)
      await writeFile(path.join(plan, 'plan.ndjson'), await readFile(`${folder}/plan.ndjson`))
      putList(listOf({ 'b.1': minutesAgo(30) }))
      await using run = await stage.run({ ...AFTER, mode: 'execute', 'plan-dir': plan })
      expect(run.outputs).toMatchObject({
        result: 'partial',
        copied: '1',
        deleted: '1',
        failed: '1',
      })
      expect(run.summary).toContain('DeleteNotDue')
      expect(there()).toContain('copy/a.1')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('uploads of a folder wait as well', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'site-'))
    try {
      await writeFile(path.join(folder, 'index'), 'new index')
      const inputs = { source: folder, delete: 'true', 'delete-after': '90s' }
      await using first = await stage.run(inputs)
      expect(first.outputs).toMatchObject({ result: 'success', copied: '1', deleted: '0' })
      passes(100)
      await using last = await stage.run(inputs)
      expect(last.outputs).toMatchObject({ result: 'success', deleted: '2' })
      expect(there()).toEqual(['copy/index'])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
