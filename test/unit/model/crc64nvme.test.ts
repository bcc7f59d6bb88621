import fc from 'fast-check'
import { CHECKSUMS } from 's3-direct-sync-testkit/s3/checksums.ts'
import { describe, expect, it } from 'vitest'
import { Crc64Nvme, combineCrc64Nvme } from '../../../src/model/crc64nvme.ts'

/** Bytes that do not repeat. */
const noise = Uint8Array.from(
  { length: 200_200 },
  (_, at) => Math.imul(at + 1, 2_654_435_761) >>> 13,
)

describe('a CRC-64/NVME', () => {
  it('is the one that S3 computes, whatever the pieces that its content comes in', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
        const crc = new Crc64Nvme()
        for (const piece of pieces) crc.add(Buffer.from(piece))
        expect(crc.text()).toBe(CHECKSUMS['crc64nvme']?.(Buffer.concat(pieces)))
      }),
    )
    const known = new Crc64Nvme()
    known.add(Buffer.from('123456789'))
    expect(Buffer.from(known.text(), 'base64').toString('hex')).toBe('ae8b14860a799888')
  })

  it('is the same of long content, for any length, place in memory and what went before', () => {
    const lengths = fc.oneof(
      fc.integer({ min: 0, max: 200_000 }),
      // Around where folding begins, and where a piece or a turn of it ends.
      fc
        .tuple(
          fc.constantFrom(32_768, 65_536, 131_072, 68_544, 65_600),
          fc.integer({ max: 70, min: -2 }),
        )
        .map(([near, more]) => near + more),
    )
    fc.assert(
      fc.property(lengths, fc.nat(99), fc.nat(300), (length, at, before) => {
        const bytes = noise.subarray(at, at + length)
        const [long, short] = [new Crc64Nvme(), new Crc64Nvme()]
        for (const crc of [long, short]) crc.add(noise.subarray(0, before))
        long.add(bytes)
        for (let from = 0; from < length; from += 1000) short.add(bytes.subarray(from, from + 1000))
        expect(long.text()).toBe(short.text())
        long.add(noise.subarray(0, before))
        short.add(noise.subarray(0, before))
        expect(long.text()).toBe(short.text())
      }),
      { numRuns: 200 },
    )
  })

  it('tells one changed bit of long content, and leaves that as it is', () => {
    const bytes = Buffer.from(noise.subarray(0, 140_000))
    const textOf = (): string => {
      const crc = new Crc64Nvme()
      crc.add(bytes)
      return crc.text()
    }
    const whole = textOf()
    expect(bytes.equals(noise.subarray(0, 140_000))).toBe(true)
    for (let at = 0; at < bytes.length; at += 997) {
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
      expect(textOf()).not.toBe(whole)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
    }
    expect(textOf()).toBe(whole)
  })

  it('of parts in a row is that of the whole', () => {
    const crcOf = (...pieces: readonly Uint8Array[]): bigint => {
      const crc = new Crc64Nvme()
      for (const piece of pieces) crc.add(piece)
      return crc.value
    }
    const length = fc.nat(100_000)
    fc.assert(
      fc.property(length, length, (first, second) => {
        const [a, b] = [noise.subarray(0, first), noise.subarray(first, first + second)]
        expect(combineCrc64Nvme(crcOf(a), crcOf(b), second)).toBe(crcOf(a, b))
      }),
    )
  })
})
