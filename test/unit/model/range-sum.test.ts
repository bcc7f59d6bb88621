import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { crc32Text } from '../../../src/model/crc32.ts'
import { Crc64Nvme } from '../../../src/model/crc64nvme.ts'
import { RangeSum, type RangeSumName, sumOfRanges } from '../../../src/model/range-sum.ts'

/** Bytes that do not repeat. */
const noise = Uint8Array.from(
  { length: 400_000 },
  (_, at) => Math.imul(at + 1, 2_654_435_761) >>> 13,
)

/** Of pieces so short that nothing is done with them but what tables do. */
function plainly(name: RangeSumName): string {
  if (name === 'CRC32') return crc32Text(crc32(noise))
  const crc = new Crc64Nvme()
  for (let at = 0; at < noise.length; at += 1000) crc.add(noise.subarray(at, at + 1000))
  return crc.text()
}

it.each(['CRC32', 'CRC64NVME'] as const)(
  'the %s of content is that of its ranges, whose pieces come in turn with those of others',
  (name) => {
    const whole = plainly(name)
    const piece = fc.oneof(
      fc.integer({ min: 1, max: 70_000 }),
      fc.constantFrom(32_768, 65_536, 131_072),
    )
    fc.assert(
      fc.property(fc.nat(noise.length), fc.infiniteStream(piece), (cut, pieces) => {
        const ranges = [noise.subarray(0, cut), noise.subarray(cut)].map((bytes) => ({
          bytes,
          at: 0,
          sum: new RangeSum(name),
        }))
        while (ranges.some(({ at, bytes }) => at < bytes.length))
          for (const range of ranges) {
            const next = range.at + pieces.next().value
            range.sum.add(range.bytes.subarray(range.at, next))
            range.at = next
          }
        const sums = ranges.map(({ bytes, sum }) => ({ sum: sum.value, bytes: bytes.length }))
        expect(sumOfRanges(name, sums)).toBe(whole)
      }),
      { numRuns: 50 },
    )
  },
)
