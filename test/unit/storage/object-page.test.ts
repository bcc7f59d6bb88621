import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeyBytes } from '../../../src/model/key.ts'
import type { ObjectInfo } from '../../../src/model/object-info.ts'
import { objectAt, packed } from '../../../src/storage/object-page.ts'
import { scanPage } from '../../../src/storage/s3/scan.ts'
import { listing, unpacked } from '../listing/listing.ts'

const info = (key: string, more: Partial<ObjectInfo> = {}): ObjectInfo => ({
  key: key as KeyBytes,
  size: 1,
  etag: 'e',
  modified: '2026-01-02T03:04:05.000Z',
  storageClass: '',
  restored: false,
  ...more,
})
const page = (keys: readonly string[]) => scanPage(listing({ keys }), '' as KeyBytes).objects
const keysOf = (objects: ReturnType<typeof page>) => unpacked(objects).map(({ key }) => key)

describe('packed objects', () => {
  it('stand in the order of the bytes of their keys', () => {
    const key = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'b', '/', '\xff', '\0'), maxLength: 12 }),
      fc.string({ unit: fc.constantFrom('same/beginning/', '\x80', 'z'), maxLength: 4 }),
    )
    fc.assert(
      fc.property(key, key, (one, other) => {
        const order = packed([info(one)]).order(0, packed([info('x'), info(other)]), 1)
        const expected = Buffer.compare(Buffer.from(one, 'latin1'), Buffer.from(other, 'latin1'))
        expect(Math.sign(order)).toBe(expected)
      }),
    )
  })

  it.each<[string, Partial<ObjectInfo>, Partial<ObjectInfo>, boolean]>([
    ['of one size and ETag', {}, {}, true],
    ['of other times', {}, { modified: '2027-01-01T00:00:00Z' }, true],
    ['of other sizes', {}, { size: 2 }, false],
    ['of other ETags', {}, { etag: 'f' }, false],
    ['of an ETag that only begins alike', {}, { etag: 'ef' }, false],
    ['without ETags', { etag: '' }, { etag: '' }, false],
  ])('%s are the same: %s', (_what, one, other, same) => {
    const objects = packed([info('a', one), info('b', other)])
    expect(objects.isSame(0, objects, 1)).toBe(same)
  })

  it('cannot be read any more once all have released them', () => {
    const objects = page(['a', 'b'])
    const shared = objects.share()
    objects.release()
    expect(keysOf(shared)).toEqual(['a', 'b'])
    shared.release()
    expect(() => objects.key(0)).toThrow('released')
    expect(() => objects.order(0, page(['a']), 0)).toThrow('released')
    expect(() => objectAt(objects, 0)).toThrow('released')
  })

  it('leave what was read of them as it was when their memory is used again', () => {
    const objects = page(['first', 'second'])
    const read = unpacked(objects)
    objects.release()
    const others = page(['other', 'others'])
    expect(read.map(({ key, etag }) => [key, etag])).toEqual([
      ['first', 'e-5'],
      ['second', 'e-6'],
    ])
    expect(keysOf(others)).toEqual(['other', 'others'])
  })

  it('keep their memory until they are released, however many pages are read meanwhile', () => {
    const held = Array.from({ length: 100 }, (_, i) => page([`k${i}`]))
    for (const objects of held.filter((_, i) => i % 2 === 1)) objects.release()
    for (let i = 0; i < 100; i++) page([`more${i}`])
    for (const [i, objects] of held.entries())
      if (i % 2 === 0) expect(keysOf(objects)).toEqual([`k${i}`])
  })
})
