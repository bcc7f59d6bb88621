import { describe, expect, test } from 'vitest'
import type { ErrorGroup, Report } from '../../../src/model/report.ts'
import { causeOf, nextRun } from '../../../src/report/cause.ts'
import {
  DRIFT,
  MIRRORED,
  PARTIAL,
  PLANNED,
  PLANNED_REFUSED,
  REFUSED,
  REFUSED_PLAN,
  SUCCESS,
} from './sample.ts'

const NONE = { objects: 0, bytes: 0 }

const group = (over: Partial<ErrorGroup>): ErrorGroup => ({
  code: 'SlowDown',
  objects: 1,
  resolution: 'Lower numworkers.',
  help: '',
  message: 'Please reduce your request rate.',
  examples: [],
  ...over,
})

describe('there is no cause', () => {
  test.each(['success', 'nothing-to-do', 'planned'] as const)('of %s', (result) => {
    expect(causeOf({ ...REFUSED, result })).toBeUndefined()
  })
})

describe('the cause of a refusal', () => {
  const first = `Would be deleted: "ticks/old/a.csv", "ticks/old/b|\`c\`\\n.csv", "ticks/old/${'x'.repeat(88)}…, and 37 more`

  test('is the refusal, and the first of the deletes', () => {
    const { title, text } = REFUSED_PLAN.refused ?? { title: '', text: '' }
    expect(causeOf(REFUSED_PLAN)).toEqual({ kind: 'guard', title, text: `${text}\n${first}` })
    expect(causeOf(PLANNED_REFUSED)).toEqual({
      kind: 'guard',
      title: `A real run would be refused: ${title}`,
      text: `${text}\n${first}`,
    })
  })

  test('names no deletes where there are none, or a check makes none', () => {
    const { refused } = REFUSED_PLAN
    expect(causeOf({ ...REFUSED_PLAN, totals: REFUSED.totals })).toEqual(refused)
    expect(causeOf({ ...REFUSED_PLAN, mode: 'check' })).toEqual(refused)
  })
})

describe('the cause of lost objects', () => {
  const unsaid: Report = { ...PARTIAL, errors: [], files: { report: '' } }

  test('is the error that ended the run, where there is one', () => {
    expect(causeOf(REFUSED)).toBe(REFUSED.failure)
    expect(causeOf({ ...DRIFT, failure: REFUSED.failure })).toBe(REFUSED.failure)
  })

  test('is the first code with its message and remedy, and where the rest is', () => {
    const errors = [group({ objects: 1200 }), group({}), group({})]
    expect(causeOf({ ...PARTIAL, errors })).toEqual({
      kind: 'copy',
      title: 'S3 is throttling: too many requests (SlowDown): 10 of 3,000 objects not copied',
      text: [
        'Lower numworkers.',
        'SlowDown (1,200 objects): Please reduce your request rate.',
        '2 more codes in the summary.',
        'Run again: the next run finishes the rest.',
        'Each object that failed has a line in failed.ndjson (output failed-path).',
      ].join('\n'),
    })
  })

  test('names what else is denied, which the first remedy does not mend, and no more than three of it', () => {
    const denied = (at: number): Partial<ErrorGroup> => ({
      code: 'AccessDenied',
      resolution: `Allow kms:Decrypt on key ${at}.`,
      message: `User: arn:aws:iam::1:role/x is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:r:1:key/${at}`,
    })
    const errors = [
      group({ objects: 9, ...denied(1) }),
      group({}),
      ...[2, 3, 4, 5].map((at) => group({ objects: at, ...denied(at) })),
    ]
    const lines = causeOf({ ...PARTIAL, errors })?.text.split('\n') ?? []
    expect(lines.slice(2, 6)).toEqual([
      ...[2, 3, 4].map((at) => `Also (${at} objects): Allow kms:Decrypt on key ${at}.`),
      '2 more codes in the summary.',
    ])
  })

  test.each([
    ['', 'SlowDown (1 object).'],
    ['no', 'SlowDown (1 object): no.'],
    ['wait... \n', 'SlowDown (1 object): wait.'],
    ['v2.3. is old', 'SlowDown (1 object): v2.3. is old.'],
  ])('ends its message %j in one full stop', (message, line) => {
    const report = { ...unsaid, errors: [group({ message })] }
    expect(causeOf(report)?.text).toBe(
      `Lower numworkers.\n${line}\nRun again: the next run finishes the rest.`,
    )
  })

  test('is to run again where nothing else is known', () => {
    expect(causeOf(unsaid)?.text).toBe('Run again: the next run finishes the rest.')
  })

  test('counts deletes, where there were some to do', () => {
    const { totals } = MIRRORED
    const lost = {
      ...totals,
      copied: { objects: 2999, bytes: 1 },
      deleted: { objects: 1, bytes: 1 },
    }
    expect(causeOf({ ...unsaid, totals: lost })?.title).toBe('3 of 3,003 objects not done')
  })
})

