import type { Sessions } from '../credentials/session.ts'
import { SyncError } from '../errors/sync-error.ts'
import { inKeyOrder } from '../listing/sort.ts'
import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import type { Manifest, ManifestRow } from '../model/manifest.ts'
import type { SyncRequest } from '../model/request.ts'
import { humanObjects } from '../model/units.ts'
import { blocksOf, ROWS_AT_ONCE } from '../plan/manifest-rows.ts'
import { storeAt } from '../preflight/buckets.ts'
import { folderOf } from '../preflight/places.ts'
import { isRemote, readManifest } from '../storage/manifest/read.ts'
import type { RowPlaces } from '../storage/manifest/row.ts'
import type { Store } from '../storage/store.ts'
import type { Run } from './pipeline.ts'

/** A request with what its manifest says, where it has one. */
export interface WithManifest {
  readonly request: SyncRequest
  readonly manifest: Manifest | undefined
}

/** Whether the source is known only once the manifest was read, which takes somebody who may read it. */
export const namesSourceLater = ({ source, selection: { manifest } }: SyncRequest): boolean =>
  source.bucket === '' && manifest !== undefined && isRemote(manifest)

/** The request as its manifest completes it: a list always speaks of a folder, and may name the bucket of the source. */
function completed(request: SyncRequest, manifest: Manifest, bucket: string): SyncRequest {
  const { source, destination, selection } = request
  if (selection.keys && manifest.hasTargets)
    throw new SyncError(
      'inputs',
      `The manifest ${manifest.name} sets the destination keys by target_path: it cannot be combined with key-template.`,
      { hint: 'Remove key-template or target_path. Nothing was touched.' },
    )
  return Object.freeze({
    ...request,
    source: { ...source, bucket, path: folderOf(source.path) },
    destination: { ...destination, path: folderOf(destination.path) },
  })
}

/** The one bucket of the source. Throws where the rows are of none, or of several though they have to be of one. */
function onlyBucket({ source, name }: SyncRequest, manifest: Manifest): string {
  if (source.bucket !== '') return source.bucket
  const [bucket, ...others] = manifest.buckets
  if (bucket === undefined)
    throw new SyncError('inputs', `The manifest ${manifest.name} has no rows with a source.`, {
      hint: 'Set source, or check the manifest. Nothing was touched.',
    })
  if (others.length === 0) return bucket
  const why = name === undefined ? 'a manifest in S3' : `the transfer ${name}`
  throw new SyncError(
    'inputs',
    `The manifest ${manifest.name} has rows of ${humanObjects(others.length + 1, 'bucket')} (${bucket}, ${others[0]}), and ${why} is of one.`,
    { hint: 'Set source, or give each bucket a manifest of its own. Nothing was touched.' },
  )
}

/** Reads it, into a folder that the end of the run removes. */
async function read(
  { ports: { files, host }, scratch }: Run,
  request: SyncRequest,
  store: Store | undefined,
  oneOf?: string,
): Promise<Manifest> {
  const { source, destination, transfer, selection } = request
  const { manifest: asked } = selection
  if (!asked) throw new SyncError('internal', 'Internal error: there is no manifest to read.')
  const folder = await files.temporaryFolder()
  scratch.push(folder)
  const bucket = oneOf ?? source.bucket
  const places: RowPlaces = {
    source: bucket === '' ? undefined : { bucket, prefix: folderOf(source.path) },
    destination: {
      bucket: destination.bucket,
      prefix: folderOf(destination.path),
      isSameService: source.endpoint === destination.endpoint,
    },
    isOneOfSeveral: oneOf !== undefined,
  }
  return readManifest(asked, places, {
    files,
    folder,
    store,
    timeoutMs: transfer.requestTimeoutMs,
    signal: host.cancelled,
    workspace: host.env['GITHUB_WORKSPACE'] ?? '',
  })
}

/** More in one step would be a fleet, and a folder for each. */
const MOST_BUCKETS = 50

