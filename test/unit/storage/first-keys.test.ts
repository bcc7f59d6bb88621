import { describe, expect, it } from 'vitest'
import type { KeyBytes } from '../../../src/model/key.ts'
import { FirstPage, firstKeys } from '../../../src/storage/first-keys.ts'
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

describe('a first page that was asked for early', () => {
  const { signal } = new AbortController()
  const early = (answer: ListedPage | Error) => {
    const lister = {
      page: async () => {
        if (answer instanceof Error) throw answer
        return answer
      },
    }
    return new FirstPage(lister, { bucket: 'b', prefix: 'p/' }, signal)
  }

  it('tells the first keys, and nothing where more may follow an empty page', async () => {
    expect(await early(page(['', 'a', 'b'], 't')).keys()).toEqual(['p/a', 'p/b'])
    expect(await early(page(['a'])).keys()).toEqual(['p/a'])
    expect(await early(page([''])).keys()).toEqual([])
    expect(await early(page([''], 't')).keys()).toBeUndefined()
  })

  it('is given once, to who lists that prefix', async () => {
    const first = early(page(['a']))
    expect(first.give('p/sub/')).toBeUndefined()
    expect((await first.give('p/'))?.objects.count).toBe(1)
    expect(first.give('p/')).toBeUndefined()
  })

  it('keeps its failure for who asks', async () => {
    const failed = early(new Error('refused'))
    await expect(failed.keys()).rejects.toThrow('refused')
    await expect(failed.give('p/')).rejects.toThrow('refused')
  })
})
