import { describe, expect, it } from 'vitest'
import { RateBudget } from '../../../src/flow/throttle.ts'
import { playedTime } from './played-time.ts'

const MIB = 2 ** 20
const { signal } = new AbortController()

/** What many workers may begin in a second, on average over a while; each is busy for a moment with each object. */
async function paceOf(
  limits: { readonly bytesPerSecond?: number; readonly requestsPerSecond?: number },
  { bytes, busyMs, workers }: { bytes: number; busyMs: number; workers: number },
  seconds = 60,
): Promise<{ objects: number; bytes: number }> {
  const clock = playedTime()
  const throttle = new RateBudget(limits).throttle({ clock, signal })
  let objects = 0
  const work = async (): Promise<void> => {
    for (;;) {
      await throttle(bytes)
      if (clock.now() >= seconds * 1000) return
      objects++
      await clock.sleep(busyMs)
    }
  }
  await clock.play(Promise.all(Array.from({ length: workers }, work)))
  return { objects: objects / seconds, bytes: (objects * bytes) / seconds }
}

// A pace of thousands a second shows within two seconds; a minute of it would be millions of objects.
describe('the pace of copies', () => {
  it.each([
    { bytesPerSecond: 50_000_000, bytes: 64 * MIB, workers: 10, seconds: 60 },
    { bytesPerSecond: 50_000_000, bytes: 10_000, workers: 70, seconds: 2 },
    { bytesPerSecond: 10_000_000, bytes: 5 * MIB, workers: 50, seconds: 30 },
    { bytesPerSecond: 1_000_000, bytes: 100_000, workers: 1, seconds: 30 },
  ])(
    'keeps to $bytesPerSecond bytes a second with objects of $bytes bytes',
    async ({ bytesPerSecond, bytes, workers, seconds }) => {
      const done = await paceOf({ bytesPerSecond }, { bytes, busyMs: 5, workers }, seconds)
      expect(done.bytes / bytesPerSecond).toBeGreaterThan(0.9)
      expect(done.bytes / bytesPerSecond).toBeLessThan(1.1)
    },
  )

  it.each([
    { requestsPerSecond: 1, seconds: 60 },
    { requestsPerSecond: 10, seconds: 60 },
    { requestsPerSecond: 333, seconds: 4 },
    { requestsPerSecond: 3000, seconds: 2 },
  ])('keeps to $requestsPerSecond requests a second', async ({ requestsPerSecond, seconds }) => {
    const work = { bytes: 1, busyMs: 20, workers: 200 }
    const { objects } = await paceOf({ requestsPerSecond }, work, seconds)
    expect(objects / requestsPerSecond).toBeGreaterThan(0.9)
    expect(objects / requestsPerSecond).toBeLessThan(1.1)
  })

  it('keeps to both', async () => {
    const both = { requestsPerSecond: 100, bytesPerSecond: 1_000_000 }
    const large = await paceOf(both, { bytes: 50_000, busyMs: 1, workers: 50 })
    expect(large.objects).toBeLessThan(22)
    const small = await paceOf(both, { bytes: 10, busyMs: 1, workers: 50 })
    expect(small.objects).toBeLessThan(110)
  })

  it('is one for all who take of one budget, one after the other too', async () => {
    const clock = playedTime()
    const budget = new RateBudget({ requestsPerSecond: 100, bytesPerSecond: 1000 })
    const begun: number[] = []
    const transfer = async (): Promise<void> => {
      const throttle = budget.throttle({ clock, signal })
      await throttle(1000)
      begun.push(clock.now())
    }
    await clock.play(transfer().then(transfer).then(transfer))
    expect(begun.map((ms) => Math.round((ms - (begun[0] ?? 0)) / 100))).toEqual([0, 10, 20])
  })

  it('lets what moves no bytes wait for none', async () => {
    const clock = playedTime()
    const throttle = new RateBudget({ bytesPerSecond: 1 }).throttle({ clock, signal })
    await throttle(1000)
    const fromMs = clock.now()
    await clock.play(Promise.resolve(throttle(0)))
    expect(clock.now() - fromMs).toBe(0)
  })

  it('does not wait once the run is cancelled', async () => {
    const cancelled = AbortSignal.abort()
    const doors = { clock: playedTime(), signal: cancelled }
    const throttle = new RateBudget({ requestsPerSecond: 1 }).throttle(doors)
    for (let i = 0; i < 100; i++) await throttle(1)
  })
})
