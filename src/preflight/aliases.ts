import type { OpenPlace } from './places.ts'

/** How S3 ends the aliases of access points. */
const ALIAS = /(-s3alias|--(ol|op|xa)-s3)$/

/** Whether a bucket's name is that of an access point at which a function makes the answers, HEAD's as well. */
export const isMadeByFunction = (bucket: string): boolean => bucket.endsWith('--ol-s3')

type Named = Pick<OpenPlace, 'bucket' | 'endpoint' | 'isAlias'>

const aliasOf = (places: readonly Named[]): Named | undefined =>
  places.find(({ bucket, isAlias }) => isAlias || ALIAS.test(bucket))

/**
 * Why two places that are named differently may be of one bucket; undefined where their names tell.
 * Two names of buckets at one endpoint are two buckets.
 */
export function whyOneBucket(source: Named, destination: Named): string | undefined {
  const oneName = source.bucket === destination.bucket
  if (oneName && source.endpoint === destination.endpoint) return undefined
  const alias = aliasOf([source, destination])
  if (alias) return `${alias.bucket} is an access point alias`
  return oneName ? `both buckets are named ${source.bucket}, at different endpoints` : undefined
}
