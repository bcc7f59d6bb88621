import type { CopyOp } from '../model/op.ts'
import { type Place, s3Url } from '../model/place.ts'
import { quote } from './quote.ts'

/** What every line of a run has in common. */
export interface LineRules {
  readonly source: Pick<Place, 'bucket'>
  readonly destination: Pick<Place, 'bucket'>
  /** Whether this s5cmd knows `--metadata-directive`; older ones keep metadata by themselves. */
  readonly metadataDirective: boolean
}

/** The two addresses of a copy. */
export const addresses = ({ key, to }: CopyOp, { source, destination }: LineRules) => ({
  from: s3Url(source.bucket, key),
  to: s3Url(destination.bucket, to),
})

/** The line of a copy in an `s5cmd run` file, without its newline. */
export function copyLine(op: CopyOp, rules: LineRules): string {
  const { from, to } = addresses(op, rules)
  // s5cmd 2.3.0 replaces all metadata unless it is told to copy it.
  const flags = rules.metadataDirective ? '--raw --metadata-directive COPY' : '--raw'
  return `cp ${flags} ${quote(from)} ${quote(to)}`
}
