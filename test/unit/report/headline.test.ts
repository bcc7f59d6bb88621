import { describe, expect, test } from 'vitest'
import type { Report } from '../../../src/model/report.ts'
import { attempted, headline } from '../../../src/report/headline.ts'
import {
  CANCELLED,
  DRIFT,
  MIRRORED,
  PARTIAL,
  PLANNED,
  PLANNED_REFUSED,
  REFUSED,
  REFUSED_PLAN,
  SUCCESS,
} from './sample.ts'

const none = { objects: 0, bytes: 0 }
const one = { objects: 1, bytes: 10 }

/** The title, the journey and the lines of the callout. */
function partsOf(report: Report) {
  const [title, journey, ...callout] = headline(report).split('\n\n')
  return { title, journey, callout: callout.join('\n\n').split('\n') }
}

const titleOf = (report: Report, over: Partial<Report> = {}) =>
  partsOf({ ...report, ...over }).title
const withTotals = (report: Report, totals: Partial<Report['totals']>): Report => ({
  ...report,
  totals: { ...report.totals, ...totals },
})

describe('the verdict in one sentence', () => {
  test.each<[string, Report, string]>([
    ['success', SUCCESS, '## ✅ 3,000 objects copied (1.2 GB), verified'],
    [
      'not verified',
      {
        ...SUCCESS,
        verification: {
          method: 'none',
          checked: 0,
          mismatched: 0,
          byChecksum: 0,
          bySizeAndTime: 0,
        },
      },
      '## ✅ 3,000 objects copied (1.2 GB)',
    ],
    [
      'nothing to do',
      { ...SUCCESS, result: 'nothing-to-do' },
      '## ✅ Nothing to do: 8,500 objects compared, nothing to copy',
    ],
    ['mirrored', MIRRORED, '## ✅ 3,000 objects copied (1.2 GB), verified, 3 objects deleted'],
    ['planned', PLANNED, '## 📝 3,000 objects would be copied (1.2 GB)'],
    [
      'drift',
      DRIFT,
      '## ⚠️ Drift: 3,003 objects (missing at the destination: 2,900; size differs: 100; only at the destination: 3)',
    ],
    [
      'no drift',
      { ...DRIFT, result: 'nothing-to-do', totals: { ...DRIFT.totals, plannedDeletes: none } },
      '## ✅ Source and destination match: 8,500 objects compared (only at the destination: 3; same size, destination is newer: 2)',
    ],
    ['partial', PARTIAL, '## ⚠️ 2,990 of 3,000 objects copied, 8 failed, 2 unknown: AccessDenied'],
    ['refused', REFUSED, '## ❌ Source is empty: `s3://market-data/ticks/`'],
    ['a refused plan', REFUSED_PLAN, '## ❌ 40 deletes, max-delete is 10'],
    [
      'a plan that overwrite: never would hold back',
      { ...PLANNED, reasons: { 'destination-conflict': { objects: 1, bytes: 1 } } },
      '## 📝 Nothing would be copied: 1 object protected by `overwrite: never`',
    ],
    [
      'a plan that would be refused',
      PLANNED_REFUSED,
      '## 📝 A real run would be refused: 40 deletes, max-delete is 10',
    ],
    ['cancelled', CANCELLED, '## 🛑 Cancelled: 1,200 of 3,000 objects copied, 1,800 unknown'],
    [
      'cancelled early',
      { ...REFUSED, result: 'cancelled' },
      '## 🛑 Cancelled before anything was written',
    ],
    [
      'all failed',
      {
        ...PARTIAL,
        result: 'failed',
        totals: {
          ...PARTIAL.totals,
          copied: none,
          unknown: none,
          failed: { objects: 3000, bytes: 1 },
        },
      },
      '## ❌ 0 of 3,000 objects copied, 3,000 failed: AccessDenied',
    ],
    [
      'one object copied and not looked at again',
      { ...withTotals(SUCCESS, { copied: one }), verification: undefined },
      '## ✅ 1 object copied (10 B)',
    ],
    [
      'copies that do not hold are not verified',
      {
        ...SUCCESS,
        verification: {
          method: 'heads',
          checked: 3000,
          mismatched: 1,
          byChecksum: 0,
          bySizeAndTime: 0,
        },
      },
      '## ✅ 3,000 objects copied (1.2 GB)',
    ],
    [
      'copies of which some are checked by size and time alone',
      {
        ...SUCCESS,
        verification: {
          method: 'listing',
          checked: 3000,
          mismatched: 0,
          byChecksum: 0,
          bySizeAndTime: 1200,
        },
      },
      '## ✅ 3,000 objects copied (1.2 GB), 1,800 verified, 1,200 checked by size and time',
    ],
    [
      'copies that nothing but size and time tells of are not called verified',
      {
        ...SUCCESS,
        verification: {
          method: 'listing',
          checked: 3000,
          mismatched: 0,
          byChecksum: 0,
          bySizeAndTime: 3000,
        },
      },
      '## ✅ 3,000 objects copied (1.2 GB), checked by size and time',
    ],
    [
      'deletes alone',
      withTotals(MIRRORED, { planned: none, copied: none }),
      '## ✅ 3 objects deleted',
    ],
    [
      'a plan that deletes',
      withTotals(PLANNED, { planned: one, plannedDeletes: { objects: 1200, bytes: 1 } }),
      '## 📝 1 object would be copied (10 B), 1,200 deleted',
    ],
    [
      'places that agree in everything',
      {
        ...withTotals(DRIFT, { skipped: one }),
        ...{ result: 'nothing-to-do', reasons: {} },
      },
      '## ✅ Source and destination match: 1 object compared',
    ],
    [
      'some deletes',
      withTotals(PARTIAL, {
        plannedDeletes: { objects: 1200, bytes: 1 },
        deleted: { objects: 1100, bytes: 1 },
        failed: none,
        unknown: none,
      }),
      '## ⚠️ 2,990 of 3,000 objects copied, 1,100 of 1,200 deleted: AccessDenied',
    ],
    [
      'a run out of time',
      {
        ...withTotals(PARTIAL, { failed: { objects: 1208, bytes: 1 }, unknown: none }),
        errors: [
          { ...(PARTIAL.errors[0] as Report['errors'][number]), objects: 8 },
          {
            ...(PARTIAL.errors[0] as Report['errors'][number]),
            ...{ code: 'MaxDuration', objects: 1200 },
          },
        ],
      },
      '## ⚠️ 2,990 of 3,000 objects copied, 8 failed, 1,200 not started: AccessDenied',
    ],
    [
      'a run out of time in which nothing failed',
      {
        ...withTotals(PARTIAL, { failed: one, unknown: none }),
        errors: [
          {
            ...(PARTIAL.errors[0] as Report['errors'][number]),
            ...{ code: 'MaxDuration', objects: 1 },
          },
        ],
      },
      '## ⚠️ 2,990 of 3,000 objects copied, 1 not started: the run reached max-duration (MaxDuration)',
    ],
    [
      'a failure whose title tries to be more',
      { ...REFUSED, failure: { kind: 'guard', title: 'No <b>', text: '' } },
      '## ❌ No `<b>`',
    ],
  ])('%s', (_, report, title) => {
    expect(titleOf(report)).toBe(title)
  })
})

