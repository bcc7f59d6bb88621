import { SyncError } from '../../errors/sync-error.ts'
import { NETWORK_ENV, passOn, SYSTEM_ENV } from '../../model/child-env.ts'
import type { Host } from '../../ports.ts'
import { programFor, refuseOld } from './asset.ts'
import { call } from './call.ts'
import { probe, UNTOLD } from './probe.ts'
import type { InstallContext, SearchResult } from './sources.ts'

/** Who brings a binary of which no hash is known. */
export type Builder = 'go' | 'brew'

/** All of s5cmd built from nothing on a small machine, over a slow line. */
const BUILD_MS = 10 * 60_000
const FORMULA = 'peak/tap/s5cmd'

/** Go's own settings, by name: GOOGLE_… begins with GO too, and GOOS would make it build for another machine. */
const GO_SETTINGS = [
  ...['GOROOT', 'GOPATH', 'GOCACHE', 'GOMODCACHE', 'GOTMPDIR', 'GOENV', 'GOFLAGS', 'GOTOOLCHAIN'],
  ...['GOPROXY', 'GONOPROXY', 'GOPRIVATE', 'GOSUMDB', 'GONOSUMDB', 'GOINSECURE', 'GOVCS'],
] as const

/** What both may see of the runner's environment beside their own settings. */
const builderEnv = (env: Host['env'], names: readonly string[]): Record<string, string> =>
  passOn(env, [...SYSTEM_ENV, ...NETWORK_ENV, ...names])

async function byGo({ request, ports }: InstallContext): Promise<string> {
  const { files, host, system } = ports
  const folder = await files.temporaryFolder()
  const args = ['install', `github.com/peak/s5cmd/v2@v${request.version}`]
  // As upstream builds it; with cgo it would need a C compiler, and the libc of this machine.
  const env = { ...builderEnv(host.env, GO_SETTINGS), GOBIN: folder, CGO_ENABLED: '0' }
  await call(
    { shown: `go ${args.join(' ')}`, command: 'go', args, env, timeoutMs: BUILD_MS },
    ports,
  )
  return files.join(folder, programFor(system.platform))
}

async function byBrew({ ports }: InstallContext): Promise<string> {
  const { files, host, system } = ports
  const settings = Object.keys(host.env).filter((name) => name.startsWith('HOMEBREW_'))
  const env = builderEnv(host.env, settings)
  const brew = (...args: readonly string[]): Promise<string> =>
    call(
      { shown: `brew ${args.join(' ')}`, command: 'brew', args, env, timeoutMs: BUILD_MS },
      ports,
    )
  await brew('install', FORMULA)
  // Not the bin of all formulas: there s5cmd may be another one's, or not be linked.
  return files.join(await brew('--prefix', FORMULA), 'bin', programFor(system.platform))
}

const BUILDERS: Readonly<Record<Builder, (context: InstallContext) => Promise<string>>> = {
  go: byGo,
  brew: byBrew,
}

const MISSING_BREW: Readonly<Record<string, string>> = {
  win32: 'Homebrew does not support Windows: remove install-method, or set it to go.',
  darwin:
    'If Homebrew is installed, run in an earlier step: echo /opt/homebrew/bin >> "$GITHUB_PATH" (on Intel, /usr/local/bin). Or remove install-method.',
}

const MISSING: Readonly<Record<Builder, string>> = {
  go: 'Run actions/setup-go in an earlier step, or remove install-method.',
  brew: 'If Homebrew is installed, as on GitHub\'s Ubuntu runners, run in an earlier step: echo /home/linuxbrew/.linuxbrew/bin >> "$GITHUB_PATH". Or remove install-method.',
}

/** Why a builder brought nothing, and what to do. */
function problemWith(builder: Builder, platform: string, error: unknown): SyncError {
  const said = error instanceof Error ? error.message : String(error)
  const missing = said === `spawn ${builder} ENOENT`
  const why = missing ? `${builder} is not on the PATH` : said.replace(/\.$/, '')
  const message = `s5cmd could not be installed by install-method: ${builder}: ${why}.`
  const hint = missing
    ? ((builder === 'brew' ? MISSING_BREW[platform] : undefined) ?? MISSING[builder])
    : `Find out why ${builder} fails, or remove install-method to install a release with a known hash.`
  return new SyncError('install', message, { hint })
}

/** s5cmd as Go builds it or Homebrew has it. Throws SyncError when its version is one that loses data. */
export async function fromBuilder(
  context: InstallContext,
  builder: Builder,
): Promise<SearchResult> {
  const { catalog, request, ports, log } = context
  // Homebrew has one version, whatever was asked for.
  if (builder === 'go') refuseOld(request.version, catalog)
  try {
    const path = await BUILDERS[builder](context)
    const sha256 = await ports.files.sha256(path)
    const answers = await probe(path, ports)
    const told = answers.version !== UNTOLD
    // `go install` builds the version it was asked for or none, but such a build does not know its name.
    const version = builder === 'go' && !told ? request.version : answers.version
    if (told) refuseOld(version, catalog)
    if (told && version !== request.version)
      log.line('info', `This s5cmd is ${version}, but s5cmd-version is ${request.version}.`)
    return { toolchain: { path, ...answers, version, sha256, origin: 'unpinned' } }
  } catch (error) {
    ports.host.cancelled.throwIfAborted()
    if (error instanceof SyncError) throw error
    return { problem: problemWith(builder, ports.system.platform, error) }
  }
}
