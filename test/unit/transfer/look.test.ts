import { describe, expect, test } from 'vitest'
import { toKeyBytes } from '../../../src/model/key.ts'
import type { Store } from '../../../src/storage/store.ts'
import { type LookDeps, lookAtEach, looker } from '../../../src/transfer/look.ts'
import { type ListedStoreScript, listedStore, pageOf } from '../../listed-store.ts'
import { memoryFiles } from '../../memory-files.ts'

const signal = new AbortController().signal
const refuse = async () => {
  throw Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } })
}
const objectsOf = (keys: readonly string[]) =>
  new Map(keys.map((key) => [key, { size: 1, etag: 'e', second: 1 }]))
const storeOf = (keys: readonly string[], stat: Store['stat'] = refuse) => ({
  ...listedStore({ objects: objectsOf(keys), pageKeys: 1000 }),
  stat,
})

test('a key that may not be read is looked up by a listing, and others that begin with it are not it', async () => {
  const look = looker(storeOf(['a', 'ab', 'b/c']), 'b')
  expect(await look('a', signal)).toMatchObject({ etag: 'e' })
  expect(await look('b', signal)).toBeUndefined()
})

test('one page tells that a key is not there, however many begin with it', async () => {
  const store = storeOf(Array.from({ length: 5000 }, (_, i) => `a/${String(i).padStart(4, '0')}`))
  expect(await looker(store, 'b')('a', signal)).toBeUndefined()
  expect(store.queries.length).toBe(1)
})

test('where keys come in another order all of them are read', async () => {
  const many = Array.from({ length: 1500 }, (_, i) => `a/${String(i).padStart(4, '0')}`)
  const { page, capabilities } = listedStore({
    objects: objectsOf(['a', ...many]),
    pageKeys: 1200,
    faults: new Map([[0, 'unordered']]),
  })
  expect(await looker({ stat: refuse, page, capabilities }, 'b')('a', signal)).toMatchObject({
    etag: 'e',
  })
})

test('the first refusal is remembered', async () => {
  let asked = 0
  const stat = () => {
    asked++
    return refuse()
  }
  const look = looker(storeOf(['a'], stat), 'b')
  await look('a', signal)
  await look('a', signal)
  expect(asked).toBe(1)
})

test.each([
  ['size', { size: Number.NaN, modified: '2026-01-01T00:00:00Z' }],
  ['time', { size: 1, modified: '' }],
])('a HEAD that does not tell the %s is no look: a listing tells it', async (_what, told) => {
  let asked = 0
  const stat = async () => {
    asked++
    return { ...told, etag: 'e', restored: false }
  }
  const look = looker(storeOf(['a', 'b'], stat), 'b')
  expect(await look('a', signal)).toMatchObject({ size: 1, modified: '1970-01-01T00:00:01.000Z' })
  expect(await look('b', signal)).toMatchObject({ size: 1 })
  expect(asked).toBe(1)
})

test('a bad request, as a HEAD of what is encrypted with a key of its own, is no look: a listing tells', async () => {
  const stat = async () => {
    throw Object.assign(new Error('no'), { $metadata: { httpStatusCode: 400 } })
  }
  const look = looker(storeOf(['a'], stat), 'b')
  expect(await look('a', signal)).toMatchObject({ etag: 'e' })
})

interface Script {
  /** What the place has. */
  readonly has: readonly string[]
  readonly pageKeys?: number
  readonly order?: ListedStoreScript['order']
  readonly method?: LookDeps['method']
  /** By default AWS. */
  readonly endpoint?: string
  readonly mayHead?: boolean
  /** Stands before the pages of the store. */
  readonly page?: (page: Store['page']) => Store['page']
}

/** Looks at keys as at more than a thousand; gives those that were seen, and the requests. */
async function look(sought: readonly string[], script: Script) {
  const { has, pageKeys = 100, order = 'bytes', mayHead = true } = script
  const objects = objectsOf(has.map((key) => `to/${key}`))
  const listed = listedStore({ objects, pageKeys, order })
  if (!mayHead) listed.capabilities.refusesHeads()
  const asked = { heads: 0 }
  const store: Store = {
    ...listed,
    page: script.page?.(listed.page) ?? listed.page,
    stat: async ({ key }) => {
      asked.heads++
      const modified = new Date(1000).toISOString()
      return objects.has(key) ? { size: 1, etag: 'e', modified, restored: false } : undefined
    },
  }
  const place = { store, bucket: 'b', prefix: 'to/', single: false, region: 'eu-west-1' }
  const records = async function* () {
    for (const key of sought) yield { key: toKeyBytes(key) }
  }
  const pairs = await lookAtEach(
    {
      place: { ...place, endpoint: script.endpoint },
      files: memoryFiles(),
      scratch: '/scratch',
      signal,
      method: script.method,
    },
    { records: records(), count: 1001 },
  )
  const requests = { lists: listed.queries.length, ...asked }
  const seen: string[] = []
  const missing: string[] = []
  for await (const [record, found] of pairs)
    if (record) (found ? seen : missing).push(Buffer.from(record.key, 'latin1').toString())
  expect({ lists: listed.queries.length, ...asked }, 'requests behind the first pair').toEqual(
    requests,
  )
  return { seen, missing, ...requests }
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, i) => `d${i % 7}/${String(i).padStart(6, '0')}`).sort()
const every = (nth: number, keys: readonly string[]) => keys.filter((_, i) => i % nth === nth - 1)

