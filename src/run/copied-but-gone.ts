import { SyncError } from '../errors/sync-error.ts'
import { toKeyBytes } from '../model/key.ts'
import type { ResultRow } from '../model/outcome.ts'
import type { PlanIndex } from '../model/shard-schema.ts'
import { humanObjects } from '../model/units.ts'
import { blocksOf } from '../plan/line-file.ts'
import type { Files } from '../ports.ts'
import { type HandedShard, JOB_SHARD } from './stage-results.ts'

const MOST_NAMED = 3

/** Whether some keys may be among those of a part. */
function mayHold({ parts, job }: PlanIndex, number: number, keys: readonly string[]): boolean {
  const part = number === JOB_SHARD ? job : parts[number - 1]
  if (!part) return false
  const [first, last] = [toKeyBytes(part.from), toKeyBytes(part.to)]
  return keys.some((key) => {
    const bytes = toKeyBytes(key)
    return first <= bytes && bytes <= last
  })
}

/**
 * Why nothing more is done: what shards say that they copied is not at the destination, which was listed behind them.
 * `missing`: keys that the listing does not show, most of which may be new at the source. undefined: none of them is told
 * as copied.
 */
export async function refuseGone(
  missing: readonly string[],
  shards: readonly HandedShard[],
  index: PlanIndex,
  { files, signal }: { readonly files: Pick<Files, 'lineBlocks'>; readonly signal: AbortSignal },
): Promise<SyncError | undefined> {
  const sought = new Set(missing)
  const gone: string[] = []
  for (const { number, rows } of shards) {
    if (!mayHold(index, number, missing)) continue
    for await (const block of blocksOf<Pick<ResultRow, 'to'>>(files, rows.path)) {
      signal.throwIfAborted()
      for (const { to } of block) if (to !== undefined && sought.has(to)) gone.push(to)
    }
  }
  if (gone.length === 0) return undefined
  const objects = humanObjects(gone.length)
  const verb = gone.length === 1 ? 'is' : 'are'
  const named = gone.slice(0, MOST_NAMED).map((key) => JSON.stringify(key))
  return new SyncError(
    'guard',
    `${objects} that the shards copied ${verb} not at the destination any more: ${named.join(', ')}${gone.length > MOST_NAMED ? ', …' : ''}.`,
    {
      title: `${objects} that the shards copied ${verb} not at the destination`,
      hint: 'Find out what removed them, and start again with mode: plan. Nothing was deleted.',
    },
  )
}
