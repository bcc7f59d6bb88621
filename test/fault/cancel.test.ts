import { delay, fail, signalling, stall } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { rowsOf } from '../result-rows.ts'

let stage: Stage
afterEach(() => stage[Symbol.asyncDispose]())

async function fill(count: number): Promise<void> {
  stage = await openStage()
  for (let i = 0; i < count; i++) stage.kit.store.put('src', `data/${i}`, { size: 10, seed: i })
}

describe('a cancel ends within 6 seconds, with report, outputs and summary,', () => {
  it.each(['AssumeRoleWithWebIdentity', 'HeadBucket', 'ListObjectsV2'])(
    'while %s hangs',
    async (operation) => {
      await fill(3)
      const { fault, endedBy } = signalling(stall)
      stage.kit.faults.add({ match: { operation }, fault })
      await using run = await stage.run({}, { endedBy })
      expect(run.exitedWithinMs).toBeLessThan(6000)
      expect(run.outputs).toMatchObject({
        result: 'cancelled',
        'failure-kind': 'cancelled',
        copied: '0',
      })
      expect(run.summary).toContain('Cancelled')
      expect(run.leftovers).toEqual([])
    },
  )

  it.each(['s5cmd', 'direct'])(
    'while copies of %s hang, and counts every op, also its deletes',
    async (engine) => {
      await fill(100)
      stage.kit.store.put('dst', 'copy/extra', { size: 1 })
      const { fault, endedBy } = signalling(stall, 8)
      stage.kit.faults.add({ match: { operation: 'CopyObject' }, nth: 20, fault })
      const inputs = { engine, numworkers: '8', delete: 'true', 'max-delete': '100%' }
      await using run = await stage.run(inputs, { endedBy })
      expect(run.exitedWithinMs).toBeLessThan(6000)
      expect(run.leftovers).toEqual([])
      expect(run.outputs).toMatchObject({
        ...{ result: 'cancelled', copied: '19', unknown: '82', failed: '0' },
        ...{ 'planned-deletes': '1', deleted: '0' },
      })
      expect((await rowsOf(run, 'failed')).length).toBe(82)
      const rows = await rowsOf(run, 'results')
      expect(rows.length).toBe(101)
      expect(rows.at(-1)).toMatchObject({ op: 'delete', key: 'copy/extra', status: 'unknown' })
      expect(stage.kit.store.keys('dst')).toContain('copy/extra')
    },
  )

  it('so that the next run finishes', async () => {
    await fill(30)
    const { fault, endedBy } = signalling(stall)
    stage.kit.faults.add({ match: { operation: 'CopyObject' }, nth: 20, fault })
    await using run = await stage.run({ engine: 'direct' }, { endedBy })
    expect(run.outputs['result']).toBe('cancelled')
    stage.kit.faults.clear()
    await using next = await stage.run()
    expect(next.outputs['result']).toBe('success')
    expect(stage.equal()).toBe(true)
  })

  // https://github.com/actions/runner/issues/1309
  it.skipIf(process.platform === 'win32')(
    'when the terminal of a runner is closed, and no s5cmd goes on by itself',
    async () => {
      await fill(100)
      const { fault, endedBy } = signalling(stall, 8, 'SIGHUP')
      stage.kit.faults.add({ match: { operation: 'CopyObject' }, nth: 20, fault })
      await using run = await stage.run({ engine: 's5cmd', numworkers: '8' }, { endedBy })
      expect(run.exitedWithinMs).toBeLessThan(6000)
      expect(run.leftovers).toEqual([])
      expect(run.outputs).toMatchObject({ result: 'cancelled', copied: '19', unknown: '81' })
      expect(run.summary).toContain('Cancelled')
    },
  )

  it('while the copies are proven, and its deletes are accounted for', async () => {
    await fill(20)
    stage.kit.store.put('dst', 'copy/extra', { size: 1 })
    const { fault, endedBy } = signalling(delay(60_000))
    stage.kit.faults.add({ match: { operation: 'HeadObject', bucket: 'dst' }, fault })
    const inputs = { delete: 'true', engine: 's5cmd', 'max-delete': '100%' }
    await using run = await stage.run(inputs, { endedBy })
    expect(run.exitedWithinMs).toBeLessThan(6000)
    // What only s5cmd says of its copies is not enough.
    expect(run.outputs).toMatchObject({
      ...{ result: 'cancelled', copied: '0', unknown: '21' },
      ...{ 'planned-deletes': '1', deleted: '0' },
    })
    const rows = await rowsOf(run, 'results')
    expect(rows.length).toBe(21)
    expect(rows.at(-1)).toMatchObject({ op: 'delete', key: 'copy/extra', status: 'unknown' })
    expect(stage.kit.store.keys('dst')).toContain('copy/extra')
  })
})

it('copies that cannot be proven leave their deletes accounted for', async () => {
  await fill(5)
  stage.kit.store.put('dst', 'copy/extra', { size: 1 })
  const match = { operation: 'HeadObject', bucket: 'dst' }
  stage.kit.faults.add({ match, fault: fail(500, 'InternalError') })
  const inputs = { delete: 'true', engine: 's5cmd', 'max-delete': '100%', 'retry-count': '0' }
  await using run = await stage.run(inputs)
  expect(run.outputs).toMatchObject({ result: 'failed', copied: '0', unknown: '5', failed: '1' })
  const [last] = (await rowsOf(run, 'failed')).slice(-1)
  expect(last).toMatchObject({ op: 'delete', status: 'failed', code: 'CopiesFailed' })
})
