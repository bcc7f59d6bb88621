import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromUrlEncoded } from '../../src/adapters/xml.ts'
import { joinBlocks, joinStreams } from '../../src/listing/join-streams.ts'
import { blocksInKeyOrder, fileInKeyOrder, inKeyOrder } from '../../src/listing/sort.ts'
import type { RoutedOp } from '../../src/model/batch.ts'
import { type KeyBytes, toKeyBytes, toText } from '../../src/model/key.ts'
import { quote } from '../../src/s5cmd/quote.ts'
import { pack } from '../../src/transfer/batcher.ts'
import { memoryFiles } from '../memory-files.ts'
import { runs } from '../runs.ts'
import { splitWords } from './shell-words.ts'

const keys = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
/** Words of what means something to a splitter. */
const tricky = fc.string({ unit: fc.constantFrom(...'\'"\\$` \t\n#;*a'), maxLength: 6 })
const ordinary = fc.string({ unit: 'grapheme', maxLength: 12 })

async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = []
  for await (const item of items) got.push(item)
  return got
}

const keyed = (text: string) => ({ key: toKeyBytes(text) })
const sorted = (texts: readonly string[]) =>
  [...new Set(texts)].map(keyed).sort((a, b) => (a.key < b.key ? -1 : 1))

describe('a key', () => {
  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(keys, (key) => (key.isWellFormed() ? toText(toKeyBytes(key)) === key : true)),
    )
  })

  it('is ordered as its UTF-8 bytes are', () => {
    fc.assert(
      fc.property(keys, keys, (a, b) => {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b))
        const [x, y] = [toKeyBytes(a), toKeyBytes(b)]
        return Math.sign(bytes) === (x < y ? -1 : x > y ? 1 : 0)
      }),
    )
  })

  it('that is not UTF-8 has no text', () => {
    expect(toText('\xff\xfe' as KeyBytes)).toBeUndefined()
    expect(toText('\xed\xa0\x80' as KeyBytes)).toBeUndefined()
  })

  it('is read from url encoding, whoever encoded it', () => {
    fc.assert(
      fc.property(ordinary, (key) => {
        const percent = encodeURIComponent(key)
        return [percent, percent.replaceAll('%20', '+'), percent.replaceAll('%2F', '/')].every(
          (encoded) => toText(fromUrlEncoded(toKeyBytes(encoded))) === key,
        )
      }),
    )
    expect(fromUrlEncoded('%FF')).toBe('\xff')
  })
})

describe('quoting', () => {
  it('is undone by the splitter of s5cmd, for any words', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(keys, tricky), { maxLength: 5 }), (words) => {
        expect(splitWords(words.map(quote).join(' '))).toEqual(words)
      }),
      runs(1000),
    )
  })
})

describe('the join', () => {
  it('pairs as sets would', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(keys), fc.array(keys), async (a, b) => {
        const [source, destination] = [sorted(a), sorted(b)]
        const pairs = await all(joinStreams(stream(source), stream(destination)))
        const both = new Set([...source, ...destination].map(({ key }) => key))
        expect(pairs.map(([s, d]) => s?.key ?? d?.key)).toEqual(
          [...both].sort((x, y) => (x < y ? -1 : 1)),
        )
        for (const [s, d] of pairs) {
          const key = s?.key ?? d?.key
          expect(s !== undefined).toBe(source.some((one) => one.key === key))
          expect(d !== undefined).toBe(destination.some((one) => one.key === key))
        }
      }),
    )
  })
})

