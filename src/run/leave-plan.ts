import { SyncError } from '../errors/sync-error.ts'
import { inParallel } from '../flow/pool.ts'
import { INDEX_FILE } from '../model/shard.ts'
import { type BucketFolder, isOfBucket, urlOf } from '../model/shared-folder.ts'
import { humanObjects } from '../model/units.ts'
import { ifUnchanged } from '../transfer/own-object.ts'
import { eachOrNone } from './hold-back.ts'
import { type Run, timed } from './pipeline.ts'
import type { Planned, Ready } from './ready.ts'
import { PLAN_FILE } from './report-paths.ts'
import { SharedBucket } from './shared-bucket.ts'

/** Of each a few parts are held in memory. */
const FILES_AT_ONCE = 2

/** Leaves plans where other jobs find them: of all transfers of a step, when all of them are made. */
export async function leavePlans(planned: readonly Planned[]): Promise<void> {
  await eachOrNone(planned, leavePlan)
}

async function leavePlan({ run, ready }: Planned): Promise<void> {
  const { planDir: folder } = ready.request
  if (!isOfBucket(folder))
    throw new SyncError('internal', 'Internal error: the plan is to be left in a folder.')
  const before = run.record.stages.find(({ stage }) => stage === 'plan')?.line
  await timed(
    run,
    { stage: 'plan', name: 'plan-dir' },
    () => leave(run, ready, folder),
    (count) => {
      const told = `${humanObjects(count, 'file')} left in ${urlOf(folder)}`
      return { told, line: [...(before ? [before] : []), told].join('; ') }
    },
  )
}

/** Writes all files, and last the one by which the others are known: half a plan is none. Gives how many. */
async function leave(run: Run, ready: Ready, folder: BucketFolder): Promise<number> {
  const { ports, record } = run
  const { request, sessions, paths, deadline } = ready
  const signal = AbortSignal.any([ports.host.cancelled, deadline])
  const session = sessions.destination
  const asked = { input: 'plan-dir', folder, request, session, signal } as const
  const index = record.found.parts?.index
  const [from, names, last] = index
    ? [
        paths.parts,
        [...index.parts, ...(index.job ? [index.job] : []), index.finish].map(({ file }) => file),
        INDEX_FILE,
      ]
    : [request.reporting.reportDir, [], PLAN_FILE]
  const bucket = await SharedBucket.open(asked, ports)
  const own = new Set([...names, last])
  const stood = new Map<string, string>()
  for await (const { name, etag } of bucket.files()) if (own.has(name)) stood.set(name, etag)
  const write = (name: string): Promise<void> =>
    bucket.leave({ folder: from, name }, name, ifUnchanged(stood.get(name)))
  await inParallel(names, FILES_AT_ONCE, write)
  await write(last)
  bucket.close()
  return own.size
}
