import { readFile } from 'node:fs/promises'
import { describe, expect, test, vi } from 'vitest'
import { runScript } from './fake-action.ts'

describe('a cancelled step', { concurrent: true }, () => {
  test('gets SIGINT, and time to write its results', async () => {
    await using step = await runScript(
      `process.on('SIGINT', () => { write('OUTPUT', 'result=cancelled\\n'); process.exit(1) })
       console.log('ready'); forever()`,
      { signalAfter: (log) => log.includes('ready') },
    )
    expect(step).toMatchObject({ exitCode: 1, conclusion: 'cancelled', timedOut: false })
    expect(step.outputs).toEqual({ result: 'cancelled' })
    expect(step.exitedWithinMs).toBeLessThan(7000)
  })

  test('gets SIGTERM after 7.5 s and SIGKILL 2.5 s later', { timeout: 30_000 }, async () => {
    await using step = await runScript(
      `process.on('SIGINT', () => console.log('INT')); process.on('SIGTERM', () => console.log('TERM'))
       console.log('ready'); forever()`,
      { signalAfter: (log) => log.includes('ready') },
    )
    expect(step).toMatchObject({ exitCode: null, signal: 'SIGKILL', log: 'ready\nINT\nTERM\n' })
    expect(step.exitedWithinMs).toBeGreaterThan(9_950)
  })

  test('is signalled after the given time', async () => {
    await using step = await runScript('forever()', { signalAfter: 200 })
    expect(step).toMatchObject({ signal: 'SIGINT', conclusion: 'cancelled', timedOut: false })
  })

  test('is one that takes longer than its timeout', async () => {
    await using step = await runScript('forever()', { timeoutMs: 200 })
    expect(step).toMatchObject({ signal: 'SIGINT', conclusion: 'cancelled', timedOut: true })
  })
})

describe('processes that outlive a step', {
  concurrent: true,
  skip: process.platform !== 'linux',
}, () => {
  const sleeper = (options: string): string =>
    `spawn('sleep', ['60'], { stdio: 'ignore', ${options} }).unref()`

  test.each([
    ['with the environment of the step', 'detached: true'],
    ['with an environment of their own', 'env: { PATH: process.env.PATH }'],
  ])('are found and ended: %s', async (_, options) => {
    await using step = await runScript(sleeper(options))
    expect(step.leftovers).toEqual([{ pid: expect.any(Number), command: 'sleep 60' }])
    // Empty once it is dead, even where nobody collects the dead.
    const commandLine = () => readFile(`/proc/${step.leftovers[0]?.pid}/cmdline`, 'utf8')
    await vi.waitFor(async () => expect(await commandLine().catch(() => '')).toBe(''))
  })

  test('hold a step back for 5 s when they hold its pipes', { timeout: 30_000 }, async () => {
    await using step = await runScript(`spawn('sleep', ['60'], { stdio: 'inherit' }).unref()`)
    expect(step.leftovers).toHaveLength(1)
    expect(step.durationMs).toBeGreaterThan(4_950)
  })

  test('do not count when they end at once', async () => {
    await using step = await runScript(`spawn('sleep', ['0.1'], { stdio: 'ignore' }).unref()`)
    expect(step.leftovers).toEqual([])
  })
})
