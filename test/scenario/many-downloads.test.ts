import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Fault, stall } from 's3-direct-sync-testkit/faults.ts'
import { describe, expect, it } from 'vitest'
import { openDownloadStage } from '../download-stage.ts'
import { linesOf } from '../local-stage.ts'

/** More than are written before a thread is begun for them. */
const MANY = 600
/** Has Node tell of the threads that it begins. */
const TELLING = { NODE_DEBUG: 'worker' }
const A_THREAD = /starts worker script \S*small-file-thread\.js/
const FEW_AT_A_TIME = { numworkers: '8' }

const keys = Array.from({ length: MANY }, (_, n) => `${n % 7}/${String(n).padStart(3, '0')}`)
const last = keys.at(-1) ?? ''

describe('many small objects', () => {
  it('are written by a thread, which replaces what was listed and nothing that came meanwhile', async () => {
    await using down = await openDownloadStage()
    for (const key of keys) down.put(key, `new ${key}`)
    const { store, faults, idTokenEnv } = down.stage.kit
    store.put('src', 'data/zz/changed', { body: 'new' })
    store.put('src', 'data/zz/created', { body: 'new' })
    store.put('src', 'data/zz/stale', { body: 'new' })
    for (const name of [last, 'zz/changed', 'zz/stale']) await down.write(name, 'stale content')
    const meanwhile: Fault = (_, next) => {
      for (const name of ['changed', 'created'])
        writeFileSync(down.path(`zz/${name}`), `by somebody else`)
      return next()
    }
    faults.add({ match: { operation: 'GetObject' }, times: 1, fault: meanwhile })
    await using run = await down.fetch(FEW_AT_A_TIME, { env: { ...idTokenEnv, ...TELLING } })
    expect(run.stderr).toMatch(A_THREAD)
    const copied = String(MANY + 1)
    expect(run.outputs, run.log).toMatchObject({ result: 'partial', copied, failed: '2' })
    const failed = await linesOf(run.outputs['failed-path'])
    expect(failed.map(({ code }) => code)).toEqual(['DestinationChanged', 'DestinationChanged'])
    for (const key of keys) expect(await down.text(key)).toBe(`new ${key}`)
    expect(await down.text('zz/stale')).toBe('new')
    expect(await down.text('zz/changed')).toBe('by somebody else')
    expect(await down.text('zz/created')).toBe('by somebody else')
    expect(await down.names()).toHaveLength(MANY + 3)
    await using again = await down.fetch({}, { env: idTokenEnv })
    expect(again.outputs).toMatchObject({ copied: '2', failed: '0' })
  }, 60_000)

  it('are given up by a cancel, and leave nothing unfinished', async () => {
    await using down = await openDownloadStage()
    for (const key of keys) down.put(key, key)
    const { promise: endedBy, resolve } = Promise.withResolvers<'SIGTERM'>()
    let reads = 0
    const fault: Fault = (request, next) => {
      if (++reads <= 400) return next()
      resolve('SIGTERM')
      return stall(request, next)
    }
    down.stage.kit.faults.add({ match: { operation: 'GetObject' }, fault })
    const env = { ...down.stage.kit.idTokenEnv, ...TELLING }
    await using run = await down.fetch(FEW_AT_A_TIME, { endedBy, env })
    expect(run.stderr).toMatch(A_THREAD)
    expect(run.outputs['result']).toBe('cancelled')
    expect(run.exitedWithinMs).toBeLessThan(6000)
    const names = await down.names()
    expect(names.filter((name) => path.basename(name).startsWith('.'))).toEqual([])
    expect(String(names.length)).toBe(run.outputs['copied'])
    for (const name of names) expect(await down.text(name)).toBe(name)
  }, 60_000)

  it('fail each by itself where the folder that they go into is taken away', async () => {
    await using down = await openDownloadStage()
    for (const key of keys) down.put(key, key)
    down.put('zz/one', 'one')
    down.put('zz/two', 'two')
    mkdirSync(path.dirname(down.path('zz')), { recursive: true })
    // A file where a folder must be: it came after the plan.
    const fault: Fault = (_, next) => {
      writeFileSync(down.path('zz'), 'a file')
      return next()
    }
    const { faults, idTokenEnv } = down.stage.kit
    faults.add({ match: { operation: 'GetObject' }, times: 1, fault })
    await using run = await down.fetch(FEW_AT_A_TIME, { env: { ...idTokenEnv, ...TELLING } })
    expect(run.stderr).toMatch(A_THREAD)
    const copied = String(MANY)
    expect(run.outputs, run.log).toMatchObject({ result: 'partial', copied, failed: '2' })
    const failed = await linesOf(run.outputs['failed-path'])
    expect(failed.map(({ code }) => code)).toEqual(['NotAFile', 'NotAFile'])
    expect(await down.text('zz')).toBe('a file')
  }, 60_000)
})
