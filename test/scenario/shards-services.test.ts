import { runAction, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  SERVICES,
  type ServiceName,
  servers,
  stepInputs,
  type TestService,
} from '../contract/services.ts'

describe.each(servers('seaweedfs', 'moto'))('shards whose plan lies in a bucket of %s', (name) => {
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
  // Beside the destination, in its bucket.
  const plan = { 'plan-dir': 's3://dst/jobs/run 1/plan' }
  const shards = { 'shards-dir': 's3://dst/jobs/run 1/' }

  it('copy together what one runner does, and are lost by name until all are there', async () => {
    for (const key of 'abcdef') await service.put(`data/${key}`, `body of ${key}`)
    await using planned = await run({ ...plan, mode: 'plan', shard: '2' })
    expect(planned.outputs, planned.log).toMatchObject({ result: 'planned', 'shard-count': '2' })
    const pinned = { ...plan, 'plan-id': planned.outputs['plan-id'] ?? '' }
    await using one = await run({ ...pinned, ...shards, mode: 'execute', shard: '1/2' })
    expect(one.outputs, one.log).toMatchObject({ result: 'success', copied: '3' })
    await using early = await run({ ...pinned, ...shards, mode: 'finish' })
    expect(early.outputs, early.log).toMatchObject({
      ...{ result: 'partial', 'failure-kind': 'lost-shard', copied: '3', unknown: '3' },
    })
    expect(early.outputs['failure-message']).toContain('shard 2: its files were not found')
    await using two = await run({ ...pinned, ...shards, mode: 'execute', shard: '2/2' })
    expect(two.outputs, two.log).toMatchObject({ result: 'success', copied: '3' })
    await using ended = await run({ ...pinned, ...shards, mode: 'finish' })
    expect(ended.outputs, ended.log).toMatchObject({ result: 'success', copied: '6' })
    await using again = await run({ ...plan, mode: 'plan', shard: '2' })
    expect(again.outputs, again.log).toMatchObject({
      ...{ result: 'nothing-to-do', 'shard-count': '1' },
    })
    await using sync = await run({})
    expect(sync.outputs, sync.log).toMatchObject({ result: 'nothing-to-do' })
  }, 240_000)
})
