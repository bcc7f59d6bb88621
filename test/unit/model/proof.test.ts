import { describe, expect, it } from 'vitest'
import { type Expected, type Found, standingOf } from '../../../src/model/proof.ts'

const BEGAN_MS = Date.parse('2026-01-01T12:00:00Z')
const EXPECTED: Expected = { etag: 'parts-3', size: 5, batchBeganMs: BEGAN_MS }
const EARLIER: Found = { etag: 'own', size: 5, modified: '2026-01-01T11:50:00Z' }

describe('an object whose time is before its copy, as two machines of a service have two clocks,', () => {
  it('is the copy where it has the ETag that the copy was answered with', () => {
    expect(standingOf({ ...EXPECTED, answer: 'own' }, EARLIER)).toBe('size-and-time')
    expect(standingOf({ ...EXPECTED, answer: 'own', stood: 'old' }, EARLIER)).toBe('size-and-time')
  })

  it.each<[string, Partial<Expected>]>([
    ['nobody saw the answer', {}],
    ['the answer named another ETag', { answer: 'another' }],
    ['it stood there with that ETag before', { answer: 'own', stood: 'own' }],
    ['it has another size', { answer: 'own', size: 6 }],
  ])('is another one where %s', (_why, more) => {
    expect(standingOf({ ...EXPECTED, ...more }, EARLIER)).toBe('other')
  })
})

describe('an object with the ETag that its copy was answered with, where the source has another MD5,', () => {
  const [ours, other] = ['a'.repeat(32), 'b'.repeat(32)]
  const expected: Expected = { ...EXPECTED, etag: ours, answer: other }
  const found: Found = { ...EARLIER, etag: other, modified: '2026-01-01T12:00:01Z' }

  it.each([
    ['suspect where its ETag is an MD5', { etagIsMd5: true }, {}, 'suspect'],
    [
      'so as well where it overwrote one of that ETag',
      { etagIsMd5: true },
      { stood: other },
      'suspect',
    ],
    ['the copy where it is encrypted with KMS', { etagIsMd5: false }, {}, 'size-and-time'],
    ['the copy where nobody knows how it is encrypted', {}, {}, 'size-and-time'],
    ['the copy where the source is', { etagIsMd5: true }, { etagIsMd5: false }, 'size-and-time'],
  ])('is %s', (_what, there, more, standing) => {
    expect(standingOf({ ...expected, ...more }, { ...found, ...there })).toBe(standing)
  })
})
