import { readFile } from 'node:fs/promises'
import { before, delay } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage
const fill = (objects: number, bytes = 10) => {
  for (let i = 0; i < objects; i++)
    stage.kit.store.put('src', `data/${String(i).padStart(3, '0')}`, {
      body: Buffer.alloc(bytes, i),
    })
}

beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage[Symbol.asyncDispose]())

describe.each(['direct', 's5cmd'])('%s', (engine) => {
  /**
   * Copies a second, from the last request before them to the last of them: the first copies may be late on a busy machine,
   * and would seem to come faster than they were sent.
   */
  async function pace(inputs: Readonly<Record<string, string>>): Promise<number> {
    let [begunMs, endedMs, copies] = [0, 0, 0]
    stage.kit.faults.add({
      match: () => true,
      fault: before(({ operation }) => {
        if (operation === 'CopyObject') copies += 1
        if (operation === 'CopyObject') endedMs = performance.now()
        else if (copies === 0) begunMs = performance.now()
      }),
    })
    await using run = await stage.run({ engine, ...inputs })
    expect(run.outputs).toMatchObject({ result: 'success', engine })
    return ((copies - 1) / (endedMs - begunMs)) * 1000
  }

  it('keeps to requests-per-second', async () => {
    fill(60)
    expect(await pace({ 'requests-per-second': '20' })).toBeLessThan(25)
  })

  it('keeps to rate-limit', async () => {
    fill(40, 10_000)
    expect(await pace({ 'rate-limit': '200kB/s' })).toBeLessThan(25)
  })

  it('begins nothing behind max-duration, and deletes nothing then', async () => {
    fill(60)
    stage.kit.store.put('dst', 'copy/old', { body: 'old' })
    stage.kit.faults.add({ match: { operation: 'CopyObject' }, fault: delay(500) })
    await using run = await stage.run({
      engine,
      numworkers: '1',
      delete: 'true',
      'max-delete': '100%',
      'max-duration': '6s',
    })
    expect(run.outputs).toMatchObject({ result: 'partial', deleted: '0', unknown: '0' })
    const copied = Number(run.outputs['copied'])
    expect(Number(run.outputs['failed'])).toBe(60 - copied + 1)
    expect(stage.kit.store.keys('dst')).toHaveLength(copied + 1)
    expect(await readFile(run.outputs['failed-path'] ?? '', 'utf8')).toContain('MaxDuration')
    expect(run.annotations.errors[0]?.message).toContain('max-duration')
    expect(run.summary).toMatch(
      new RegExp(`${copied} of 60 objects copied, 0 of 1 deleted,.* ${60 - copied} not started`),
    )
    await using rest = await stage.run({ engine: 'direct', delete: 'true' })
    expect(rest.outputs).toMatchObject({
      result: 'success',
      copied: String(60 - copied),
      deleted: '1',
    })
  })

  it('pays for requests where the owner does not', async () => {
    fill(3)
    stage.kit.faults.add({
      match: ({ service, headers }) =>
        service === 's3' && headers['x-amz-request-payer'] !== 'requester',
      fault: () => ({
        status: 403,
        headers: { 'content-type': 'application/xml' },
        body: '<Error><Code>AccessDenied</Code><Message>Requester pays</Message></Error>',
      }),
    })
    await using refused = await stage.run({ engine })
    expect(refused.outputs).toMatchObject({ result: 'failed' })
    stage.kit.store.put('dst', 'copy/old', { body: 'old' })
    await using run = await stage.run({
      engine,
      'request-payer': 'requester',
      delete: 'true',
      'max-delete': '100%',
    })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', deleted: '1' })
  })
})

it('max-duration also ends a plan, and nothing is touched', async () => {
  fill(3)
  stage.kit.faults.add({ match: { operation: 'ListObjectsV2' }, fault: delay(60_000) })
  await using run = await stage.run({ 'max-duration': '2s' })
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'list' })
  expect(run.outputs['failure-message']).toContain('max-duration before the plan')
  expect(stage.kit.store.keys('dst')).toEqual([])
})
