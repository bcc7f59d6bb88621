import { readFile } from 'node:fs/promises'
import { before as meanwhile } from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { codesOf, rowsOf } from '../result-rows.ts'

let stage: Stage
const NEVER = { overwrite: 'never' }

beforeEach(async () => {
  stage = await openStage()
  for (const name of ['a', 'b', 'c', 'd'])
    stage.kit.store.put('src', `data/${name}`, { body: `new ${name}` })
})
afterEach(() => stage[Symbol.asyncDispose]())

const publish = (name: string, body: string) => stage.kit.store.put('dst', `copy/${name}`, { body })
const published = (name: string) => stage.kit.store.bytes('dst', `copy/${name}`)?.toString()
const writes = () =>
  ['CopyObject', 'PutObject', 'UploadPart'].reduce(
    (sum, operation) => sum + stage.kit.counters.of(operation),
    0,
  )

const reportOf = async ({ outputs }: StepResult): Promise<Report> =>
  JSON.parse(await readFile(outputs['report-path'] ?? '', 'utf8')) as Report

describe('overwrite: never', () => {
  it('publishes what is not there, and leaves what is identical', async () => {
    publish('a', 'new a')
    await using run = await stage.run(NEVER)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', skipped: '1' })
    expect((await reportOf(run)).routes).toEqual({ 'overwrite-never': 3 })
  })

  it.each(['sync', 'plan and execute'])(
    'copies nothing at all while another object is in the way (%s)',
    async (mode) => {
      publish('a', 'old a')
      let run: StepResult
      if (mode === 'sync') run = await stage.run(NEVER)
      else {
        const plan = await stage.run({ ...NEVER, mode: 'plan' })
        const inputs = { ...NEVER, mode: 'execute', 'plan-dir': plan.reportDir }
        run = await stage.run(inputs, { job: plan.job })
      }
      expect(run.exitCode).toBe(1)
      expect(run.outputs).toMatchObject({
        result: 'failed',
        'planned-copies': '4',
        copied: '0',
        failed: '4',
        unknown: '0',
        'bytes-copied': '0',
      })
      expect(await codesOf(run)).toEqual({
        'data/a': 'DestinationExists',
        'data/b': 'HeldBack',
        'data/c': 'HeldBack',
        'data/d': 'HeldBack',
      })
      expect((await rowsOf(run, 'results')).length).toBe(4)
      expect(run.annotations.errors.length).toBe(1)
      expect(run.annotations.errors[0]?.message).toMatch(/DestinationExists.*overwrite: never/s)
      expect(run.summary).toMatch(/data\/a/)
      expect(published('a')).toBe('old a')
      expect(writes()).toBe(0)
      await run.cleanup()
    },
  )

  it.each([{ 'dry-run': 'true' }, { mode: 'plan' }])(
    'tells beforehand what is in the way (%j)',
    async (looking) => {
      publish('a', 'old a')
      await using run = await stage.run({ ...NEVER, ...looking })
      expect(run.exitCode).toBe(0)
      expect(run.outputs).toMatchObject({
        result: 'planned',
        'planned-copies': '4',
        'failure-kind': 'guard',
      })
      expect(run.outputs['failure-message']).toContain('which overwrite: never keeps')
      expect(run.annotations.warnings[0]?.message).toMatch(/overwrite: never/)
      expect(run.summary).toContain('Another object already exists there')
      expect(writes()).toBe(0)
    },
  )

  it('does not overwrite what is published between the listing and the copy', async () => {
    stage.kit.faults.add({
      match: { operation: 'CopyObject', key: 'copy/b' },
      times: 1,
      fault: meanwhile(() => publish('b', 'of somebody else')),
    })
    await using run = await stage.run(NEVER)
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '3', failed: '1' })
    expect(Object.keys(await codesOf(run))).toEqual(['data/b'])
    expect(published('b')).toBe('of somebody else')
  })

  it('is fine with somebody who publishes the same', async () => {
    stage.kit.faults.add({
      match: { operation: 'CopyObject', key: 'copy/b' },
      times: 1,
      fault: meanwhile(() => publish('b', 'new b')),
    })
    await using run = await stage.run(NEVER)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '4' })
  })

  it('deletes nothing either while something is in the way', async () => {
    publish('a', 'old a')
    publish('extra', 'extra')
    await using run = await stage.run({ ...NEVER, delete: 'true' })
    expect(run.outputs).toMatchObject({ result: 'failed', deleted: '0' })
    expect(published('extra')).toBe('extra')
  })

  it('is not for s5cmd', async () => {
    await using run = await stage.run({ ...NEVER, engine: 's5cmd' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.annotations.errors[0]?.message).toContain('s5cmd cannot guarantee overwrite: never')
  })
})
