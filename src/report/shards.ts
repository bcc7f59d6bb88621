import type { Report, ShardRow } from '../model/report.ts'
import { humanBytes, humanCount, humanObjects, humanSeconds } from '../model/units.ts'
import { type Column, details, prose, section, table } from './markdown.ts'

const COLUMNS: readonly Column[] = [
  { title: 'Shard', align: 'right' },
  { title: 'Copied', align: 'right' },
  { title: 'Size', align: 'right' },
  { title: 'Not done', align: 'right' },
  { title: 'Time' },
  { title: 'Result' },
]

/** The result of what S3 Batch Operations did. */
const JOB = 'reported by S3 Batch Operations'

const isWell = ({ lost, failed }: ShardRow): boolean => lost === undefined && failed === 0

function rowOf({ shard, result, lost, durationSeconds, done, failed }: ShardRow): string[] {
  return [
    shard === 0 ? 'job' : String(shard),
    humanCount(done.objects),
    humanBytes(done.bytes),
    humanCount(failed),
    durationSeconds === undefined ? '' : humanSeconds(durationSeconds),
    lost === undefined
      ? prose(result === 'reported' ? JOB : (result ?? ''))
      : `❌ lost: ${prose(lost)}`,
  ]
}

/** What each shard came to, in the run that ends their plan: those that are not well first, the others folded. */
export function shards({ shards: all = [] }: Report): string {
  if (all.length === 0) return ''
  const [well, others] = [all.filter(isWell), all.filter((row) => !isWell(row))]
  const told = [
    ...(others.length > 0 ? [table(COLUMNS, others.map(rowOf))] : []),
    ...(well.length > 0
      ? [
          details(
            `${humanObjects(well.length, 'shard')} with every copy done`,
            table(COLUMNS, well.map(rowOf)),
          ),
        ]
      : []),
  ]
  return section('Shards', told.join('\n\n'))
}