describe('the join of blocks', () => {
  it('pairs as the other one does, however the blocks are cut and whatever is seen to be alike', async () => {
    const one = fc.tuple(keys, fc.boolean())
    const blocks = fc.array(fc.nat({ max: 4 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(fc.array(one), fc.array(one), blocks, blocks, async (a, b, cuts, others) => {
        const [source, destination] = [a, b].map((texts) => sorted(texts.map(([text]) => text)))
        const seen = new Set([...a, ...b].flatMap(([text, is]) => (is ? [toKeyBytes(text)] : [])))
        const isAlike = ({ key }: { key: KeyBytes }, other: { key: KeyBytes }) =>
          key === other.key && seen.has(key)
        const inBlocks = async function* (items: typeof source = [], sizes: readonly number[]) {
          let at = 0
          for (const size of [...sizes, items.length]) {
            yield items.slice(at, at + size)
            at += size
          }
        }
        const joined = joinBlocks(inBlocks(source, cuts), inBlocks(destination, others), isAlike)
        expect((await all(joined)).flat()).toEqual(
          await all(joinStreams(stream(source ?? []), stream(destination ?? []))),
        )
      }),
    )
  })

  it('asks nobody for a key who is seen to be like the other', async () => {
    const nameless = {
      get key(): KeyBytes {
        throw new Error('It was asked for its key.')
      },
    }
    const blocks = () => stream([[nameless, nameless], [nameless]])
    const pairs = await all(joinBlocks(blocks(), blocks(), (a, b) => a === b))
    expect(pairs.flat()).toEqual([1, 2, 3].map(() => [nameless, nameless]))
  })
})

describe('sorting', () => {
  it('gives every key once, in byte order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(keys), async (texts) => {
        const given = texts.map(keyed)
        const got = await all(
          await inKeyOrder(stream(given), { files: memoryFiles(), folder: '/sort' }),
        )
        expect(got).toEqual(sorted(texts))
      }),
    )
  })

  it('settles what has one key in the order in which it came, whatever memory it has', async () => {
    const key = fc.oneof(fc.nat(20), fc.nat(400))
    const part = fc.oneof(
      fc.array(key, { maxLength: 9 }),
      fc.array(key, { maxLength: 9 }).map((some) => some.toSorted((a, b) => a - b)),
    )
    const blocks = fc.array(part, { maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(blocks, fc.integer({ min: 1, max: 9 }), async (parts, chunk) => {
        let came = 0
        const records = parts.map((block) =>
          block.map((n) => ({ key: `${1000 + n}` as KeyBytes, came: [came++] })),
        )
        type Row = (typeof records)[number][number]
        const settle = (a: Row, b: Row): Row => ({ key: a.key, came: [...a.came, ...b.came] })
        const grouped = Object.groupBy(records.flat(), (row) => row.key)
        const expected = Object.values(grouped).map((rows = []) => rows.reduce(settle))
        const files = memoryFiles()
        const options = { files, folder: '/sort', chunk, settle }
        const given = await all(await blocksInKeyOrder(stream(records), options))
        expect(given.flat()).toEqual(expected)
        const file = await fileInKeyOrder(stream(records), { ...options, folder: '/file' })
        const lines = (files.texts.get(file.path) ?? '').split('\n').slice(0, -1)
        expect(lines.map((line) => JSON.parse(line))).toEqual(expected)
        expect(file.count).toBe(expected.length)
      }),
      runs(300),
    )
  })
})

describe('packing', () => {
  const op = fc.record({ size: fc.integer({ min: 0, max: 300_000_000 }), direct: fc.boolean() })
  it('keeps every op once, within the size of a batch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(op), fc.integer({ min: 1, max: 7 }), async (ops, most) => {
        const routed = ops.map(
          ({ size, direct }, i): RoutedOp => ({
            op: {
              op: 'copy',
              key: `k${i}`,
              to: `k${i}`,
              size,
              etag: '',
              lastModified: '',
              reason: 'missing',
            },
            engine: direct ? 'direct' : 's5cmd',
            attempts: 0,
          }),
        )
        let id = 0
        const rules = { opsPerBatch: () => most, nextId: () => ++id, serverTimeMs: () => 0 }
        const batches = await all(pack(stream(routed), rules))
        const packed = batches.flatMap((batch) => batch.ops)
        expect(new Set(packed)).toEqual(new Set(routed))
        expect(packed.length).toBe(routed.length)
        for (const batch of batches) {
          expect(batch.ops.length).toBeLessThanOrEqual(most)
          expect(new Set(batch.ops.map(({ engine }) => engine))).toEqual(new Set([batch.engine]))
        }
      }),
    )
  })
})
