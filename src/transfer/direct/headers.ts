import {
  given,
  type ObjectMetadata,
  optionHeaders,
  type WriteOptions,
} from '../../model/write-options.ts'
import type { ObjectHeaders } from '../../storage/store.ts'

const metadataHeaders = (metadata: ObjectMetadata, source: ObjectHeaders): ObjectHeaders => ({
  ...given({
    'cache-control': metadata.cacheControl,
    'content-type': metadata.contentType ?? source['content-type'],
    'content-disposition': metadata.contentDisposition,
    'content-encoding': metadata.contentEncoding,
  }),
  ...Object.fromEntries(
    Object.entries(metadata.user).map(([name, value]) => [`x-amz-meta-${name}`, value]),
  ),
})

/** What tells a copy to leave the tags behind. */
export const WITHOUT_TAGS: ObjectHeaders = { 'x-amz-tagging-directive': 'REPLACE' }

/** Headers of one CopyObject: S3 carries metadata and tags over by itself. `source`: its headers, where its type is kept. */
export const copyHeaders = (options: WriteOptions, source: ObjectHeaders = {}): ObjectHeaders => ({
  ...optionHeaders(options),
  ...(options.metadata
    ? { 'x-amz-metadata-directive': 'REPLACE', ...metadataHeaders(options.metadata, source) }
    : {}),
})

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

/** What belongs to an object beside its bytes; where a website leads to instead does not, S3 copies it neither. */
const carriedHeaders = (source: ObjectHeaders): ObjectHeaders =>
  Object.fromEntries(
    Object.entries(source)
      .filter(([name]) => CARRIED.has(name) || name.startsWith('x-amz-meta-'))
      .map(([name, value]) => [name, name === 'content-encoding' ? encodingOf(value) : value])
      .filter(([name, value]) => name !== 'content-encoding' || value !== ''),
  )

/** Headers of a write that S3 carries nothing over for: metadata and tags are the source's, by hand. */
export const writeHeaders = (
  options: WriteOptions,
  source: ObjectHeaders,
  tags: string,
): ObjectHeaders => ({
  ...optionHeaders(options),
  ...(options.metadata ? metadataHeaders(options.metadata, source) : carriedHeaders(source)),
  ...(tags === '' || options.tags === 'drop' ? {} : { 'x-amz-tagging': tags }),
})
