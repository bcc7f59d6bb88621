import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endless, OTHER_KINDS, otherKind } from '../../campaign/hostile-answers.ts'
import { rowsOf } from '../result-rows.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
  for (const key of ['a', 'b']) stage.kit.store.put('src', `data/${key}`, { body: key })
  for (const key of ['a', 'extra']) stage.kit.store.put('dst', `copy/${key}`, { body: 'old' })
})
afterEach(() => stage[Symbol.asyncDispose]())

const INPUTS = {
  ...{ engine: 'direct', delete: 'true', 'retry-count': '0', 'max-retries': '0' },
  // No later look: only the answers themselves can tell.
  verify: 'outcomes',
  'request-timeout': '10s',
}

describe('an answer without end', () => {
  it.each([
    ['AssumeRoleWithWebIdentity', 'failed'],
    ['ListObjectsV2', 'failed'],
    ['CopyObject', 'failed'],
    ['DeleteObjects', 'partial'],
  ])('to %s is not read to its end, and is said', async (operation, result) => {
    stage.kit.faults.add({ match: { operation }, fault: endless })
    await using run = await stage.run(INPUTS, { timeoutMs: 30_000 })
    expect(run.outputs['result']).toBe(result)
    expect(run.outputs['failure-message']).toMatch(/AnswerTooLong|InvalidRange/)
    expect(run.annotations.errors.length).toBe(1)
    expect(stage.kit.store.keys('dst', 'copy/')).toContain('copy/extra')
  })
})

const isDelete = ({ operation }: { readonly operation: string }) => operation.startsWith('Delete')

const KINDS = [...OTHER_KINDS.keys()]

// Each kind as a page, and as the answer to a delete, is tried in `test/contract/hostile-answers.test.ts`.
describe('an answer of another kind proves nothing', () => {
  it.each([2, 4])('to ListObjectsV2 (%i)', async (kind) => {
    const before = stage.kit.store.snapshot('dst', '')
    stage.kit.faults.add({ match: { operation: 'ListObjectsV2' }, fault: otherKind(kind) })
    await using run = await stage.run(INPUTS)
    expect(run.outputs).toMatchObject({ result: 'failed', copied: '0', deleted: '0' })
    expect(run.outputs['failure-kind']).not.toBe('internal')
    expect(stage.kit.store.snapshot('dst', '')).toEqual(before)
  })

  it('to CopyObject, whichever it is', async () => {
    for (const key of ['a', 'b']) stage.kit.store.delete('src', `data/${key}`)
    for (const kind of KINDS) {
      stage.kit.store.put('src', `data/${kind}`, { body: `${kind}` })
      const match = { operation: 'CopyObject', key: `copy/${kind}` }
      stage.kit.faults.add({ match, fault: otherKind(kind) })
    }
    const before = stage.kit.store.snapshot('dst', '')
    await using run = await stage.run({ ...INPUTS, 'max-delete': '100%' })
    expect(run.outputs).toMatchObject({ result: 'failed', copied: '0', deleted: '0' })
    const rows = await rowsOf(run, 'failed')
    const copies = rows.filter(({ op }) => op === 'copy')
    expect(copies.map(({ key }) => key).toSorted()).toEqual(KINDS.map((kind) => `data/${kind}`))
    expect(stage.kit.store.snapshot('dst', '')).toEqual(before)
  })

  it.each([0, 2])('to a delete, of many or of one (%i)', async (kind) => {
    stage.kit.faults.add({ match: isDelete, fault: otherKind(kind) })
    await using run = await stage.run(INPUTS)
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '2', deleted: '0' })
    expect(stage.kit.store.keys('dst', 'copy/')).toContain('copy/extra')
  })
})

it('a page of somebody else is no answer of STS', async () => {
  stage.kit.faults.add({
    match: { operation: 'AssumeRoleWithWebIdentity' },
    fault: otherKind(2),
  })
  await using run = await stage.run(INPUTS)
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
})
