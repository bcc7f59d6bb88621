import type { Place } from './place.ts'

const PARTITIONS = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
  ['eusc-', 'aws-eusc'],
] as const

/** The partition of AWS that a region belongs to. */
export const partitionOf = (region: string): string =>
  PARTITIONS.find(([start]) => region.startsWith(start))?.[1] ?? 'aws'

/** A bucket, and where it is; undefined: where most are. */
export interface BucketPlace extends Pick<Place, 'bucket'> {
  readonly region?: string | undefined
}

/** ARN of a bucket, or of objects in it. */
export const s3Arn = ({ region = '', bucket }: BucketPlace, key?: string): string =>
  `arn:${partitionOf(region)}:s3:::${bucket}${key === undefined ? '' : `/${key}`}`

/** The id, the alias or the ARN of one key of KMS. */
const KMS_KEY =
  /^(?:arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:(?:key|alias)\/|alias\/)?[A-Za-z0-9/_-]{1,256}$/

/** The key of KMS that a service names; it goes into a policy, so that what may stand for many keys is none. */
export const kmsKeyIn = (told: string | undefined): string | undefined =>
  told !== undefined && KMS_KEY.test(told) ? told : undefined
