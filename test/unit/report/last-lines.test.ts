import { expect, test } from 'vitest'
import { closingLines } from '../../../src/report/last-lines.ts'
import {
  CANCELLED,
  DRIFT,
  MIRRORED,
  PLANNED,
  PLANNED_REFUSED,
  REFUSED,
  REFUSED_PLAN,
  SUCCESS,
} from './sample.ts'

const endOf = (result: string): readonly string[] => [
  'Total time: 42.1s',
  `Result: ${result}`,
  'Plan: /tmp/s3-direct-sync/sync/plan.ndjson',
  'Report: /tmp/s3-direct-sync/sync/report.json',
]

test('a run that reached its goal closes as the specification shows', () => {
  const lines = closingLines(SUCCESS)
  expect(lines).toEqual([
    'Copied: 3000 files, 1.2 GB',
    'Skipped: 8512 files (mostly: identical content)',
    'Failed: 0 files',
    'Total time: 42.1s',
    'Average speed: 38.1 MB/s',
    'Result: success',
    'Report: /tmp/s3-direct-sync/sync/report.json',
  ])
  expect(lines[0]).toMatch(/Copied: (\d+) files/)
  expect(lines[4]).toMatch(/Average speed: ([\d.]+) MB\/s/)
})

test('unknown objects are told where there are some', () => {
  expect(closingLines(CANCELLED)).toContain('Unknown: 1800 files, 720.0 MB')
})

test('a plan copies nothing and says so', () => {
  const lines = closingLines(PLANNED)
  expect(lines[0]).toBe('Planned: 3000 files, 1.2 GB (nothing was written)')
  expect(lines.join('\n')).not.toMatch(/Copied|speed/)
})

test('a check tells what differs, and changes nothing', () => {
  const lines = closingLines(DRIFT)
  expect(lines.slice(0, 2)).toEqual([
    'Missing or different: 3000 files, 1.2 GB (nothing was changed)',
    'Only at the destination: 3 files, 4.5 kB',
  ])
  expect(lines.join('\n')).not.toMatch(/Copied|speed/)
})

test('a refusal without a plan counts nothing', () => {
  const lines = closingLines(REFUSED)
  expect(lines[0]).toMatch(/^Total time: /)
  expect(lines.join('\n')).not.toMatch(/files|speed/)
})

test('a refused plan is counted as it stands, behind the cause', () => {
  const counts = [
    'Planned: 3000 files, 1.2 GB (nothing was written)',
    'To delete: 40 files, 45.0 kB',
    'Skipped: 8512 files (mostly: identical content)',
  ]
  expect(closingLines(REFUSED_PLAN)).toEqual([
    'Not run: 40 deletes, max-delete is 10',
    ...counts,
    ...endOf('failed'),
  ])
  expect(closingLines(PLANNED_REFUSED)).toEqual([
    'A real run would be refused: 40 deletes, max-delete is 10',
    ...counts,
    ...endOf('planned'),
  ])
})

const SKIPPED = 'Skipped: 8512 files (mostly: identical content)'

test('deletes are told where there were some to do, done or not', () => {
  expect(closingLines(MIRRORED).slice(1, 4)).toEqual([
    SKIPPED,
    'Deleted: 3 files, 4.5 kB',
    'Failed: 0 files',
  ])
  const { totals } = MIRRORED
  const deleted = { objects: 0, bytes: 0 }
  expect(closingLines({ ...MIRRORED, totals: { ...totals, deleted } })[2]).toBe('Deleted: 0 files')
})

test('a plan that deletes says so, and nothing else', () => {
  const { plannedDeletes } = DRIFT.totals
  expect(closingLines({ ...PLANNED, totals: { ...PLANNED.totals, plannedDeletes } })).toEqual([
    'Planned: 3000 files, 1.2 GB (nothing was written)',
    'To delete: 3 files, 4.5 kB',
    SKIPPED,
    ...endOf('planned'),
  ])
  expect(closingLines(PLANNED)).toEqual([
    'Planned: 3000 files, 1.2 GB (nothing was written)',
    SKIPPED,
    ...endOf('planned'),
  ])
})

test('a check without deletes has no line for them', () => {
  const { plannedDeletes } = PLANNED.totals
  expect(closingLines({ ...DRIFT, totals: { ...DRIFT.totals, plannedDeletes } })).toEqual([
    'Missing or different: 3000 files, 1.2 GB (nothing was changed)',
    SKIPPED,
    ...endOf('drift'),
  ])
})

test.each<[string, Readonly<Record<string, number>>, string]>([
  ['the most frequent reason', { exists: 2, 'same-size': 5, filtered: 1 }, ' (mostly: same size)'],
  ['no reason to copy', { missing: 9, exists: 2 }, ' (already exists)'],
  ['nothing that only the destination has', { 'only-at-destination': 9 }, ''],
  ['no word that this version does not know', { strange: 2 }, ''],
])('why files were skipped is %s', (_, counts, why) => {
  const reasons = Object.fromEntries(
    Object.entries(counts).map(([reason, objects]) => [reason, { objects, bytes: 1 }]),
  )
  const skipped = { objects: 7, bytes: 1 }
  const report = { ...SUCCESS, reasons, totals: { ...SUCCESS.totals, skipped } }
  expect(closingLines(report)[1]).toBe(`Skipped: 7 files${why}`)
})

test.each([0, 500])('a run that copied %i bytes has no speed worth a line', (bytes) => {
  const copied = { objects: bytes, bytes }
  const lines = closingLines({ ...SUCCESS, totals: { ...SUCCESS.totals, copied } })
  expect(lines.join('\n')).not.toContain('speed')
})

test('nothing skipped has no reason', () => {
  const skipped = { objects: 0, bytes: 0 }
  const report = { ...SUCCESS, totals: { ...SUCCESS.totals, skipped } }
  expect(closingLines(report)[1]).toBe('Skipped: 0 files')
})

test('a report file is named where one was written, and its name is not obeyed', () => {
  expect(closingLines({ ...SUCCESS, files: { report: '' } }).at(-1)).toBe('Result: success')
  expect(closingLines({ ...SUCCESS, files: { report: '/r/##[error]\n' } }).at(-1)).toBe(
    'Report: /r/##\\[error]\\x0a',
  )
})
