import fc from 'fast-check'
import { expect, it } from 'vitest'
import { listedChecksum } from '../../src/model/checksum.ts'
import { type ListedObject, listedStore } from '../listed-store.ts'
import { planStage } from '../unit/plan/stage.ts'

const NAMED =
  listedChecksum('ChecksumAlgorithm', 'CRC32') | listedChecksum('ChecksumType', 'FULL_OBJECT')

/** One key, as both sides have it. */
const pair = fc.record({
  there: fc.constantFrom('both', 'both', 'both', 'source', 'destination'),
  sameSize: fc.constantFrom(true, true, true, false),
  sameEtag: fc.boolean(),
  sourceIsLater: fc.boolean(),
  sums: fc.constantFrom('equal', 'differ', 'none'),
})
type Pair = typeof pair extends fc.Arbitrary<infer Of> ? Of : never

const object = (
  { sums }: Pair,
  { size, etag, second, sum }: { size: number; etag: string; second: number; sum: string },
): ListedObject => ({
  ...{ size, etag, second },
  ...(sums === 'none' ? {} : { listed: NAMED, checksums: new Map([['CRC32', sum]]) }),
})

/** What becomes of a pair, by the words of the documentation. */
function reasonOf(one: Pair, compare: 'auto' | 'checksum'): string {
  const { there, sameSize, sameEtag, sourceIsLater, sums } = one
  if (there === 'source') return 'missing'
  if (there === 'destination') return 'only-at-destination'
  if (!sameSize) return 'size-differs'
  if (compare === 'auto' && sameEtag) return 'same-etag'
  if (sums === 'equal') return 'same-checksum'
  if (sums === 'differ') return 'checksum-differs'
  if (compare === 'checksum') return sameEtag ? 'same-etag' : 'no-common-checksum'
  return sourceIsLater ? 'etag-differs' : 'differs-unproven'
}

const COPIED = new Set([
  ...['missing', 'size-differs', 'checksum-differs', 'no-common-checksum', 'etag-differs'],
])

it('a plan holds what checksums decide in the order of its keys, and counts each object once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(pair, { minLength: 1, maxLength: 60 }),
      fc.constantFrom('auto', 'checksum'),
      fc.integer({ min: 1, max: 20 }),
      async (pairs, compare, pageKeys) => {
        const keyed = pairs.map((one, i) => [`k${String(i * 7).padStart(3, '0')}`, one] as const)
        const side = (name: 'source' | 'destination') => {
          const isSource = name === 'source'
          const objects = keyed.flatMap(([key, one]) => {
            if (one.there !== 'both' && one.there !== name) return []
            const etag = isSource || one.sameEtag ? 'e' : 'f'
            const size = isSource || one.sameSize ? 5 : 6
            const second = isSource === one.sourceIsLater ? 2 : 1
            const sum = isSource || one.sums === 'equal' ? 'AAAAAA==' : 'BBBBBA=='
            return [[`${name}/${key}`, object(one, { size, etag, second, sum })] as const]
          })
          const store = listedStore({ objects: new Map(objects), pageKeys })
          return { bucket: name, prefix: `${name}/`, single: false, region: 'r', store }
        }
        const ground = { source: side('source'), destination: side('destination') }
        const rules = { compare, allowEmptySource: true } as const
        const stage = planStage({ rules, ground })
        await stage.make()
        const { ops, trailer } = stage.lines()
        const expected = keyed.map(([key, one]) => [key, reasonOf(one, compare)] as const)
        expect(ops.map(({ key, reason }) => [key.slice('source/'.length), reason])).toEqual(
          expected.filter(([, reason]) => COPIED.has(reason)),
        )
        const counts: Record<string, number> = {}
        for (const [, reason] of expected) counts[reason] = (counts[reason] ?? 0) + 1
        const told = Object.entries(trailer.reasons).map(([name, { objects }]) => [name, objects])
        expect(Object.fromEntries(told)).toEqual(counts)
        const copies = expected.filter(([, reason]) => COPIED.has(reason)).length
        expect(trailer.copies.objects).toBe(copies)
      },
    ),
    { numRuns: 150 },
  )
})
