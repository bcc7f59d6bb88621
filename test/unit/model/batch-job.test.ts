import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headOf, type JobLeft, jobKey, jobRow, leftBecause } from '../../../src/model/batch-job.ts'
import type { CopyOp } from '../../../src/model/op.ts'
import { copyOf } from '../../shard-fixture.ts'

const op = (over: Partial<CopyOp> = {}): CopyOp => ({
  ...copyOf('a', 1),
  to: 'data/a',
  ...over,
})

describe('a copy', () => {
  it.each<[string, Partial<CopyOp>, JobLeft | undefined]>([
    ['an object of its own name', {}, undefined],
    ['one of 5 GB', { size: 5e9 }, undefined],
    ['a larger one', { size: 5e9 + 1 }, 'over-5-gb'],
    ['another name', { to: 'data/b' }, 'renamed'],
    ['an archived one', { archived: true }, 'archived'],
    ['a name that is not UTF-8', { unnameable: true }, 'not-utf-8'],
    ['a version beside others without', { versionId: 'v1' }, 'version'],
  ])('of %s is left where it has to be', (_what, over, why) => {
    expect(leftBecause(op(over), { head: '', versions: false })).toBe(why)
  })

  it('names a version where all do, in characters that need no quotes', () => {
    const rows = { head: '', versions: true }
    expect(leftBecause(op({ versionId: 'a.B-c_1' }), rows)).toBeUndefined()
    expect(leftBecause(op({ versionId: 'a,b' }), rows)).toBe('version')
    expect(leftBecause(op(), rows)).toBe('version')
    expect(jobRow('src', op({ versionId: 'v1' }))).toBe('src,data/a,v1')
  })
})

describe('what stands before the keys', () => {
  it.each<[string, string, string | undefined]>([
    ['data/', 'data/', ''],
    ['data/', 'all/data/', 'all/'],
    ['', 'backup/', 'backup/'],
    ['', '', ''],
    ['data/', 'copy/', undefined],
    ['data/', 'my-data/', undefined],
    ['data/', '/data/', undefined],
    ['', 'a//', undefined],
    ['data/one', 'copy/data/one', 'copy/'],
  ])('of %s at %s is a folder, or the service cannot say it', (source, destination, head) => {
    expect(headOf(source, destination)).toBe(head)
  })
})

describe('a key in the list', () => {
  it('is read alike by who takes a plus for a space and who does not', () => {
    const keys = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.isWellFormed())
    fc.assert(
      fc.property(keys, (key) => {
        const written = jobKey(key)
        expect(written).toMatch(/^(?:[\w.~/-]|%[0-9A-F]{2})+$/)
        expect(decodeURIComponent(written)).toBe(key)
        expect(decodeURIComponent(written.replaceAll('+', ' '))).toBe(key)
      }),
    )
  })
})
