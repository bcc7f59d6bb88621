import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OutcomeStatus, ResultRow } from '../../../src/model/outcome.ts'
import { errorGroups, merge, NO_OUTCOMES, totalsOf } from '../../../src/report/totals.ts'
import { HOSTILE_RUNS } from './hostile.ts'

const row = (over: Partial<ResultRow>): ResultRow => {
  const key = over.key ?? 'k'
  return {
    op: 'copy',
    key,
    to: key,
    size: 1,
    status: 'done',
    engine: 's5cmd',
    attempts: 1,
    ...over,
  }
}

const totals = (outcomes: readonly ResultRow[]) =>
  outcomes.map((one) => totalsOf(one, 'key-')).reduce(merge, NO_OUTCOMES)

const RUNS = { numRuns: Math.min(300, HOSTILE_RUNS.numRuns) }

// Few keys and many codes: examples collide, and the codes do not all fit.
const anyRow = fc
  .record({
    key: fc.nat(300).map((at) => `key-${at % 7 === 0 ? at : `${at}/${at % 3}`}`),
    size: fc.nat(200_000_000),
    seconds: fc.option(fc.nat(12), { nil: undefined }),
    status: fc.constantFrom<OutcomeStatus[]>('done', 'failed', 'unknown'),
    code: fc.oneof(
      fc.nat(200).map((at) => `Code${at}`),
      fc.constantFrom('Other', '__proto__', 'constructor', '', undefined),
    ),
    message: fc.constantFrom('', 'first', 'second', undefined),
    route: fc.constantFrom('trailing-slash' as const, 'over-5-gib' as const, undefined),
  })
  .map(row)
const many = fc.oneof(
  fc.array(anyRow, { maxLength: 5 }),
  fc.array(anyRow, { minLength: 100, maxLength: 150 }),
)

describe('outcome totals', () => {
  test('merging is associative and commutative, and nothing is its identity', () => {
    fc.assert(
      fc.property(many, many, many, (one, two, three) => {
        const [a, b, c] = [totals(one), totals(two), totals(three)]
        expect(merge(a, merge(b, c))).toEqual(merge(merge(a, b), c))
        expect(merge(a, b)).toEqual(merge(b, a))
        expect(merge(a, NO_OUTCOMES)).toEqual(a)
        expect(merge(NO_OUTCOMES, a)).toEqual(a)
      }),
      RUNS,
    )
  })

  test('every outcome is counted exactly once, in bounded space', () => {
    fc.assert(
      fc.property(many, (outcomes) => {
        const { status, errors } = totals(outcomes)
        const counted = status.done.objects + status.failed.objects + status.unknown.objects
        const grouped = [...errors.values()].reduce((sum, { objects }) => sum + objects, 0)
        expect(counted).toBe(outcomes.length)
        expect(grouped).toBe(status.failed.objects + status.unknown.objects)
        expect(errors.size).toBeLessThanOrEqual(51)
        for (const { examples } of errors.values()) expect(examples.length).toBeLessThanOrEqual(5)
      }),
      RUNS,
    )
  })

  test('counts and bytes by status, size class and route', () => {
    const given = [
      row({ size: 9_999_999 }),
      row({ size: 10_000_000, route: 'trailing-slash' }),
      row({ size: 100_000_001, route: 'over-5-gib' }),
      row({ size: 5, status: 'failed', code: 'SlowDown', route: 'trailing-slash' }),
      row({ size: 7, status: 'unknown' }),
    ]
    expect(totals(given)).toMatchObject({
      status: {
        done: { objects: 3, bytes: 120_000_000 },
        failed: { objects: 1, bytes: 5 },
        unknown: { objects: 1, bytes: 7 },
      },
      sizeClasses: {
        small: { objects: 1, bytes: 9_999_999 },
        medium: { objects: 1, bytes: 10_000_000 },
        large: { objects: 1, bytes: 100_000_001 },
      },
      routes: { 'trailing-slash': 2, 'over-5-gib': 1 },
    })
  })
})

test('the ten slowest copies are kept, the slowest first', () => {
  const given = Array.from({ length: 25 }, (_, at) => row({ key: `k${at}`, seconds: at % 20 }))
  const { slowest } = totals(given)
  expect(slowest.map(({ key }) => key).slice(0, 3)).toEqual(['k19', 'k18', 'k17'])
  expect(slowest).toHaveLength(10)
})

describe('error groups', () => {
  const failed = (code: string | undefined, key: string, message?: string) =>
    row({ status: 'failed', code, key, message })

  test('the most frequent code comes first, with its first keys, message and remedy', () => {
    const given = [
      failed('SlowDown', 'z'),
      ...[6, 5, 4, 3, 2, 1].map((at) => failed('AccessDenied', `k${at}`, `refused k${at}`)),
      failed(undefined, 'u'),
    ]
    const groups = errorGroups(totals(given))
    expect(groups.map(({ code, objects }) => [code, objects])).toEqual([
      ['AccessDenied', 6],
      ['SlowDown', 1],
      ['Unnamed', 1],
    ])
    expect(groups[0]).toMatchObject({
      examples: ['k1', 'k2', 'k3', 'k4', 'k5'],
      message: 'refused k1',
      resolution: expect.stringContaining('s3:GetObject'),
    })
  })

  test('codes beyond 50 are told together, last', () => {
    const given = Array.from({ length: 60 }, (_, at) => failed(`Code${at}`, `k${at}`))
    const groups = errorGroups(totals(given))
    expect(groups).toHaveLength(51)
    expect(groups.at(-1)).toMatchObject({ code: 'Other', objects: 10 })
  })

  test('long messages are cut', () => {
    const [group] = errorGroups(totals([failed('X', 'k', 'm'.repeat(5000))]))
    expect(group?.message).toHaveLength(1000)
  })
})
