import { describe, expect, it } from 'vitest'
import { KEY_SHAPES } from '../../../bench/key-shapes.ts'
import { pageOf } from '../../../src/listing/pages.ts'
import { listInRanges } from '../../../src/listing/ranges.ts'
import { Stream } from '../../../src/listing/stream.ts'
import { toKeyBytes } from '../../../src/model/key.ts'
import { joinRows } from '../../../src/plan/join.ts'
import { type ListedStoreScript, listedStore } from '../../listed-store.ts'
import { idleSystem, jumpingClock } from '../../ports.ts'

const object = { size: 1, etag: 'e', second: 1 }
const PAGE_KEYS = 10

const placeOf = (keys: readonly string[], script: Partial<ListedStoreScript> = {}) => {
  const objects = new Map(keys.map((key) => [`p/${key}`, object]))
  const store = listedStore({ objects, pageKeys: PAGE_KEYS, ...script })
  return { store, bucket: 'b', prefix: 'p/', single: false }
}

async function list(source: readonly string[], destination: readonly string[]) {
  const places = { source: placeOf(source), destination: placeOf(destination) }
  const doors = { clock: jumpingClock(), system: idleSystem, signal: new AbortController().signal }
  let most = 0
  let open = 0
  const joined = await listInRanges(
    places,
    async (from, to) => {
      most = Math.max(most, ++open)
      let read = 0
      const taker = { take: () => read++, pause: async () => {} }
      await joinRows(from, to, taker)
      open--
      return read
    },
    doors,
  )
  const lists = places.source.store.queries.length + places.destination.store.queries.length
  return {
    pairs: joined?.reduce((sum, read) => sum + read, 0),
    lists,
    ranges: joined?.length,
    most,
  }
}

const pages = (keys: readonly string[]) => Math.max(1, Math.ceil(keys.length / PAGE_KEYS))
/** Requests for so many pages: a quarter more where they are few, a twentieth where they are many. */
const allowed = (least: number) => least + Math.max(Math.min(least / 4, 50), least / 20)
/** What is not as it looked at first costs some requests to find out. */
const GUESSES = 8
const shapeKeys = (name: string, count: number) => {
  const shape = KEY_SHAPES[name]?.(count)
  return Array.from({ length: count }, (_, i) => shape?.keyAt(i) ?? '')
}

const LAYOUTS: Readonly<Record<string, (count: number) => readonly string[]>> = {
  folders: (count) => shapeKeys('folders', count),
  flat: (count) => shapeKeys('flat', count),
  dates: (count) => shapeKeys('dates', count),
  'one giant folder': (count) =>
    Array.from({ length: count }, (_, i) =>
      i < 40 ? `f${i}/x` : `giant/${String(i).padStart(6, '0')}`,
    ),
  'a sequence': (count) => Array.from({ length: count }, (_, i) => String(i).padStart(8, '0')),
  timestamps: (count) =>
    Array.from({ length: count }, (_, i) => new Date(1.7e12 + i * 977_000).toISOString()),
  'numbers without zeros': (count) => Array.from({ length: count }, (_, i) => `img_${i}.jpg`),
  'other scripts': (count) =>
    Array.from({ length: count }, (_, i) => `${String.fromCodePoint(0x4e00 + (i % 500))}/${i}`),
  'astral characters': (count) =>
    Array.from({ length: count }, (_, i) => `${String.fromCodePoint(0x1f300 + (i % 100))}-${i}`),
}

describe('a listing in ranges', () => {
  it.each([0, 1, 10, 11])('costs exactly the pages there are: %i keys', async (count) => {
    const keys = shapeKeys('flat', count)
    expect(await list(keys, keys)).toMatchObject({ pairs: count, lists: 2 * pages(keys) })
  })

  it('asks an empty side once', async () => {
    const keys = shapeKeys('folders', 1500)
    const { pairs, lists } = await list(keys, [])
    expect(pairs).toBe(1500)
    expect(lists).toBeLessThanOrEqual(allowed(pages(keys)) + 1)
  })

  it.each(Object.keys(LAYOUTS))(
    'cuts %s for no more requests than a listing of its size is allowed, and a few guesses',
    async (layout) => {
      const keys = LAYOUTS[layout]?.(3000) ?? []
      const { pairs, lists, most } = await list(keys, keys)
      expect(pairs).toBe(3000)
      expect(lists).toBeLessThanOrEqual(allowed(2 * pages(keys)) + GUESSES)
      expect(most).toBeGreaterThan(4)
    },
  )

  it.each(['a sequence', 'timestamps', 'numbers without zeros', 'folders', 'dates'])(
    'cuts %s of any size for no more requests than it is allowed, and a few guesses',
    async (layout) => {
      for (const count of [90, 120, 150, 200, 250, 300, 600, 1200]) {
        const keys = LAYOUTS[layout]?.(count) ?? []
        const { pairs, lists } = await list(keys, keys)
        expect(pairs).toBe(count)
        expect(lists).toBeLessThanOrEqual(allowed(2 * pages(keys)) + GUESSES)
      }
    },
  )
})

