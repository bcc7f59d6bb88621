import type { Session } from '../credentials/session.ts'
import { SyncError } from '../errors/sync-error.ts'
import { inParallel } from '../flow/pool.ts'
import { spareMs } from '../flow/shutdown.ts'
import type { SyncRequest } from '../model/request.ts'
import { isPart, receiptFile, rowsFile, shardOf } from '../model/shard.ts'
import type { PlanIndex } from '../model/shard-schema.ts'
import type { BucketFolder } from '../model/shared-folder.ts'
import type { Ports } from '../ports.ts'
import { MANIFEST_BYTES, reportFileOf } from './job-report.ts'
import { bytesOf } from './plan-dir.ts'
import { SharedBucket } from './shared-bucket.ts'

const FILES_AT_ONCE = 4
/** A plan has 256 parts at most, whose shards leave two files each; the report of a job may have more. */
const MOST_FILES = 2 ** 16
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

/** A file that is to be fetched, where it is and where it goes. */
interface Sighted {
  readonly name: string
  readonly path: string
  readonly mostBytes: number
}

/** What a name says of a file: the folder that it shares with others, its place in it, and its size at most. */
interface Named {
  readonly parent: string
  /** Names of folders, and of the file. */
  readonly way: readonly string[]
  readonly mostBytes: number
}

/** A file of a shard, or of the report of the plan's job; undefined: it is of neither. */
function namedIn(name: string, { parts, job }: PlanIndex): Named | undefined {
  const start = name.lastIndexOf('/') + 1
  const [parent, base] = [name.slice(0, start), name.slice(start)]
  const number = shardOf(base)
  if (number !== undefined) {
    const part = parts[number - 1]
    // That it is there is all that is to be known of a shard that the plan does not have.
    const rowBytes = part ? bytesOf(part.ops) : 0
    const mostBytes = part && base === receiptFile(number) ? RECEIPT_BYTES : rowBytes
    return { parent, way: [base], mostBytes }
  }
  const report = job && reportFileOf(name)
  if (!report) return undefined
  const mostBytes = report.isManifest ? MANIFEST_BYTES : bytesOf(job.ops)
  return { parent: report.parent, way: report.file.split('/'), mostBytes }
}

/** Where the files of shards and of reports go, each folder by itself; what is neither is left where it is. */
async function sighted(
  bucket: SharedBucket,
  index: PlanIndex,
  root: string,
  { files }: Pick<Ports, 'files'>,
): Promise<readonly Sighted[]> {
  const parents = new Map<string, string>()
  const folders = new Set<string>()
  const found: Sighted[] = []
  for await (const { name } of bucket.files(below(index))) {
    const named = namedIn(name, index)
    if (!named) continue
    if (found.length === MOST_FILES) break
    const { parent, way, mostBytes } = named
    const at = parents.get(parent) ?? files.join(root, `${parents.size + 1}`)
    parents.set(parent, at)
    const path = files.join(at, ...way)
    const folder = files.join(path, '..')
    if (!folders.has(folder)) await files.makeFolder(folder)
    folders.add(folder)
    found.push({ name, path, mostBytes })
  }
  return found
}

/**
 * Brings what the shards of a plan left, and what its job of S3 Batch Operations reported, into a folder, as `findShards`
 * looks for it. What cannot be had whole is there without its content, so that nobody believes it. Throws SyncError.
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
  await inParallel(found, FILES_AT_ONCE, async ({ name, path, mostBytes }) => {
    const end = mostBytes > 0 ? await bucket.fetch(name, path, mostBytes) : 'too-large'
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
