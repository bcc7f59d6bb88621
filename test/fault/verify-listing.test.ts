import { type Fault, fail, loseReply } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { codesOf, rowsOf } from '../result-rows.ts'

let stage: Stage
const LISTING = { verify: 'listing' }
const NAMES = ['a', 'b', 'c', 'd/e']

beforeEach(async () => {
  stage = await openStage()
  for (const name of NAMES)
    stage.kit.store.put('src', `data/${name}`, {
      body: `text ${name}`,
      lastModifiedMs: Date.now() - 3_600_000,
    })
})
afterEach(() => stage[Symbol.asyncDispose]())

/** Acts behind the action's back as soon as an object is copied. */
function afterCopy(name: string, act: () => void): void {
  const fault: Fault = async (_request, next) => {
    const reply = await next()
    act()
    return reply
  }
  stage.kit.faults.add({ match: { operation: 'CopyObject', key: `copy/${name}` }, times: 1, fault })
}

const remove = (name: string) => stage.kit.store.delete('dst', `copy/${name}`)
const overwrite = (name: string, body: string) =>
  stage.kit.store.put('dst', `copy/${name}`, { body })

describe.each(['direct', 's5cmd'])('verify: listing, engine: %s', (engine) => {
  it('sees every copy in one listing, however few they are', async () => {
    await using run = await stage.run({ ...LISTING, engine })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '4' })
    expect(run.summary).toContain('4 objects checked · a listing of the destination')
    expect(stage.kit.counters.of('HeadObject')).toBeLessThan(4)
    expect((await rowsOf(run, 'results')).map(({ proof }) => proof)).toEqual(
      NAMES.map(() => undefined),
    )
  })

  it('finds what was removed or overwritten after its copy, and deletes nothing then', async () => {
    overwrite('extra', 'extra')
    afterCopy('a', () => remove('a'))
    afterCopy('b', () => overwrite('b', 'something else'))
    await using run = await stage.run({ ...LISTING, engine, delete: 'true', 'max-delete': '100%' })
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '2', deleted: '0' })
    expect(await codesOf(run)).toEqual({
      'copy/extra': 'CopiesFailed',
      'data/a': 'NotVerified',
      'data/b': 'NotVerified',
    })
    const failed = await rowsOf(run, 'failed')
    expect(failed.find(({ key }) => key === 'data/a')?.message).toContain('does not have')
    expect(run.summary).toContain('**2 mismatches**')
  })
})

describe('verify: listing', () => {
  it.each([
    [
      'a single object',
      { source: 's3://src/data/a', destination: 's3://dst/copy/renamed' },
      ['copy/renamed'],
    ],
    [
      'other keys',
      { 'key-template': 'by-name/{name}' },
      ['a', 'b', 'c', 'e'].map((name) => `copy/by-name/${name}`),
    ],
    ['a whole bucket', { destination: 's3://dst/' }, NAMES],
  ])('finds its copies: %s', async (_, inputs, keys) => {
    await using run = await stage.run({ ...LISTING, ...inputs })
    expect(run.outputs).toMatchObject({ result: 'success', copied: String(keys.length) })
    expect(run.summary).toMatch(/objects? checked · a listing of the destination/)
    expect(stage.kit.store.keys('dst')).toEqual(keys)
  })

  it('finds another object of the same size, where the answer to the copy named the ETag', async () => {
    afterCopy('a', () => overwrite('a', 'TEXT a'))
    await using run = await stage.run({ ...LISTING, engine: 'direct' })
    expect(await codesOf(run)).toEqual({ 'data/a': 'NotVerified' })
  })

  it('proves a copy whose answer was lost, and whose source was put together from parts', async () => {
    stage.kit.store.put('src', 'data/a', {
      body: 'text a',
      etag: `${'a'.repeat(32)}-2`,
      lastModifiedMs: Date.now() - 3_600_000,
    })
    stage.kit.faults.add({
      match: { operation: 'CopyObject', key: 'copy/a' },
      times: 1,
      fault: async (request, next) => {
        return loseReply(request, next)
      },
    })
    await using run = await stage.run({ ...LISTING, engine: 'direct', 'retry-count': '0' })
    expect(stage.kit.counters.of('CopyObject')).toBe(4)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '4' })
  })

  it('says that nothing is proven when the listing is refused', async () => {
    afterCopy('d/e', () => {
      stage.kit.faults.add({
        match: { operation: 'ListObjectsV2' },
        fault: fail(403, 'AccessDenied'),
      })
    })
    await using run = await stage.run({ ...LISTING, engine: 'direct' })
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ result: 'failed', copied: '0', unknown: '4' })
    expect(run.annotations.errors[0]?.message).toContain('could not be verified')
  })

  it('is not what a run looks at that believes the engines', async () => {
    afterCopy('a', () => remove('a'))
    await using run = await stage.run({ verify: 'outcomes', engine: 'direct' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '4' })
  })
})
