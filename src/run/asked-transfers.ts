import { type Identities, openSessions, type Sessions } from '../credentials/session.ts'
import { SyncError } from '../errors/sync-error.ts'
import { readStep } from '../inputs/inputs.ts'
import { orAborted } from '../model/or-aborted.ts'
import type { StepRequest, SyncRequest } from '../model/request.ts'
import { isOfBucket } from '../model/shared-folder.ts'
import { humanObjects } from '../model/units.ts'
import type { Files, Ports } from '../ports.ts'
import {
  namesSourceLater,
  refuseOtherReadings,
  type WithManifest,
  withLocalManifest,
  withRemoteManifest,
} from './manifest.ts'
import { type Run, runOf, runStage, timed } from './pipeline.ts'
import { postState, stateName } from './post-request.ts'
import { claimFolders, type WantedFolder } from './report-folder.ts'
import { reportPaths } from './report-paths.ts'
import type { StepLock } from './step-lock.ts'

/** A transfer that is asked for. */
export interface AskedTransfer {
  readonly run: Run
  readonly given: WithManifest
  /** Where somebody had to read its list before it was known what it is. */
  readonly sessions?: Sessions
}

/** What a step asks for. */
export interface AskedStep {
  readonly request: StepRequest
  readonly asked: readonly AskedTransfer[]
}

/** Where a folder has the plan of a transfer. */
export const planIn = (folder: string, files: Pick<Files, 'join'>): string =>
  reportPaths(files, folder).plan

/** The inputs of a step, and of each of its transfers with the manifest that lies on this machine. */
export interface ReadInputs {
  readonly request: StepRequest
  readonly given: readonly WithManifest[]
}

/** Reads the inputs with the manifests that lie on this machine, and makes folders for what is told. */
export async function readInputs(run: Run): Promise<ReadInputs> {
  const { host, files } = run.ports
  const { transfers, reportDir } = await readStep(host, files)
  await refuseOtherPlans(transfers, files)
  const given: WithManifest[] = []
  for (const one of transfers) given.push(...(await withLocalManifest(run, one)))
  refuseOtherReadings(given)
  return { request: await claimed(run.ports, given, reportDir), given }
}

/** Throws where a folder of this machine has plans of other transfers than the list: they were approved with these. */
async function refuseOtherPlans(
  transfers: readonly SyncRequest[],
  files: Pick<Files, 'join' | 'names' | 'exists'>,
): Promise<void> {
  const names = new Set(transfers.map(({ name }) => name))
  const [first] = transfers
  if (!first || names.has(undefined) || first.mode !== 'execute' || isOfBucket(first.planDir))
    return
  const folder = files.join(first.planDir.path, '..')
  for (const name of await files.names(folder)) {
    const path = planIn(files.join(folder, name), files)
    if (names.has(name) || !(await files.exists(path))) continue
    throw new SyncError(
      'guard',
      `plan-dir has a plan of ${JSON.stringify(name)}, which is not in transfers: ${path}.`,
      {
        hint: 'Execute the plans with the list that they were made with, or make new plans in an empty folder. Nothing was touched.',
      },
    )
  }
}

/** Makes folders for what is told of the transfers, and keeps for the post step what it needs of them. */
async function claimed(
  { host, files }: Pick<Ports, 'host' | 'files'>,
  given: readonly WithManifest[],
  reportDir: string,
): Promise<StepRequest> {
  const [first, ...others] = given.map(({ request }) => request)
  if (!first) throw new SyncError('internal', 'Internal error: there is no transfer.')
  const workspace = host.env['GITHUB_WORKSPACE'] ?? ''
  const folderOf = ({ mode, planDir, reporting, shard }: SyncRequest): WantedFolder => ({
    path: reporting.reportDir,
    workspace,
    plan:
      mode === 'execute' && !shard && !isOfBucket(planDir)
        ? planIn(planDir.path, files)
        : undefined,
    shard,
  })
  const transfers = [first, ...others] as const
  const isList = first.name !== undefined
  await claimFolders(files, [
    ...(isList ? [{ path: reportDir, workspace, plan: undefined }] : []),
    ...transfers.map(folderOf),
  ])
  for (const one of transfers) host.saveState(stateName('request', one), postState(one))
  return { transfers, reportDir }
}

/**
 * The step as a list at S3 makes it that alone says where its objects lie: with rows of several buckets it is one of as
 * many transfers, which nobody knows before it is read. Any other step stays as it is.
 */
export async function withListedSources(
  step: AskedStep,
  {
    identities,
    deadline,
    lock,
  }: {
    readonly identities: Identities
    readonly deadline: AbortSignal
    readonly lock: StepLock | undefined
  },
): Promise<AskedStep> {
  const [only, ...others] = step.asked
  if (!only || others.length > 0 || !isAnyBuckets(only.given.request)) return step
  const { run, given } = only
  const { request } = given
  const sessions = await runStage(run, 'credentials', () => openSessions(request, identities))
  // Who waits for it reads the list as it is then.
  if (lock) await lock.take(request, sessions.destination, deadline)
  const found = await timed(
    run,
    { stage: 'preflight', name: 'manifest' },
    () => orAborted(deadline, withRemoteManifest(run, request, sessions)),
    (all) => {
      const rows = all.reduce((sum, { manifest }) => sum + (manifest?.rows ?? 0), 0)
      const told = `${humanObjects(rows, 'row')} of ${humanObjects(all.length, 'bucket')}`
      return { told, line: told }
    },
  )
  const [one, ...more] = found
  if (one && more.length === 0) return { ...step, asked: [{ run, given: one, sessions }] }
  const asked = found.map((given) => ({ run: runOf(run, given.request, run.ports), given }))
  return { request: await claimed(run.ports, found, step.request.reportDir), asked }
}

/** An entry of `transfers` is of one bucket. */
const isAnyBuckets = (request: SyncRequest): boolean =>
  request.name === undefined && namesSourceLater(request)
