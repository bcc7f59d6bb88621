import { join } from 'node:path'
import { runPost } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage

beforeEach(async () => {
  stage = await openStage()
  for (const key of ['a', 'b']) stage.kit.store.put('src', `data/${key}`, { body: key })
})
afterEach(() => stage[Symbol.asyncDispose]())

// https://github.com/actions/checkout/issues/956, https://github.com/actions/download-artifact/issues/204
describe('files of the runner that cannot be written', () => {
  it.each([[['GITHUB_STATE']], [['GITHUB_OUTPUT']], [['GITHUB_STATE', 'GITHUB_OUTPUT']]])(
    'keep no run from its work, its outputs and its post step: %j',
    async (names) => {
      const lost = Object.fromEntries(names.map((name) => [name, join('/nowhere', name)]))
      await using run = await stage.run({}, { env: { ...stage.kit.idTokenEnv, ...lost } })
      expect(run.outputs).toMatchObject({ result: 'success', copied: '2' })
      expect(run).toMatchObject({ exitCode: 0, stderr: '', commandProblems: [] })
      expect(stage.equal()).toBe(true)
      stage.kit.store.put('src', 'data/later', { body: 'c' })
      const post = await runPost(run)
      expect(post).toMatchObject({ exitCode: 0, commandProblems: [] })
      expect(post.annotations.warnings).toEqual([])
      // A post step that takes itself for the step would have copied it.
      expect(stage.kit.store.keys('dst')).toEqual(['copy/a', 'copy/b'])
    },
  )
})
