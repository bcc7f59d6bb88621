import { describe, expect, it } from 'vitest'
import type { KeyBytes } from '../../../src/model/key.ts'
import { firstKeys } from '../../../src/storage/first-keys.ts'
import type { ListedPage } from '../../../src/storage/store.ts'
import { notWhole, pageOf, plainInfo } from '../../listed-store.ts'

const page = (keys: readonly string[], nextToken = ''): ListedPage =>
  pageOf(keys.map(plainInfo), { truncated: nextToken !== '', nextToken })

async function first(...pages: readonly (ListedPage | Error)[]): Promise<readonly string[]> {
  const left = pages.values()
  const lister = {
    page: async () => {
      const next = left.next().value ?? page(['too-far'])
      if (next instanceof Error) throw next
      return next
    },
  }
  return firstKeys(lister, 'b', 'p/')
}

describe('the first keys', () => {
  it('are those of the first three objects, as text', async () => {
    expect(await first(page(['a b', 'é', 'x', 'y']))).toEqual(['p/a b', 'p/é', 'p/x'])
  })

  it('are never the marker of the folder itself', async () => {
    expect(await first(page(['', 'a']))).toEqual(['p/a'])
    expect(await first(page(['']))).toEqual([])
  })

  it('show what is no text as far as it is', async () => {
    const odd = { ...plainInfo('a'), key: 'a\xff' as KeyBytes }
    expect(await first(pageOf([odd]))).toEqual(['p/a\ufffd'])
  })

  it('may come behind pages that hold nothing', async () => {
    expect(await first(page([], 't'), page([''], 'u'), page(['x']))).toEqual(['p/x'])
    expect(await first(page([], 't'), page([]))).toEqual([])
  })

  it('are asked for again when a page did not come whole', async () => {
    expect(await first(notWhole(), notWhole(), page(['x']))).toEqual(['p/x'])
    await expect(first(notWhole(), notWhole(), notWhole())).rejects.toMatchObject({ kind: 'list' })
  })

  it('are not known when a page repeats', async () => {
    await expect(first(page([], 't'), page([], 't'))).rejects.toThrow('has no end')
  })
})
