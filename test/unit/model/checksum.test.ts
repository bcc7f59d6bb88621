import { describe, expect, it } from 'vitest'
import {
  type ListedChecksums,
  listedChecksum,
  mayShareChecksum,
  namesChecksum,
  sameChecksum,
  wholeChecksums,
} from '../../../src/model/checksum.ts'

const listed = (algorithms: string, type?: string): ListedChecksums =>
  [
    ...algorithms.split(' ').map((name) => listedChecksum('ChecksumAlgorithm', name)),
    ...(type ? [listedChecksum('ChecksumType', type)] : []),
  ].reduce((sum, bits) => sum | bits, 0)

const [FULL, COMPOSITE] = ['FULL_OBJECT', 'COMPOSITE']

describe('what a listing names', () => {
  it('fits into a byte, and other elements add nothing', () => {
    expect(listed('SHA256 SHA1 CRC64NVME CRC32C CRC32 XXHASH3', COMPOSITE)).toBeLessThan(256)
    expect(listedChecksum('Size', 'CRC32')).toBe(0)
    expect(listedChecksum('constructor', 'name')).toBe(0)
    expect(listedChecksum('ChecksumType', 'ANOTHER')).toBe(0)
  })

  it.each([
    ['the same of the whole', listed('CRC64NVME', FULL), listed('CRC64NVME', FULL), true],
    ['one in common', listed('CRC32 SHA256', FULL), listed('SHA256', FULL), true],
    ['none in common', listed('CRC32', FULL), listed('SHA256', FULL), false],
    ['one of parts', listed('CRC32', FULL), listed('CRC32', COMPOSITE), false],
    ['both of parts', listed('CRC32', COMPOSITE), listed('CRC32', COMPOSITE), false],
    ['one without a type', listed('CRC32'), listed('CRC32', FULL), true],
    ['nothing on one side', 0, listed('CRC32', FULL), true],
    ['nothing on one side, parts on the other', 0, listed('CRC32', COMPOSITE), false],
    ['nothing at all', 0, 0, true],
    ['one of the rare ones', listed('XXHASH3', FULL), listed('XXHASH3', FULL), true],
    ['a rare one on one side', listed('XXHASH3', FULL), listed('CRC32', FULL), false],
    ['a rare one of parts', listed('SHA512', COMPOSITE), listed('SHA512', FULL), false],
  ])('tells whether there may be one to compare: %s', (_what, one, other, expected) => {
    expect([mayShareChecksum(one, other), mayShareChecksum(other, one)]).toEqual([
      expected,
      expected,
    ])
  })

  it('is nothing where it names no algorithm', () => {
    expect(namesChecksum(0)).toBe(false)
    expect(namesChecksum(listedChecksum('ChecksumType', FULL ?? ''))).toBe(false)
    expect(namesChecksum(listed('XXHASH3'))).toBe(true)
  })
})

describe('checksums of a whole object', () => {
  const headers = (type: string | undefined, values: Readonly<Record<string, string>>) =>
    Object.fromEntries([
      ...(type ? [['x-amz-checksum-type', type]] : []),
      ...Object.entries(values).map(([name, value]) => [`x-amz-checksum-${name}`, value]),
    ])
  const [SUM, SHA] = ['AAAAAA==', `${'A'.repeat(43)}=`]
  const [PLAIN, PARTS] = ['a'.repeat(32), `${'a'.repeat(32)}-2`]

  it.each([
    ['that says so', FULL, { crc32: SUM }, PARTS, [['CRC32', SUM]]],
    ['of parts', COMPOSITE, { crc32: SUM }, PLAIN, []],
    ['that ends with a number of parts', FULL, { crc32: 'AAAAAA==-2' }, PLAIN, []],
    ['of a type that nobody knows', 'ANOTHER', { crc32: SUM }, PLAIN, []],
    ['without a type, of one piece', undefined, { crc32: SUM }, PLAIN, [['CRC32', SUM]]],
    ['without a type, of parts', undefined, { crc32: SUM }, PARTS, []],
    ['that is empty', FULL, { crc32: '', sha256: SHA }, PLAIN, [['SHA256', SHA]]],
    ['of another length', FULL, { crc64nvme: SUM }, PLAIN, []],
    ['that nobody knows', FULL, { crc16: SUM }, PLAIN, []],
    ['of a rare kind', FULL, { xxhash3: 'A'.repeat(12) }, PLAIN, [['XXHASH3', 'A'.repeat(12)]]],
  ] as const)('are those of an answer %s', (_what, type, values, etag, expected) => {
    expect([...wholeChecksums(headers(type, values), etag)]).toEqual(expected)
  })

  it('are compared by the strongest that both have, and what is not there is never equal', () => {
    const of = (values: Readonly<Record<string, string>>) => new Map(Object.entries(values))
    expect(sameChecksum(of({ CRC32: 'a', SHA256: 'x' }), of({ CRC32: 'a', SHA256: 'y' }))).toBe(
      false,
    )
    expect(sameChecksum(of({ CRC32: 'b', CRC64NVME: 'x' }), of({ CRC64NVME: 'x' }))).toBe(true)
    expect(sameChecksum(of({ CRC32C: 'x' }), of({ CRC32: 'x' }))).toBeUndefined()
    expect(sameChecksum(of({}), of({}))).toBeUndefined()
  })
})
