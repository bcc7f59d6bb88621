import { describe, expect, it } from 'vitest'
import { passDelayMs, passWorkers } from '../../../src/flow/pace.ts'

describe('a further pass', () => {
  it.each([
    [50, 0, 50],
    [50, 1, 25],
    [25, 1, 13],
    [50, 3, 7],
    [1, 5, 1],
  ])('of %i workers, pass %i, has %i', (workers, pass, count) => {
    expect(passWorkers(workers, pass)).toBe(count)
  })

  it('waits longer each time where S3 is throttling: too many requests, and else a second at most', () => {
    const delays = (throttled: boolean, retryDelayMs: number) =>
      [1, 2, 3].map((pass) => passDelayMs(pass, throttled, { retryDelayMs, random: () => 0.5 }))
    expect(delays(true, 2000)).toEqual([1000, 2000, 4000])
    expect(delays(false, 2000)).toEqual([500, 500, 500])
    expect(delays(false, 50)).toEqual([25, 25, 25])
  })
})
