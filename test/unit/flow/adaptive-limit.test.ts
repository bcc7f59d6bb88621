import { describe, expect, it } from 'vitest'
import { AdaptiveLimit } from '../../../src/flow/adaptive-limit.ts'
import { limited } from '../../../src/storage/limited.ts'
import { retrying } from '../../../src/storage/retrying.ts'
import { scriptedObjects } from '../../ports.ts'
import { playedTime } from './played-time.ts'

const slowDown = () =>
  Object.assign(new Error('Please reduce your request rate.'), {
    name: 'SlowDown',
    $metadata: { httpStatusCode: 503 },
  })

interface Scene {
  readonly latencyMs: number
  /** Requests a second that the service bears; it saves up those of a tenth of a second. */
  readonly cap: number
  readonly seconds: number
  readonly retryCount?: number
}

/** As many requests as the service bears in so many seconds, by 700 workers. */
async function flood({ latencyMs, cap, seconds, retryCount = 5 }: Scene) {
  const clock = playedTime()
  const { signal } = new AbortController()
  const limit = new AdaptiveLimit({ start: 50, most: 700, clock, signal })
  const count = cap * seconds
  const seen = { failed: 0, refused: 0, peak: 0, inside: 0 }
  let tokens = cap / 10
  let atMs = 0
  const request = async () => {
    seen.peak = Math.max(seen.peak, ++seen.inside)
    tokens = Math.min(cap / 10, tokens + ((clock.now() - atMs) * cap) / 1000)
    atMs = clock.now()
    const borne = tokens >= 1
    if (borne) tokens--
    else seen.refused++
    await clock.sleep(latencyMs)
    seen.inside--
    if (!borne) throw slowDown()
    return { size: 0, etag: 'e', headers: {} }
  }
  const throttle = async () => {}
  const paced = limited(scriptedObjects({ describe: request }), { limit, throttle, signal })
  const objects = retrying(paced, { clock, retryCount, signal })
  const ask = () => objects.describe({ bucket: 'b', key: 'k', etag: 'e' }, { timeoutMs: 1000 })
  let next = 0
  const worker = async (): Promise<void> => {
    while (next++ < count) await ask().catch(() => seen.failed++)
  }
  const all = Promise.all(Array.from({ length: 700 }, worker))
  await clock.play(all)
  return { ...seen, goodput: count / (clock.now() / 1000) / cap }
}

describe('an adaptive limit', () => {
  it.each([
    { latencyMs: 1, cap: 200, seconds: 20 },
    { latencyMs: 20, cap: 200, seconds: 20 },
    { latencyMs: 20, cap: 1000, seconds: 10 },
    { latencyMs: 80, cap: 1000, seconds: 30 },
  ])(
    'makes nine tenths of what a service bears, and loses nothing ($latencyMs ms, $cap/s)',
    async (scene) => {
      const { goodput, failed, refused } = await flood(scene)
      expect(failed).toBe(0)
      expect(goodput).toBeGreaterThan(0.9)
      expect(refused).toBeLessThan(scene.cap * scene.seconds)
    },
  )

  it('opens as far as it may while nobody complains', async () => {
    const { peak, goodput } = await flood({ latencyMs: 500, cap: 1400, seconds: 20 })
    expect(peak).toBe(700)
    expect(goodput).toBeGreaterThan(0.7)
  })

  it('lets as many through at a time as it was told', async () => {
    const clock = playedTime()
    const limit = new AdaptiveLimit({
      start: 3,
      most: 3,
      clock,
      signal: new AbortController().signal,
    })
    let inside = 0
    let peak = 0
    const work = async (): Promise<void> => {
      peak = Math.max(peak, ++inside)
      await clock.sleep(10)
      inside--
    }
    await clock.play(Promise.all(Array.from({ length: 30 }, () => limit.pass(work))))
    expect(peak).toBe(3)
    expect(clock.now()).toBe(100)
  })

  it('gives way to the next when work fails', async () => {
    const clock = playedTime()
    const limit = new AdaptiveLimit({
      start: 1,
      most: 1,
      clock,
      signal: new AbortController().signal,
    })
    const failing = limit.pass(() => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(await limit.pass(async () => 'yes')).toBe('yes')
  })

  it('holds nobody back once the run is cancelled', async () => {
    const clock = playedTime()
    const cancel = new AbortController()
    const { signal } = cancel
    const limit = new AdaptiveLimit({ start: 1, most: 700, clock, signal })
    const slow = async (): Promise<void> => {
      await clock.sleep(1)
      limit.slower()
    }
    const waiting = Promise.all(Array.from({ length: 3000 }, () => limit.pass(slow)))
    void clock.sleep(2500).then(() => cancel.abort())
    await clock.play(waiting)
    expect(clock.now()).toBeLessThan(2600)
  })
})