describe('a listing of a place that is written to', () => {
  const keys = shapeKeys('flat', 1500)

  it.each(['behind every cut', 'at the end'])('is not listed again for keys %s', async (where) => {
    const objects = new Map(keys.map((key) => [`p/${key}`, object]))
    const before = (request: number): void => {
      const cuts = store.queries.flatMap(({ startAfter }) => startAfter ?? [])
      const fresh = where === 'at the end' ? [`p/zz${request}`] : cuts.map((cut) => `${cut}!`)
      for (const key of fresh) objects.set(key, object)
    }
    const store: ReturnType<typeof listedStore> = listedStore({
      objects,
      pageKeys: PAGE_KEYS,
      before,
    })
    const place = { store, bucket: 'b', prefix: 'p/', single: false }
    const doors = {
      clock: jumpingClock(),
      system: idleSystem,
      signal: new AbortController().signal,
    }
    const found: string[] = []
    const take = (one?: { readonly key: string }) => found.push(one?.key ?? '')
    const joined = await listInRanges(
      { source: place },
      (from, to) => joinRows(from, to, { take, pause: async () => {} }),
      doors,
    )
    expect(joined?.length).toBeGreaterThan(4)
    expect(found.filter((key) => !/!|zz/.test(key)).sort()).toEqual(keys)
    expect(new Set(found).size).toBe(found.length)
  })
})

describe('two ranges', () => {
  const open = (order: 'bytes' | 'folder-first', keys: readonly string[]): Stream => {
    const place = placeOf(keys, { order })
    const doors = {
      ask: pageOf,
      onPage: () => {},
      onDisorder: () => {
        throw new Error('out of order')
      },
    }
    return new Stream(place, { from: toKeyBytes(''), until: undefined }, doors)
  }
  const readAll = async (stream: Stream): Promise<void> => {
    for (let rows = await stream.next(); rows; rows = await stream.next()) rows.at = rows.to
  }

  it.each(['bytes', 'folder-first'] as const)(
    'do not meet where keys are lost: %s',
    async (order) => {
      // In the other order `b/x` stands before `b!1`, which the left range then never reaches.
      const keys = [
        ...Array.from({ length: 29 }, (_, i) => `a/${i}`),
        'b/x',
        'b!1',
        'b!2',
        'b!6',
        'b!7',
      ]
      const left = open(order, keys)
      const right = left.split(toKeyBytes('b!5'))
      await Promise.all([readAll(left), readAll(right)])
      expect(left.meets(right)).toBe(order === 'bytes')
      expect(left.keys + right.keys === keys.length).toBe(order === 'bytes')
    },
  )

  it('meet when the left one ends with the very key, and when there is nothing behind', async () => {
    for (const at of ['b', 'c', 'z']) {
      const left = open('bytes', ['a', 'b', 'c'])
      const right = left.split(toKeyBytes(at))
      await Promise.all([readAll(left), readAll(right)])
      expect(left.meets(right)).toBe(true)
      expect(left.keys + right.keys).toBe(3)
    }
  })

  it('do not meet where the right one begins behind another key than the left one saw', async () => {
    const left = open('bytes', ['a', 'b', 'c', 'd'])
    left.split(toKeyBytes('b'))
    const lost = open('bytes', ['a', 'b', 'd']).split(toKeyBytes('b'))
    await Promise.all([readAll(left), readAll(lost)])
    expect(left.front).toBe(left.until)
    expect(left.meets(lost)).toBe(false)
  })

  it('share what came already when nothing more will come', async () => {
    const left = open('bytes', ['a', 'b', 'c'])
    await left.next()
    const right = left.split(toKeyBytes('a'))
    expect((await right.next())?.at).toBe(1)
    expect((await left.next())?.to).toBe(1)
    expect(right.pages).toBe(0)
    expect(left.meets(right)).toBe(true)
  })
})