describe('a run has attempted something', () => {
  test.each(['copied', 'deleted', 'failed', 'unknown'] as const)('where one op is %s', (name) => {
    const { failure: _none, ...run } = REFUSED
    expect(attempted(withTotals(run, { [name]: one }))).toBe(true)
  })

  test('not where a guard refused rows of a manifest: the headline says why', () => {
    // One that may not be read is unknown.
    const refused = withTotals(REFUSED, { failed: one, unknown: one })
    expect(attempted(refused)).toBe(false)
    expect(titleOf(refused)).toBe(titleOf(REFUSED))
  })

  test('and else it has not, whatever was planned', () => {
    expect(
      attempted(withTotals(REFUSED, { planned: one, plannedDeletes: one, skipped: one })),
    ).toBe(false)
  })
})

describe('from where to where, and how long', () => {
  test('with both places', () => {
    expect(partsOf(SUCCESS).journey).toBe(
      '`s3://market-data/ticks/` → `s3://research/ticks/` in **42.1 s**',
    )
  })

  test.each(['source', 'destination'] as const)('as asked for, without a %s', (side) => {
    expect(partsOf({ ...SUCCESS, [side]: undefined }).journey).toBe(
      '`s3://market-data/ticks/` → `s3://research/ticks/` in **42.1 s**',
    )
    expect(partsOf({ ...SUCCESS, [side]: undefined, settings: [] }).journey).toBe(
      'After **42.1 s**',
    )
  })
})

