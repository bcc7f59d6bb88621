import { expect, it } from 'vitest'
import type { RowSource, Rows } from '../../../src/listing/stream.ts'
import { toKeyBytes } from '../../../src/model/key.ts'
import { joinRows, type PairTaker } from '../../../src/plan/join.ts'
import { packed } from '../../../src/storage/object-page.ts'

/** Objects as `key size etag`, a few at a time. */
function rowsOf(texts: readonly string[], pageRows = 2): RowSource {
  const pages = Array.from({ length: Math.ceil(texts.length / pageRows) }, (_, page): Rows => {
    const some = texts.slice(page * pageRows, (page + 1) * pageRows).map((text) => {
      const [key = '', size, etag = ''] = text.split(' ')
      const more = { modified: '2026-01-01T00:00:00Z', storageClass: '', restored: false }
      return { key: toKeyBytes(key), size: Number(size), etag, ...more }
    })
    return { objects: packed(some), at: 0, to: some.length }
  })
  return { next: async () => pages.find(({ at, to }) => at < to) }
}

async function joined(source: readonly string[], destination: readonly string[], bySize: boolean) {
  const taken: string[] = []
  const taker: PairTaker = {
    take: (from, to) => void taken.push(`${from?.key ?? '-'} ${to?.key ?? '-'}`),
    takeSame: bySize ? (objects, row) => taken.push(`${objects.size(row)} bytes`) > 0 : undefined,
    pause: async () => {},
  }
  await joinRows(rowsOf(source), rowsOf(destination, 3), taker)
  return taken
}

const SOURCE = [' 1 e', 'a 1 e', 'b 2 e', 'c 3 e', 'd 4', 'f 5 e']
const DESTINATION = [' 1 e', 'a 1 e', 'b 3 e', 'c 3 f', 'd 4', 'e 1 e', 'f 5 e', 'g 6 e']

it('pairs up what has one key', async () => {
  const pairs = [' ', 'a a', 'b b', 'c c', 'd d', '- e', 'f f', '- g']
  expect(await joined(SOURCE, DESTINATION, false)).toEqual(pairs)
  expect(await joined(DESTINATION, SOURCE, true)).toEqual([
    ...[' ', '1 bytes', 'b b', 'c c', 'd d', 'e -', '5 bytes', 'g -'],
  ])
})

it('makes no object of what is the same on both sides, where its size is enough to know', async () => {
  expect(await joined(SOURCE, DESTINATION, true)).toEqual([
    ...[' ', '1 bytes', 'b b', 'c c', 'd d', '- e', '5 bytes', '- g'],
  ])
})

it('asks first whether a row is enough of what only the source has, and pairs it up where it is not', async () => {
  const taken: string[] = []
  const taker: PairTaker = {
    take: (from, to) => void taken.push(`${from?.key ?? '-'} ${to?.key ?? '-'}`),
    takeNew: (objects, row) => {
      const isEven = objects.size(row) % 2 === 0
      if (isEven) taken.push(`${objects.sharedKey(row)} alone`)
      return isEven
    },
    pause: async () => {},
  }
  await joinRows(rowsOf(['a 2 e', 'b 2 e', 'c 3 e', 'd 4 e']), rowsOf(['b 2 e', 'bb 2 e']), taker)
  expect(taken).toEqual(['a alone', 'b b', '- bb', 'c -', 'd alone'])
})
