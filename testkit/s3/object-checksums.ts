import { hash } from 'node:crypto'
import { type Body, isExact, md5Of, readBody } from '../body.ts'
import type { ServerRequest } from '../request.ts'
import type { ChecksumSupport } from '../service.ts'
import type { ChecksumType, StoredChecksums, StoredObject } from '../store.ts'
import { element } from '../xml.ts'
import { CHECKSUMS } from './checksums.ts'
import { checksumOf } from './digests.ts'
import { invalidRequest } from './request-rules.ts'

/** What S3 works out by itself since December 2024, where nobody sends another one. */
const BY_DEFAULT: StoredChecksums = { type: 'FULL_OBJECT', values: { crc64nvme: undefined } }
/** What objects of before that time have, and all of services that never heard of checksums. */
export const NO_CHECKSUMS: StoredChecksums = { type: 'FULL_OBJECT', values: {} }

/** Checksums of a whole object, as far as their values are known: those that were sent, or the one that S3 adds. */
export function wholeChecksums(
  support: ChecksumSupport,
  sent: StoredChecksums['values'],
): StoredChecksums {
  if (support === 'md5-only') return NO_CHECKSUMS
  return Object.keys(sent).length > 0 ? { type: 'FULL_OBJECT', values: sent } : BY_DEFAULT
}

/** The checksum of a body; of one that would take seconds to read, a stand-in that equal contents share. */
export function checksumOfBody(name: string, body: Body): string {
  const work = checksumOf(name)
  if (isExact(body)) return work(Buffer.concat([...readBody(body)]))
  const { length } = Buffer.from(work(Buffer.alloc(0)), 'base64')
  return hash('sha512', `${name} ${md5Of(body)}`, 'buffer')
    .subarray(0, length)
    .toString('base64')
}

/** The checksums of an object, worked out on first use. */
export function checksumValues(object: StoredObject): Readonly<Record<string, string>> {
  const { body, checksums } = object
  const entries = Object.entries(checksums.values)
  const worked = entries.map(
    ([name, value]) => [name, value ?? checksumOfBody(name, body)] as const,
  )
  const values = Object.fromEntries(worked)
  if (entries.some(([, value]) => value === undefined))
    object.checksums = { type: checksums.type, values }
  return values
}

/** Whether all values are there, so that telling them costs nothing. */
export const hasValues = ({ values }: StoredChecksums): boolean =>
  Object.values(values).every((value) => value !== undefined)

const hasAny = ({ values }: StoredChecksums): boolean => Object.keys(values).length > 0

/** `x-amz-checksum-…` headers of an object, with their type. */
export const objectChecksumHeaders = (object: StoredObject): Record<string, string> =>
  hasAny(object.checksums)
    ? {
        ...checksumHeaders(checksumValues(object)),
        'x-amz-checksum-type': object.checksums.type,
      }
    : {}

/** `x-amz-checksum-…` headers. */
export const checksumHeaders = (
  checksums: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value]),
  )

/** The elements of an answer that tells an object's checksums. */
export const checksumElements = (object: StoredObject): string =>
  hasAny(object.checksums)
    ? [
        ...Object.entries(checksumValues(object)).map(([name, value]) =>
          element(`Checksum${name.toUpperCase()}`, value),
        ),
        element('ChecksumType', object.checksums.type),
      ].join('')
    : ''

/** The elements of a listing: which checksums there are, and not what they are. */
export const checksumNames = ({ checksums: { type, values } }: StoredObject): string => {
  const names = Object.keys(values)
  if (names.length === 0) return ''
  const algorithms = names.map((name) => element('ChecksumAlgorithm', name.toUpperCase()))
  return `${algorithms.join('')}${element('ChecksumType', type)}`
}

/** Of the algorithms that S3 can put together from parts: which types it can have. */
const TYPES: Readonly<Record<string, readonly ChecksumType[]>> = {
  crc64nvme: ['FULL_OBJECT'],
  crc32: ['COMPOSITE', 'FULL_OBJECT'],
  crc32c: ['COMPOSITE', 'FULL_OBJECT'],
}

/** What an upload's object is to have. */
export interface UploadChecksum {
  readonly name: string
  readonly type: ChecksumType
  /** Whether it was asked for: then the parts have it as well. */
  readonly asked: boolean
}

/** Reads what CreateMultipartUpload asks for; undefined at services that never heard of checksums. */
export function uploadChecksumOf(
  { headers }: ServerRequest,
  support: ChecksumSupport,
): UploadChecksum | undefined {
  if (support === 'md5-only') return undefined
  const algorithm = headers['x-amz-checksum-algorithm']
  const given = headers['x-amz-checksum-type']
  if (algorithm === undefined) {
    if (given !== undefined)
      throw invalidRequest(
        'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
      )
    return { name: 'crc64nvme', type: 'FULL_OBJECT', asked: false }
  }
  const name = algorithm.toLowerCase()
  if (algorithm !== algorithm.toUpperCase() || CHECKSUMS[name] === undefined)
    throw invalidRequest(
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
    )
  const possible = TYPES[name] ?? ['COMPOSITE']
  const type =
    possible.find((one) => one === given) ?? (given === undefined ? possible[0] : undefined)
  if (type === undefined)
    throw invalidRequest(
      `The ${given} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    )
  return { name, type, asked: true }
}

/** The checksums of an object that was put together from parts. */
export function partedChecksums(
  checksum: UploadChecksum | undefined,
  parts: readonly { readonly body: Body }[],
): StoredChecksums {
  if (checksum === undefined) return NO_CHECKSUMS
  const { name, type } = checksum
  if (type === 'FULL_OBJECT') return { type, values: { [name]: undefined } }
  const sums = parts.map(({ body }) => Buffer.from(checksumOfBody(name, body), 'base64'))
  const composite = `${checksumOf(name)(Buffer.concat(sums))}-${parts.length}`
  return { type, values: { [name]: composite } }
}
