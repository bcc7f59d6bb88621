import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commonPrefix, globMatch, KeyFilter, takesAll } from '../../../src/model/globs.ts'
import { runs } from '../../runs.ts'

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
  ['a??c', 'a\u{1f600}c', false],
  ['*?', '\u{1f600}', true],
  ['a*\u{1f600}', 'a\u{1f601}\u{1f600}', true],
  ['***/b', 'a/b', true],
  ['***/b', 'b', false],
  ['//', '/a', true],
  ['//', 'a', false],
]

describe('a glob', () => {
  it('has examples in the documentation', () => {
    expect(DOCUMENTED.length).toBeGreaterThan(30)
  })

  it.each(TABLE)('%j on %j: %s', (glob, key, matches) => {
    expect(globMatch(glob)(key)).toBe(matches)
    expect(new KeyFilter({ include: [glob], exclude: [] }).takes(key)).toBe(matches)
    expect(new KeyFilter({ include: [], exclude: [glob] }).takes(key)).toBe(!matches)
  })
})

describe('a glob that takes every key', () => {
  it.each(['*', '**', '***', '**/*', '**/**/*', '/', '/*', '/**', '**/', '?*', '*?', '**/?*'])(
    'is told from it alone: %s',
    (glob) => expect(takesAll(glob)).toBe(true),
  )
  it.each(['a*', '*a', '*/*', '*/', '??*', '?', '//', '*.*', "'*'", '!*', '***/'])(
    'is not told of %s',
    (glob) => expect(takesAll(glob)).toBe(false),
  )
})

describe('the filter', () => {
  it('takes a key that some include and no exclude matches, whatever their order', () => {
    const filter = new KeyFilter({
      include: ['*.zip', 'keep/**'],
      exclude: ['*.tmp', 'keep/not/*'],
    })
    const keys = ['a.zip', 'keep/x', 'keep/not/x', 'b.txt', 'keep/y.tmp']
    expect(keys.filter((key) => filter.takes(key))).toEqual(['a.zip', 'keep/x'])
    expect(keys.filter((key) => filter.spares(key))).toEqual(['a.zip', 'keep/x', 'b.txt'])
  })

  it('takes all keys when nothing is given', () => {
    expect(new KeyFilter({ include: [], exclude: [] }).takes('')).toBe(true)
  })

  it('tells the globs that took no key, also where another one had decided already', () => {
    const filter = new KeyFilter({
      include: ['*.zip', 'a*', 'none', 'b'],
      exclude: ['*.tmp', 'b*', 'left/', 'x'],
    })
    for (const key of ['a.zip', 'not/in.tmp', 'b']) filter.takes(key)
    expect(filter.idle()).toEqual({ include: ['none'], exclude: ['left/', 'x'] })
    filter.spares('left/x')
    expect(filter.idle()).toEqual({ include: ['none'], exclude: [] })
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
    [['logs/'], 'logs/'],
    [['logs'], ''],
    [['tmp*'], ''],
    [['/'], ''],
    [['a/**/b'], 'a/'],
    [['a/', 'a/b'], 'a/'],
  ])('%j: %j', (globs, prefix) => {
    expect(commonPrefix(globs)).toBe(prefix)
  })

  it('holds for every key that matches', () => {
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 6 })
    const key = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 })
    fc.assert(
      fc.property(fc.array(glob, { minLength: 1, maxLength: 3 }), key, (globs, text) => {
        if (globs.some((one) => globMatch(one)(text)))
          expect(text.startsWith(commonPrefix(globs))).toBe(true)
      }),
      runs(1000),
    )
  })
})
