import { expect, test } from 'vitest'
import { estimateOf } from '../../../src/report/estimate.ts'

const small = { objects: 10_000, bytes: 10_000_000 }

test('small objects take as long as their requests, so many at a time', () => {
  const { seconds, assumed } = estimateOf(small, { asked: Number.NaN, streamed: false })
  expect(seconds).toBeCloseTo(30, 0)
  expect(assumed).toBe('50 objects in parallel, 0.15 s per object plus its bytes at 50.0 MB/s')
  expect(estimateOf(small, { asked: 500, streamed: false }).seconds).toBeCloseTo(3, 0)
})

test('large ones take as long as their bytes; all share the link of a runner', () => {
  const large = { objects: 10, bytes: 50_000_000_000 }
  expect(estimateOf(large, { asked: 10, streamed: false }).seconds).toBeCloseTo(100, 0)
  expect(estimateOf(large, { asked: 10, streamed: true }).seconds).toBeCloseTo(1000, 0)
})

test('never more are at work than there are objects', () => {
  const { assumed } = estimateOf({ objects: 1, bytes: 10 }, { asked: 50, streamed: true })
  expect(assumed).toBe(
    '1 object in parallel, 0.15 s per object plus its bytes at 50.0 MB/s for all',
  )
})