/** Names of transfers, and so of folders, for buckets. */
function namesOf(buckets: readonly string[]): readonly string[] {
  const names = new Set<string>()
  for (const bucket of buckets) {
    const name = bucket
      .toLowerCase()
      .replace(/[^a-z0-9-]/g, '-')
      .slice(0, 32)
    let own = name
    for (let at = 2; names.has(own); at++) own = `${name}-${at}`
    names.add(own)
  }
  return [...names]
}

/** Throws where rows of two buckets would become one object. */
async function refuseSharedTargets(run: Run, manifests: readonly Manifest[]): Promise<void> {
  const { files } = run.ports
  const folder = await files.temporaryFolder()
  run.scratch.push(folder)
  const targets = async function* () {
    for (const [at, { path }] of manifests.entries())
      for await (const rows of blocksOf<ManifestRow>(files, path))
        for (const { line, key, target = key } of rows) yield { key: toKeyBytes(target), line, at }
  }
  const settle = <T extends { key: KeyBytes; line: number; at: number }>(one: T, other: T): T => {
    if (one.at === other.at) return one
    throw new SyncError(
      'inputs',
      `Rows of the manifest ${manifests[0]?.name} contradict each other; nothing was touched: lines ${one.line} and ${other.line}: objects of two buckets would become ${JSON.stringify(toText(one.key))}.`,
      { hint: 'Keep one row for each destination key, or give one of them another target_path.' },
    )
  }
  const sorted = await inKeyOrder(targets(), { files, folder, settle, chunk: ROWS_AT_ONCE })
  for await (const _row of sorted);
}

/** Rows of several buckets: a transfer for each, into the one destination. */
async function groupsOf(run: Run, request: SyncRequest, whole: Manifest): Promise<WithManifest[]> {
  const { files } = run.ports
  const { buckets } = whole
  if (buckets.length > MOST_BUCKETS || request.selection.keys)
    throw new SyncError(
      'inputs',
      `The manifest ${whole.name} has rows of ${humanObjects(buckets.length, 'bucket')}: ${request.selection.keys ? 'key-template organises the keys of one' : `at most ${MOST_BUCKETS} are taken`}.`,
      { hint: 'Cut it into several. Nothing was touched.' },
    )
  const names = namesOf(buckets)
  const groups: WithManifest[] = []
  for (const [at, bucket] of buckets.entries()) {
    const manifest = await read(run, request, undefined, bucket)
    const name = names[at] ?? bucket
    const { reporting, planDir } = request
    const own: SyncRequest = {
      ...request,
      name,
      at,
      reporting: { ...reporting, reportDir: files.join(reporting.reportDir, name) },
      planDir: files.join(planDir, name),
    }
    groups.push({ request: completed(own, manifest, bucket), manifest })
  }
  await refuseSharedTargets(
    run,
    groups.flatMap(({ manifest }) => manifest ?? []),
  )
  return groups
}

/**
 * Reads a manifest that lies on this machine, before anything else is begun; rows of several buckets are as many
 * transfers. Throws SyncError with all that is wrong with it.
 */
export async function withLocalManifest(
  run: Run,
  request: SyncRequest,
): Promise<readonly WithManifest[]> {
  const { manifest: asked } = request.selection
  if (!asked || isRemote(asked)) return [{ request, manifest: undefined }]
  const manifest = await read(run, request, undefined)
  if (manifest.buckets.length > 1 && request.name === undefined)
    return groupsOf(run, request, manifest)
  const bucket = onlyBucket(request, manifest)
  return [{ request: completed(request, manifest, bucket), manifest }]
}

/** Reads a manifest for which a service has to be asked, as whoever reads the source. Throws SyncError. */
export async function withRemoteManifest(
  run: Run,
  given: WithManifest,
  { source: session }: Pick<Sessions, 'source'>,
): Promise<WithManifest> {
  const { request, manifest } = given
  const { manifest: asked } = request.selection
  if (!asked || manifest) return given
  const options = { transfer: request.transfer, openStore: run.ports.store }
  const store = await storeAt(request.source, session, options)
  try {
    const found = await read(run, request, store)
    const bucket = onlyBucket(request, found)
    return { request: completed(request, found, bucket), manifest: found }
  } finally {
    store.close()
  }
}
