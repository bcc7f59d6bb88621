import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compositeEtag } from '../../../../src/model/etag.ts'
import { FileMd5s } from '../../../../src/transfer/direct/file-md5s.ts'
import { rangesOf } from '../../../../src/transfer/direct/parts.ts'
import { TrailingDigest } from '../../../../src/transfer/direct/trailing-digest.ts'

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')
const reading = (content: Buffer) => ({
  read: async (into: Uint8Array, at: number) => content.copy(into, 0, at, at + into.length),
})

const md5s = new FileMd5s()

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
          const digest = new TrailingDigest(
            reading(file),
            { partBytes, algorithms: ['SHA256'] },
            md5s,
          )
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

  it.each([
    { partBytes: undefined, algorithms: ['SHA256'] },
    { partBytes: 5, algorithms: [] },
    { partBytes: Number.POSITIVE_INFINITY, algorithms: [] },
  ] as const)('fails where the file is shorter than what came: %o', async (wish) => {
    const digest = new TrailingDigest(reading(Buffer.alloc(3)), wish, new FileMd5s())
    digest.came({ first: 0, last: 9 })
    await expect(digest.end()).rejects.toThrow('became shorter')
  })

  it('goes on with files side by side, of whatever lengths, and ends each by itself', async () => {
    const shared = new FileMd5s()
    const lengths = [0, 1, 63, 64, 65, 1_000_000, 2_500_001, 3_000_000]
    const all = lengths.map((length, at) => {
      const file = Buffer.alloc(length, 7 * at + 1)
      const partBytes = at % 2 === 0 ? Number.POSITIVE_INFINITY : 300_001
      return {
        file,
        digest: new TrailingDigest(reading(file), { partBytes, algorithms: [] }, shared),
      }
    })
    for (let round = 0; round < 10; round++) {
      for (const { file, digest } of all) {
        const first = Math.ceil((file.length * round) / 10)
        const last = Math.ceil((file.length * (round + 1)) / 10) - 1
        if (last >= first) digest.came({ first, last })
      }
      await new Promise(setImmediate)
    }
    const etags = await Promise.all(all.map(({ digest }) => digest.end()))
    const expected = all.map(({ file }, at) => {
      const parts = at % 2 === 0 ? [] : [...rangesOf(file.length, 300_001)]
      const sums = parts.map(({ first, last }) => md5(file.subarray(first, last + 1)))
      return sums.length < 2 ? md5(file) : compositeEtag(sums)
    })
    expect(etags.map(({ etag }) => etag)).toEqual(expected)
  })

  it('of a file that stays behind for long waits for no other one', async () => {
    const file = { read: async (into: Uint8Array) => into.fill(3).length }
    const reads: number[] = []
    const seen = {
      read: (into: Uint8Array, at: number) => {
        reads.push(at)
        return file.read(into)
      },
    }
    const wish = { partBytes: Number.POSITIVE_INFINITY, algorithms: [] }
    const digest = new TrailingDigest(seen, wish, new FileMd5s())
    digest.came({ first: 0, last: 2 ** 20 - 1 })
    await new Promise(setImmediate)
    expect(reads).toEqual([])
    digest.came({ first: 2 ** 20, last: 40 * 2 ** 20 - 1 })
    const { etag } = await digest.end()
    expect(etag).toBe(md5(Buffer.alloc(40 * 2 ** 20, 3)))
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
    const digest = new TrailingDigest(file, { partBytes: 5, algorithms: [] }, new FileMd5s())
    digest.came({ first: 0, last: 2 ** 30 })
    await digest.drop()
    const before = reads
    await new Promise(setImmediate)
    expect([reads, reads < 5]).toEqual([before, true])
  })
})
