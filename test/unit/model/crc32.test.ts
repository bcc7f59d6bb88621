import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { combineCrc32, crc32Text } from '../../../src/model/crc32.ts'

describe('a CRC-32', () => {
  it('of parts in a row is that of the whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (a, b) => {
        expect(combineCrc32(crc32(a), crc32(b), b.length)).toBe(crc32(Buffer.concat([a, b])))
      }),
    )
  })

  it('of a part beyond 4 GiB is combined as of any other', () => {
    // Zeros as many as there are bytes in 8 GiB, by halves that were combined before.
    let [zeros, bytes] = [crc32(Buffer.alloc(2 ** 20)), 2 ** 20]
    for (; bytes < 2 ** 33; bytes *= 2) zeros = combineCrc32(zeros, zeros, bytes)
    const both = combineCrc32(crc32('a'), zeros, bytes)
    const half = combineCrc32(zeros, zeros, bytes)
    expect(combineCrc32(both, zeros, bytes)).toBe(combineCrc32(crc32('a'), half, bytes * 2))
  })

  it('is told as S3 tells it: four bytes, the highest first, in base64', () => {
    expect(crc32Text(crc32('123456789'))).toBe('y/Q5Jg==')
  })
})
