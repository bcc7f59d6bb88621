import { describe, expect, it } from 'vitest'
import { KEY_SHAPES } from '../../../bench/key-shapes.ts'
import { listInRanges } from '../../../src/listing/ranges.ts'
import { joinRows } from '../../../src/plan/join.ts'
import { idleSystem } from '../../ports.ts'
import { playedTime } from '../flow/played-time.ts'
import { playedPlace } from './played-place.ts'

const PAGE_KEYS = 1000
const LATENCY_MS = 80

const keysOf = (shape: string, count: number): readonly string[] => {
  const made = KEY_SHAPES[shape]?.(count)
  return Array.from({ length: count }, (_, i) => made?.keyAt(i) ?? '')
}

/** Lists both places over a slow network, in time that is only played. */
async function list(source: readonly string[], destination: readonly string[]) {
  const time = playedTime()
  const network = { time, pageKeys: PAGE_KEYS, latencyMs: LATENCY_MS }
  const places = {
    source: playedPlace(source, network),
    destination: playedPlace(destination, network),
  }
  const { signal } = new AbortController()
  let pairs = 0
  const taker = { take: () => void pairs++, pause: async () => {} }
  const listing = listInRanges(places, (from, to) => joinRows(from, to, taker), {
    clock: time,
    system: idleSystem,
    signal,
  })
  await time.play(listing)
  return {
    pairs,
    /** How often one answer had to come before the next question. */
    rounds: time.now() / LATENCY_MS,
    lists: places.source.queries.length + places.destination.queries.length,
  }
}

/** Requests beside those for pages. */
const allowance = (pages: number): number =>
  pages <= 200 ? pages / 4 : pages <= 1000 ? 50 : pages / 20

describe('a listing at 80 ms a request', () => {
  it.each([
    { count: 1000, rounds: 1 },
    { count: 2000, rounds: 2 },
    { count: 20_000, rounds: 10 },
    { count: 100_000, rounds: 13 },
  ])(
    'of $count keys a side waits for $rounds answers at most, whatever its layout',
    async ({ count, rounds }) => {
      const pages = (2 * count) / PAGE_KEYS
      for (const shape of Object.keys(KEY_SHAPES)) {
        const keys = keysOf(shape, count)
        const listed = await list(keys, keys)
        expect(listed.pairs).toBe(count)
        // Where one folder holds half of all, that shows late.
        const most = shape.startsWith('tenant') ? Math.ceil(rounds * 1.4) : rounds
        expect(`${shape}: ${listed.rounds <= most || listed.rounds}`).toBe(`${shape}: true`)
        const extra = listed.lists - pages
        expect(`${shape}: ${extra <= allowance(pages) || extra}`).toBe(`${shape}: true`)
      }
    },
  )

  it('of 600,000 keys a side costs a twentieth more requests at most', async () => {
    const keys = keysOf('dates', 600_000)
    const { pairs, rounds, lists } = await list(keys, keys)
    expect(pairs).toBe(600_000)
    expect(lists).toBeLessThanOrEqual(1.05 * 1200)
    expect(rounds).toBeLessThan(45)
  })

  it('asks an empty destination once, and one that lacks every tenth key no more often than an equal one', async () => {
    const keys = keysOf('folders', 50_000)
    const copied = await list(keys, [])
    expect(copied.pairs).toBe(50_000)
    expect(copied.lists).toBeLessThanOrEqual(51 + allowance(51))
    const most = keys.filter((_, i) => i % 10 > 0)
    const brought = await list(keys, most)
    expect(brought.lists).toBeLessThanOrEqual(95 + allowance(95))
  })
})
