import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { before } from '../../testkit/faults.ts'
import { openJob } from '../../testkit/runner-job.ts'
import { openStage, type Stage } from '../../testkit/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
  for (let i = 0; i < 30; i++) stage.kit.store.put('src', `data/${i}`, { size: 10, seed: i })
})
afterEach(() => stage[Symbol.asyncDispose]())

/** Runs in a report folder to which something happens when the first listing is asked for. */
async function runWhile(act: (folder: string) => Promise<void>) {
  const job = await openJob()
  const folder = join(job.workspace, 'report')
  const fault = before(() => act(folder))
  stage.kit.faults.add({ match: { operation: 'ListObjectsV2' }, times: 1, fault })
  const run = await stage.run({ 'report-dir': folder }, { job })
  await job[Symbol.asyncDispose]()
  return run
}

it('a disk that is full is named, and is no fault of the action', async () => {
  const run = await runWhile((folder) => symlink('/dev/full', join(folder, 'plan.ndjson.part')))
  expect(run.exitCode).toBe(1)
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'execute' })
  expect(run.annotations.errors.length).toBe(1)
  expect(run.annotations.errors[0]?.message).toMatch(/ENOSPC[\s\S]*Check that[\s\S]*report-dir/)
  expect(run.annotations.errors[0]?.message).not.toContain('open an issue')
})

it('a report folder that is removed meanwhile is named', async () => {
  const run = await runWhile((folder) => rm(folder, { recursive: true }))
  expect(run.exitCode).toBe(1)
  expect(run.outputs['failure-kind']).toBe('execute')
  expect(run.annotations.errors[0]?.message).toMatch(/ENOENT[\s\S]*Check that/)
})

it('a report that cannot be written is told, and no output names it', async () => {
  const run = await runWhile((folder) => symlink('/dev/full', join(folder, 'report.json')))
  expect(run.outputs).toMatchObject({ result: 'success', copied: '30', 'report-path': '' })
  const told = run.annotations.warnings.filter(({ message }) =>
    message.includes('report.json could not be written: ENOSPC'),
  )
  expect(told.length).toBe(1)
  expect(run.summary).toContain('`report.json` could not be written')
})
