import { fail } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
  for (const key of ['a', 'b', 'c/', '##[error]x'])
    stage.kit.store.put('src', `data/${key}`, { body: key })
})
afterAll(() => stage[Symbol.asyncDispose]())

/** The log of one run, and what it says of requests and of s5cmd. */
async function logAt(level: string, inputs: Readonly<Record<string, string>> = {}) {
  await using run = await stage.run({ compare: 'always', 'log-level': level, ...inputs })
  expect(run.commandProblems).toEqual([])
  const lines = run.log.split('\n')
  return { run, lines, of: (start: RegExp) => lines.filter((line) => start.test(line)) }
}

describe('the log of a run that succeeds', () => {
  it('has no group without lines, and each stage in one', async () => {
    const { lines } = await logAt('info')
    expect(lines.filter((line) => line.includes('group]'))).toEqual([])
    for (const stageName of [
      'inputs',
      'install',
      'credentials',
      'preflight',
      'list',
      'plan',
      'copy',
    ])
      expect(lines.filter((line) => line.startsWith(`${stageName}: `)).length).toBeGreaterThan(0)
  })

  it('tells with debug what was asked of whom, by whom it was copied, and how s5cmd was run', async () => {
    const { lines, of } = await logAt('debug')
    expect(
      of(/^\[debug\] GET 127\.0\.0\.1:\d+\/src\/\?.*list-type=2.*prefix=.*: 200, \d+ ms$/).length,
    ).toBeGreaterThan(0)
    expect(of(/^\[debug\] POST 127\.0\.0\.1:\d+\/: 200, \d+ ms$/).length).toBeGreaterThan(0)
    expect(of(/^\[debug\] s5cmd: started with --json --log debug /)).toHaveLength(1)
    expect(of(/^\[debug\] s5cmd: ended with code 0$/)).toHaveLength(1)
    expect(of(/^\[trace\]/)).toEqual([])
    // The lines of a stage are folded below what it came to.
    const at = lines.findIndex(
      (line) =>
        /^##\[group\]plan: .*3 by s5cmd, 1 by the direct engine \(key ends in a slash\)/.test(
          line,
        ) || line.includes('1 by the direct engine (key ends in a slash)'),
    )
    expect(at).toBeGreaterThan(0)
    expect(lines.filter((line) => line.startsWith('##[group]preflight: '))).toHaveLength(1)
  })

  it('tells with trace each object too, in words that nobody obeys and without secrets', async () => {
    const { run, of } = await logAt('trace')
    expect(of(/^\[trace\] s5cmd: .*"success":true/)).toHaveLength(3)
    expect(of(/^\[trace\] PUT 127\.0\.0\.1:\d+\/dst\/copy\/c\/: 200, \d+ ms$/)).toHaveLength(1)
    expect(run.annotations.errors).toEqual([])
    expect(run.stdout).not.toMatch(/X-Amz-Signature|Credential=|Bearer /)
  })
})

describe('the log of a run that had to try again', () => {
  it('tells with debug which request failed, and what s5cmd said of it', async () => {
    stage.kit.faults.add({
      match: ({ operation, key = '' }) =>
        operation === 'CopyObject' && /[ac]/.test(key.at(-1) ?? key),
      times: 2,
      fault: fail(503, 'SlowDown', { message: 'Please reduce your request rate.' }),
    })
    const direct = await logAt('debug', { engine: 'direct' })
    expect(
      direct.of(/^\[debug\] PUT 127\.0\.0\.1:\d+\/dst\/copy\/.*: 503, \d+ ms$/).length,
    ).toBeGreaterThan(0)
    expect(direct.run.outputs['result']).toBe('success')
    stage.kit.faults.clear()
    stage.kit.faults.add({
      match: { operation: 'CopyObject' },
      times: 1,
      fault: fail(503, 'SlowDown', { message: 'Please reduce your request rate.' }),
    })
    const tool = await logAt('debug', { engine: 'auto' })
    stage.kit.faults.clear()
    expect(tool.run.outputs['result']).toBe('success')
    expect(tool.lines.join('\n')).toMatch(/\[debug\] s5cmd: .*SlowDown|\[debug\] PUT .*: 503/)
  })
})
