import { describe, expect, it } from 'vitest'
import type { KeyBytes } from '../../../src/model/key.ts'
import { FirstPages, firstKeys } from '../../../src/storage/first-keys.ts'
import type { ListedPage, ListQuery } from '../../../src/storage/store.ts'
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
    await expect(first(page([], 't'), page([], 't'))).rejects.toThrow('does not end')
  })
})

describe('first pages that were asked for early', () => {
  const { signal } = new AbortController()
  const early = (...answers: readonly (ListedPage | Error)[]) => {
    const left = answers.values()
    const tokens: (string | undefined)[] = []
    const lister = {
      page: async ({ token }: ListQuery) => {
        tokens.push(token)
        const next = left.next().value
        if (!next || next instanceof Error) throw next
        return next
      },
    }
    const pages = new FirstPages(lister, { bucket: 'b', prefix: 'p/', goesOn: true }, signal)
    return { pages, tokens }
  }

  it('tell the first keys, and nothing where more may follow an empty page', async () => {
    expect(await early(page(['', 'a', 'b'], 't'), page([])).pages.keys()).toEqual(['p/a', 'p/b'])
    expect(await early(page(['a'])).pages.keys()).toEqual(['p/a'])
    expect(await early(page([''])).pages.keys()).toEqual([])
    expect(await early(page([''], 't'), page([])).pages.keys()).toBeUndefined()
  })

  it('are given once, to who lists that prefix', async () => {
    const { pages, tokens } = early(page(['a'], 't'), page(['b', 'c'], 'u'))
    expect(pages.take('p/sub/', undefined)).toBeUndefined()
    expect((await pages.take('p/', undefined))?.objects.count).toBe(1)
    expect((await pages.take('p/', 't'))?.objects.count).toBe(2)
    for (const token of [undefined, 't', 'u']) expect(pages.take('p/', token)).toBeUndefined()
    expect(tokens).toEqual([undefined, 't'])
  })

  it('are one where there is no other', async () => {
    const { pages, tokens } = early(page(['a']))
    await pages.take('p/', undefined)
    expect(tokens).toEqual([undefined])
  })

  it('keep their failure for who asks', async () => {
    const { pages } = early(new Error('refused'))
    await expect(pages.keys()).rejects.toThrow('refused')
    await expect(pages.take('p/', undefined)).rejects.toThrow('refused')
  })
})
