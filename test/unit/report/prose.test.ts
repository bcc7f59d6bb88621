import { describe, expect, test } from 'vitest'
import { bar, pie } from '../../../src/report/chart.ts'
import {
  alert,
  code,
  details,
  prose,
  safeLines,
  section,
  table,
} from '../../../src/report/markdown.ts'

describe('words that stay as they are', () => {
  test.each([
    ['letters, digits and both', 'Abc xyz 0 19 a1 1a Z9z'],
    ['words with hyphens and apostrophes inside', "a-b re-use-it it's o'clock-ish 2026-03"],
    ['numbers with separators', '1,000 2.3.0 12:30 1,234,567.89'],
    ['signs that Markdown does not know', '→ – — … · × →→ …—'],
    [
      'quotes, brackets and stops around',
      '(one) "two" \'three\' ("four"), five. six; seven: eight! nine?',
    ],
    ['our own code spans', '`a b` (`c`) "`d`". `e`, `f`: `g`; `h`! `i`? (`j`).'],
    ['a code span at the end', 'set `a b`'],
    ['stops alone', '. , : ; ! ? ( ) " \''],
  ])('%s', (_, text) => {
    expect(prose(text)).toBe(text)
  })
})

describe('words that are more than words', () => {
  test.each([
    ['a_b', '`a_b`'],
    ['-a', '`-a`'],
    ['a-', '`a-`'],
    ['a--b', '`a--b`'],
    ["a-'b", "`a-'b`"],
    ['-', '`-`'],
    ['.5', '`.5`'],
    ['1..2', '`1..2`'],
    ['1.a', '`1.a`'],
    ['a.b', '`a.b`'],
    ['a→', '`a→`'],
    ['→a', '`→a`'],
    ['é', '`é`'],
    ['*bold*', '`*bold*`'],
    ['#1', '`#1`'],
    ['a[b', '`a[b`'],
    ['x`y', '``x`y``'],
    ['`', '`` ` ``'],
    ['``', '``` `` ```'],
    ['`a`b`', '`` `a`b` ``'],
    ['`a b`c', '`` `a `` ``b`c``'],
    ['x`a b`', '``x`a`` `` b` ``'],
    ['("*")', '("`*`")'],
    ["'a_b',", "'`a_b`',"],
    ['a)b', '`a)b`'],
    ['a (b) c_d', 'a (b) `c_d`'],
  ])('%s', (text, expected) => {
    expect(prose(text)).toBe(expected)
  })

  test('are shown whole in a message, and cut in a name', () => {
    const long = `s3://${'k'.repeat(295)}`
    expect(prose(long)).toBe(`\`${long}\``)
    expect(code(long)).toBe(`\`${long.slice(0, 199)}…\``)
    expect(code(long, 10)).toBe('`s3://kkkk…`')
  })

  test('are cut with the message', () => {
    expect(prose('ab '.repeat(300))).toBe(`${'ab '.repeat(166)}\`a…\``)
    expect(prose('one two', 5)).toBe('one …')
  })
})

describe('lines that the runner could obey', () => {
  test.each([
    ['a\nb', 'a\nb'],
    ['a\r\nb\rc\n\nd', 'a\nb\nc\n\nd'],
    ['a\n::error::b', 'a\n\\::error::b'],
    ['a\n##[error]b', 'a\n##\\[error]b'],
  ])('%j', (text, expected) => {
    expect(safeLines(text)).toBe(expected)
  })
})

describe('a table', () => {
  test('is at least as wide as Markdown wants, and as its rule', () => {
    expect(table([{ title: 'A' }, { title: 'B', align: 'right' }], [['1', '2']])).toBe(
      ['| A   |   B |', '| --- | --: |', '| 1   |   2 |'].join('\n'),
    )
  })

  test('pads no cell beyond forty characters', () => {
    const [long, longer] = ['x'.repeat(40), 'y'.repeat(41)]
    expect(
      table(
        [{ title: 'A' }, { title: 'B', align: 'left' }],
        [
          ['1', '2'],
          [long, '3'],
          [longer, '4'],
        ],
      ),
    ).toBe(
      [
        `| A${' '.repeat(39)} | B   |`,
        `| ${'-'.repeat(40)} | --- |`,
        `| 1${' '.repeat(39)} | 2   |`,
        `| ${long} | 3   |`,
        `| ${longer} | 4   |`,
      ].join('\n'),
    )
  })

  test('keeps every pipe in its cell, however many backslashes stand before it', () => {
    expect(
      table([{ title: 'Key' }], [['a|b|c'], ['\\|'], ['\\\\|']])
        .split('\n')
        .slice(2),
    ).toEqual(['| a\\|b\\|c |', '| \\\\\\|    |', '| \\\\\\\\\\|  |'])
  })

  test('has empty cells where a row is short', () => {
    expect(table([{ title: 'A' }, { title: 'B' }], [['1']]).split('\n')[2]).toBe('| 1   |     |')
  })
})

test('a section has its parts in paragraphs, without those that say nothing', () => {
  expect(section('Title', 'one', '', 'two')).toBe('### Title\n\none\n\ntwo')
})

test('a folded section has room around its body', () => {
  expect(details('Title', 'body')).toBe('<details><summary>Title</summary>\n\nbody\n\n</details>')
})

test('an alert has no blanks at the end of its lines', () => {
  expect(alert('CAUTION', ['one  ', ''])).toBe('> [!CAUTION]\n> one\n>')
})

describe('a bar', () => {
  test.each([
    [-1, ''],
    [1 / 128, '▏'],
    [2 / 128, '▎'],
    [3 / 128, '▍'],
    [4 / 128, '▌'],
    [5 / 128, '▋'],
    [6 / 128, '▊'],
    [7 / 128, '▉'],
    [8 / 128, '█'],
    [127 / 128, `${'█'.repeat(15)}▉`],
    [0.999, '█'.repeat(16)],
  ])('of %d', (share, expected) => {
    expect(bar(share)).toBe(expected)
  })
})

test('a pie of nothing at all is none', () => {
  expect(pie([])).toBe('')
})
