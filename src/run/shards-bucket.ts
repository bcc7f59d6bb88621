import type { Session } from '../credentials/session.ts'
import { SyncError } from '../errors/sync-error.ts'
import { inParallel } from '../flow/pool.ts'
import { spareMs } from '../flow/shutdown.ts'
import type { SyncRequest } from '../model/request.ts'
import { isPart, receiptFile, rowsFile, shardOf } from '../model/shard.ts'
import type { PlanIndex } from '../model/shard-schema.ts'
import type { BucketFolder } from '../model/shared-folder.ts'
import type { Ports } from '../ports.ts'
import { bytesOf } from './plan-dir.ts'
import { SharedBucket } from './shared-bucket.ts'

const FILES_AT_ONCE = 4
/** A plan has 256 parts at most, whose shards leave two files each; beside them may lie some more. */
const MOST_FILES = 4096
/** A receipt holds a report, which is bounded. */
const RECEIPT_BYTES = 16 * 2 ** 20

/** Where shards of a plan leave their files: those of another one are none of it. */
const below = ({ planId }: PlanIndex): string => `${planId}/`

/** As whom a prefix is read and written, and until when. */
export interface ShardsBucket {
  readonly folder: BucketFolder
  readonly request: SyncRequest
  /** Who writes the destination. */
  readonly session: Session
  readonly signal: AbortSignal
}

const open = (asked: ShardsBucket, ports: Ports): Promise<SharedBucket> => {
  const { folder, request, session, signal } = asked
  return SharedBucket.open({ input: 'shards-dir', folder, request, session, signal }, ports)
}

/** A file of a shard, where it is and where it goes. */
interface Sighted {
  readonly name: string
  readonly path: string
  readonly number: number
  readonly mostBytes: number
}

/** Where the files of shards go, each folder by itself; files that are no shard's are left where they are. */
async function sighted(
  bucket: SharedBucket,
  index: PlanIndex,
  root: string,
  { files }: Pick<Ports, 'files'>,
): Promise<ReadonlyMap<string, Sighted>> {
  const folders = new Map<string, string>()
  const found = new Map<string, Sighted>()
  for await (const { name } of bucket.files(below(index))) {
    const start = name.lastIndexOf('/') + 1
    const [parent, base] = [name.slice(0, start), name.slice(start)]
    const number = shardOf(base)
    if (number === undefined) continue
    if (found.size === MOST_FILES) break
    const folder = folders.get(parent) ?? files.join(root, `${folders.size + 1}`)
    if (!folders.has(parent)) await files.makeFolder(folder)
    folders.set(parent, folder)
    const { ops = 0 } = index.parts[number - 1] ?? {}
    const mostBytes = base === receiptFile(number) ? RECEIPT_BYTES : bytesOf(ops)
    found.set(name, { name, path: files.join(folder, base), number, mostBytes })
  }
  return found
}

/**
 * Brings what the shards of a plan left into a folder, as `findShards` looks for it. What cannot be had whole is there
 * without its content, so that nobody believes it. Throws SyncError.
 */
export async function fetchShards(
  asked: ShardsBucket,
  index: PlanIndex,
  root: string,
  ports: Ports,
): Promise<void> {
  const { files } = ports
  await files.makeFolder(root)
  const bucket = await open(asked, ports)
  const found = await sighted(bucket, index, root, ports)
  await inParallel(found.values(), FILES_AT_ONCE, async ({ name, path, number, mostBytes }) => {
    // That it is there is all that is to be known of a shard that the plan does not have.
    const isOfPlan = number <= index.parts.length
    const end = isOfPlan ? await bucket.fetch(name, path, mostBytes) : 'too-large'
    if (end === 'changed' || end === 'too-large') await files.writeText(path, '')
  })
  bucket.close()
}

/** Aborted when a cancelled run has no more time for the files of its shard. */
function inTime({ host, clock }: Ports, over: AbortSignal): AbortSignal {
  const late = new AbortController()
  const begin = (): void => {
    const leftMs = spareMs(host.cancelledForMs())
    void clock.sleep(leftMs, over).then(() => late.abort(host.cancelled.reason))
  }
  if (host.cancelled.aborted) begin()
  else host.cancelled.addEventListener('abort', begin, { once: true })
  return late.signal
}

/** Leaves what a shard left in its report folder for the last job: its rows, and then what it says of itself. Throws SyncError. */
export async function leaveShard(
  { folder, request, session }: Omit<ShardsBucket, 'signal'>,
  index: PlanIndex,
  ports: Ports,
): Promise<void> {
  const { shard, reporting } = request
  if (!isPart(shard)) throw new SyncError('internal', 'Internal error: the run is no shard.')
  const over = new AbortController()
  const signal = inTime(ports, over.signal)
  try {
    const bucket = await open({ folder, request, session, signal }, ports)
    for (const name of [rowsFile(shard.number), receiptFile(shard.number)])
      await bucket.leave({ folder: reporting.reportDir, name }, below(index) + name, undefined)
    bucket.close()
  } finally {
    over.abort()
  }
}
