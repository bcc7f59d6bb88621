import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyFilter } from '../../src/model/globs.ts'

/** The same meaning, said by a regular expression: slow on hostile keys, but plain to read. */
function asRegExp(glob: string): RegExp {
  const anchored = glob.startsWith('/') ? glob.slice(1) : glob
  const pattern = anchored
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replace(/(?<=^|\/)\*\*\/|\*\*|\*|\?/g, (wildcard) => {
      if (wildcard === '**') return '[\\s\\S]*'
      if (wildcard === '*') return '[^/]*'
      return wildcard === '?' ? '[^/]' : '(?:[\\s\\S]*/)?'
    })
  return new RegExp(`${glob.includes('/') ? '^' : '(?:^|/)'}${pattern}$`, 'u')
}

const text = (letters: readonly string[], maxLength: number) =>
  fc.array(fc.constantFrom(...letters), { maxLength }).map((parts) => parts.join(''))

describe('globs', () => {
  it('match what the regular expression of the same meaning matches', () => {
    const globs = text(['a', 'b', '*', '*', '**', '?', '/', '/'], 8).filter(
      (glob) => glob !== '' && !/\*{3}/.test(glob),
    )
    const keys = text(['a', 'b', '/', '\n', '\u{1f600}'], 10)
    fc.assert(
      fc.property(globs, keys, (glob, key) => {
        expect(keyFilter([glob], [])(key)).toBe(asRegExp(glob).test(key))
      }),
      { numRuns: 20_000 },
    )
  })

  it('cost little on keys made to be slow', () => {
    const filter = keyFilter(['*a*a*a*a*a*a*a*a*b', '**/a*a*a**a/**/b*b', '**a**a**a**a**b'], [])
    for (let i = 0; i < 20; i++) expect(filter('a'.repeat(1000))).toBe(false)
    for (let i = 0; i < 20; i++) expect(filter('a/'.repeat(500))).toBe(false)
  })
})
