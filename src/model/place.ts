import type { HostVariant } from './service.ts'

/** One side of the sync: a "folder" of a bucket, or a single object. */
export interface Place {
  readonly bucket: string
  /** Starts every key of the place: '' or text ending in '/', or the whole key of a single object. */
  readonly prefix: string
  /** True when the place is the one object whose key is `prefix`. */
  readonly single: boolean
  /** URL of an S3-compatible service; undefined means AWS. */
  readonly endpoint?: string | undefined
  /** Of AWS's hosts; undefined: the plain ones. */
  readonly variant?: HostVariant | undefined
  /** Region the bucket's requests are signed for. */
  readonly region: string
  /** The folder of this runner that the place is, as it is told: then there is no bucket, and keys are the names in it. */
  readonly folder?: string | undefined
}

/** `s3://bucket/key` of one key in a place's bucket. */
export const s3Url = (bucket: string, key: string): string => `s3://${bucket}/${key}`

/** Where a key of a place is, as it is told: its URL, or its path on this runner. */
export const addressOf = (
  { folder, bucket }: Pick<Place, 'folder' | 'bucket'>,
  key: string,
): string => (folder === undefined ? s3Url(bucket, key) : `${folder}/${key}`)
