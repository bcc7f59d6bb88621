import { describe, expect, test } from 'vitest'
import {
  differences,
  driftOf,
  isDifference,
  remedyOf,
  tolerated,
} from '../../../src/report/drift.ts'
import { REFUSED } from './sample.ts'

const tally = (objects: number) => ({ objects, bytes: objects * 10 })
const { totals } = REFUSED
const deleting = { ...totals, planned: tally(4), plannedDeletes: tally(3) }

describe('a reason is a difference', () => {
  test.each([
    ['missing', true, true],
    ['size-differs', true, true],
    ['etag-differs', true, true],
    ['newer', true, true],
    ['always', true, true],
    ['destination-conflict', true, true],
    ['only-at-destination', false, true],
    ['same-etag', false, false],
    ['filtered', false, false],
    ['differs-unproven', false, false],
  ])('%s: %s, and with deletes %s', (reason, without, withDeletes) => {
    expect(isDifference(reason, { totals })).toBe(without)
    expect(isDifference(reason, { totals: deleting })).toBe(withDeletes)
  })
})

test('drift is what would be copied and deleted', () => {
  expect(driftOf({ totals: deleting })).toEqual(tally(7))
})

describe('what differs', () => {
  const reasons = {
    'etag-differs': tally(0),
    newer: tally(20),
    'only-at-destination': tally(1200),
    'same-etag': tally(9),
    'destination-conflict': tally(100),
    'differs-unproven': tally(3),
    always: tally(2),
    missing: tally(1),
  }

  test('is told in words, the most frequent reason first', () => {
    expect(differences({ reasons, totals: deleting })).toBe(
      'only at the destination: 1,200; another object already exists there: 100; source is newer: 20; compare: always: 2; missing at the destination: 1',
    )
    expect(differences({ reasons: { 'etag-differs': tally(1) }, totals })).toBe(
      'same size, different ETag: 1',
    )
  })

  test('and is left alone is told apart, where there is any', () => {
    expect(tolerated({ reasons, totals })).toBe(
      'only at the destination: 1,200; same size, destination is newer: 3',
    )
    expect(tolerated({ reasons, totals: deleting })).toBe('same size, destination is newer: 3')
    expect(tolerated({ reasons: {}, totals })).toBe('')
  })
})

test('what to do is to sync, unless other objects are in the way', () => {
  const sync =
    'Run with mode: sync and the same inputs to repair the destination, or find out what changed it.'
  expect(remedyOf({ reasons: {} })).toBe(sync)
  expect(remedyOf({ reasons: { 'destination-conflict': tally(0) } })).toBe(sync)
  expect(remedyOf({ reasons: { 'destination-conflict': tally(1) } })).toBe(
    'With overwrite: never, a sync copies nothing while other objects exist under the same keys. Remove them, or set overwrite: if-different.',
  )
})
