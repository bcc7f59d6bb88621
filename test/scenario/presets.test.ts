import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'

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
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
  expect(run.outputs['failure-message']).toContain('team.yml, line 3: "dlete" is not an input')
  expect(stage.kit.store.keys('dst')).toEqual([])
})

it('a preset sets nothing that is for the workflow: the run names it and its line, and asks nobody for anything', async () => {
  const values = {
    'sts-endpoint': stage.kit.endpoint,
    's5cmd-path': './evil.sh',
    delete: 'true',
    'max-delete': '100%',
    acl: 'public-read',
  }
  const lines = Object.entries(values).map(([input, value]) => `  ${input}: "${value}"\n`)
  const file = await config(`nightly:\n  numworkers: 3\n${lines.join('')}`)
  await using run = await stage.run({ config: file, preset: 'nightly' })
  for (const [at, input] of Object.keys(values).entries())
    expect(run.annotations.errors[0]?.message).toContain(
      `team.yml, line ${at + 3}: ${input} cannot be set in a preset: set it in the workflow`,
    )
  expect(run.outputs['result']).toBe('failed')
  expect(stage.kit.counters.total()).toBe(0)
})

it('a config that is not there says what the job has to do before', async () => {
  await using run = await stage.run({ config: '.github/s3-sync.yml', preset: 'nightly' })
  expect(run.outputs['failure-message']).toContain(
    'config: ".github/s3-sync.yml" cannot be read: the file does not exist: check the path, and run actions/checkout before this step',
  )
})

it('a config is read to its limit and no further, and is a file', async () => {
  const fits = 'nightly: { numworkers: 3 }\n#'.padEnd(64 * 1024, '-')
  const told = async (file: string) => {
    await using run = await stage.run({ config: file, preset: 'nightly' }, { timeoutMs: 10_000 })
    return run.outputs['result'] === 'success' ? 'success' : run.outputs['failure-message']
  }
  expect(await told(await config(fits))).toBe('success')
  expect(await told(await config(`${fits}-`))).toContain('cannot be read: it is larger than 64 KiB')
  expect(await told('/dev/zero')).toContain('cannot be read: it is not a regular file')
  expect(await told(folder)).toContain('cannot be read')
})

it('of a config that has something wrong everywhere 20 problems are told, at once', async () => {
  const file = await config(`a: [${','.repeat(60_000)}`)
  await using run = await stage.run({ config: file, preset: 'a' }, { timeoutMs: 15_000 })
  const lines = (run.annotations.errors[0]?.message ?? '').split('\n')
  expect(lines.filter((line) => line.startsWith('- config: '))).toHaveLength(20)
  expect(lines.find((line) => line.startsWith('- and '))).toMatch(/^- and [\d]+ more$/)
  expect(Number(run.outputs['duration-seconds'])).toBeLessThan(10)
})
