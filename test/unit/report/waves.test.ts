import { describe, expect, test } from 'vitest'
import type { Report, WaveRow } from '../../../src/model/report.ts'
import { waves } from '../../../src/report/waves.ts'
import { rowsOf } from './reading.ts'
import { SUCCESS } from './sample.ts'

const tally = (objects: number) => ({ objects, bytes: objects * 1000 })

const row = (wave: number, planned: number, more: Partial<WaveRow> = {}): WaveRow => ({
  wave,
  globs: wave === 0 ? undefined : [`*.w${wave}`],
  planned: tally(planned),
  done: tally(0),
  failed: 0,
  heldBack: 0,
  ...more,
})

const shown = (rows: readonly WaveRow[], deletes = 0): string =>
  waves({
    ...SUCCESS,
    waves: rows,
    totals: { ...SUCCESS.totals, plannedDeletes: tally(deletes) },
  } as Report)

describe('the waves of a summary', () => {
  test('are none where all copies are one', () => {
    expect(waves({ ...SUCCESS, waves: undefined })).toBe('')
  })

  test('of a plan say what each has', () => {
    expect(rowsOf(shown([row(0, 20), row(1, 0), row(2, 3)])).slice(1)).toEqual([
      ['0', 'everything else', '20', '20.0 kB'],
      ['1', '`*.w1`', '0', '0 B'],
      ['2', '`*.w2`', '3', '3.0 kB'],
    ])
  })

  test('that were carried out say what became of each', () => {
    const text = shown([row(0, 20, { done: tally(20) }), row(1, 0), row(2, 3, { done: tally(3) })])
    expect(
      rowsOf(text)
        .slice(1)
        .map((cells) => cells.slice(4)),
    ).toEqual([
      ['20', '✅ done'],
      ['0', 'nothing to copy'],
      ['3', '✅ done'],
    ])
    expect(text).not.toContain('not started')
  })

  test('that were held back say for which one, and that nothing was deleted', () => {
    const rows = [
      row(0, 20, { done: tally(18), failed: 2 }),
      row(1, 5, { heldBack: 5 }),
      row(2, 3, { heldBack: 3 }),
    ]
    const text = shown(rows, 4)
    expect(
      rowsOf(text)
        .slice(1)
        .map((cells) => cells.slice(4)),
    ).toEqual([
      ['18', '❌ 2 not done'],
      ['0', '⏸️ 5 not started: wave 0 is not done'],
      ['0', '⏸️ 3 not started: wave 0 is not done'],
    ])
    expect(text).toContain(
      '8 objects were not started, because 2 objects of wave 0 are not copied and verified; nothing was deleted either.',
    )
    expect(shown(rows)).not.toContain('deleted')
  })

  test('show globs as text that means nothing to Markdown, and a few of many', () => {
    const globs = ['a|b', '[x](y)', 'c', 'd', 'e', 'f', 'g', 'h']
    const [cells = []] = rowsOf(shown([row(1, 1, { globs })])).slice(1)
    expect(cells[1]).toBe('`a\\|b`, `[x](y)`, `c`, `d`, `e`, `f`, 2 more')
  })
})
