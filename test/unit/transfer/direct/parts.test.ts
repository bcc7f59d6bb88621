import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compositeEtag } from '../../../../src/model/etag.ts'
import { copyPartBytes, rangesOf } from '../../../../src/transfer/direct/parts.ts'

const GIB = 2 ** 30

describe('the parts of a copy', () => {
  it('hold every byte once, in order, and are within what S3 takes', () => {
    const size = fc.integer({ min: 1, max: 48 * 1024 * GIB })
    fc.assert(
      fc.property(size, (bytes) => {
        const partBytes = copyPartBytes(bytes)
        const ranges = [...rangesOf(bytes, partBytes)]
        const sizes = ranges.map(({ first, last }) => last - first + 1)
        expect(ranges.length).toBeLessThanOrEqual(10_000)
        expect(ranges.every(({ first }, at) => first === (ranges[at - 1]?.last ?? -1) + 1)).toBe(
          true,
        )
        expect(ranges.at(-1)?.last).toBe(bytes - 1)
        expect(Math.max(...sizes)).toBeLessThanOrEqual(5 * GIB)
        expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(5 * 2 ** 20)
      }),
      { numRuns: 50 },
    )
  })

  it('make the ETag that S3 makes', () => {
    const md5 = (data: string | Buffer) => createHash('md5').update(data)
    const digests = ['a', 'b'].map((part) => md5(part).digest())
    expect(compositeEtag(digests.map((digest) => digest.toString('hex')))).toBe(
      `${md5(Buffer.concat(digests)).digest('hex')}-2`,
    )
  })
})
