/**
 * Checksums of whole objects that are compared, by S3's names; the strongest first: of those that two objects have in
 * common the first one tells. SHA1 and SHA256 are of a whole object only where it was written by one request.
 */
export const CHECKSUM_ALGORITHMS = ['SHA256', 'SHA1', 'CRC64NVME', 'CRC32C', 'CRC32'] as const

/** Characters of base64 that a checksum has: some services name one algorithm and tell the value of another. */
const CHARS: Readonly<Record<(typeof CHECKSUM_ALGORITHMS)[number], number>> = {
  SHA256: 44,
  SHA1: 28,
  CRC64NVME: 12,
  CRC32C: 8,
  CRC32: 8,
}

/** Checksums of a whole object: base64 by S3's name of the algorithm. */
export type ChecksumValues = ReadonlyMap<string, string>

/**
 * What a listing names of an object's checksums, in one number, as there is one for every object: a bit for each
 * algorithm, one for others, and two for what they are of. 0: nothing.
 */
export type ListedChecksums = number

const ALGORITHMS = (1 << CHECKSUM_ALGORITHMS.length) - 1
const OTHER_ALGORITHM = 1 << 5
const FULL_OBJECT = 1 << 6
const COMPOSITE = 1 << 7

const BITS: Readonly<Record<string, ReadonlyMap<string, ListedChecksums>>> = {
  ChecksumAlgorithm: new Map(CHECKSUM_ALGORITHMS.map((name, at) => [name, 1 << at])),
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

/** What a listing would name of an object that has these checksums of the whole. */
export const toldChecksums = (values: ChecksumValues): ListedChecksums =>
  [...values.keys()].reduce((all, name) => all | listedChecksum('ChecksumAlgorithm', name), 0)

/** What is known of an object that was looked at, and not for its checksums, where the service stores them: it may have any. */
export const ANY_CHECKSUM: ListedChecksums = ALGORITHMS

/** Whether a listing names any checksum of an object. */
export const namesChecksum = (listed: ListedChecksums): boolean =>
  (listed & (ALGORITHMS | OTHER_ALGORITHM)) !== 0

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
  const told = CHECKSUM_ALGORITHMS.flatMap((name) => {
    const value = headers[`x-amz-checksum-${name.toLowerCase()}`]
    return typeof value === 'string' && value.length === CHARS[name] ? [[name, value] as const] : []
  })
  return new Map(isWhole ? told : [])
}

/** Whether two objects have the same checksum; undefined where they have none in common: that says nothing. */
export function sameChecksum(one: ChecksumValues, other: ChecksumValues): boolean | undefined {
  for (const name of CHECKSUM_ALGORITHMS) {
    const [value, theirs] = [one.get(name), other.get(name)]
    if (value !== undefined && theirs !== undefined) return value === theirs
  }
  return undefined
}
