import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commonPrefix, keyFilter } from '../../../src/inventory/globs.ts'

/** glob, key, whether it matches. The contract's semantics, one example a line. */
const TABLE: readonly (readonly [glob: string, key: string, matches: boolean])[] = [
  ['*.tmp', 'a.tmp', true],
  ['*.tmp', 'deep/er/a.tmp', true],
  ['*.tmp', 'a.tmp/b', false],
  ['*.tmp', '.tmp', true],
  ['a?c', 'x/abc', true],
  ['a?c', 'a/c', false],
  ['logs/*', 'logs/a', true],
  ['logs/*', 'logs/a/b', false],
  ['logs/*', 'x/logs/a', false],
  ['logs/**', 'logs/a/b', true],
  ['logs/**', 'logs/', true],
  ['logs/**', 'logs', false],
  ['**/x.zip', 'x.zip', true],
  ['**/x.zip', 'a/b/x.zip', true],
  ['**/x.zip', 'a/bx.zip', false],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['a/**/b', 'ab', false],
  ['/top', 'top', true],
  ['/top', 'x/top', false],
  ['/*.txt', 'a.txt', true],
  ['/*.txt', 'x/a.txt', false],
  ['a**', 'abc', true],
  ['**', 'any/thing', true],
  ['*', 'a', true],
  ['*', 'a/b', true],
  ['{a,b}', '{a,b}', true],
  ['{a,b}', 'a', false],
  ['[ab]', '[ab]', true],
  ['[ab]', 'a', false],
  ['!a', '!a', true],
  ['!a', 'b', false],
  ['a+b(c)|d^$', 'a+b(c)|d^$', true],
  ['a\\b', 'a\\b', true],
  ['a*c', 'a\nc', true],
  ['a?c', 'a\u{1f600}c', true],
  ['.*', '.hidden', true],
  ['a.b', 'axb', false],
]

describe('a glob', () => {
  it.each(TABLE)('%j on %j: %s', (glob, key, matches) => {
    expect(keyFilter([glob], [])(key)).toBe(matches)
    expect(keyFilter([], [glob])(key)).toBe(!matches)
  })
})

describe('the filter', () => {
  it('takes a key that some include and no exclude matches, whatever their order', () => {
    const filter = keyFilter(['*.zip', 'keep/**'], ['*.tmp', 'keep/not/*'])
    expect(['a.zip', 'keep/x', 'keep/not/x', 'b.txt', 'keep/y.tmp'].filter(filter)).toEqual([
      'a.zip',
      'keep/x',
    ])
  })

  it('takes all keys when nothing is given', () => {
    expect(keyFilter([], [])('')).toBe(true)
  })
})

describe('what all matches begin with', () => {
  it.each<[readonly string[], string]>([
    [[], ''],
    [['*.csv'], ''],
    [['2026/*.csv'], '2026/'],
    [['/2026/*.csv'], '2026/'],
    [['/a.csv'], 'a.csv'],
    [['a/b/**', 'a/c?'], 'a/'],
    [['logs/2026-01-*', 'logs/2026-02-*'], 'logs/2026-0'],
    [['a/**', '*.csv'], ''],
    [['**/a'], ''],
    [['a/😀*', 'a/😁*'], 'a/'],
    [['a/b', 'a/b'], 'a/b'],
  ])('%j: %j', (globs, prefix) => {
    expect(commonPrefix(globs)).toBe(prefix)
  })

  it('holds for every key that matches', () => {
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 6 })
    const key = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 })
    fc.assert(
      fc.property(fc.array(glob, { minLength: 1, maxLength: 3 }), key, (globs, text) => {
        if (keyFilter(globs, [])(text)) expect(text.startsWith(commonPrefix(globs))).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })
})
