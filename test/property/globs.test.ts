import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatch, takesAll } from '../../src/model/globs.ts'
import { runs } from '../runs.ts'

/** The same meaning, said by a regular expression: slow on hostile keys, but plain to read. */
function asRegExp(glob: string): RegExp {
  const body = glob.replace(/^\//, '').replace(/\/$|^$/, '$&*')
  const pattern = body
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replace(/(?<=^|\/)\*\*\/|\*+|\?/g, (wildcard) => {
      if (wildcard === '?') return '[^]'
      return wildcard === '**/' ? '(?:[^]*/)?' : '[^]*'
    })
  return new RegExp(
    glob.includes('/') ? `^${pattern}$` : `^(?:[^]*/)?(?![^]*/)${pattern}$|^${pattern}$`,
    'u',
  )
}

const text = (letters: readonly string[], maxLength: number) =>
  fc.array(fc.constantFrom(...letters), { maxLength }).map((parts) => parts.join(''))

const globs = text(['a', 'b', '*', '*', '**', '**/', '?', '/', '/', '{', '\u{1f600}'], 8).filter(
  (glob) => glob !== '',
)
const keys = text(['a', 'b', '/', '\n', '{', '\u{1f600}'], 10)

describe('globs', () => {
  it('match what the regular expression of the same meaning matches', () => {
    let matched = 0
    fc.assert(
      fc.property(globs, keys, (glob, key) => {
        const expected = asRegExp(glob).test(key)
        if (expected) matched++
        expect(globMatch(glob)(key)).toBe(expected)
      }),
      runs(6000),
    )
    expect(matched).toBeGreaterThan(600)
  })

  it('take every key where they are said to', () => {
    const plain = text(['*', '*', '**/', '?', '/', 'a'], 4).filter((glob) => glob !== '')
    fc.assert(
      fc.property(plain, fc.array(keys, { minLength: 30, maxLength: 30 }), (glob, some) => {
        const real = ['a', 'b', '/', 'b/b/b', ...some.filter((key) => key !== '')]
        expect(takesAll(glob)).toBe(real.every(globMatch(glob)))
      }),
      runs(1000),
    )
  })

  it('cost little on keys and globs made to be slow', () => {
    const slow = [
      '*a*a*a*a*a*a*a*a*b',
      '**/a*a*a**a/**/b*b',
      '**a**a**a**a**b',
      `*${'a'.repeat(500)}b*`,
      `${'*a'.repeat(500)}b*`,
      `${'**/'.repeat(300)}b*`,
      `${'*?'.repeat(1100)}*`,
      `${'*'.repeat(100_000)}b*`,
    ].map(globMatch)
    for (const key of ['a'.repeat(1024), 'a/'.repeat(512), `${'a'.repeat(1023)}c`])
      for (const takes of slow) for (let i = 0; i < 5; i++) expect(takes(key)).toBe(false)
  })
})
