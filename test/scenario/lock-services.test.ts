import { runAction, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  SERVICES,
  type ServiceName,
  servers,
  stepInputs,
  type TestService,
} from '../contract/services.ts'

describe.each(servers('seaweedfs', 'moto'))('a lock at %s', (name) => {
  let service: TestService
  beforeAll(async () => {
    service = await SERVICES[name as ServiceName]()
  }, 60_000)
  afterAll(() => service[Symbol.asyncDispose]())

  const run = (inputs: Readonly<Record<string, string>>): Promise<StepResult> =>
    runAction({
      timeoutMs: 60_000,
      inputs: {
        ...stepInputs(service),
        ...inputs,
      },
    })

  it('lets runs that come together write one after the other, and is free behind them', async () => {
    for (const key of 'abcdef') await service.put(`data/${key}`, `body of ${key}`)
    const inputs = { lock: 'auto,wait=50s', compare: 'always' }
    const runs = await Promise.all([run(inputs), run(inputs)])
    for (const { outputs, log } of runs)
      expect(outputs, log).toMatchObject({ result: 'success', copied: '6', 'lock-epoch': '1' })
    expect(runs.filter(({ log }) => log.includes('Waiting for the lock: held by'))).toHaveLength(1)
    await using next = await run({ lock: 'auto,wait=0s' })
    expect(next.outputs, next.log).toMatchObject({ result: 'nothing-to-do' })
    for (const one of runs) await one.cleanup()
  }, 120_000)

  it('does not take the place of another object', async () => {
    await service.put('data/a', 'body of a')
    await using refused = await run({ lock: 's3://src/data/a' })
    expect(refused.outputs, refused.log).toMatchObject({
      ...{ result: 'failed', 'failure-kind': 'lock' },
    })
    // It is still what it was.
    await using copied = await run({ compare: 'size' })
    expect(copied.outputs, copied.log).toMatchObject({ result: 'nothing-to-do' })
  }, 60_000)
})
