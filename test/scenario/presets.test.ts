import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openStage, type Stage } from '../../testkit/stage.ts'

let stage: Stage
let folder: string
const config = async (yaml: string): Promise<string> => {
  const file = join(folder, 'team.yml')
  await writeFile(file, yaml)
  return file
}

beforeEach(async () => {
  stage = await openStage()
  folder = await mkdtemp(join(tmpdir(), 'presets-'))
  for (const key of ['a.txt', 'b.tmp']) stage.kit.store.put('src', `data/${key}`, { body: key })
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

it("a team's preset is what the run does, and the report names it as the origin", async () => {
  const file = await config("nightly:\n  exclude: ['*.tmp']\n  numworkers: 3\n")
  await using run = await stage.run({ config: file, preset: 'nightly' })
  expect(run.outputs).toMatchObject({ result: 'success', copied: '1', skipped: '1' })
  const { settings } = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
  expect(settings).toContainEqual({ name: 'numworkers', value: '3', origin: 'preset' })
})

it('what is wrong in a config is told by its line, and nothing is touched', async () => {
  const file = await config('nightly:\n  numworkers: 3\n  dlete: true\n')
  await using run = await stage.run({ config: file, preset: 'nightly' })
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'input' })
  expect(run.outputs['failure-message']).toContain('team.yml, line 3: "dlete" is no input')
  expect(stage.kit.store.keys('dst')).toEqual([])
})
