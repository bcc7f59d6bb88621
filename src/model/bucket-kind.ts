/** Kinds of buckets and access points that this action does not carry, and how AWS ends their names. */
const UNSUPPORTED: readonly (readonly [RegExp, string])[] = [
  [
    /--xa?-s3$/,
    'a directory bucket (S3 Express One Zone), which signs, lists and copies by rules of its own',
  ],
  [/--table-s3$/, 'a table bucket (S3 Tables), whose objects are not to be copied one by one'],
  [/--op-s3$/, 'an access point of S3 on Outposts'],
  [
    /--ol-s3$/,
    'an access point of S3 Object Lambda, which makes its answers and cannot be copied from',
  ],
  [/\.mrap$/, 'a Multi-Region Access Point, which wants signatures of another kind (SigV4A)'],
]

/** What a name at AWS stands for, where that is not supported; undefined: a bucket, or an alias of one. */
export const unsupportedKind = (bucket: string): string | undefined =>
  UNSUPPORTED.find(([ending]) => ending.test(bucket))?.[1]

const ARNS: readonly (readonly [RegExp, string])[] = [
  [/:s3-outposts:/, 'S3 on Outposts is not supported'],
  [/:s3-object-lambda:/, 'S3 Object Lambda is not supported: name the bucket behind it'],
  [/:s3tables:/, 'S3 Tables is not supported'],
  [/:s3express:/, 'directory buckets (S3 Express One Zone) are not supported'],
  [
    /:accesspoint[/:][^/:]*\.mrap/,
    'Multi-Region Access Points are not supported: name a bucket behind it',
  ],
  [/:s3:::/, 'ARNs are not understood: name the bucket, as in s3://my-bucket/prefix/'],
]

/** What to write in place of an ARN. */
export const insteadOfArn = (arn: string): string =>
  ARNS.find(([part]) => part.test(arn))?.[1] ??
  'ARNs are not understood: use the access point alias, as in s3://my-alias-s3alias/prefix/'
