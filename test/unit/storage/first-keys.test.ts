import { describe, expect, it } from 'vitest'
import { firstKeys } from '../../../src/storage/s3/first-keys.ts'
import { type ListingText, listing } from '../listing/listing.ts'

const first = (...pages: readonly ListingText[]): Promise<readonly string[]> => {
  const left = pages.values()
  return firstKeys('p/', async () => listing(left.next().value ?? { keys: ['p/too-far'] }))
}

describe('the first keys', () => {
  it('are those of the first three objects, as text', async () => {
    const keys = ['p/a%20b', 'p/%C3%A9', 'p/x', 'p/y']
    expect(await first({ keys })).toEqual(['p/a b', 'p/é', 'p/x'])
  })

  it('are never the marker of the folder itself', async () => {
    expect(await first({ keys: ['p/', 'p/a'] })).toEqual(['p/a'])
    expect(await first({ keys: ['p/'] })).toEqual([])
  })

  it('may come behind pages that hold nothing', async () => {
    expect(
      await first({ keys: [], next: 't' }, { keys: ['p/'], next: 'u' }, { keys: ['p/x'] }),
    ).toEqual(['p/x'])
    expect(await first({ keys: [], next: 't' }, { keys: [] })).toEqual([])
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
  ])('are not known when %s', async (_why, pages) => {
    await expect(first(...pages)).rejects.toThrow('whole listing')
  })
})
