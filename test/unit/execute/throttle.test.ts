import { describe, expect, it } from 'vitest'
import { createThrottle } from '../../../src/execute/throttle.ts'
import { playedTime } from './direct/played-time.ts'

const MIB = 2 ** 20
const { signal } = new AbortController()

/** What a minute of many workers lets through, each busy for a while with each object. */
async function minute(
  limits: { readonly bytesPerSecond?: number; readonly requestsPerSecond?: number },
  { bytes, busyMs, workers }: { bytes: number; busyMs: number; workers: number },
): Promise<{ objects: number; bytes: number }> {
  const clock = playedTime()
  const throttle = createThrottle(limits, { clock, signal })
  let objects = 0
  const work = async (): Promise<void> => {
    for (;;) {
      await throttle(bytes)
      if (clock.now() >= 60_000) return
      objects++
      await clock.sleep(busyMs)
    }
  }
  await clock.play(Promise.all(Array.from({ length: workers }, work)))
  return { objects, bytes: objects * bytes }
}

describe('a minute of copies', () => {
  it.each([
    [50_000_000, 64 * MIB, 10],
    [50_000_000, 1000, 700],
    [10_000_000, 5 * MIB, 50],
    [1_000_000, 100_000, 1],
  ])(
    'keeps to %i bytes a second with objects of %i bytes',
    async (bytesPerSecond, bytes, workers) => {
      const done = await minute({ bytesPerSecond }, { bytes, busyMs: 5, workers })
      expect(done.bytes / 60 / bytesPerSecond).toBeGreaterThan(0.9)
      expect(done.bytes / 60 / bytesPerSecond).toBeLessThan(1.1)
    },
  )

  it.each([1, 10, 333, 3000])('keeps to %i requests a second', async (requestsPerSecond) => {
    const { objects } = await minute({ requestsPerSecond }, { bytes: 1, busyMs: 20, workers: 200 })
    expect(objects / 60 / requestsPerSecond).toBeGreaterThan(0.9)
    expect(objects / 60 / requestsPerSecond).toBeLessThan(1.1)
  })

  it('keeps to both', async () => {
    const both = { requestsPerSecond: 100, bytesPerSecond: 1_000_000 }
    const large = await minute(both, { bytes: 50_000, busyMs: 1, workers: 50 })
    expect(large.objects / 60).toBeLessThan(22)
    const small = await minute(both, { bytes: 10, busyMs: 1, workers: 50 })
    expect(small.objects / 60).toBeLessThan(110)
  })

  it('does not wait once the run is cancelled', async () => {
    const cancelled = AbortSignal.abort()
    const throttle = createThrottle(
      { requestsPerSecond: 1 },
      { clock: playedTime(), signal: cancelled },
    )
    for (let i = 0; i < 100; i++) await throttle(1)
  })
})
