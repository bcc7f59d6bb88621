import type { ObjectInfo } from '../../../src/model/object-info.ts'
import { objectAt, type PackedObjects } from '../../../src/storage/object-page.ts'

/** A page of ListObjectsV2 in a few words. */
export interface ListingText {
  /** As they stand in the XML. */
  readonly keys: readonly string[]
  /** Token of the next page. */
  readonly next?: string
  /** Whether the token stands behind the objects, as some services have it. */
  readonly tokenLast?: boolean
  readonly encoding?: 'url' | 'none'
  readonly prefixes?: readonly string[]
  /** Spoils the finished XML. */
  readonly bend?: (xml: string) => string
}

const object = (key: string): string =>
  `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e-${key.length}&quot;</ETag><Size>${key.length}</Size><Owner><ID>o</ID></Owner><StorageClass>STANDARD</StorageClass></Contents>`

/** The XML of a page. */
export function listing({
  keys,
  next,
  tokenLast,
  encoding = 'url',
  prefixes = [],
  bend,
}: ListingText): Buffer {
  const token = next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`
  const folded = prefixes.map(
    (prefix) => `<CommonPrefixes><Prefix>${prefix}</Prefix></CommonPrefixes>`,
  )
  const xml = [
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    `<Name>b</Name><Prefix>p/</Prefix><KeyCount>${keys.length + prefixes.length}</KeyCount><MaxKeys>1000</MaxKeys>`,
    encoding === 'url' ? '<EncodingType>url</EncodingType>' : '',
    `<IsTruncated>${next !== undefined}</IsTruncated>`,
    tokenLast ? '' : token,
    ...keys.map(object),
    ...folded,
    tokenLast ? token : '',
    '</ListBucketResult>\n',
  ].join('')
  return Buffer.from(bend ? bend(xml) : xml)
}

/** Packed objects as a list. */
export const unpacked = (objects: PackedObjects): ObjectInfo[] =>
  Array.from({ length: objects.count }, (_, row) => objectAt(objects, row))
