import { describe, expect, it } from 'vitest'
import { createWorkerCount } from '../../../src/s5cmd/workers.ts'
import { jumpingClock } from '../../ports.ts'

function scene(start: number, most: number) {
  const clock = jumpingClock()
  let lowered = 0
  const workers = createWorkerCount({
    start,
    most,
    clock,
    onLowered: () => {
      lowered++
    },
  })
  /** Copies so many objects a second for so long. */
  const copy = (perSecond: number, seconds: number): number => {
    for (let i = 0; i < seconds * perSecond; i++) {
      clock.advance(1000 / perSecond)
      workers.copied()
    }
    return workers.count()
  }
  return { clock, workers, copy, lowered: () => lowered }
}

describe('the number of s5cmd workers', () => {
  it('rises as long as more of them copy more', () => {
    const { copy } = scene(50, 256)
    expect(copy(100, 10.1)).toBe(75)
    expect(copy(150, 10.1)).toBe(113)
    expect(copy(155, 30)).toBe(113)
  })

  it('never rises beyond what was asked for', () => {
    const { copy } = scene(8, 8)
    expect(copy(100, 60)).toBe(8)
  })

  it('is lowered once for all refusals that belong together', () => {
    const { clock, workers, lowered } = scene(50, 256)
    for (let i = 0; i < 20; i++) workers.throttled()
    expect(workers.count()).toBe(35)
    clock.advance(5001)
    workers.throttled()
    expect(workers.count()).toBe(24)
    expect(lowered()).toBe(2)
  })

  it('is never lowered to nothing', () => {
    const { clock, workers } = scene(2, 256)
    for (let i = 0; i < 5; i++) {
      workers.throttled()
      clock.advance(6000)
    }
    expect(workers.count()).toBe(1)
  })

  it('rises again when the service has been calm for a while', () => {
    const { workers, copy } = scene(50, 256)
    copy(100, 20.2)
    workers.throttled()
    const low = workers.count()
    expect(copy(70, 9)).toBe(low)
    expect(copy(70, 25)).toBeGreaterThan(low)
  })
})
