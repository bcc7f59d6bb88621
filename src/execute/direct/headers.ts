import {
  given,
  type ObjectMetadata,
  optionHeaders,
  type WriteOptions,
} from '../../model/write-options.ts'
import type { ObjectHeaders } from '../../ports.ts'

const metadataHeaders = (metadata: ObjectMetadata): ObjectHeaders => ({
  ...given({
    'cache-control': metadata.cacheControl,
    'content-type': metadata.contentType,
    'content-disposition': metadata.contentDisposition,
    'content-encoding': metadata.contentEncoding,
  }),
  ...Object.fromEntries(
    Object.entries(metadata.user).map(([name, value]) => [`x-amz-meta-${name}`, value]),
  ),
})

/** Headers of one CopyObject: S3 carries metadata and tags over by itself. */
export const copyHeaders = (options: WriteOptions): ObjectHeaders => ({
  ...optionHeaders(options),
  ...(options.metadata
    ? { 'x-amz-metadata-directive': 'REPLACE', ...metadataHeaders(options.metadata) }
    : {}),
})

const CARRIED = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
  'x-amz-website-redirect-location',
])

/** Headers of a write that S3 carries nothing over for: metadata and tags are the source's, by hand. */
export const writeHeaders = (
  options: WriteOptions,
  source: ObjectHeaders,
  tags: string,
): ObjectHeaders => ({
  ...optionHeaders(options),
  ...(options.metadata
    ? metadataHeaders(options.metadata)
    : Object.fromEntries(
        Object.entries(source).filter(
          ([name]) => CARRIED.has(name) || name.startsWith('x-amz-meta-'),
        ),
      )),
  ...(tags === '' ? {} : { 'x-amz-tagging': tags }),
})
