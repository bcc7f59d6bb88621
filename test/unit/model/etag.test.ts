import { describe, expect, it } from 'vitest'
import { compositeEtag, isEtagOf, otherEtag, plainEtag, sameEtag } from '../../../src/model/etag.ts'
import { isAsListed } from '../../../src/model/object-info.ts'

const MD5 = '5d41402abc4b2a76b9719d911017c592'

describe('an ETag', () => {
  it.each([
    ['quoted', `"${MD5}"`],
    ['unquoted', MD5],
    ['weak', `W/"${MD5}"`],
    ['weak and unquoted', `W/${MD5}`],
    ['with what Apache adds', `"${MD5}-gzip"`],
    ['with what Jetty adds', `"${MD5}--gzip"`],
    ['with what others add', `"${MD5};br"`],
  ])('is the same: %s', (_how, etag) => {
    expect(plainEtag(etag)).toBe(MD5)
  })

  it('of parts keeps their number', () => {
    expect(plainEtag(`"${MD5}-12"`)).toBe(`${MD5}-12`)
  })

  it('is the same in capitals', () => {
    expect(sameEtag(MD5, MD5.toUpperCase())).toBe(true)
    expect(otherEtag(MD5, MD5.toUpperCase())).toBe(false)
  })

  it('of an upload of one part is that of bytes whose MD5 is known, and no other one is', () => {
    const onePart = compositeEtag([MD5])
    expect([isEtagOf(MD5, MD5), isEtagOf(MD5, onePart), isEtagOf(onePart, onePart)]).toEqual([
      true,
      true,
      true,
    ])
    const other = onePart.replace(/^./, (first) => (first === '0' ? '1' : '0'))
    for (const etag of [other, `${MD5}-1`, onePart.replace('-1', '-2'), undefined])
      expect(isEtagOf(MD5, etag)).toBe(false)
    expect(isEtagOf(undefined, onePart)).toBe(false)
  })

  it('that nobody told is neither the same nor another', () => {
    for (const none of ['', undefined])
      expect([sameEtag(none, none), sameEtag(none, MD5), otherEtag(none, MD5)]).toEqual([
        false,
        false,
        false,
      ])
  })
})

describe('an object is as it was listed', () => {
  const listed = { size: 5, etag: '', modified: '2026-01-01T12:00:00.700Z' }

  it('by size and second, where nobody told an ETag', () => {
    expect(isAsListed(listed, { ...listed, etag: 'a', modified: '2026-01-01T12:00:00Z' })).toBe(
      true,
    )
    expect(isAsListed(listed, { ...listed, modified: '2026-01-01T12:00:01Z' })).toBe(false)
    expect(isAsListed(listed, { ...listed, size: 6 })).toBe(false)
  })

  it('by its ETag, whatever its time', () => {
    const told = { ...listed, etag: 'a' }
    expect(isAsListed(told, { ...told, modified: '2027-01-01T00:00:00Z' })).toBe(true)
    expect(isAsListed(told, { ...told, etag: 'b' })).toBe(false)
  })
})
