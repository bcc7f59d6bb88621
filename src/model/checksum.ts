/**
 * Characters of base64 that checksums have, by S3's names: some services name one algorithm and tell the value of
 * another. The strongest first. All but the CRCs are of a whole object only where it was written by one request.
 */
const CHARS = {
  ...{ SHA512: 88, SHA256: 44, SHA1: 28, MD5: 24 },
  ...{ XXHASH128: 24, CRC64NVME: 12, XXHASH3: 12, XXHASH64: 12 },
  ...{ CRC32C: 8, CRC32: 8 },
} as const satisfies Readonly<Record<string, number>>

/** Checksums of whole objects that are compared: of those that two objects have in common the first one tells. */
const COMPARED = Object.entries(CHARS).map(([name, chars]) => ({
  name,
  chars,
  header: `x-amz-checksum-${name.toLowerCase()}`,
}))

/** Checksums of a whole object: base64 by S3's name of the algorithm. */
export type ChecksumValues = ReadonlyMap<string, string>

/**
 * What a listing names of an object's checksums, in one byte, as there is one for every object: a bit for each of the
 * usual algorithms, one for all others, and two for what they are of. 0: nothing.
 */
export type ListedChecksums = number

const USUAL = ['SHA256', 'SHA1', 'CRC64NVME', 'CRC32C', 'CRC32'] as const
const OTHER_ALGORITHM = 1 << USUAL.length
const ALGORITHMS = 2 * OTHER_ALGORITHM - 1
const FULL_OBJECT = 1 << 6
const COMPOSITE = 1 << 7

const BITS: Readonly<Record<string, ReadonlyMap<string, ListedChecksums>>> = {
  ChecksumAlgorithm: new Map(USUAL.map((name, at) => [name, 1 << at])),
  ChecksumType: new Map([
    ['FULL_OBJECT', FULL_OBJECT],
    ['COMPOSITE', COMPOSITE],
  ]),
}

/** What an element of a listed object adds to its number; 0 for all other elements. */
export function listedChecksum(element: string, value: string): ListedChecksums {
  const bits = Object.hasOwn(BITS, element) ? BITS[element] : undefined
  if (!bits) return 0
  return bits.get(value) ?? (element === 'ChecksumAlgorithm' ? OTHER_ALGORITHM : 0)
}

/** What a HEAD that does not ask for checksums tells of them: an object may have any. */
export const ANY_CHECKSUM: ListedChecksums = ALGORITHMS

/** Whether a listing names any checksum of an object. */
export const namesChecksum = (listed: ListedChecksums): boolean => (listed & ALGORITHMS) !== 0

/** Of two objects, whether both may have a checksum of the whole that can be compared, by all that listings name. */
export function mayShareChecksum(one: ListedChecksums, other: ListedChecksums): boolean {
  if (((one | other) & COMPOSITE) !== 0) return false
  const possible = (listed: ListedChecksums) =>
    namesChecksum(listed) ? listed & ALGORITHMS : ALGORITHMS
  return (possible(one) & possible(other)) !== 0
}

const PARTS = /-\d+$/

/**
 * Checksums of the whole object among those that an answer tells, by its headers. Some services do not tell their type:
 * what was not put together from parts has no others.
 */
export function wholeChecksums(
  headers: Readonly<Record<string, unknown>>,
  etag: string,
): ChecksumValues {
  const type = headers['x-amz-checksum-type']
  const isWhole = type === undefined ? !PARTS.test(etag) : type === 'FULL_OBJECT'
  const told = new Map<string, string>()
  if (!isWhole) return told
  for (const { name, chars, header } of COMPARED) {
    const value = headers[header]
    if (typeof value === 'string' && value.length === chars) told.set(name, value)
  }
  return told
}

/** Whether two objects have the same checksum; undefined where they have none in common: that says nothing. */
export function sameChecksum(one: ChecksumValues, other: ChecksumValues): boolean | undefined {
  for (const { name } of COMPARED) {
    const [value, theirs] = [one.get(name), other.get(name)]
    if (value !== undefined && theirs !== undefined) return value === theirs
  }
  return undefined
}
