import { describe, expect, test } from 'vitest'
import type { Check, ErrorGroup, Report } from '../../../src/model/report.ts'
import { checks } from '../../../src/report/checks.ts'
import {
  errors,
  files,
  folders,
  objects,
  reasons,
  settings,
  slowest,
  timings,
  warnings,
} from '../../../src/report/sections.ts'
import { NOWHERE } from '../../../src/report/surroundings.ts'
import { rowsOf } from './reading.ts'
import { MIRRORED, PARTIAL, REFUSED, SUCCESS } from './sample.ts'

const none = { objects: 0, bytes: 0 }
const tally = (count: number) => ({ objects: count, bytes: count * 1000 })
const NOTHING: Report['totals'] = REFUSED.totals

describe('what became of the objects', () => {
  const partsOf = (over: Partial<Report>) =>
    rowsOf(objects({ ...SUCCESS, reasons: {}, totals: NOTHING, ...over })).slice(1)

  test('is a row for all that there is, done, not done and left', () => {
    expect(
      partsOf({
        reasons: { filtered: tally(2), 'not-in-source': tally(1), duplicate: tally(2) },
        totals: {
          planned: tally(20),
          copied: tally(7),
          plannedDeletes: tally(10),
          deleted: tally(1),
          failed: tally(4),
          unknown: tally(5),
          skipped: tally(11),
        },
      }),
    ).toEqual([
      ['✅ Copied', '7', '7.0 kB'],
      ['🗑️ Deleted', '1', '1.0 kB'],
      ['❌ Failed', '4', '4.0 kB'],
      ['❔ Unknown', '5', '5.0 kB'],
      ['⏳ Not started', '13', '13.0 kB'],
      ['⚪ Unchanged', '6', '6.0 kB'],
      ['➖ Filtered out', '2', '2.0 kB'],
      ['➖ Left out', '3', '3.0 kB'],
    ])
  })

  test('is nothing yet of a plan, which is told by its reasons', () => {
    const totals = { ...NOTHING, planned: tally(2000), plannedDeletes: tally(3) }
    expect(partsOf({ result: 'planned', totals })).toEqual([])
  })

  test('is nothing of a check, which is told by what differs', () => {
    const totals = { ...NOTHING, planned: tally(20), plannedDeletes: tally(3), skipped: tally(9) }
    expect(partsOf({ result: 'drift', totals, reasons: { missing: tally(15) } })).toEqual([])
    expect(partsOf({ result: 'nothing-to-do', mode: 'check', totals })).toEqual([])
  })

  test('has a heading', () => {
    expect(objects({ ...SUCCESS, reasons: {}, totals: { ...NOTHING, skipped: tally(8) } })).toBe(
      [
        '| Result      | Objects |   Size |',
        '| ----------- | ------: | -----: |',
        '| ⚪ Unchanged |       8 | 8.0 kB |',
      ].join('\n'),
    )
  })

  test('is nothing of a run without any, or of a refusal, whose rows are named elsewhere', () => {
    expect(objects({ ...SUCCESS, reasons: {}, totals: NOTHING })).toBe('')
    const waiting = { ...NOTHING, planned: tally(1) }
    expect(objects({ ...REFUSED, totals: waiting })).toBe('')
    expect(objects({ ...REFUSED, totals: { ...waiting, failed: tally(1) } })).toBe('')
    expect(objects({ ...REFUSED, result: 'cancelled', totals: waiting })).not.toBe('')
  })
})

