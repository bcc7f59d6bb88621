import { fail } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
  for (const prefix of ['data/', 'copy/'])
    for (const bucket of ['src', 'dst']) stage.kit.store.put(bucket, `${prefix}a`, { body: 'a' })
})
beforeEach(() => {
  stage.kit.faults.clear()
  stage.kit.counters.reset()
})
afterAll(() => stage[Symbol.asyncDispose]())

const asked = (operation: string): number => stage.kit.counters.of(operation)

/** Answers an operation only when each of the others was asked so often. */
function holdUntil(operation: string, others: Readonly<Record<string, number>>): void {
  const { promise, resolve } = Promise.withResolvers<void>()
  const left = new Map(Object.entries(others))
  for (const name of left.keys())
    stage.kit.faults.add({
      match: { operation: name },
      fault: (_request, next) => {
        left.set(name, (left.get(name) ?? 0) - 1)
        if ([...left.values()].every((count) => count <= 0)) resolve()
        return next()
      },
    })
  stage.kit.faults.add({
    match: { operation },
    fault: async (_request, next) => {
      await promise
      return next()
    },
  })
}

describe('what need not wait is asked side by side', () => {
  it('buckets and first pages, while it is proven whose the credentials are', async () => {
    holdUntil('GetCallerIdentity', { HeadBucket: 2, ListObjectsV2: 2 })
    await using run = await stage.run()
    expect(run.outputs, run.log).toMatchObject({ result: 'nothing-to-do' })
  })

  it('first pages, while the buckets are looked for', async () => {
    holdUntil('HeadBucket', { ListObjectsV2: 2 })
    await using run = await stage.run()
    expect(run.outputs, run.log).toMatchObject({ result: 'nothing-to-do' })
  })

  it('second pages, while it is seen whether the source can be read', async () => {
    for (const bucket of ['src', 'dst'])
      for (let i = 0; i < 1500; i++) {
        const key = `${bucket === 'src' ? 'data' : 'copy'}/long/${String(i).padStart(4, '0')}`
        stage.kit.store.put(bucket, key, { body: 'a' })
      }
    const inputs = { source: 's3://src/data/long/', destination: 's3://dst/copy/long/' }
    holdUntil('HeadObject', { ListObjectsV2: 4 })
    await using run = await stage.run(inputs)
    expect(run.outputs, run.log).toMatchObject({ result: 'nothing-to-do', skipped: '1500' })
    expect(asked('ListObjectsV2')).toBe(4)
    for (const bucket of ['src', 'dst'])
      for (const key of stage.kit.store.keys(bucket))
        if (key.includes('/long/')) stage.kit.store.delete(bucket, key)
  })

  it('and a small place is listed by the one page that it has', async () => {
    await using run = await stage.run()
    expect(run.outputs, run.log).toMatchObject({ result: 'nothing-to-do', skipped: '1' })
    expect(asked('ListObjectsV2')).toBe(2)
  })
})

describe('what was asked side by side is judged one after the other', () => {
  it('credentials that are refused are told, though there are no buckets either', async () => {
    stage.kit.faults.add({
      match: { operation: 'GetCallerIdentity' },
      fault: fail(403, 'InvalidClientTokenId'),
    })
    const none = { source: 's3://none/data/', destination: 's3://no-other/copy/' }
    await using run = await stage.run({ ...none, 'retry-count': '0' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
    expect(run.annotations.errors).toHaveLength(1)
  })

  it('an account that may not be used sees neither bucket', async () => {
    await using run = await stage.run({ 'allowed-account-ids': '999999999999' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
    expect(asked('GetCallerIdentity')).toBe(1)
    expect(asked('HeadBucket') + asked('ListObjectsV2')).toBe(0)
  })

  it('a bucket that is missing and a source that cannot be listed are told together', async () => {
    stage.kit.faults.add({
      match: { operation: 'ListObjectsV2', bucket: 'src' },
      fault: fail(403, 'AccessDenied'),
    })
    await using run = await stage.run({ destination: 's3://no-other/copy/', 'retry-count': '0' })
    expect(run.outputs['result']).toBe('failed')
    expect(run.outputs['failure-message']).toContain('The destination bucket no-other does not')
    expect(run.outputs['failure-message']).toContain('The bucket src could not be listed')
  })
})