test('a cancel is its own cause', () => {
  expect(causeOf({ ...REFUSED, result: 'cancelled', failure: undefined })).toEqual({
    kind: 'cancelled',
    title: 'Cancelled',
    text: 'Run again: the next run finishes the rest.',
  })
})

test('a cancel that came when all was done leaves nothing to the next run', () => {
  const { planned } = PARTIAL.totals
  const totals = { ...PARTIAL.totals, copied: planned, failed: NONE, unknown: NONE }
  const late = causeOf({ ...PARTIAL, totals, result: 'cancelled', failure: undefined })
  expect(late).toMatchObject({
    title: 'Cancelled: 3,000 of 3,000 objects done',
    text: 'Everything was already done when the run was cancelled.',
  })
})

describe('of objects that were lost', () => {
  const told = (errors: readonly ErrorGroup[], over: Partial<Report> = {}) =>
    causeOf({ ...PARTIAL, files: { report: '' }, ...over, errors })

  test('some are named, or all where they are few', () => {
    const some = group({ objects: 9, examples: ['a', 'b', 'c', 'd'] })
    expect(told([some])?.text).toContain('\nFor example: "a", "b", "c"\n')
    expect(told([group({ examples: ['old.csv'] })])?.text).toContain('\nNot done: "old.csv"\n')
  })

  test('the cause is what the service says, where its code says nothing', () => {
    const message = 'The storage class is not known here.'
    const vague = told([
      group({ code: 'InvalidArgument', message, resolution: 'read the message.' }),
    ])
    expect(vague?.title).toBe(
      'InvalidArgument: The storage class is not known here: 10 of 3,000 objects not copied',
    )
    expect(vague?.text).toMatch(
      /^InvalidArgument \(1 object\): The storage class is not known here\.\nRunning again does not help/,
    )
  })

  test('none is named beside a refusal that names it', () => {
    const message =
      'User: arn:aws:iam::1:role/Deploy is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k"'
    const denied = group({ code: 'AccessDenied', message, examples: ['k'] })
    expect(told([denied])?.text).not.toMatch(/Not done|For example/)
  })

  test('that are deletes alone are counted among the deletes', () => {
    const { planned } = MIRRORED.totals
    const totals = { ...MIRRORED.totals, copied: planned, deleted: { objects: 1, bytes: 1 } }
    expect(told([], { totals })?.title).toBe('2 of 3 objects not deleted')
  })

  test.each([
    ['its remedy says so', 'run again later.', ''],
    ['it says nothing of that', 'Lower numworkers.', 'Run again: the next run finishes the rest.'],
  ])('to run again is said once: %s', (_, resolution, again) => {
    expect(nextRun({ ...PARTIAL, errors: [group({ resolution })] })).toBe(again)
  })

  test('another that does not heal is told of, whatever the first says', () => {
    const errors = [group({ resolution: 'run again later.' }), group({ code: 'AccessDenied' })]
    expect(nextRun({ ...PARTIAL, errors })).toBe(
      'Running again does not help on its own: fix this first, then run again.',
    )
  })

  test('no old plan helps where all changed since it was made', () => {
    const changed = group({ code: 'SourceChanged', resolution: 'make a new plan.' })
    const mode = 'execute'
    expect(nextRun({ ...PARTIAL, mode, errors: [changed] })).toBe('')
    expect(nextRun({ ...PARTIAL, mode, errors: [group({}), changed] })).toBe(
      'Run the same plan again to finish it; objects that changed since then need a new plan (mode: plan).',
    )
  })
})

describe('the cause of drift', () => {
  test('names no key that a sync would leave', () => {
    const { 'differs-unproven': left = [], missing } = DRIFT.samples
    const plannedDeletes = { objects: 0, bytes: 0 }
    const report: Report = {
      ...{ ...DRIFT, totals: { ...DRIFT.totals, plannedDeletes } },
      samples: {
        'differs-unproven': left,
        'only-at-destination': [{ key: 'extra', size: 1 }],
        missing: missing?.slice(0, 1) ?? [],
      },
    }
    expect(causeOf(report)?.text.split('\n')[1]).toBe('For example: "ticks/2026/a.parquet"')
    expect(causeOf(report)?.kind).toBe('drift')
  })

  test('names three keys at most', () => {
    const missing = [1, 2, 3, 4].map((at) => ({ key: `k${at}\n`, size: 1 }))
    expect(causeOf({ ...DRIFT, samples: { missing } })?.text.split('\n')[1]).toBe(
      'For example: "k1\\n", "k2\\n", "k3\\n"',
    )
  })
})

test('a plan that waits and a run that reached its goal have none', () => {
  expect([causeOf(PLANNED), causeOf(SUCCESS)]).toEqual([undefined, undefined])
})