describe('many keys', () => {
  const crowd = numbered(100_000)

  test('that lie far apart cost no listing of what lies between them', async () => {
    const sought = every(66, crowd)
    const looked = await look(sought, { has: crowd })
    expect(looked).toMatchObject({ seen: sought, missing: [], lists: 8 })
    expect(looked.heads).toBeLessThan(sought.length)
    expect((await look(sought, { has: crowd, method: 'listing' })).lists).toBe(1000)
  })

  test('cost a page each at most where no HEAD is allowed', async () => {
    const sought = every(66, crowd)
    const script = { has: crowd, pageKeys: 10, mayHead: false }
    expect(await look(sought, script)).toEqual({
      seen: sought,
      missing: [],
      lists: sought.length,
      heads: 0,
    })
  })

  test.each([1, 2, 5])(
    'of which every %i. is sought cost the pages of one listing',
    async (nth) => {
      const has = crowd.slice(0, 5000)
      const sought = every(nth, has)
      const looked = await look(sought, { has })
      expect(looked).toEqual({ seen: sought, missing: [], lists: 50, heads: 0 })
      expect(await look(sought, { has, method: 'listing' })).toEqual(looked)
    },
  )

  test('in crowds far from each other cost the pages of the crowds', async () => {
    const sought = [...crowd.slice(0, 1000), ...crowd.slice(-1000)]
    expect(await look(sought, { has: crowd })).toEqual({
      seen: sought,
      missing: [],
      lists: 20,
      heads: 0,
    })
  })

  test('that are missing are told as such, before, between and behind those that are there', async () => {
    const has = numbered(2000)
    const sought = ['a', ...has, 'd3/x', 'z']
    const looked = await look([...sought].reverse(), { has })
    expect(looked).toEqual({ seen: has, missing: ['a', 'd3/x', 'z'], lists: 20, heads: 0 })
  })

  test('are asked for where another service does not show them', async () => {
    const has = numbered(2000)
    const looked = await look([...has, 'd3/x', 'z'], { has, endpoint: 'http://127.0.0.1' })
    expect(looked).toMatchObject({ seen: has, missing: ['d3/x', 'z'], heads: 2 })
  })

  test('are all seen where the folder itself and the very last key are among them', async () => {
    const has = ['', ...numbered(300), '\u{10fffd}\u{10fffd}']
    expect(await look([...has], { has })).toMatchObject({ seen: has, missing: [] })
    const ends = ['', '\u{10fffd}\u{10fffd}']
    expect(await look(ends, { has, mayHead: false })).toMatchObject({ seen: ends, lists: 2 })
  })

  test('are found where folders stand before files, in the middle of a page or behind what was left out', async () => {
    const folder = Array.from({ length: 200 }, (_, i) => `a/${String(i).padStart(3, '0')}`)
    const has = ['Z', 'a!', ...folder, 'b'].sort()
    const other = { has, order: 'folder-first', endpoint: 'http://127.0.0.1' } as const
    expect(await look(has, { ...other, pageKeys: 1000 })).toMatchObject({ seen: has, lists: 2 })
    for (const pageKeys of [1, 7, 50])
      expect(await look(has, { ...other, pageKeys })).toMatchObject({ seen: has, missing: [] })
  })

  test('are found where a service knows no place to begin', async () => {
    const has = numbered(1000)
    const page = (listed: Store['page']) => (query: Parameters<Store['page']>[0]) =>
      listed({ ...query, startAfter: undefined })
    expect(await look(every(300, has), { has, page })).toMatchObject({ seen: every(300, has) })
  })

  test('are found behind pages with nothing on them', async () => {
    const has = numbered(1000)
    const page =
      (listed: Store['page']): Store['page'] =>
      async (query) => {
        const { token, startAfter = '' } = query
        if (token?.startsWith('~')) return listed({ ...query, token: token.slice(1) })
        return pageOf([], { truncated: true, nextToken: `~${token ?? startAfter}` })
      }
    const sought = every(300, has)
    expect(await look(sought, { has, page, mayHead: false })).toMatchObject({
      seen: sought,
      lists: 3,
    })
  })

  test('are not looked for in a circle', async () => {
    const page = () => async () => pageOf([], { truncated: true, nextToken: 'again' })
    await expect(look(['a', 'b'], { has: [], page })).rejects.toMatchObject({ kind: 'list' })
  })
})
