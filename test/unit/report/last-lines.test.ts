import { expect, test } from 'vitest'
import { closingLines } from '../../../src/report/last-lines.ts'
import { CANCELLED, DRIFT, PLANNED, REFUSED, SUCCESS } from './sample.ts'

test('a run that reached its goal closes as the specification shows', () => {
  const lines = closingLines(SUCCESS)
  expect(lines).toEqual([
    'Copied: 3000 files, 1.2 GB',
    'Skipped: 8512 files (mostly: identical content)',
    'Failed: 0 files',
    'Total time: 42.1s',
    'Average speed: 38.1 MB/s',
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

test('a refusal counts nothing', () => {
  expect(closingLines(REFUSED).slice(0, 3)).toEqual([
    'Copied: 0 files',
    'Skipped: 0 files',
    'Failed: 0 files',
  ])
})
