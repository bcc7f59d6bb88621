import type { CopyOp } from '../model/op.ts'
import { type Place, s3Url } from '../model/place.ts'
import type { ObjectMetadata, WriteOptions } from '../model/write-options.ts'
import { quote } from './quote.ts'

/** What every line of a run has in common. */
export interface LineRules {
  readonly source: Pick<Place, 'bucket'>
  readonly destination: Pick<Place, 'bucket'>
  /** Whether this s5cmd knows `--metadata-directive`; older ones keep metadata by themselves. */
  readonly metadataDirective: boolean
  readonly options: WriteOptions
}

type Flag = readonly [name: string, value: string | undefined]

/** The two addresses of a copy. */
export const addresses = (
  { key, to }: CopyOp,
  { source, destination }: Pick<LineRules, 'source' | 'destination'>,
) => ({
  from: s3Url(source.bucket, key),
  to: s3Url(destination.bucket, to),
})

const metadataFlags = (metadata: ObjectMetadata): Flag[] => [
  ['--metadata-directive', 'REPLACE'],
  ['--cache-control', metadata.cacheControl],
  ['--content-type', metadata.contentType],
  ['--content-disposition', metadata.contentDisposition],
  ['--content-encoding', metadata.contentEncoding],
  ...Object.entries(metadata.user).map(([name, value]): Flag => ['--metadata', `${name}=${value}`]),
]

/** The flags that all lines of a run have. */
export function lineFlags({ metadataDirective, options }: LineRules): string {
  // s5cmd 2.3.0 replaces all metadata unless it is told to copy it.
  const kept: Flag[] = metadataDirective ? [['--metadata-directive', 'COPY']] : []
  const flags: Flag[] = [
    ...(options.metadata ? metadataFlags(options.metadata) : kept),
    ['--storage-class', options.storageClass],
    ['--sse', options.sse],
    ['--sse-kms-key-id', options.sseKmsKeyId],
    ['--acl', options.acl],
  ]
  const given = flags.flatMap(([name, value]) =>
    value === undefined ? [] : [name, /^[\w:-]+$/.test(value) ? value : quote(value)],
  )
  return ['--raw', ...given].join(' ')
}

/** The line of a copy in an `s5cmd run` file, without its newline. */
export function copyLine(op: CopyOp, rules: LineRules): string {
  const { from, to } = addresses(op, rules)
  const version = op.versionId === undefined ? '' : ` --version-id ${quote(op.versionId)}`
  return `cp ${lineFlags(rules)}${version} ${quote(from)} ${quote(to)}`
}
