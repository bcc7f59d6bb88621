import { describe, expect, test } from 'vitest'
import { folded } from '../../../src/model/folded.ts'
import { type KeyBytes, toKeyBytes } from '../../../src/model/key.ts'

const fold = (text: string) => folded(toKeyBytes(text))

describe('a folded key', () => {
  test.each([
    ['README', 'readme'],
    ['stra\u00dfe', 'STRASSE'],
    ['cafe\u0301', 'caf\u00c9'],
    ['/lead', 'lead'],
    ['c//d///e', 'c/d/e'],
    ['a/./b', 'a/b'],
    ['a\\b', 'a/b'],
    ['a/', 'a'],
    [' data ', 'data'],
    ['a/ b /c\u00a0', 'a/b/c'],
    ['\u039f\u0394\u039f\u03a3', '\u03bf\u03b4\u03bf\u03c3'],
  ])('is one for %j and %j', (one, other) => {
    expect(fold(one)).toBe(fold(other))
  })

  test.each([
    ['a', 'b'],
    ['a/b', 'ab'],
    ['x y', 'xy'],
    ['a/../b', 'b'],
    ['a.b', 'ab'],
  ])('is another for %j and %j', (one, other) => {
    expect(fold(one)).not.toBe(fold(other))
  })

  test('is there for bytes that are no text, and never holds what parts it from others', () => {
    expect(folded('\xffA' as KeyBytes)).toBe(folded('\xffa' as KeyBytes))
    expect(fold('a\0b')).not.toContain('\0')
  })
})
