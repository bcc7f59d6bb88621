import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commonPrefix, keyFilter } from '../../../src/model/globs.ts'

type Example = readonly [glob: string, key: string, matches: boolean]

/** The examples of the documentation. */
const DOCUMENTED: readonly Example[] = [
  ...readFileSync('docs/filters.md', 'utf8').matchAll(/^\| `(.+)` \| `(.+)` \| (yes|no) \|$/gm),
].map(([, glob = '', key = '', matches]) => [glob, key, matches === 'yes'])

/** What a table cannot show. */
const TABLE: readonly Example[] = [
  ...DOCUMENTED,
  ['a+b(c)|d^$', 'a+b(c)|d^$', true],
  ['a\\b', 'a\\b', true],
  ['a*c', 'a\nc', true],
  ['a?c', 'a\u{1f600}c', true],
]

describe('a glob', () => {
  it('has examples in the documentation', () => {
    expect(DOCUMENTED.length).toBeGreaterThan(30)
  })

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