describe('why', () => {
  const whyOf = (over: Partial<Report>) => rowsOf(reasons({ ...MIRRORED, ...over }))

  test('is told of copies, then deletes, then what is left, the most frequent first', () => {
    const given = {
      'same-etag': tally(5),
      'only-at-destination': tally(1),
      newer: tally(2),
      'not-newer': tally(9),
      missing: tally(2000),
      exists: none,
    }
    expect(whyOf({ reasons: given })).toEqual([
      ['Plan', 'Because', 'Objects', 'Size'],
      ['**copy**', 'Missing at the destination', '2,000', '2.0 MB'],
      ['**copy**', 'Source is newer', '2', '2.0 kB'],
      ['**delete**', 'Only at the destination', '1', '1.0 kB'],
      ['leave', 'Source is not newer', '9', '9.0 kB'],
      ['leave', 'Identical content', '5', '5.0 kB'],
    ])
    expect(reasons({ ...MIRRORED, reasons: given })).toMatch(
      /^<details><summary>Reasons<\/summary>\n\n\|/,
    )
    expect(reasons({ ...MIRRORED, result: 'planned', reasons: given })).toMatch(
      /^### Reasons\n\n\|/,
    )
  })

  test.each([
    ['missing', 'Missing at the destination'],
    ['size-differs', 'Size differs'],
    ['etag-differs', 'Same size, different ETag'],
    ['newer', 'Source is newer'],
    ['always', 'compare: always'],
    ['destination-conflict', 'Another object already exists there'],
    ['same-etag', 'Identical content'],
    ['same-size', 'Same size'],
    ['not-newer', 'Source is not newer'],
    ['exists', 'Already exists'],
    ['differs-unproven', 'Same size, destination is newer'],
    ['filtered', 'Filtered out by include and exclude'],
    ['only-at-destination', 'Only at the destination'],
    ['of-another-version', '`of-another-version`'],
    ['toString', '`toString`'],
  ])('has words for %s', (reason, words) => {
    expect(whyOf({ reasons: { [reason]: tally(1) } })[1]?.[1]).toBe(words)
  })

  test('of a check is what a sync would do', () => {
    expect(whyOf({ mode: 'check' })[0]?.[0]).toBe('A sync would')
  })

  test('is not told of more than twenty reasons, or of a refusal', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`r${at}`, tally(1)]))
    expect(whyOf({ reasons: many })).toHaveLength(21)
    expect(reasons({ ...REFUSED, reasons: many })).toBe('')
    expect(reasons({ ...SUCCESS, reasons: {} })).toBe('')
  })
})

describe('what failed', () => {
  const group = (over: Partial<ErrorGroup> = {}): ErrorGroup => ({
    code: 'SlowDown',
    objects: 1,
    resolution: 'Lower numworkers.',
    help: '',
    message: '',
    examples: [],
    ...over,
  })
  const failed = (all: readonly ErrorGroup[]) => errors({ ...PARTIAL, errors: all }, NOWHERE)

  test('is nothing where nothing did', () => {
    expect(failed([])).toBe('')
  })

  test('is told by code with its remedy, its message and at most five keys', () => {
    const examples = ['1', '2', '3', '4', '5', '6']
    expect(failed([group({ objects: 2000, message: 'Slow <down>', examples }), group()])).toBe(
      [
        '### What failed',
        [
          '| Code       | Objects | What to do        |',
          '| ---------- | ------: | ----------------- |',
          '| `SlowDown` |   2,000 | Lower numworkers. |',
          '| `SlowDown` |       1 | Lower numworkers. |',
        ].join('\n'),
        '`docs/troubleshooting.md` has a section for each code.',
        '<details><summary>Messages and example keys</summary>',
        '- `SlowDown`\n  - `1`\n  - `2`\n  - `3`\n  - `4`\n  - `5`\n- `SlowDown`',
        '</details>',
      ].join('\n\n'),
    )
  })

  test.each([
    [20, 20, undefined],
    [21, 20, '1 more code in the report file.'],
    [1220, 20, '1,200 more codes in the report file.'],
  ])('is told of %i codes at most in %i rows', (codes, rows, more) => {
    const text = failed(Array.from({ length: codes }, () => group()))
    expect(rowsOf(text)).toHaveLength(rows + 1)
    expect(text.match(/^.* more codes? in .*$/m)?.[0]).toBe(more)
  })
})

