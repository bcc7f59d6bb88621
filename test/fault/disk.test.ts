import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before } from 's3-direct-sync-testkit/faults.ts'
import { fullDiskFor } from 's3-direct-sync-testkit/full-disk.ts'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'

let stage: Stage
let stageFolder: string
beforeEach(async () => {
  stage = await openStage()
  stageFolder = await mkdtemp(join(tmpdir(), 'disk-'))
  for (let i = 0; i < 3; i++) stage.kit.store.put('src', `data/${i}`, { size: 10, seed: i })
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  await rm(stageFolder, { recursive: true })
})

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
  const env = { ...stage.kit.idTokenEnv, ...fullDiskFor('plan.ndjson') }
  await using run = await stage.run({}, { env })
  expect(run.exitCode).toBe(1)
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'list' })
  expect(run.annotations.errors.length).toBe(1)
  const [error] = run.annotations.errors
  expect(error?.title).toBe('The disk of the runner is full (ENOSPC)')
  expect(error?.message).toMatch(/ENOSPC.* 'plan\.ndjson'; check that[\s\S]*report-dir/)
  expect(run.annotations.errors[0]?.message).not.toContain('open an issue')
})

it('a report folder that is removed meanwhile is named', async () => {
  const run = await runWhile((folder) => rm(folder, { recursive: true }))
  expect(run.exitCode).toBe(1)
  expect(run.outputs['failure-kind']).toBe('list')
  expect(run.annotations.errors[0]?.message).toMatch(/ENOENT[\s\S]*[Cc]heck that/)
})

it('a report that cannot be written is told, and no output names it', async () => {
  const env = { ...stage.kit.idTokenEnv, ...fullDiskFor('report.json') }
  await using run = await stage.run({}, { env })
  expect(run.outputs).toMatchObject({ result: 'success', copied: '3', 'report-path': '' })
  const told = run.annotations.warnings.filter(({ message }) =>
    message.includes('report.json could not be written: ENOSPC'),
  )
  expect(told.length).toBe(1)
  expect(run.summary).toContain('`report.json` could not be written')
})

it('a link that is put where the report goes is replaced, and what it leads to stays', async () => {
  const victim = join(stageFolder, 'victim')
  await writeFile(victim, 'mine')
  const run = await runWhile(async (folder) => {
    for (const name of ['report.json', 'plan.ndjson', 'results.ndjson', 'policy.json'])
      await symlink(victim, join(folder, name))
  })
  expect(run.outputs).toMatchObject({ result: 'success', copied: '3' })
  expect(await readFile(victim, 'utf8')).toBe('mine')
})

it('a folder that is put where the report goes stays, and is told', async () => {
  const run = await runWhile(async (folder) => {
    await mkdir(join(folder, 'report.json/deep'), { recursive: true })
  })
  expect(run.outputs).toMatchObject({ result: 'success', 'report-path': '' })
  expect(run.summary).toContain('`report.json` could not be written')
})
