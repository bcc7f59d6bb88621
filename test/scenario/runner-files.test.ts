import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
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

  it.runIf(process.platform === 'linux')(
    'are left where their disk fills while the run goes on, and the commands take over',
    async () => {
      const full = { GITHUB_STATE: '/dev/full', GITHUB_OUTPUT: '/dev/full' }
      await using run = await stage.run({}, { env: { ...stage.kit.idTokenEnv, ...full } })
      expect(run.outputs).toMatchObject({ result: 'success', copied: '2' })
      expect(run).toMatchObject({ exitCode: 0, stderr: '', commandProblems: [] })
      expect(run.state).toMatchObject({ started: 'true', finished: 'true' })
    },
  )

  it.runIf(process.platform !== 'win32')('never hold up a run, not even as pipes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pipes-'))
    try {
      const names = ['GITHUB_STATE', 'GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY']
      const pipes = Object.fromEntries(names.map((name) => [name, join(folder, name)]))
      execFileSync('mkfifo', Object.values(pipes))
      await using run = await stage.run({}, { env: { ...stage.kit.idTokenEnv, ...pipes } })
      expect(run.outputs).toMatchObject({ result: 'success', copied: '2' })
      expect(run).toMatchObject({ exitCode: 0, stderr: '', commandProblems: [] })
      expect(run.annotations.warnings.map(({ message }) => message)).toEqual([
        'Could not write the job summary: GITHUB_STEP_SUMMARY is a pipe, not a file.',
      ])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('leave a run without its summary by one annotation, and no stack', async () => {
    const lost = { GITHUB_STEP_SUMMARY: join('/nowhere', 'summary') }
    await using run = await stage.run({}, { env: { ...stage.kit.idTokenEnv, ...lost } })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2' })
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.annotations.errors).toEqual([])
    expect(run.annotations.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Could not write the job summary: /),
    ])
  })
})
