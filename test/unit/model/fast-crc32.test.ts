import { crc32 as plainCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { crc32 } from '../../../src/model/fast-crc32.ts'

const LONG = 200_000
/** Bytes that do not repeat. */
const noise = Uint8Array.from(
  { length: LONG + 100 },
  (_, at) => Math.imul(at + 1, 2_654_435_761) >>> 13,
)

it('is the CRC-32 of zlib, for any length, place in memory and what went before', () => {
  const lengths = fc.oneof(
    fc.integer({ min: 0, max: LONG }),
    // Around where it begins, and where a piece or a turn of it ends.
    fc
      .tuple(
        fc.constantFrom(0, 32_768, 65_536, 131_072, 69_632, 65_600),
        fc.integer({ min: 0, max: 70 }),
      )
      .map(([near, more]) => near + more),
  )
  fc.assert(
    fc.property(
      lengths,
      fc.nat(99),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      (length, at, before) => {
        const bytes = noise.subarray(at, at + length)
        expect(crc32(bytes, before)).toBe(plainCrc32(bytes, before))
      },
    ),
    { numRuns: 300 },
  )
})

it('tells one changed bit, wherever it stands, and leaves the bytes as they are', () => {
  const bytes = Buffer.from(noise.subarray(0, 140_000))
  const whole = crc32(bytes)
  expect(bytes.equals(noise.subarray(0, 140_000))).toBe(true)
  for (let at = 0; at < bytes.length; at += 997) {
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
    expect(crc32(bytes)).not.toBe(whole)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
  }
  expect(crc32(bytes)).toBe(whole)
})

it('goes on where another call ended', () => {
  let crc = 0
  for (let at = 0; at < LONG; at += 50_001)
    crc = crc32(noise.subarray(at, Math.min(LONG, at + 50_001)), crc)
  expect(crc).toBe(plainCrc32(noise.subarray(0, LONG)))
})
