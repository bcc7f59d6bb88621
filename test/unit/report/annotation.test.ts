import fc from 'fast-check'
import { parseCommand } from 's3-direct-sync-testkit/runner-commands.ts'
import { describe, expect, test } from 'vitest'
import { annotations } from '../../../src/report/annotation.ts'
import { HOSTILE_RUNS, hostileReport } from './hostile.ts'
import { CANCELLED, DRIFT, PARTIAL, REFUSED, SUCCESS } from './sample.ts'

describe('annotations', () => {
  test('a run that reached its goal has none', () => {
    expect(annotations(SUCCESS)).toEqual([])
  })

  test('a refusal is one error with what to do', () => {
    expect(annotations(REFUSED)).toEqual([
      {
        level: 'error',
        title: 'Source is empty: s3://market-data/ticks/',
        text: 'The source s3://market-data/ticks/ is empty or missing: check the spelling, or set `allow-empty-source: true` when an empty source is meant.',
      },
    ])
  })

  test('failed objects are one error, and the rest is for the summary', () => {
    const [error, ...warnings] = annotations(PARTIAL)
    expect(error).toMatchObject({
      level: 'error',
      title: 'AccessDenied: 10 of 3,000 objects not copied',
    })
    expect(error?.text.split('\n')).toEqual([
      expect.stringContaining('s3:GetObject'),
      expect.stringMatching(/^AccessDenied \(8 objects\): .*is not authorized\.$/),
      'For example: "ticks/2026/a|b.parquet", "ticks/2026/`quoted`.parquet"',
      '1 more code in the summary.',
      'Running again does not help on its own: fix this first, then run again.',
      'Each object that failed has a line in failed.ndjson (output failed-path).',
    ])
    expect(warnings).toHaveLength(1)
  })

  test('drift is one error with what differs and what to do', () => {
    expect(annotations(DRIFT)).toEqual([
      {
        level: 'error',
        title: 'Drift: 3,003 objects',
        text: [
          'Source and destination differ: missing at the destination: 2,900; size differs: 100; only at the destination: 3.',
          'For example: "ticks/2026/a.parquet", "ticks/2026/`b|c`.parquet", "ticks/2026/d.parquet"',
          'Run with mode: sync and the same inputs to repair the destination, or find out what changed it.',
          'Every difference has a line in plan.ndjson (output plan-path).',
        ].join('\n'),
      },
    ])
    expect(annotations({ ...DRIFT, exitCode: 0 })).toMatchObject([{ level: 'warning' }])
  })

  test('a cancelled run without a word of its own says what to do', () => {
    expect(annotations({ ...CANCELLED, failure: undefined })).toMatchObject([
      {
        level: 'error',
        title: 'Cancelled: 1,200 of 3,000 objects done',
        text: expect.stringContaining('Run again'),
      },
    ])
  })

  test('a forgiven partial run is a warning, and warnings are at most three', () => {
    const warnings = ['a', 'b', 'c', 'd']
    const forgiven = annotations({ ...PARTIAL, exitCode: 0, warnings })
    expect(forgiven.map(({ level }) => level)).toEqual(['warning', 'warning', 'warning'])
    expect(forgiven[0]?.title).toBe('AccessDenied: 10 of 3,000 objects not copied')
    expect(annotations({ ...SUCCESS, warnings })).toHaveLength(3)
  })

  test('an error is told beside three warnings', () => {
    const warnings = ['a', 'b', 'c', 'd']
    expect(annotations({ ...PARTIAL, warnings }).map(({ level }) => level)).toEqual([
      'error',
      'warning',
      'warning',
      'warning',
    ])
    expect(annotations({ ...SUCCESS, warnings: ['b\n::error::c'] })).toEqual([
      { level: 'warning', title: 'b\\x0a::error::c', text: 'b\n\\::error::c' },
    ])
  })

  test('at most three warnings are left, those of others among them', () => {
    const warnings = ['a', 'b', 'c', 'd']
    expect(annotations({ ...SUCCESS, warnings }).length).toBe(3)
    expect(annotations({ ...SUCCESS, warnings }, 1).length).toBe(2)
  })

  test('a title is one line of at most 200 characters', () => {
    const failure = { kind: 'guard', title: `a\n${'b'.repeat(300)}`, text: '' }
    expect(annotations({ ...REFUSED, failure })[0]?.title).toBe(`a\\x0a${'b'.repeat(194)}…`)
  })

  test('every line is safe, and the text fits', () => {
    fc.assert(
      fc.property(hostileReport, (report) => {
        for (const { title, text } of annotations(report)) {
          expect(text.length).toBeLessThanOrEqual(4000)
          for (const line of [title, ...text.split('\n')])
            expect(parseCommand(line)).toBeUndefined()
        }
      }),
      HOSTILE_RUNS,
    )
    const [long] = annotations({
      ...REFUSED,
      failure: { kind: 'guard', title: 't', text: 'x'.repeat(9000) },
    })
    expect(long?.text).toBe(`${'x'.repeat(3999)}…`)
  })
})
