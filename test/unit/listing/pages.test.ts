import { describe, expect, it } from 'vitest'
import { listAll } from '../../../src/listing/pages.ts'
import { toText } from '../../../src/model/key.ts'
import { scriptedStore } from '../../ports.ts'
import { type ListingText, listing } from './listing.ts'

const signal = new AbortController().signal

async function list(...pages: readonly ListingText[]): Promise<(string | undefined)[]> {
  const left = pages.map(listing)
  const store = scriptedStore({
    listPage: async (_query, read) => ({
      value: read(left.shift() ?? listing({ keys: [] })),
      attempts: 1,
    }),
  })
  const place = { store, bucket: 'b', prefix: 'p/', single: false }
  const keys: (string | undefined)[] = []
  for await (const { key } of listAll(place, signal)) keys.push(toText(key))
  return keys
}

describe('a listing', () => {
  it('follows the pages to the end and gives relative keys', async () => {
    expect(await list({ keys: ['p/a', 'p/b%20c'], next: 't1' }, { keys: ['p/d'] })).toEqual([
      'a',
      'b c',
      'd',
    ])
  })

  it('goes on after an empty page in the middle', async () => {
    const pages = [{ keys: ['p/a'], next: 't1' }, { keys: [], next: 't2' }, { keys: ['p/b'] }]
    expect(await list(...pages)).toEqual(['a', 'b'])
  })

  it('asks again for a page that did not come whole', async () => {
    const cut = { keys: ['p/b'], bend: (xml: string) => xml.slice(0, -9) }
    expect(await list({ keys: ['p/a'], next: 't' }, cut, cut, { keys: ['p/b'] })).toEqual([
      'a',
      'b',
    ])
  })

  it.each([
    [
      'a token comes again',
      [
        { keys: ['p/a'], next: 't' },
        { keys: ['p/b'], next: 't' },
        { keys: ['p/c'], next: 't' },
      ],
    ],
    [
      'a page comes again under another token',
      [
        { keys: ['p/a'], next: 't1' },
        { keys: ['p/b'], next: 't2' },
        { keys: ['p/a'], next: 't3' },
      ],
    ],
    ['a key of another prefix comes', Array.from({ length: 3 }, () => ({ keys: ['q/a'] }))],
    [
      'a page is not whole',
      [
        { keys: ['p/a'], next: 't' },
        ...Array.from({ length: 3 }, () => ({
          keys: ['p/b'],
          bend: (xml: string) => xml.slice(0, -9),
        })),
      ],
    ],
  ])('is refused as incomplete when %s', async (_why, pages) => {
    await expect(list(...pages)).rejects.toMatchObject({ kind: 'list' })
  })
})
