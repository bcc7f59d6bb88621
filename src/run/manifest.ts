import type { Sessions } from '../credentials/session.ts'
import { SyncError } from '../errors/sync-error.ts'
import { blocksInKeyOrder } from '../listing/sort.ts'
import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import type { Manifest, ManifestRow } from '../model/manifest.ts'
import type { SyncRequest } from '../model/request.ts'
import { folderIn } from '../model/shared-folder.ts'
import { humanObjects } from '../model/units.ts'
import { windowsRefuses } from '../model/windows-names.ts'
import { blocksOf } from '../plan/line-file.ts'
import { ROWS_AT_ONCE } from '../plan/manifest-rows.ts'
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

/** The request as the rows of one bucket complete it: a list always speaks of a folder, and may name the bucket of the source. */
function completed(request: SyncRequest, { name, hasTargets, bucket }: Manifest): SyncRequest {
  const { source, destination, selection } = request
  if (selection.keys && hasTargets)
    throw new SyncError(
      'inputs',
      `The manifest ${name} sets the destination keys by target_path: it cannot be combined with key-template.`,
      { hint: 'Remove key-template or target_path. Nothing was touched.' },
    )
  return Object.freeze({
    ...request,
    source: { ...source, bucket, path: folderOf(source.path) },
    destination: { ...destination, path: folderOf(destination.path) },
  })
}

/** Reads it, into a folder that the end of the run removes. */
async function read(
  { ports: { files, host, system }, scratch }: Run,
  request: SyncRequest,
  store: Store | undefined,
): Promise<readonly Manifest[]> {
  const { source, destination, transfer, selection } = request
  const { manifest: asked } = selection
  if (!asked) throw new SyncError('internal', 'Internal error: there is no manifest to read.')
  // Rows live for a block or two: as long as they are looked up.
  system.growYoungMemory()
  const folder = await files.temporaryFolder()
  scratch.push(folder)
  const { bucket } = source
  const places: RowPlaces = {
    source: bucket === '' ? undefined : { bucket, prefix: folderOf(source.path) },
    destination: {
      bucket: destination.bucket,
      prefix: folderOf(destination.path),
      isSameService: source.endpoint === destination.endpoint,
    },
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

/** Names of transfers, and so of folders, for buckets: the same ones on every system, as a plan may be carried out on another. */
function namesOf(buckets: readonly string[]): readonly string[] {
  const names = new Set<string>()
  for (const bucket of buckets) {
    const name = bucket
      .toLowerCase()
      .replace(/[^a-z0-9-]/g, '-')
      .slice(0, 32)
    let own = name
    for (let at = 2; names.has(own) || windowsRefuses(own) !== undefined; at++)
      own = `${name}-${at}`
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
        yield rows.map(({ line, key, target = key }) => ({ key: toKeyBytes(target), line, at }))
  }
  const settle = <T extends { key: KeyBytes; line: number; at: number }>(one: T, other: T): T => {
    if (one.at === other.at) return one
    throw new SyncError(
      'inputs',
      `Rows of the manifest ${manifests[0]?.name} contradict each other; nothing was touched: lines ${one.line} and ${other.line}: objects of two buckets would become ${JSON.stringify(toText(one.key))}.`,
      { hint: 'Keep one row for each destination key, or give one of them another target_path.' },
    )
  }
  const options = { files, folder, settle, chunk: ROWS_AT_ONCE }
  for await (const _rows of await blocksInKeyOrder(targets(), options));
}

/** Throws where rows of several buckets cannot be transfers of their own. */
function refuseSeveral({ name, selection }: SyncRequest, manifests: readonly Manifest[]): void {
  const [one, other] = manifests
  const why =
    name !== undefined
      ? `the transfer ${name} can read only one`
      : selection.keys && 'key-template can be used with only one'
  if (!one || !other || !why) return
  throw new SyncError(
    'inputs',
    `The manifest ${one.name} has rows of ${humanObjects(manifests.length, 'bucket')} (${one.bucket}, ${other.bucket}), but ${why}.`,
    { hint: 'Set source, or write one manifest per bucket. Nothing was touched.' },
  )
}

/** What a manifest asks for: rows of several buckets are as many transfers, into the one destination. */
async function transfersOf(
  run: Run,
  request: SyncRequest,
  manifests: readonly Manifest[],
): Promise<readonly WithManifest[]> {
  const [first, ...others] = manifests
  if (!first)
    throw new SyncError(
      'inputs',
      `The manifest ${request.selection.manifest?.name} has no rows that name a source.`,
      { hint: 'Set source, or check the manifest. Nothing was touched.' },
    )
  if (others.length === 0) return [{ request: completed(request, first), manifest: first }]
  refuseSeveral(request, manifests)
  await refuseSharedTargets(run, manifests)
  const { files } = run.ports
  const { reporting, planDir } = request
  const names = namesOf(manifests.map(({ bucket }) => bucket))
  return manifests.map((manifest, at) => {
    const name = names[at] ?? manifest.bucket
    const own: SyncRequest = {
      ...request,
      name,
      at,
      reporting: { ...reporting, reportDir: files.join(reporting.reportDir, name) },
      planDir: folderIn(planDir, name, files.join),
    }
    return { request: completed(own, manifest), manifest }
  })
}

/** Reads a manifest that lies on this machine, before anything else is begun. Throws SyncError with all that is wrong with it. */
export async function withLocalManifest(
  run: Run,
  request: SyncRequest,
): Promise<readonly WithManifest[]> {
  const { manifest: asked } = request.selection
  if (!asked || isRemote(asked)) return [{ request, manifest: undefined }]
  return transfersOf(run, request, await read(run, request, undefined))
}

/** Reads a manifest for which a service has to be asked, as whoever reads the source. Throws SyncError. */
export async function withRemoteManifest(
  run: Run,
  request: SyncRequest,
  { source: session }: Pick<Sessions, 'source'>,
): Promise<readonly WithManifest[]> {
  const options = { transfer: request.transfer, openStore: run.ports.store }
  const store = await storeAt(request.source, session, options)
  try {
    return await transfersOf(run, request, await read(run, request, store))
  } finally {
    store.close()
  }
}

/**
 * Throws where transfers that read one manifest have read it differently, as it changed meanwhile: what was asked for as
 * one would be done from two lists.
 */
export function refuseOtherReadings(transfers: readonly WithManifest[]): void {
  const seen = new Map<string, { readonly sha256: string; readonly by: string }>()
  for (const { request, manifest } of transfers) {
    const { manifest: asked } = request.selection
    if (!asked || !manifest) continue
    const { endpoint } = request.source
    const where = JSON.stringify([asked.address, isRemote(asked) ? endpoint : undefined])
    const { sha256, name } = manifest
    const by = request.name ?? ''
    const before = seen.get(where)
    if (before && before.sha256 !== sha256)
      throw new SyncError(
        'inputs',
        `The manifest ${name} changed while it was read: the transfers ${before.by} and ${by} read different versions of it.`,
        { hint: 'Run again when nothing writes to it. Nothing was touched.' },
      )
    seen.set(where, { sha256, by })
  }
}
