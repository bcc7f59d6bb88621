import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cut } from '../../../src/model/cut.ts'
import { bar, pie } from '../../../src/report/chart.ts'
import { alert, code, details, prose, section, table } from '../../../src/report/markdown.ts'
import { HOSTILE_RUNS, hostileText } from './hostile.ts'
import { pipesOf, withoutCode } from './reading.ts'

describe('cut', () => {
  test.each([
    ['short', 10, 'short'],
    ['exactly10!', 10, 'exactly10!'],
    ['more than 10', 10, 'more than…'],
    ['ab😀cd', 5, 'ab😀…'],
    ['abc😀d', 5, 'abc…'],
    ['abc\u{10000}d', 5, 'abc…'],
    ['abc\u{10ffff}d', 5, 'abc…'],
    ['abcd\ue000', 5, 'abcd\ue000'],
    ['abc\ue000de', 5, 'abc\ue000…'],
    ['lone \ud83d', 10, 'lone \ufffd'],
  ])('%j to %i', (text, max, expected) => {
    expect(cut(text, max)).toBe(expected)
  })

  test('never splits a pair and never exceeds the length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 20 }), (text, max) => {
        const shown = cut(text, max)
        expect(shown.isWellFormed()).toBe(true)
        expect(shown.length).toBeLessThanOrEqual(max)
      }),
      HOSTILE_RUNS,
    )
  })
})

describe('code', () => {
  test.each([
    ['', '`(empty)`'],
    ['plain/key.txt', '`plain/key.txt`'],
    ['a`b', '``a`b``'],
    ['`a``', '``` `a`` ```'],
    [' edge ', '`  edge  `'],
    ['<b>@me|you', '`<b>@me|you`'],
    ['two\nlines', '`two\\x0alines`'],
    ['##[error]x', '`##\\[error]x`'],
  ])('%j', (text, expected) => {
    expect(code(text)).toBe(expected)
  })

  test('is one span, whatever is in it', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(withoutCode(`before ${code(text)} after`)).toBe('before ⟨⟩ after')
      }),
      HOSTILE_RUNS,
    )
  })
})

describe('prose', () => {
  test.each([
    [
      'The source s3://a/x/ is empty (or missing).',
      'The source `s3://a/x/` is empty (or missing).',
    ],
    ['set `a: true`, then run.', 'set `a: true`, then run.'],
    ['"quoted" 1,000 keys: 2.3.0 → x', '"quoted" 1,000 keys: 2.3.0 → x'],
    ['ask @me at https://x.example!', 'ask `@me` at `https://x.example`!'],
    ['  many   blanks ', 'many blanks'],
    ['', ''],
  ])('%j', (text, expected) => {
    expect(prose(text)).toBe(expected)
  })

  test('outside its code spans there are only words', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(withoutCode(prose(text))).toMatch(/^[A-Za-z0-9 ()"'.,:;!?→–—…·×⟨⟩-]*$/)
      }),
      HOSTILE_RUNS,
    )
  })
})

describe('table', () => {
  test('pads its columns and keeps pipes in their cells', () => {
    const columns = [{ title: 'Key' }, { title: 'Objects', align: 'right' as const }]
    expect(
      table(columns, [
        ['`a|b`', '1'],
        ['`c\\|d`', '1,000'],
      ]),
    ).toBe(
      [
        '| Key      | Objects |',
        '| -------- | ------: |',
        '| `a\\|b`   |       1 |',
        '| `c\\\\\\|d` |   1,000 |',
      ].join('\n'),
    )
  })

  test('has as many pipes in every row, whatever is in the cells', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostileText, hostileText), { minLength: 1 }), (rows) => {
        const columns = [{ title: 'A' }, { title: 'B' }]
        const lines = table(
          columns,
          rows.map((row) => row.map((text) => code(text))),
        ).split('\n')
        expect(lines).toHaveLength(rows.length + 2)
        for (const line of lines) expect(pipesOf(line)).toEqual({ strict: 3, lax: 3 })
      }),
      HOSTILE_RUNS,
    )
  })

  test('what is empty is left out', () => {
    expect(table([{ title: 'A' }], [])).toBe('')
    expect(section('Title', '', '')).toBe('')
    expect(details('Title', '')).toBe('')
  })
})

test('an alert quotes each of its lines', () => {
  expect(alert('NOTE', ['one', '', 'two'])).toBe('> [!NOTE]\n> one\n>\n> two')
})

describe('charts', () => {
  test('a pie needs three slices that can be seen', () => {
    expect(pie([{ name: 'Copied', objects: 0 }])).toBe('')
    const three = (thin: number) =>
      pie([
        { name: 'Copied', objects: 15 },
        { name: 'Deleted', objects: 0 },
        { name: 'Failed', objects: 4 },
        { name: 'Unknown', objects: thin },
      ])
    expect(three(1)).toBe(
      '```mermaid\npie showData\n  "Copied" : 15\n  "Failed" : 4\n  "Unknown" : 1\n```',
    )
    // Below five percent.
    expect(three(0.9)).toBe('')
    expect(three(0)).toBe('')
  })

  test.each([
    [0, ''],
    [0.0001, '▏'],
    [0.5, '████████'],
    [1, '████████████████'],
    [7, '████████████████'],
  ])('a bar of %d', (share, expected) => {
    expect(bar(share)).toBe(expected)
  })
})
