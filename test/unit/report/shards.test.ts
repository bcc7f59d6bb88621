import { expect, test } from 'vitest'
import { shards } from '../../../src/report/shards.ts'
import { SUCCESS } from './sample.ts'

const DONE = { objects: 1200, bytes: 5e9 }

test('shards that are lost or failed stand before those that are well, which are folded', () => {
  const told = shards({
    ...SUCCESS,
    shards: [
      { shard: 1, result: 'success', durationSeconds: 61, done: DONE, failed: 0 },
      { shard: 2, lost: 'its files were not found', done: { objects: 3, bytes: 3 }, failed: 4 },
      { shard: 3, result: 'partial', durationSeconds: 5, done: DONE, failed: 1 },
    ],
  })
  expect(told.indexOf('lost: its files were not found')).toBeGreaterThan(0)
  expect(told.indexOf('| partial')).toBeLessThan(told.indexOf('<details>'))
  expect(told).toContain('1 shard with every copy done')
  expect(told.indexOf('| success')).toBeGreaterThan(told.indexOf('<details>'))
})

test('a run of no shards tells of none', () => {
  expect(shards(SUCCESS)).toBe('')
})
