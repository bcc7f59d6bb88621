import { machine, processWith } from 's3-direct-sync-testkit/machine.ts'
import { runPost } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeProblem } from '../../src/adapters/node-version.ts'

let stage: Stage

beforeEach(async () => {
  stage = await openStage()
  for (const key of ['a', 'b']) stage.kit.store.put('src', `data/${key}`, { body: key })
})
afterEach(() => stage[Symbol.asyncDispose]())

const on = (code: string) => ({ env: { ...stage.kit.idTokenEnv, NODE_OPTIONS: machine(code) } })

// https://github.com/actions/checkout/issues/2240
describe('an older Node than 24', () => {
  it.each([
    ['20.20.2', 'x64', /Update the runner to 2\.327\.1 or newer; .*act, Gitea, Forgejo/],
    ['20.20.2', 'arm', /no Node 24 for 32-bit ARM/],
    ['22.23.2', 'arm64', /Update the runner/],
  ])('is named before anything is done: %s on %s', async (node, arch, remedy) => {
    const versions = { ...process.versions, node }
    await using run = await stage.run({}, on(processWith({ versions, arch })))
    expect(run).toMatchObject({ exitCode: 1, stderr: '', commandProblems: [] })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'preflight' })
    const [error, ...more] = run.annotations.errors
    expect(more).toEqual([])
    expect(error?.title).toBe(`Node ${node} is too old for this action`)
    expect(error?.message).toMatch(remedy)
    expect(run.outputs['failure-message']).toBe(error?.message)
    expect(stage.kit.counters.total()).toBe(0)
    await using post = await runPost(run)
    expect(post).toMatchObject({ exitCode: 0, log: '', stderr: '' })
  })

  it('is none of those that run it', () => {
    expect(nodeProblem('24.0.0', 'x64')).toBeUndefined()
    expect(nodeProblem('26.1.0', 'arm64')).toBeUndefined()
  })
})

describe('a Mac', () => {
  it('that calls 300 of its 16,384 MB available copies all, as wide as any, and warns of no memory', async () => {
    for (let i = 0; i < 100; i++) stage.kit.store.put('src', `data/more/${i}`, { body: `${i}` })
    const code = `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module'
      ${processWith({ platform: 'darwin' })}
      process.availableMemory = () => 300e6
      os.totalmem = () => 16 * 2 ** 30
      syncBuiltinESMExports()`
    await using run = await stage.run({}, on(code))
    expect(run.outputs).toMatchObject({ result: 'success', copied: '102', failed: '0' })
    expect(run.outputs['engine']).toBe('s5cmd')
    expect(run.annotations.warnings).toEqual([])
    expect(run.log).not.toContain('of the memory is in use')
  })
})

// https://github.com/boto/botocore/issues/2001
it('a user without a name and a home runs as any other', async () => {
  const code = `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module'
    delete process.env.HOME
    const none = () => { throw Object.assign(new Error('uv_os_homedir returned ENOENT'), { code: 'ERR_SYSTEM_ERROR' }) }
    os.homedir = none
    os.userInfo = none
    syncBuiltinESMExports()`
  await using run = await stage.run({}, on(code))
  expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '2' })
})

it('a job with debug logging is told what it is to know', async () => {
  const env = { ...stage.kit.idTokenEnv, RUNNER_DEBUG: '1' }
  const source = { source: 's3://nowhere/data/' }
  await using run = await stage.run(source, { env })
  expect(run.log).toContain('[debug] ')
  await using quiet = await stage.run({ ...source, 'log-level': 'info' }, { env })
  expect(quiet.log).not.toContain('[debug] ')
})

it('a summary that nobody wants is not written, however that is spelt, though other inputs are wrong', async () => {
  await using run = await stage.run({ 'job-summary': 'FALSE', delete: 'yes' })
  expect(run.outputs['failure-kind']).toBe('inputs')
  expect(run.summary).toBe('')
})
