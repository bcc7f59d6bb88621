import { ServiceError } from '../../errors/service-error.ts'
import {
  given,
  metadataHeaders,
  type ObjectOptions,
  optionHeaders,
} from '../../model/write-options.ts'
import type { Described, ObjectHeaders } from '../../storage/store.ts'

/** What tells a copy to leave the tags behind. */
export const WITHOUT_TAGS: ObjectHeaders = { 'x-amz-tagging-directive': 'REPLACE' }

const CARRIED = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
])

/** Without the framing of an upload, which some services keep as if it were an encoding of the object. */
const encodingOf = (value: string): string =>
  value
    .split(',')
    .filter((token) => token.trim().toLowerCase() !== 'aws-chunked')
    .join(',')
    .trim()

/** The headers of an object, of which a write can send all again. Throws MetadataNotTold where S3 keeps more than headers can tell. */
export function checkCarriable({ headers }: Pick<Described, 'headers'>): ObjectHeaders {
  const missing = headers['x-amz-missing-meta']
  if (!missing || missing === '0') return headers
  throw new ServiceError(
    'MetadataNotTold',
    `The source object has metadata that S3 cannot return in a header (${missing} of its entries).`,
    { status: 400 },
  )
}

/** What belongs to an object beside its bytes; where a website leads to instead does not, S3 copies it neither. */
const carriedHeaders = (source: ObjectHeaders): ObjectHeaders =>
  Object.fromEntries(
    Object.entries(source)
      .filter(([name]) => CARRIED.has(name) || name.startsWith('x-amz-meta-'))
      .map(([name, value]) => [name, name === 'content-encoding' ? encodingOf(value) : value])
      .filter(([name, value]) => name !== 'content-encoding' || value !== ''),
  )

/** All that describes an object: what a rule says of it comes first. */
const describing = (
  { metadata, headers }: ObjectOptions,
  source: ObjectHeaders,
): ObjectHeaders => ({
  ...(metadata
    ? { ...given({ 'content-type': source['content-type'] }), ...metadataHeaders(metadata) }
    : carriedHeaders(source)),
  ...headers,
})

/** Headers of one CopyObject: S3 carries metadata and tags over by itself. `source`: its headers, where some of them are kept and others replaced. */
export const copyHeaders = (options: ObjectOptions, source: ObjectHeaders = {}): ObjectHeaders => ({
  ...optionHeaders(options),
  ...(options.metadata || options.headers
    ? { 'x-amz-metadata-directive': 'REPLACE', ...describing(options, source) }
    : {}),
  ...(options.tags ? { ...WITHOUT_TAGS, 'x-amz-tagging': options.tags } : {}),
})

/** Headers of a write that S3 carries nothing over for: metadata and tags are the source's, by hand. */
export const writeHeaders = (
  options: ObjectOptions,
  source: ObjectHeaders,
  tags: string,
): ObjectHeaders => ({
  ...optionHeaders(options),
  ...describing(options, source),
  ...given({ 'x-amz-tagging': (options.tags ?? tags) || undefined }),
})
