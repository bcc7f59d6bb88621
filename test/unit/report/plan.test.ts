import { describe, expect, test } from 'vitest'
import type { Report } from '../../../src/model/report.ts'
import { requestsOf as asked } from '../../../src/plan/requests.ts'
import { deletes, plan } from '../../../src/report/plan.ts'
import { DRIFT, PLANNED, SUCCESS } from './sample.ts'

const none = { objects: 0, bytes: 0 }
const tally = (objects: number) => ({ objects, bytes: objects })

/** The first paragraph below the title. */
const requestsOf = (planned: number, deletes: number, over: Partial<Report> = {}) => {
  const listed = { source: 2001, destination: 0 }
  const requests = asked({ copies: tally(planned), deletes: tally(deletes), listed }, {})
  return plan({
    ...PLANNED,
    totals: { ...PLANNED.totals, planned: none },
    requests,
    ...over,
  }).split('\n\n')[1]
}
const titlesOf = (report: Report) =>
  [...plan(report).matchAll(/<summary>(.*)<\/summary>/g)].map(([, title]) => title)

test('is told of a plan that waits, and of drift, and of nothing else', () => {
  expect(plan(SUCCESS)).toBe('')
  expect(plan(PLANNED)).toMatch(/^### Planned changes\n\nApplying it takes/)
  expect(plan(DRIFT)).toMatch(/^### What differs\n\n<details>/)
})

describe('what it would ask of the service', () => {
  const AT =
    'at the list price of S3 Standard in us-east-1, cross-region data transfer not included.'

  test.each([
    [1, 0, `1 copy request, 4 LIST requests, less than $0.01 ${AT}`],
    [1_000_000, 0, `1,000,000 copy requests, 4 LIST requests, $5.00 ${AT}`],
    [
      0,
      1,
      `4 LIST requests, 1 delete request, 1 HEAD request to check the source before deleting, less than $0.01 ${AT}`,
    ],
    [
      0,
      1000,
      `4 LIST requests, 1 delete request, 1,000 HEAD requests to check the source before deleting, less than $0.01 ${AT}`,
    ],
    [
      4000,
      100_001,
      `4,000 copy requests, 4 LIST requests, 101 delete requests, 100,001 HEAD requests to check the source before deleting, $0.06 ${AT}`,
    ],
  ])('%i copies and %i deletes', (copies, deletes, words) => {
    expect(requestsOf(copies, deletes)).toBe(`Applying it takes at least ${words}`)
  })

  test('has no price at another service, or nowhere', () => {
    const destination = {
      bucket: 'b',
      prefix: '',
      single: false,
      region: 'r',
      endpoint: 'http://x',
    }
    const words = 'Applying it takes at least 1 copy request, 4 LIST requests.'
    const source = destination
    expect(requestsOf(1, 0, { source, destination })).toBe(words)
    expect(requestsOf(1, 0, { source: undefined, destination: undefined })).toBe(words)
  })

  test('has the price of what AWS alone is asked', () => {
    const elsewhere = { bucket: 'b', prefix: '', single: false, region: 'r', endpoint: 'http://x' }
    expect(requestsOf(0, 100_000, { source: elsewhere })).toContain(', less than $0.01 at')
    expect(requestsOf(100_000, 100_000, { source: elsewhere })).toContain(', $0.50 at')
    expect(requestsOf(100_000, 100_000, { destination: elsewhere })).toContain(', $0.04 at')
    expect(requestsOf(100_000, 100_000)).toContain(', $0.54 at')
  })

  test('has the price of every HEAD request, whatever it is for', () => {
    const requests = asked(
      { copies: tally(1), deletes: none, listed: { source: 1, destination: 1 } },
      {},
    )
    const many = { source: 100_000, destination: 100_000 }
    for (const [more, dollars] of [
      [{ typeLooks: 100_000 }, '$0.04'],
      [{ headerLooks: 100_000 }, '$0.04'],
      [{ headerCompares: 100_000 }, '$0.04'],
      [{ checksumLooks: many }, '$0.08'],
      [{ rowLooks: many }, '$0.08'],
    ] as const)
      expect(requestsOf(1, 0, { requests: { ...requests, ...more } })).toContain(`, ${dollars} at`)
  })

  test('looks deletes up by one more listing where keys are organised anew', () => {
    const taken = { copies: none, deletes: tally(5000), listed: { source: 2001, destination: 9 } }
    const keys = { template: '{name}', mismatch: 'keep' } as const
    const requests = asked(taken, { keys })
    expect(requests).toEqual({
      checksumLooks: { source: 0, destination: 0 },
      copies: 0,
      deletes: 5,
      lookUps: 0,
      lookUpLists: 3,
      typeLooks: 0,
      headerLooks: 0,
      headerCompares: 0,
      sourceLists: 3,
      destinationLists: 1,
      rowLooks: { source: 0, destination: 0 },
    })
    expect(plan({ ...PLANNED, requests })).toContain(
      '5 delete requests, 3 LIST requests to check the',
    )
    const empty = { ...taken, listed: { source: 0, destination: 9 } }
    expect(asked(empty, { keys }).lookUpLists).toBe(1)
    expect(asked({ ...taken, deletes: none }, { keys }).lookUpLists).toBe(0)
  })
})

describe('its examples', () => {
  const sample = [{ key: 'k|<1>', size: 1000 }]
  const report: Report = {
    ...PLANNED,
    totals: { ...PLANNED.totals, plannedDeletes: tally(1) },
    reasons: {
      'differs-unproven': tally(2),
      'only-at-destination': tally(1),
      missing: tally(1201),
      newer: tally(1),
    },
    samples: {
      'differs-unproven': sample,
      'only-at-destination': sample,
      missing: sample,
      newer: sample,
    },
  }

  test('come by reason: copies, and then what is left; deletes stand by themselves, unfolded', () => {
    expect(deletes(report)).toBe('### What it would delete (1)\n\n- `k|<1>` 1.0 kB')
    const many = Array.from({ length: 12 }, (_, at) => ({ key: `k${at}`, size: 1 }))
    const plannedDeletes = tally(1000)
    expect(
      deletes({
        ...report,
        totals: { ...report.totals, plannedDeletes },
        samples: { 'only-at-destination': many },
      }),
    ).toMatch(
      /- `k9` 1 B\n\n<details><summary>The next 2<\/summary>\n\n- `k10` 1 B\n- `k11` 1 B\n\n<\/details>\n\nAnd 988 more in `plan.ndjson`.$/,
    )
    expect(deletes({ ...report, mode: 'check', result: 'drift' })).toBe('')
    expect(deletes({ ...report, result: 'success' })).toBe('')
    expect(titlesOf(report)).toEqual([
      'Copy: missing at the destination (1,201)',
      'Copy: source is newer (1)',
      'Leave: same size, destination is newer (2)',
    ])
    expect(titlesOf({ ...report, mode: 'check', result: 'drift' })).toEqual([
      'Different: missing at the destination (1,201)',
      'Different: source is newer (1)',
      'Different: only at the destination (1)',
      'Not counted: same size, destination is newer (2)',
    ])
  })

  test('are left where nothing is deleted', () => {
    const totals = { ...report.totals, plannedDeletes: none }
    expect(deletes({ ...report, totals })).toBe('')
    expect(titlesOf({ ...report, totals })[2]).toMatch(/^Leave: /)
    expect(titlesOf({ ...report, totals })[3]).toMatch(/^Leave: /)
  })

  test('are some keys, and how many more there are', () => {
    const text = plan({ ...report, samples: { missing: sample } })
    expect(text).toContain(
      '(1,201)</summary>\n\n- `k|<1>` 1.0 kB\n- and 1,200 more objects in the plan file\n\n</details>',
    )
    const all = plan({ ...report, samples: { newer: sample } })
    expect(all).toContain('(1)</summary>\n\n- `k|<1>` 1.0 kB\n\n</details>')
  })

  test('of a reason that this version does not know are shown all the same, as many as there are', () => {
    expect(titlesOf({ ...report, samples: { strange: [...sample, ...sample] } })).toEqual([
      'Leave: another reason (2)',
    ])
  })

  test('are of twenty reasons at most', () => {
    const samples = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`r${at}`, sample]))
    expect(titlesOf({ ...report, samples })).toHaveLength(20)
  })
})
