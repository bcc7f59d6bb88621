import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { before } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage
const put = (bucket: string, ...keys: readonly string[]) => {
  for (const key of keys)
    stage.kit.store.put(bucket, key, { body: `body of ${key.split('/').at(-1)}` })
}
const destination = () => stage.kit.store.keys('dst')
const KLINES = { 'key-template': 'kline-archive' }
const BY_SYMBOL = {
  'key-pattern': '^(?<symbol>[^/]+)/',
  'key-template': 'symbol={symbol}/{name}',
}

beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage[Symbol.asyncDispose]())

describe.each(['s5cmd', 'direct'])('organised keys, by %s', (engine) => {
  it('arrive as a partitioned archive, and a second run has nothing to do', async () => {
    put('src', 'data/klines/BTCUSDT/1m/BTCUSDT-1m-2025-07-15.zip')
    put('src', 'data/klines/ETHUSDT/5m/ETHUSDT-5m-2025-07-15.zip', 'data/README.md')
    await using run = await stage.run({ ...KLINES, engine })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', engine })
    expect(destination()).toEqual([
      'copy/README.md',
      'copy/klines/symbol=BTCUSDT/interval=1m/date=2025-07-15/BTCUSDT-1m-2025-07-15.zip',
      'copy/klines/symbol=ETHUSDT/interval=5m/date=2025-07-15/ETHUSDT-5m-2025-07-15.zip',
    ])
    await using again = await stage.run({ ...KLINES, engine, delete: 'true' })
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do', 'planned-deletes': '0' })
  })
})

it('objects that would become one are refused by name, and nothing is copied', async () => {
  put('src', 'data/a/x', 'data/a/sub/x', 'data/b/y')
  await using run = await stage.run(BY_SYMBOL)
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
  expect(run.outputs['failure-message']).toContain('would get the key "symbol=a/x"')
  expect(run.outputs['failure-message']).toContain('"a/sub/x"')
  expect(destination()).toEqual([])
})

it('a pattern that finds no end with a key is refused, and nothing is copied', async () => {
  put('src', 'data/b', `data/${'a'.repeat(64)}!`)
  await using run = await stage.run({ 'key-pattern': '^(?<all>(a+)+)$', 'key-template': '{all}' })
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
  expect(run.outputs['failure-message']).toContain(`takes too long with "${'a'.repeat(64)}!"`)
  expect(destination()).toEqual([])
})

it.each([
  ['keep', ['copy/symbol=a/x', 'copy/top'], 'success'],
  ['fail', [], 'failed'],
])('what does not match: %s', async (mismatch, keys, result) => {
  put('src', 'data/a/x', 'data/top')
  await using run = await stage.run({ ...BY_SYMBOL, 'key-mismatch': mismatch })
  expect(run.outputs).toMatchObject({ result })
  expect(destination()).toEqual(keys)
})

describe('deletes', () => {
  it('go by the new keys, and spare what filters protect', async () => {
    put('src', 'data/a/x', 'data/skip/y')
    put('dst', 'copy/a/x', 'copy/symbol=a/x', 'copy/symbol=skip/y', 'copy/symbol=old/z')
    await using run = await stage.run({
      ...BY_SYMBOL,
      delete: 'true',
      exclude: 'skip/**\n**/old/**',
    })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '0', deleted: '2' })
    expect(destination()).toEqual(['copy/symbol=a/x', 'copy/symbol=skip/y'])
  })

  it('spare what stands under the key of an object that is skipped, run after run', async () => {
    put('src', 'data/a/x', 'data/odd')
    put('dst', 'copy/odd', 'copy/old')
    const inputs = { ...BY_SYMBOL, 'key-mismatch': 'skip', delete: 'true', 'max-delete': '100%' }
    await using run = await stage.run(inputs)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1', deleted: '1', failed: '0' })
    expect(destination()).toEqual(['copy/odd', 'copy/symbol=a/x'])
    await using again = await stage.run(inputs)
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do', 'planned-deletes': '0' })
  })

  it('are left out altogether when the source has other keys by then than the plan was made from', async () => {
    put('src', 'data/a/x', 'data/a/new')
    put('dst', 'copy/symbol=a/x', 'copy/symbol=b/x', 'copy/symbol=c/x')
    stage.kit.faults.add({
      match: { operation: 'CopyObject' },
      times: 1,
      fault: before(() => put('src', 'data/b/x')),
    })
    await using run = await stage.run({ ...BY_SYMBOL, delete: 'true', engine: 'direct' })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', deleted: '0', failed: '2' })
    expect(destination()).toEqual(expect.arrayContaining(['copy/symbol=b/x', 'copy/symbol=c/x']))
    expect(run.outputs['failure-message']).toContain('SourceListingChanged')
  })
})

describe('a plan of organised keys', () => {
  it('is carried out by another run, and refused when it names other keys', async () => {
    put('src', 'data/a/x', 'data/b/y')
    put('dst', 'copy/symbol=a/old', 'copy/symbol=b/y')
    const folder = await mkdtemp(join(tmpdir(), 'plan-'))
    await using planned = await stage.run({ ...BY_SYMBOL, delete: 'true', mode: 'plan' })
    const text = await readFile(planned.outputs['plan-path'] ?? '', 'utf8')
    const execute = async (plan: string) => {
      await writeFile(join(folder, 'plan.ndjson'), plan)
      return stage.run({ ...BY_SYMBOL, delete: 'true', mode: 'execute', 'plan-dir': folder })
    }
    await using forged = await execute(
      text.replace('"to":"copy/symbol=a/x"', '"to":"copy/symbol=b/x"'),
    )
    expect(forged.outputs['failure-message']).toContain('a different source object')
    await using run = await execute(text)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1', deleted: '1' })
    expect(destination()).toEqual(['copy/symbol=a/x', 'copy/symbol=b/y'])
    await rm(folder, { recursive: true })
  })
})

it('a plan that skips is carried out by another run, and deletes nothing that the source has', async () => {
  put('src', 'data/a/x', 'data/odd')
  put('dst', 'copy/odd', 'copy/old')
  const inputs = { ...BY_SYMBOL, 'key-mismatch': 'skip', delete: 'true', 'max-delete': '100%' }
  await using planned = await stage.run({ ...inputs, mode: 'plan' })
  expect(planned.outputs).toMatchObject({ 'planned-copies': '1', 'planned-deletes': '1' })
  await using run = await stage.run({
    ...inputs,
    mode: 'execute',
    'plan-dir': dirname(planned.outputs['plan-path'] ?? ''),
  })
  expect(run.outputs).toMatchObject({ result: 'success', copied: '1', deleted: '1' })
  expect(destination()).toEqual(['copy/odd', 'copy/symbol=a/x'])
})

it('bad rules for keys are told with all other problems', async () => {
  await using run = await stage.run({
    'key-pattern': '(?<a>[',
    'key-template': '{b}/{name}',
    numworkers: 'x',
  })
  expect(run.outputs['failure-message']).toMatch(
    /numworkers[\s\S]*key-pattern|key-pattern[\s\S]*numworkers/,
  )
  put('src', 'data/a')
  await using single = await stage.run({ ...KLINES, source: 's3://src/data/a' })
  expect(single.outputs['failure-message']).toContain('key-template needs a folder')
})
