import { describe, expect, it } from 'vitest'
import { listAll } from '../../../src/inventory/pages.ts'
import type { ListPage } from '../../../src/ports.ts'
import { scriptedStore } from '../../ports.ts'

const PLACE = { bucket: 'b', prefix: 'p/', single: false, region: 'us-east-1' }
const signal = new AbortController().signal

const page = (keys: readonly string[], rest: Partial<ListPage> = {}): ListPage => ({
  entries: keys.map((key) => ({
    key,
    size: 1,
    etag: 'e',
    lastModifiedMs: 0,
    storageClass: undefined,
  })),
  encoded: true,
  keyCount: keys.length,
  truncated: false,
  nextToken: undefined,
  ...rest,
})

async function list(...pages: readonly ListPage[]): Promise<string[]> {
  const left = [...pages]
  const store = scriptedStore({ listPage: async () => left.shift() ?? page([]) })
  const keys: string[] = []
  for await (const { key } of listAll(store, PLACE, signal)) keys.push(key)
  return keys
}

describe('a listing', () => {
  it('follows the pages to the end and gives relative keys', async () => {
    const first = page(['p/a', 'p/b%20c'], { truncated: true, nextToken: 't1' })
    expect(await list(first, page(['p/d']))).toEqual(['a', 'b c', 'd'])
  })

  it('keeps an empty page in the middle', async () => {
    const pages = [
      page(['p/a'], { truncated: true, nextToken: 't1' }),
      page([], { truncated: true, nextToken: 't2' }),
      page(['p/b']),
    ]
    expect(await list(...pages)).toEqual(['a', 'b'])
  })

  it('of a service that does not encode is read as it is', async () => {
    expect(await list(page(['p/a%20b+c'], { encoded: false }))).toEqual(['a%20b+c'])
  })

  it.each([
    ['a page counts other keys than it holds', [page(['p/a'], { keyCount: 2 })]],
    ['more follows, but not where', [page(['p/a'], { truncated: true })]],
    [
      'a token comes again',
      [
        page(['p/a'], { truncated: true, nextToken: 't' }),
        page(['p/b'], { truncated: true, nextToken: 't' }),
        page(['p/c'], { truncated: true, nextToken: 't' }),
      ],
    ],
    ['a key of another prefix comes', [page(['q/a'])]],
  ])('is refused as incomplete when %s', async (_why, pages) => {
    await expect(list(...pages)).rejects.toMatchObject({ kind: 'listing' })
  })
})
