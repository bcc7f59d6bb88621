import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OutcomeTotals } from '../../../src/ledger/totals.ts'
import type { OutcomeStatus, ResultRow } from '../../../src/model/outcome.ts'
import { HOSTILE_RUNS } from '../report/hostile.ts'

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

function totals(outcomes: readonly ResultRow[]): OutcomeTotals {
  const all = new OutcomeTotals()
  for (const one of outcomes) all.add(one, 'key-')
  return all
}

/** New totals of what several know. */
function merged(...parts: readonly OutcomeTotals[]): OutcomeTotals {
  const all = new OutcomeTotals()
  for (const part of parts) all.merge(part)
  return all
}

/** All that totals tell. */
const told = (all: OutcomeTotals) => ({
  status: all.status,
  deleted: all.deleted,
  sizeClasses: all.sizeClasses,
  routes: all.routes,
  slowest: all.slowest,
  errors: all.errorGroups(),
  folders: all.folderRows(),
})

const RUNS = { numRuns: Math.min(60, HOSTILE_RUNS.numRuns) }

/** How AWS says that something is denied. */
const denied = (action: string, on = 'arn:aws:s3:::dst/k') =>
  `User: arn:aws:iam::123456789012:role/Deploy is not authorized to perform: ${action} on resource: "${on}" because no identity-based policy allows it`

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
    message: fc.constantFrom(
      '',
      'first',
      'second',
      undefined,
      denied('s3:PutObject'),
      denied('kms:Decrypt'),
    ),
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
        const whole = told(totals([...one, ...two, ...three]))
        expect(told(merged(a, merged(b, c)))).toEqual(whole)
        expect(told(merged(merged(c, a), b))).toEqual(whole)
        expect(told(merged(a, new OutcomeTotals()))).toEqual(told(a))
        expect(told(merged(new OutcomeTotals(), a))).toEqual(told(totals(one)))
      }),
      RUNS,
    )
  })

  test('every outcome is counted exactly once, in bounded space', () => {
    fc.assert(
      fc.property(many, (outcomes) => {
        const all = totals(outcomes)
        const { status } = all
        const errors = all.errorGroups()
        const counted = status.done.objects + status.failed.objects + status.unknown.objects
        const grouped = errors.reduce((sum, { objects }) => sum + objects, 0)
        expect(counted).toBe(outcomes.length)
        expect(grouped).toBe(status.failed.objects + status.unknown.objects)
        expect(errors.length).toBeLessThanOrEqual(51)
        for (const { examples } of errors) expect(examples.length).toBeLessThanOrEqual(5)
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

test('of copies that took as long the smallest key comes first, then the most bytes', () => {
  const given = [
    row({ key: 'b', seconds: 2 }),
    row({ key: 'a', seconds: 2, size: 1 }),
    row({ key: 'c', seconds: 3 }),
    row({ key: 'a', seconds: 2, size: 9 }),
    row({ key: 'd' }),
  ]
  const slowest = [
    { key: 'c', bytes: 1, seconds: 3 },
    { key: 'a', bytes: 9, seconds: 2 },
    { key: 'a', bytes: 1, seconds: 2 },
    { key: 'b', bytes: 1, seconds: 2 },
  ]
  expect(totals(given).slowest).toEqual(slowest)
  expect(totals(given.toReversed()).slowest).toEqual(slowest)
})

test('a copy that is slower than the tenth takes its place, and no other does', () => {
  const ten = Array.from({ length: 10 }, (_, at) => row({ key: `k${at}`, seconds: 5 }))
  const keys = (more: ResultRow) => totals([...ten, more]).slowest.map(({ key }) => key)
  const kept = ten.map(({ key }) => key)
  expect(keys(row({ key: 'x', seconds: 4 }))).toEqual(kept)
  expect(keys(row({ key: 'x', seconds: 5 }))).toEqual(kept)
  expect(keys(row({ key: 'x', seconds: 6 }))).toEqual(['x', ...kept.slice(0, 9)])
  expect(keys(row({ key: 'k00', seconds: 5 }))).toEqual(['k0', 'k00', ...kept.slice(1, 9)])
})

test('an op without a route has none', () => {
  expect(totals([row({}), row({ status: 'failed' })]).routes).toEqual({})
})

describe('folders', () => {
  const foldersOf = (rows: readonly ResultRow[]) => totals(rows).folderRows()

  test('are the first below the source, the largest first, with what did not arrive', () => {
    expect(
      foldersOf([
        row({ key: 'key-b/x/1', size: 10 }),
        row({ key: 'key-b/2', size: 5 }),
        row({ key: 'key-c/1', size: 15 }),
        row({ key: 'key-c/2', size: 7, status: 'failed' }),
        row({ key: 'key-c/3', size: 7, status: 'unknown' }),
        row({ key: 'key-1', size: 2 }),
        row({ key: 'key-/1', size: 1 }),
      ]),
    ).toEqual([
      { folder: 'b/', done: { objects: 2, bytes: 15 }, failed: 0 },
      { folder: 'c/', done: { objects: 1, bytes: 15 }, failed: 2 },
      { folder: '(top)', done: { objects: 1, bytes: 2 }, failed: 0 },
      { folder: '/', done: { objects: 1, bytes: 1 }, failed: 0 },
    ])
  })

  test('hold copies only', () => {
    const deletes = [row({ op: 'delete', key: 'b/1' })]
    const failed = row({ op: 'delete', key: 'b/1', status: 'failed', code: 'AccessDenied' })
    expect(foldersOf([...deletes, failed])).toEqual([])
    expect(totals([...deletes, failed])).toMatchObject({
      deleted: { objects: 1, bytes: 1 },
      status: { done: { objects: 0, bytes: 0 }, failed: { objects: 1, bytes: 1 } },
      sizeClasses: { small: { objects: 0 } },
    })
  })

  test('beyond the twenty smallest names are told together', () => {
    const name = (at: number) => `f${String(at).padStart(2, '0')}/`
    const rows = Array.from({ length: 25 }, (_, at) => row({ key: `key-${name(at)}k`, size: 2 }))
    const more = row({ key: `key-${name(24)}l`, status: 'failed' })
    const folders = foldersOf([...rows, more])
    expect(folders[0]).toEqual({ folder: 'Other', done: { objects: 5, bytes: 10 }, failed: 1 })
    expect(folders.slice(1).map(({ folder }) => folder)).toEqual(
      Array.from({ length: 20 }, (_, at) => name(at)),
    )
    expect(foldersOf(rows.slice(0, 20))).toHaveLength(20)
  })

  test('have names of at most 100 characters', () => {
    const [folder] = foldersOf([row({ key: `key-${'f'.repeat(200)}/k` })])
    expect(folder?.folder).toBe(`${'f'.repeat(99)}…`)
  })
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
    const groups = totals(given).errorGroups()
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

  test('what is denied for several reasons has a group for each, whatever key comes first', () => {
    const given = [
      failed('AccessDenied', 'a', denied('kms:Decrypt', 'arn:aws:kms:r:1:key/k')),
      ...['b', 'c'].map((key) =>
        failed('AccessDenied', key, denied('s3:PutObject', `arn:aws:s3:::dst/${key}`)),
      ),
      failed('AccessDenied', 'd', 'Access Denied'),
    ]
    const groups = totals(given).errorGroups()
    expect(groups.map(({ code, examples, help }) => [code, examples, help])).toEqual(
      [['b', 'c'], ['d'], ['a']].map((keys) => [
        'AccessDenied',
        keys,
        'docs/troubleshooting.md#accessdenied',
      ]),
    )
  })

  test('a service that denies in a hundred ways leaves room for all codes', () => {
    const given = [
      ...Array.from({ length: 100 }, (_, at) =>
        failed('AccessDenied', `k${at}`, denied('s3:PutObject', `arn:aws:s3:::b${at}/k`)),
      ),
      failed('SlowDown', 'z'),
    ]
    const groups = totals(given).errorGroups()
    expect(groups).toHaveLength(51)
    expect(groups.map(({ code }) => code)).toContain('SlowDown')
  })

  test('codes beyond 50 are told together, last', () => {
    const given = Array.from({ length: 60 }, (_, at) => failed(`Code${at}`, `k${at}`))
    const groups = totals(given).errorGroups()
    expect(groups).toHaveLength(51)
    expect(groups.at(-1)).toMatchObject({ code: 'Other', objects: 10 })
    expect(
      totals(given.slice(0, 50))
        .errorGroups()
        .map(({ code }) => code),
    ).not.toContain('Other')
  })

  test('causes come before what follows from them, and one code before the next', () => {
    const given = [
      ...['1', '2', '3'].map((key) => failed('HeldBack', key)),
      ...['4', '5'].map((key) => failed('CopiesFailed', key)),
      failed('Zebra', '6'),
      failed('Antelope', '7'),
      ...['8', '9', '10', '11'].map((key) => failed('Other', key)),
    ]
    expect(
      totals(given)
        .errorGroups()
        .map(({ code }) => code),
    ).toEqual(['Antelope', 'Zebra', 'HeldBack', 'CopiesFailed', 'Other'])
  })

  test('say where the documentation tells more, and nothing where no message came', () => {
    const [group] = totals([failed('SlowDown', 'k')]).errorGroups()
    expect(group).toEqual({
      code: 'SlowDown',
      objects: 1,
      resolution: 'S3 is throttling: too many requests: lower numworkers, or run again later.',
      help: 'docs/troubleshooting.md#slowdown',
      examples: ['k'],
      message: '',
    })
  })

  test('name a key once, and the smallest message of the smallest key', () => {
    const given = [failed('X', 'b', 'a'), failed('X', 'a', 'second'), failed('X', 'a', 'first')]
    for (const rows of [given, given.toReversed()])
      expect(totals(rows).errorGroups()[0]).toMatchObject({
        objects: 3,
        examples: ['a', 'b'],
        message: 'first',
      })
  })

  test('have codes of at most 100 characters', () => {
    const [group] = totals([failed('c'.repeat(200), 'k')]).errorGroups()
    expect(group?.code).toBe(`${'c'.repeat(99)}…`)
  })

  test('long messages are cut', () => {
    const [group] = totals([failed('X', 'k', 'm'.repeat(5000))]).errorGroups()
    expect(group?.message).toHaveLength(1000)
  })
})