describe('folders', () => {
  const folder = (name: string, failed = 0) => ({ folder: name, done: tally(2000), failed })

  test('are told where there are several, with what failed there', () => {
    expect(folders({ ...SUCCESS, folders: [folder('logs/')] })).toBe('')
    const text = folders({ ...SUCCESS, folders: [folder('logs/'), folder('(top)', 1200)] })
    expect(text).toBe(
      [
        '<details><summary>Copied by folder (2)</summary>',
        [
          '| Folder  | Copied |   Size | Failed |',
          '| ------- | -----: | -----: | -----: |',
          '| `logs/` |  2,000 | 2.0 MB |        |',
          '| `(top)` |  2,000 | 2.0 MB |  1,200 |',
        ].join('\n'),
        '</details>',
      ].join('\n\n'),
    )
  })
})

describe('the slowest objects', () => {
  test('are told with their pace, where a second was passed', () => {
    const slow = { key: 'a|b', bytes: 2000, seconds: 1 }
    expect(slowest({ ...SUCCESS, slowest: [slow, { ...slow, seconds: 0 }] })).toBe(
      [
        '<details><summary>Slowest objects</summary>',
        [
          '| Object |   Size |  Time |    Speed |',
          '| ------ | -----: | ----: | -------: |',
          '| `a\\|b` | 2.0 kB | 1.0 s | 2.0 kB/s |',
          '| `a\\|b` | 2.0 kB | 0.0 s |    0 B/s |',
        ].join('\n'),
        '</details>',
      ].join('\n\n'),
    )
    expect(slowest({ ...SUCCESS, slowest: [{ ...slow, seconds: 0.99 }] })).toBe('')
    expect(slowest({ ...SUCCESS, slowest: [] })).toBe('')
  })
})

describe('where the time went', () => {
  const timesOf = (stages: Report['stages']) => rowsOf(timings({ ...SUCCESS, stages }))

  test('is told stage by stage, with a bar, the longest of them bold', () => {
    expect(
      timings({
        ...SUCCESS,
        stages: [
          { stage: 'plan', seconds: 1, line: '3 to <copy>' },
          { stage: 'copy', seconds: 2, line: 'done' },
        ],
      }),
    ).toBe(
      [
        '<details><summary>Where the time went</summary>',
        '',
        '| Stage    |  Time |                  | Result        |',
        '| -------- | ----: | ---------------- | ------------- |',
        '| plan     | 1.0 s | ████████         | 3 to `<copy>` |',
        '| **copy** | 2.0 s | ████████████████ | done          |',
        '',
        '</details>',
      ].join('\n'),
    )
  })

  test('has no longest where none took any time', () => {
    expect(timesOf([{ stage: 'plan', seconds: 0, line: 'done' }])[1]).toEqual([
      'plan',
      '0.0 s',
      '',
      'done',
    ])
  })

  test('is told in short', () => {
    const [, row] = timesOf([{ stage: 'plan', seconds: 1, line: 'word '.repeat(40) }])
    expect(row?.[3]).toMatch(/^(word ){31}`word…`$/)
  })

  test('is not told of a refusal', () => {
    expect(timings(REFUSED)).toBe('')
    expect(timings({ ...SUCCESS, stages: [] })).toBe('')
  })
})

describe('warnings', () => {
  test.each([
    [0, 0, undefined],
    [20, 20, undefined],
    [21, 20, '- 1 more warning in the report file'],
    [1220, 20, '- 1,200 more warnings in the report file'],
  ])('%i are %i items', (count, items, more) => {
    const text = warnings({ ...SUCCESS, warnings: Array(count).fill('Look at <this>.') })
    const lines = text.split('\n').filter((line) => line.startsWith('- '))
    expect(lines.filter((line) => line === '- ⚠️ Look at `<this>`.')).toHaveLength(items)
    expect(lines[items]).toBe(more)
    expect(text.startsWith('### Warnings\n\n')).toBe(count > 0)
  })
})

