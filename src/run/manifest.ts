import type { Sessions } from '../credentials/session.ts'
import { SyncError } from '../errors/sync-error.ts'
import type { Manifest, ManifestRequest } from '../model/manifest.ts'
import type { SyncRequest } from '../model/request.ts'
import { storeAt } from '../preflight/buckets.ts'
import { folderOf } from '../preflight/places.ts'
import { isRemote, readManifest } from '../storage/manifest/read.ts'
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
function completed(request: SyncRequest, manifest: Manifest): SyncRequest {
  const { source, destination, selection } = request
  const bucket = source.bucket === '' ? manifest.bucket : source.bucket
  if (bucket === undefined)
    throw new SyncError('inputs', `The manifest ${manifest.name} has no rows that name a source.`, {
      hint: 'Set source, or check the manifest. Nothing was touched.',
    })
  if (selection.keys && manifest.hasTargets)
    throw new SyncError(
      'inputs',
      `The manifest ${manifest.name} says by target_path where objects go: key-template cannot say it as well.`,
      { hint: 'Leave out key-template, or target_path. Nothing was touched.' },
    )
  return Object.freeze({
    ...request,
    source: { ...source, bucket, path: folderOf(source.path) },
    destination: { ...destination, path: folderOf(destination.path) },
  })
}

/** Reads it, into a folder that the end of the run removes. */
async function read(
  { ports: { files, host }, scratch }: Run,
  request: SyncRequest,
  asked: ManifestRequest,
  store: Store | undefined,
): Promise<WithManifest> {
  const { source, destination, transfer } = request
  const folder = await files.temporaryFolder()
  scratch.push(folder)
  const places = {
    source:
      source.bucket === '' ? undefined : { bucket: source.bucket, prefix: folderOf(source.path) },
    destination: {
      bucket: destination.bucket,
      prefix: folderOf(destination.path),
      isSameService: source.endpoint === destination.endpoint,
    },
  }
  const manifest = await readManifest(asked, places, {
    files,
    folder,
    store,
    timeoutMs: transfer.requestTimeoutMs,
    signal: host.cancelled,
    workspace: host.env['GITHUB_WORKSPACE'] ?? '',
  })
  return { request: completed(request, manifest), manifest }
}

/** Reads a manifest that lies on this machine, before anything else is begun. Throws SyncError with all that is wrong with it. */
export async function withLocalManifest(run: Run, request: SyncRequest): Promise<WithManifest> {
  const { manifest: asked } = request.selection
  return asked && !isRemote(asked)
    ? read(run, request, asked, undefined)
    : { request, manifest: undefined }
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
    return await read(run, request, asked, store)
  } finally {
    store.close()
  }
}