const titled = { kind: 'credentials', title: 'No usable AWS credentials', text: 'expired' }
const FINISHES = 'Run again: the next run finishes the rest.'
const MEND = 'Running again does not help on its own: fix this first, then run again.'
const SLOW_DOWN = {
  code: 'SlowDown',
  objects: 10,
  resolution: 'Lower numworkers.',
  help: '',
  examples: [],
  message: '',
}

describe('what to do next', () => {
  const calloutOf = (report: Report, over: Partial<Report> = {}) =>
    partsOf({ ...report, ...over }).callout

  test.each(['success', 'nothing-to-do'] as const)('nothing, after %s', (result) => {
    const report = { ...SUCCESS, result }
    const { title, journey } = partsOf(report)
    expect(headline(report)).toBe(`${title}\n\n${journey}`)
  })

  test.each<[string, Report, string[]]>([
    [
      'a dry run',
      PLANNED,
      ['> [!NOTE]', '> Nothing was written. Run without `dry-run` to apply the plan.'],
    ],
    [
      'a plan',
      { ...PLANNED, dryRun: false },
      [
        '> [!NOTE]',
        '> Nothing was written. To apply exactly this plan, keep `plan.ndjson` and run with `mode: execute`; to plan again and apply, run with `mode: sync`.',
      ],
    ],
    ...(
      [
        ['a plan that would be refused', PLANNED_REFUSED, 'WARNING'],
        ['a refused plan', REFUSED_PLAN, 'CAUTION'],
      ] as const
    ).map(([what, report, kind]): [string, Report, string[]] => [
      what,
      report,
      [
        `> [!${kind}]`,
        '> 40 of 8,603 objects in scope at the destination would be deleted; max-delete is 10.',
        '>',
        '> Read the list in the plan; if all of them may be deleted, set `max-delete: 1000 1%`. Nothing was touched.',
        '>',
        '> The plan is in `plan.ndjson`: 3,000 objects would be copied (1.2 GB), 40 deleted.',
      ],
    ]),
    [
      'a refusal that says itself that nothing was done',
      { ...REFUSED, failure: { kind: 'inputs', title: 't', text: 'No.\nNothing was touched.' } },
      ['> [!CAUTION]', '> No.', '>', '> Nothing was touched.'],
    ],
    [
      'drift that a sync would mend',
      DRIFT,
      [
        '> [!WARNING]',
        '> Nothing was changed. Run with mode: sync and the same inputs to repair the destination, or find out what changed it. Every difference has a line in `plan.ndjson`.',
      ],
    ],
    [
      'drift that a sync could not mend',
      { ...DRIFT, reasons: { 'destination-conflict': one } },
      [
        '> [!WARNING]',
        '> Nothing was changed. With overwrite: never, a sync copies nothing while other objects exist under the same keys. Remove them, or set overwrite: if-different. Every difference has a line in `plan.ndjson`.',
      ],
    ],
    [
      'copies that failed',
      PARTIAL,
      [
        '> [!WARNING]',
        '> The identity may not read the source object or write the destination key: allow `s3:GetObject` (and `s3:GetObjectTagging`) on the source, `s3:PutObject` (and `s3:PutObjectTagging`) on the destination, and the KMS key where one is used.',
        '>',
        '> `AccessDenied`: User: `arn:aws:sts::111122223333:assumed-role/sync/x` is not authorized',
        '>',
        `> Copied objects stay copied. ${MEND}`,
      ],
    ],
    [
      'copies that the next run may finish',
      { ...PARTIAL, errors: [SLOW_DOWN] },
      ['> [!WARNING]', '> Lower numworkers.', '>', `> Copied objects stay copied. ${FINISHES}`],
    ],
    [
      'an error that cut copies short',
      { ...PARTIAL, errors: [], failure: titled },
      [
        '> [!WARNING]',
        '> **No usable AWS credentials**',
        '>',
        '> expired',
        '>',
        `> Copied objects stay copied. ${FINISHES}`,
      ],
    ],
    [
      'copies of an approved plan that failed',
      { ...PARTIAL, mode: 'execute', errors: [SLOW_DOWN] },
      [
        '> [!WARNING]',
        '> Lower numworkers.',
        '>',
        '> Copied objects stay copied. Run the same plan again to finish it.',
      ],
    ],
    [
      'a plan that overwrite: never would hold back',
      { ...PLANNED, reasons: { 'destination-conflict': one } },
      [
        '> [!NOTE]',
        '> Nothing was written. Publish under other keys, or remove the existing objects.',
      ],
    ],
    [
      'copies that all failed',
      { ...withTotals(PARTIAL, { copied: none }), result: 'failed' },
      [
        '> [!CAUTION]',
        '> The identity may not read the source object or write the destination key: allow `s3:GetObject` (and `s3:GetObjectTagging`) on the source, `s3:PutObject` (and `s3:PutObjectTagging`) on the destination, and the KMS key where one is used.',
        '>',
        '> `AccessDenied`: User: `arn:aws:sts::111122223333:assumed-role/sync/x` is not authorized',
        '>',
        `> ${MEND}`,
      ],
    ],
    [
      'an error before the first copy: the headline said its title',
      { ...REFUSED, failure: titled },
      ['> [!CAUTION]', '> expired', '>', '> Nothing was copied.'],
    ],
    [
      'a cancel before the first copy',
      { ...REFUSED, result: 'cancelled', failure: undefined },
      ['> [!WARNING]', '> Nothing was copied.'],
    ],
    [
      'a cancel while it copied',
      CANCELLED,
      [
        '> [!WARNING]',
        '> The run was ended by SIGINT.',
        '>',
        `> Copied objects stay copied, and unknown objects may have been copied too. ${FINISHES}`,
      ],
    ],
    [
      'an error without a title',
      { ...PARTIAL, errors: [], failure: { ...titled, title: '' } },
      ['> [!WARNING]', '> expired', '>', `> Copied objects stay copied. ${FINISHES}`],
    ],
  ])('after %s', (_, report, lines) => {
    expect(calloutOf(report)).toEqual(lines)
  })

  const told = (text: string) => calloutOf(REFUSED, { failure: { ...titled, text } }).slice(1, -2)

  test('the lines of an error are paragraphs, and its items a list', () => {
    expect(told('First.\r\nSecond.\r\r\n  \n - one\n- two\n-three\n- \nLast. - not one')).toEqual([
      ...['> First.', '>', '> Second.', '> - one', '> - two', '>', '> `-three`'],
      ...['>', '> `-`', '>', '> Last. `-` not one'],
    ])
  })

  test('a blank item is no heading', () => {
    expect(told('- one')).toEqual(['> - one'])
    expect(told('a\n-  \nb')).toEqual(['> a', '>', '> `-`', '>', '> b'])
  })

  test.each([
    [20, []],
    [21, ['>', '> 1 more line in the log.']],
    [1220, ['>', '> 1,200 more lines in the log.']],
  ])('an error of %i lines is cut', (lines, end) => {
    const text = Array.from({ length: lines }, (_, at) => `- ${at}`).join('\n')
    const shown = Array.from({ length: 20 }, (_, at) => `> - ${at}`)
    expect(told(text)).toEqual([...shown, ...end])
  })
})
