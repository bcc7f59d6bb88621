import { otherNode } from 's3-direct-sync-testkit/machines.ts'
import { runPost } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const asked = process.env['TEST_PLATFORMS'] !== undefined
const OBJECTS = 300

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
  for (let i = 0; i < OBJECTS; i++)
    stage.kit.store.put('src', `data/${i % 7}/${i}`, { body: `${i}` })
})
afterEach(() => stage[Symbol.asyncDispose]())

// What a runner starts on 32-bit ARM, and act, Gitea and Forgejo where the image brings it.
describe.each(['node16', 'node18', 'node20', 'node22'] as const)('%s', (name) => {
  const node = otherNode(name)
  it.skipIf(!asked || !node)(
    'an older Node is named, with what to update, and no stack',
    async () => {
      await using run = await stage.run({}, { node })
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

const musl = otherNode('musl')
it.skipIf(!asked || !musl).each(['s5cmd', 'direct'])(
  'on musl the engine %s copies, and has nothing to do then',
  async (engine) => {
    await using first = await stage.run({ engine }, { node: musl, timeoutMs: 120_000 })
    expect(first.outputs, first.log).toMatchObject({ result: 'success', copied: `${OBJECTS}` })
    expect(stage.equal()).toBe(true)
    await using second = await stage.run({ engine }, { node: musl, timeoutMs: 120_000 })
    expect(second.outputs).toMatchObject({ result: 'nothing-to-do' })
  },
)
