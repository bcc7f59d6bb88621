import { describe, expect, it } from 'vitest'
import { listAll } from '../../../src/listing/pages.ts'
import { toText } from '../../../src/model/key.ts'
import { notWhole, pageOf, plainInfo } from '../../listed-store.ts'
import { scriptedStore } from '../../ports.ts'

const signal = new AbortController().signal

/** A page with these keys, and the token of the next one; or one that came damaged. */
type Page = { readonly keys: readonly string[]; readonly next?: string } | 'damaged'

async function list(...pages: readonly Page[]): Promise<(string | undefined)[]> {
  const left = [...pages]
  const store = scriptedStore({
    page: async () => {
      const page = left.shift() ?? { keys: [] }
      if (page === 'damaged') throw notWhole()
      return pageOf(page.keys.map(plainInfo), {
        truncated: page.next !== undefined,
        nextToken: page.next ?? '',
      })
    },
  })
  const place = { store, bucket: 'b', prefix: 'p/', single: false }
  const keys: (string | undefined)[] = []
  for await (const { key } of listAll(place, signal)) keys.push(toText(key))
  return keys
}

describe('a listing', () => {
  it('follows the pages to the end and gives the keys', async () => {
    expect(await list({ keys: ['a', 'b c'], next: 't1' }, { keys: ['d'] })).toEqual([
      'a',
      'b c',
      'd',
    ])
  })

  it('goes on after an empty page in the middle', async () => {
    const pages = [{ keys: ['a'], next: 't1' }, { keys: [], next: 't2' }, { keys: ['b'] }]
    expect(await list(...pages)).toEqual(['a', 'b'])
  })

  it('asks again for a page that did not come whole', async () => {
    const whole: Page[] = [{ keys: ['a'], next: 't' }, 'damaged', 'damaged', { keys: ['b'] }]
    expect(await list(...whole)).toEqual(['a', 'b'])
  })

  it.each<[string, Page[]]>([
    [
      'a token comes again',
      [
        { keys: ['a'], next: 't' },
        { keys: ['b'], next: 't' },
        { keys: ['c'], next: 't' },
      ],
    ],
    [
      'a page comes again under another token',
      [
        { keys: ['a'], next: 't1' },
        { keys: ['b'], next: 't2' },
        { keys: ['a'], next: 't3' },
      ],
    ],
    ['a page is never whole', [{ keys: ['a'], next: 't' }, 'damaged', 'damaged', 'damaged']],
  ])('is refused as incomplete when %s', async (_why, pages) => {
    await expect(list(...pages)).rejects.toMatchObject({ kind: 'list' })
  })
})
