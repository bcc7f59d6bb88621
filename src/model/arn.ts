import type { Place } from './place.ts'

/** The partition of AWS that a region belongs to. */
export const partitionOf = (region: string): string => {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** A bucket, and where it is; undefined: where most are. */
export interface BucketPlace extends Pick<Place, 'bucket'> {
  readonly region?: string | undefined
}

/** ARN of a bucket, or of objects in it. */
export const s3Arn = ({ region = '', bucket }: BucketPlace, key?: string): string =>
  `arn:${partitionOf(region)}:s3:::${bucket}${key === undefined ? '' : `/${key}`}`
