import { s3Url } from './place.ts'

/** Keys of a bucket that begin alike. */
export interface BucketFolder {
  readonly bucket: string
  /** '' or text that ends in `/`. */
  readonly prefix: string
}

/** A folder in which jobs leave files for one another: one of this runner, absolute, or one of a bucket. */
export type SharedFolder = { readonly path: string } | BucketFolder

/** Whether it is one of a bucket. */
export const isOfBucket = (folder: SharedFolder | undefined): folder is BucketFolder =>
  folder !== undefined && 'bucket' in folder

/** `s3://bucket/prefix/` of one of a bucket. */
export const urlOf = ({ bucket, prefix }: BucketFolder): string => s3Url(bucket, prefix)

/** The folder of that name in another one; `join` makes paths of this machine. */
export const folderIn = (
  folder: SharedFolder,
  name: string,
  join: (...parts: readonly string[]) => string,
): SharedFolder =>
  isOfBucket(folder)
    ? { bucket: folder.bucket, prefix: `${folder.prefix}${name}/` }
    : { path: join(folder.path, name) }