describe('settings', () => {
  const setting = (value: string, origin: Report['settings'][number]['origin']) => ({
    ...{ name: 'include', value, origin },
  })

  test('are told where they are not the default, with who chose them', () => {
    const chosen = [setting('a\r\nb\rc\nd', 'input'), setting('x', 'default')]
    const text = settings({ ...SUCCESS, settings: [...chosen, setting('y', 'preset')] })
    expect(rowsOf(text)).toEqual([
      ['Setting', 'Value', 'From'],
      ['`include`', '`a, b, c, d`', 'input'],
      ['`include`', '`y`', 'preset'],
    ])
    expect(text).toContain('<summary>Settings that differ from the defaults (2)</summary>')
    expect(settings({ ...SUCCESS, settings: chosen.slice(1) })).toBe('')
  })

  test('are told up to a hundred', () => {
    const text = settings({ ...SUCCESS, settings: Array(101).fill(setting('x', 'input')) })
    expect(rowsOf(text)).toHaveLength(101)
    expect(text).toContain('(101)')
  })
})

test('files are told by the outputs that name them, those that there are', () => {
  const all = {
    ...{ report: '/r/report.json', plan: '/r/plan', results: '/r/results' },
    ...{ failed: '/r/failed', batches: '/r/batches', policy: '/r/policy' },
    ...{ published: '/r/published', changed: '/r/changed' },
  }
  expect(rowsOf(files({ ...SUCCESS, files: all }))).toEqual([
    ['File', 'Output'],
    ['`report.json`', '`report-path`'],
    ['`plan.ndjson`', '`plan-path`'],
    ['`failed.ndjson`', '`failed-path`'],
    ['`published.ndjson`', '`published-path`'],
    ['`changed-paths.txt`', '`changed-paths-path`'],
    ['`batches/`', '`batch-dir`'],
    ['`policy.json`', '`policy-path`'],
  ])
  expect(files({ ...SUCCESS, files: all })).toMatch(/^<details><summary>Files<\/summary>/)
  expect(files({ ...SUCCESS, files: { report: '' } })).toBe('')
})

describe('what was looked at before the start', () => {
  const check = (name: Check['name'], status: Check['status']): Check => ({
    ...{ name, status },
    detail: 'so <it> is',
  })

  test('is folded where the run could start, and counts what was needed', () => {
    const all = [
      check('s5cmd', 'not-needed'),
      check('clock', 'pass'),
      check('memory', 'warn'),
      check('disk', 'not-known'),
    ]
    const text = checks({ ...SUCCESS, checks: all })
    expect(text).toMatch(
      /^<details><summary>Preflight checks: 1 passed, 1 warning, 1 not checked<\/summary>/,
    )
    expect(rowsOf(text)[0]).toEqual(['Check', '', 'Found'])
    expect(checks({ ...SUCCESS, checks: [] })).toBe('')
  })

  test('counts first what failed, which stands at the top already', () => {
    const all = [check('clock', 'pass'), check('identity', 'fail')]
    expect(checks({ ...SUCCESS, checks: all })).toMatch(
      /^<details><summary>Preflight checks: 1 failed, 1 passed<\/summary>/,
    )
  })

  test.each<[Check['status'], string]>([
    ['pass', '✅ pass'],
    ['warn', '⚠️ warning'],
    ['fail', '❌ fail'],
    ['not-allowed', '➖ no permission to check'],
    ['not-known', '➖ unknown'],
    ['not-needed', '➖ not needed'],
  ])('came to %s', (status, words) => {
    const text = checks({ ...SUCCESS, checks: [check('clock', status)] })
    expect(rowsOf(text)[1]).toEqual(['Clocks', words, '`so <it> is`'])
  })

  test.each<[Check['name'], string]>([
    ['s5cmd', 's5cmd is usable'],
    ['identity', 'Credentials are valid'],
    ['source-bucket', 'Source is reachable'],
    ['source-listing', 'Source can be listed'],
    ['source-reading', 'Source can be read'],
    ['source-encryption', 'Source encryption'],
    ['destination-bucket', 'Destination is reachable'],
    ['destination-listing', 'Destination can be listed'],
    ['destination-writing', 'Destination can be written'],
    ['destination-encryption', 'Destination encryption'],
    ['destination-versioning', 'Destination versioning'],
    ['clock', 'Clocks'],
    ['memory', 'Memory'],
    ['disk', 'Disk space'],
  ])('was %s', (name, words) => {
    expect(rowsOf(checks({ ...SUCCESS, checks: [check(name, 'pass')] }))[1]?.[0]).toBe(words)
  })
})
