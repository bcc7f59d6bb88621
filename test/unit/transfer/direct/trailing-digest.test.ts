import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compositeEtag } from '../../../../src/model/etag.ts'
import { rangesOf } from '../../../../src/transfer/direct/parts.ts'
import { TrailingDigest } from '../../../../src/transfer/direct/trailing-digest.ts'

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')
const reading = (content: Buffer) => ({
  read: async (into: Uint8Array, at: number) => content.copy(into, 0, at, at + into.length),
})

describe('a digest of a file whose ranges come in any order', () => {
  it('is that of all of its bytes in a row, and reads none before it is there', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        fc.infiniteStream(fc.nat()),
        async (bytes, rangeBytes, partBytes, order) => {
          const whole = Buffer.from(bytes)
          // What did not come yet is something else.
          const file = Buffer.alloc(whole.length, 0xff)
          const digest = new TrailingDigest(reading(file), { partBytes, algorithms: ['SHA256'] })
          const ranges = [...rangesOf(whole.length, rangeBytes)]
          while (ranges.length > 0) {
            const [range] = ranges.splice(order.next().value % ranges.length, 1)
            if (!range) break
            file.set(whole.subarray(range.first, range.last + 1), range.first)
            digest.came(range)
            await new Promise(setImmediate)
          }
          const { etag, checksums } = await digest.end()
          const parts = [...rangesOf(whole.length, partBytes)]
          const sums = parts.map(({ first, last }) => md5(whole.subarray(first, last + 1)))
          expect(etag).toBe(sums.length === 1 ? md5(whole) : compositeEtag(sums))
          const sha256 = createHash('sha256').update(whole).digest('base64')
          expect(checksums.get('SHA256')).toBe(sha256)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('fails where the file is shorter than what came', async () => {
    const wish = { partBytes: undefined, algorithms: [] }
    const digest = new TrailingDigest(reading(Buffer.alloc(3)), wish)
    digest.came({ first: 0, last: 9 })
    await expect(digest.end()).rejects.toThrow('became shorter')
  })

  it('that is dropped reads nothing any more', async () => {
    let reads = 0
    const file = {
      read: async (into: Uint8Array) => {
        reads++
        await new Promise(setImmediate)
        return into.length
      },
    }
    const digest = new TrailingDigest(file, { partBytes: 5, algorithms: [] })
    digest.came({ first: 0, last: 2 ** 30 })
    await digest.drop()
    const before = reads
    await new Promise(setImmediate)
    expect([reads, reads < 5]).toEqual([before, true])
  })
})
