import { access, readFile } from 'node:fs/promises'
import path from 'node:path'
import { signalling, stall } from 's3-direct-sync-testkit/faults.ts'
import { hostileKeys } from 's3-direct-sync-testkit/hostile-keys.ts'
import { offWine, otherMachine } from 's3-direct-sync-testkit/machines.ts'
import { runPost } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const asked = process.env['TEST_PLATFORMS'] !== undefined
const timeoutMs = 240_000
const OBJECTS = 300
const HOSTILE = hostileKeys().map(({ key }) => key)

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
  for (let i = 0; i < OBJECTS; i++)
    stage.kit.store.put('src', `data/${i % 7}/${i}`, { body: `${i}` })
})
afterEach(() => stage[Symbol.asyncDispose]())

// What a runner starts on 32-bit ARM, and act, Gitea and Forgejo where the image brings it.
describe.each(['node16', 'node18', 'node20', 'node22'] as const)('%s', (name) => {
  const machine = otherMachine(name)
  it.skipIf(!asked || !machine)(
    'an older Node is named, with what to update, and no stack',
    async () => {
      await using run = await stage.run({}, { machine })
      expect(run).toMatchObject({ exitCode: 1, stderr: '', commandProblems: [] })
      expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'preflight' })
      expect(run.annotations.errors.map(({ title }) => title)).toEqual([
        expect.stringMatching(/^Node \d+\.\d+\.\d+ is too old for this action$/),
      ])
      await using post = await runPost(run)
      expect(post).toMatchObject({ exitCode: 0, log: '', stderr: '' })
    },
  )
})

describe.each(['musl', 'arm64', 'wine'] as const)('on %s', (name) => {
  const machine = otherMachine(name)
  const sync = (inputs: Readonly<Record<string, string>>) =>
    stage.run(inputs, { machine, timeoutMs })

  it.skipIf(!asked || !machine).each([
    ['s5cmd', 'plain keys', []],
    ['direct', 'whatever keys there are', HOSTILE],
    ['auto', 'whatever keys there are', HOSTILE],
  ] as const)(
    'the engine %s copies %s, deletes extras, and has nothing to do then',
    { timeout: 2 * timeoutMs },
    async (engine, _keys, odd) => {
      for (const key of odd) stage.kit.store.put('src', `data/odd/${key}`, { body: key })
      for (const key of ['extra', 'odd/extra', '0/0'])
        stage.kit.store.put('dst', `copy/${key}`, { body: 'older' })
      await using first = await sync({ engine, delete: 'true' })
      const copied = `${OBJECTS + odd.length}`
      expect(first.outputs, first.log).toMatchObject({ result: 'success', copied, deleted: '2' })
      expect(first).toMatchObject({ exitCode: 0, commandProblems: [] })
      expect(stage.equal()).toBe(true)
      await using second = await sync({ engine, delete: 'true' })
      expect(second.outputs, second.log).toMatchObject({ result: 'nothing-to-do' })
    },
  )

  it.skipIf(!asked || !machine)(
    'a plan is carried out by another step, whose files are where its outputs say, and a post step ends the job',
    { timeout: 2 * timeoutMs },
    async () => {
      await using planned = await sync({ mode: 'plan' })
      expect(planned.outputs, planned.log).toMatchObject({ result: 'planned' })
      const { 'plan-path': plan = '', 'report-dir': folder = '' } = planned.outputs
      expect(plan.startsWith(folder)).toBe(true)
      await using executed = await stage.run(
        { mode: 'execute', 'plan-dir': folder },
        { machine, timeoutMs, job: planned.job },
      )
      expect(executed.outputs, executed.log).toMatchObject({ result: 'success', failed: '0' })
      expect(stage.equal()).toBe(true)
      const read = (file = '') => readFile(offWine(file), 'utf8')
      const rows = await read(path.join(executed.reportDir, 'results.ndjson'))
      expect(rows.trim().split('\n')).toHaveLength(OBJECTS)
      expect(await read(executed.outputs['summary-path'])).toContain('300 objects copied')
      expect(JSON.parse(await read(executed.outputs['report-path']))).toMatchObject({
        result: 'success',
      })
      await using post = await runPost(executed)
      expect(post, post.log).toMatchObject({ exitCode: 0, commandProblems: [] })
      expect(post.annotations.errors).toEqual([])
      await access(executed.reportDir)
    },
  )
})

const musl = otherMachine('musl')
// Wine hears no signals as Windows does, and in an emulated processor a second is no second.
it.skipIf(!asked || !musl).each(['s5cmd', 'direct'])(
  'on musl a cancel while copies by %s hang ends in time, with every op counted and no process left',
  { timeout: timeoutMs },
  async (engine) => {
    const { fault, endedBy } = signalling(stall, 8)
    stage.kit.faults.add({ match: { operation: 'CopyObject' }, nth: 20, fault })
    const inputs = { engine, numworkers: '8' }
    await using run = await stage.run(inputs, { machine: musl, endedBy, timeoutMs })
    expect(run, run.log).toMatchObject({ signal: null, leftovers: [] })
    const { result, copied, unknown } = run.outputs
    expect(result, run.log).toBe('cancelled')
    expect(Number(copied) + Number(unknown)).toBe(OBJECTS)
    expect(run.summary).toContain('Cancelled')
  },
)
