import { describe, expect, test } from 'vitest'
import type { Report } from '../../../src/model/report.ts'
import { plan } from '../../../src/report/plan.ts'
import { DRIFT, PLANNED, SUCCESS } from './sample.ts'

const none = { objects: 0, bytes: 0 }
const tally = (objects: number) => ({ objects, bytes: objects })

/** The first paragraph below the title. */
const requestsOf = (planned: number, deletes: number, over: Partial<Report> = {}) => {
  const totals = { ...PLANNED.totals, planned: tally(planned), plannedDeletes: tally(deletes) }
  return plan({ ...PLANNED, totals, ...over }).split('\n\n')[1]
}
const titlesOf = (report: Report) =>
  [...plan(report).matchAll(/<summary>(.*)<\/summary>/g)].map(([, title]) => title)

test('is told of a plan that waits, and of drift, and of nothing else', () => {
  expect(plan(SUCCESS)).toBe('')
  expect(plan(PLANNED)).toMatch(/^### What it would do\n\nTo carry it out takes/)
  expect(plan(DRIFT)).toMatch(/^### What differs\n\n<details>/)
})

describe('what it would ask of the service', () => {
  const AT = 'at the list price of S3 Standard in us-east-1, transfer between regions not counted.'

  test.each([
    [1, 0, `1 copy request, less than $0.01 ${AT}`],
    [1_000_000, 0, `1,000,000 copy requests, $5.00 ${AT}`],
    [0, 1, `1 delete request, $0.00 ${AT}`],
    [0, 1000, `1 delete request, $0.00 ${AT}`],
    [4000, 1001, `4,000 copy requests and 2 delete requests, $0.02 ${AT}`],
  ])('%i copies and %i deletes', (copies, deletes, words) => {
    expect(requestsOf(copies, deletes)).toBe(`To carry it out takes at least ${words}`)
  })

  test('has no price at another service, or nowhere', () => {
    const destination = {
      bucket: 'b',
      prefix: '',
      single: false,
      region: 'r',
      endpoint: 'http://x',
    }
    const words = 'To carry it out takes at least 1 copy request.'
    expect(requestsOf(1, 0, { destination })).toBe(words)
    expect(requestsOf(1, 0, { destination: undefined })).toBe(words)
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

  test('come by reason: copies, deletes, and then what is left', () => {
    expect(titlesOf(report)).toEqual([
      'Copy: missing at the destination (1,201)',
      'Copy: source is newer (1)',
      'Delete: only at the destination (1)',
      'Leave: same size, destination is newer (2)',
    ])
    expect(titlesOf({ ...report, mode: 'check', result: 'drift' })).toEqual([
      'Differs: missing at the destination (1,201)',
      'Differs: source is newer (1)',
      'Differs: only at the destination (1)',
      'Leave: same size, destination is newer (2)',
    ])
  })

  test('are left where nothing is deleted', () => {
    const totals = { ...report.totals, plannedDeletes: none }
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
