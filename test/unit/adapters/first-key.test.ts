import { describe, expect, it } from 'vitest'
import { firstKey } from '../../../src/adapters/first-key.ts'
import { type ListingText, listing } from '../inventory/listing.ts'

const first = (...pages: readonly ListingText[]): Promise<string | undefined> => {
  const left = pages.values()
  return firstKey('p/', async () => listing(left.next().value ?? { keys: ['p/too-far'] }))
}

describe('the first key', () => {
  it('is that of the first object, as text', async () => {
    expect(await first({ keys: ['p/a%20b', 'p/c'] })).toBe('p/a b')
    expect(await first({ keys: ['p/%C3%A9'] })).toBe('p/é')
  })

  it('is never the marker of the folder itself', async () => {
    expect(await first({ keys: ['p/', 'p/a'] })).toBe('p/a')
    expect(await first({ keys: ['p/'] })).toBeUndefined()
  })

  it('may come behind pages that hold nothing', async () => {
    expect(
      await first({ keys: [], next: 't' }, { keys: ['p/'], next: 'u' }, { keys: ['p/x'] }),
    ).toBe('p/x')
    expect(await first({ keys: [], next: 't' }, { keys: [] })).toBeUndefined()
  })

  it.each<[string, ListingText[]]>([
    ['a page is cut', [{ keys: ['p/a'], bend: (xml) => xml.slice(0, -9) }]],
    [
      'a page repeats',
      [
        { keys: [], next: 't' },
        { keys: [], next: 't' },
      ],
    ],
    [
      'more follows, nobody knows where',
      [{ keys: [], bend: (xml) => xml.replace('false', 'true') }],
    ],
  ])('is not known when %s', async (_why, pages) => {
    await expect(first(...pages)).rejects.toThrow('whole listing')
  })
})
