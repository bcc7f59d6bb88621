/** Kinds of buckets and access points that this action does not carry, and how AWS ends their names. */
const UNSUPPORTED: readonly (readonly [RegExp, string])[] = [
  [
    /--xa?-s3$/,
    'a directory bucket (S3 Express One Zone), which needs its own way of signing, listing and copying',
  ],
  [/--table-s3$/, 'a table bucket (S3 Tables), whose objects must not be copied one by one'],
  [/--op-s3$/, 'an access point of S3 on Outposts'],
  [
    /--ol-s3$/,
    'an S3 Object Lambda access point, which generates its responses and cannot be a copy source',
  ],
  [/\.mrap$/, 'a Multi-Region Access Point, which needs SigV4A signatures'],
]

/** What a name at AWS stands for, where that is not supported; undefined: a bucket, or an alias of one. */
export const unsupportedKind = (bucket: string): string | undefined =>
  UNSUPPORTED.find(([ending]) => ending.test(bucket))?.[1]

const ARNS: readonly (readonly [RegExp, string])[] = [
  [/:s3-outposts:/, 'S3 on Outposts is not supported'],
  [/:s3-object-lambda:/, 'S3 Object Lambda is not supported: use the bucket behind it'],
  [/:s3tables:/, 'S3 Tables is not supported'],
  [/:s3express:/, 'directory buckets (S3 Express One Zone) are not supported'],
  [
    /:accesspoint[/:][^/:]*\.mrap/,
    'Multi-Region Access Points are not supported: use one of the buckets behind it',
  ],
  [/:s3:::/, 'ARNs are not supported here: use the bucket name, as in s3://my-bucket/prefix/'],
]

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/

/** What is wrong with the name of a bucket; undefined: buckets, or aliases of access points, are called so. */
export function bucketNameProblem(name: string): string | undefined {
  if (name.startsWith('arn:')) return insteadOfArn(name)
  return NAME.test(name) ? undefined : `${JSON.stringify(name)} is not a bucket name`
}

/** What to write in place of an ARN. */
export const insteadOfArn = (arn: string): string =>
  ARNS.find(([part]) => part.test(arn))?.[1] ??
  'ARNs are not supported here: use the access point alias, as in s3://my-alias-s3alias/prefix/'
