import { ruledKey } from '../model/header-rules.ts'
import type { CopyOp } from '../model/op.ts'
import { type Place, s3Url } from '../model/place.ts'
import {
  metadataHeaders,
  type ObjectOptions,
  optionsFor,
  type WriteOptions,
} from '../model/write-options.ts'
import { quote } from './quote.ts'

/** What every line of a run has in common. */
export interface LineRules {
  readonly source: Pick<Place, 'bucket'>
  readonly destination: Pick<Place, 'bucket' | 'prefix' | 'single'>
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

const META = 'x-amz-meta-'

/** A header as s5cmd takes it. */
const headerFlag = ([name, value]: readonly [string, string]): Flag =>
  name.startsWith(META)
    ? ['--metadata', `${name.slice(META.length)}=${value}`]
    : [`--${name}`, value]

/** What describes the object in place of all that the source says: `--cache-control`, … and `--metadata`. */
const metadataFlags = ({ metadata, headers }: ObjectOptions): Flag[] => {
  const all = { ...(metadata ? metadataHeaders(metadata) : {}), ...headers }
  return [['--metadata-directive', 'REPLACE'], ...Object.entries(all).map(headerFlag)]
}

/** The flags of a line whose object is written so. */
export function lineFlags({
  metadataDirective,
  options,
}: Pick<LineRules, 'metadataDirective'> & { readonly options: ObjectOptions }): string {
  // s5cmd 2.3.0 replaces all metadata unless it is told to copy it.
  const kept: Flag[] = metadataDirective ? [['--metadata-directive', 'COPY']] : []
  const flags: Flag[] = [
    ...(options.metadata ? metadataFlags(options) : kept),
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

/** The flags of the last line of a run: they are those of the next one as well, where no rule takes it. */
const lastFlags = new WeakMap<LineRules, { readonly of: ObjectOptions; readonly flags: string }>()

function flagsFor({ to }: CopyOp, rules: LineRules): string {
  const { destination, options, metadataDirective } = rules
  const own = optionsFor(options, ruledKey(destination, to))
  const last = lastFlags.get(rules)
  if (last?.of === own) return last.flags
  const flags = lineFlags({ metadataDirective, options: own })
  lastFlags.set(rules, { of: own, flags })
  return flags
}

/** The line of a copy in an `s5cmd run` file, without its newline. */
export function copyLine(op: CopyOp, rules: LineRules): string {
  const { from, to } = addresses(op, rules)
  const version = op.versionId === undefined ? '' : ` --version-id ${quote(op.versionId)}`
  return `cp ${flagsFor(op, rules)}${version} ${quote(from)} ${quote(to)}`
}
