import type { Problem } from './problem.ts'
import type { InputName, InputValues } from './schema.ts'
import { isDownload, isLocal } from './sides.ts'

/** The service of a side that is at none, by the values before it was decided where both sides are. */
export const idleEndpoints = (given: InputValues): Problem[] =>
  [
    ...(isLocal(given) ? (['source'] as const) : []),
    ...(isDownload(given) ? (['destination'] as const) : []),
  ].flatMap((side) => {
    const input = `${side}-endpoint-url` as const
    const text = `has no effect if ${side} is a local folder: set endpoint-url for the bucket`
    return given[input] === undefined ? [] : [{ input, text }]
  })

/** What describes objects to those who read them. */
export const METADATA_INPUTS = ['cache-control', 'content-type'] as const

/** What asks for no content type: S3 then has one of its own. */
const NO_TYPE = 'none'

/** What says how a bucket is read. */
const OF_SOURCE_BUCKET = [
  'source-role-to-assume',
  'source-region',
  'source-profile',
  'source-aws-access-key-id',
  'source-aws-secret-access-key',
  'source-aws-session-token',
] as const

/** What has no meaning for files of this runner, or only for them. */
export function localInputs(values: InputValues): Problem[] {
  const { symlinks, hidden } = values.local ?? {}
  const isUsual = symlinks === 'fail' && hidden === 'include'
  if (!isLocal(values))
    return [
      ...(values.local === undefined || isUsual || isDownload(values)
        ? []
        : [
            {
              input: 'local' as const,
              text: 'has an effect only if source or destination is a local folder',
            },
          ]),
      ...(values['content-type'] === NO_TYPE && !isDownload(values)
        ? [
            {
              input: 'content-type' as const,
              text: `${NO_TYPE} has a meaning only for local files: set a type, or leave it out`,
            },
          ]
        : []),
    ]
  const idle = OF_SOURCE_BUCKET.filter((input) => values[input] !== undefined)
  const text = 'has no effect if source is a local folder'
  return [
    ...idle.map((input) => ({ input, text })),
    ...(values['source-no-sign-request']
      ? [{ input: 'source-no-sign-request' as const, text }]
      : []),
    ...(values['metadata-directive'] === 'REPLACE'
      ? [
          {
            input: 'metadata-directive' as const,
            text: `${text}: local files have no metadata that would be replaced`,
          },
        ]
      : []),
    ...(values.manifest
      ? [
          {
            input: 'manifest' as const,
            text: 'lists objects of a bucket, but source is a local folder: remove it, and select files with include',
          },
        ]
      : []),
    ...newer(values),
  ]
}

const newer = ({ compare }: InputValues): Problem[] =>
  compare === 'newer'
    ? [
        {
          input: 'compare',
          text: 'newer cannot be used with local files, because their times only tell when they were written on this runner: use auto, which compares content',
        },
      ]
    : []

/** What says how a bucket is written, or who reads another than the destination. */
const OF_DESTINATION_BUCKET = [
  'destination-region',
  'source-role-to-assume',
  'source-profile',
  'source-aws-access-key-id',
  'source-aws-secret-access-key',
  'source-aws-session-token',
  'storage-class',
  'sse',
  'sse-kms-key-id',
  'acl',
  'metadata-directive',
  ...METADATA_INPUTS,
  'headers',
] as const satisfies readonly InputName[]

const INSTEAD: Readonly<Partial<Record<InputName, string>>> = {
  'source-role-to-assume': ': there is only one identity, so set role-to-assume',
  'source-profile': ': there is only one identity, so set aws-profile',
  'source-aws-access-key-id': ': there is only one identity, so set aws-access-key-id',
}

/** What has no meaning where objects become files of this runner. */
export function downloadInputs(values: InputValues): Problem[] {
  if (!isDownload(values)) return []
  if (isLocal(values))
    return [
      {
        input: 'destination',
        text: 'is a local folder, and source is one too: one of them must be s3://bucket/prefix/',
      },
    ]
  const idle = OF_DESTINATION_BUCKET.filter((input) => isGiven(values, input))
  const text = 'has no effect if destination is a local folder'
  return [
    ...idle.map((input) => ({ input, text: `${text}${INSTEAD[input] ?? ''}` })),
    ...(values.tags === 'drop' ? [{ input: 'tags' as const, text }] : []),
    ...(values.local?.symlinks === 'fail'
      ? []
      : [
          {
            input: 'local' as const,
            text: 'symlinks has no effect if destination is a local folder: symbolic links there are never followed or replaced',
          },
        ]),
    ...newer(values),
    ...needsBucket(values),
  ]
}

/** What writes objects of its own beside the copies, or serves them. */
function needsBucket({ lock, sha256sums, ...values }: InputValues): Problem[] {
  const text = 'cannot be used if destination is a local folder'
  return [
    ...(lock?.at === 'auto'
      ? [
          {
            input: 'lock' as const,
            text: 'auto cannot be used if destination is a local folder, because a lock is an object in S3: set its key, such as s3://my-bucket/locks/site',
          },
        ]
      : []),
    ...(lock && values['source-no-sign-request']
      ? [
          {
            input: 'lock' as const,
            text: 'cannot be used with source-no-sign-request if destination is a local folder, because the run has no credentials to write it',
          },
        ]
      : []),
    ...(values['delete-after'] === undefined
      ? []
      : [{ input: 'delete-after' as const, text: `${text}: remove it` }]),
    ...((sha256sums || undefined)?.upload
      ? [
          {
            input: 'sha256sums' as const,
            text: `upload ${text}: use true, which writes the file to report-dir`,
          },
        ]
      : []),
    ...(values.cloudfront ? [{ input: 'cloudfront' as const, text: `${text}: remove it` }] : []),
  ]
}

/** Whether an input says something, whose default says nothing. */
const isGiven = (values: InputValues, input: InputName): boolean =>
  input === 'metadata-directive'
    ? values['metadata-directive'] === 'REPLACE'
    : values[input] !== undefined
