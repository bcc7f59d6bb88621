import { SyncError } from '../../errors/sync-error.ts'
import { isOlder, TOO_OLD } from './asset.ts'
import { probe, UNTOLD } from './probe.ts'
import { type InstallContext, type InstallPorts, refuse, type SearchResult } from './sources.ts'

const isKnown = ({ catalog }: InstallContext, sha256: string): boolean =>
  Object.values(catalog.pinned)
    .flatMap((builds) => Object.values(builds))
    .some(({ binarySha256 }) => binarySha256 === sha256)

/** Says so when a binary is one that loses data; a build without a version (v0.0.0-dev) may be anything. */
function warnIfOld({ catalog, log }: InstallContext, reported: string): void {
  const version = /^v?(\d+\.\d+\.\d+)/.exec(reported)?.[1]
  if (version && version !== UNTOLD && isOlder(version, catalog.minimumVersion))
    log.line('warn', `Your s5cmd is ${reported}: ${TOO_OLD}.`)
}

/** The file that a path means: on Windows people leave the ending out, and package managers have scripts of that name. */
async function programAt(
  path: string,
  { files, system }: Pick<InstallPorts, 'files' | 'system'>,
): Promise<string> {
  if (system.platform !== 'win32') return path
  if (/\.(cmd|bat|ps1)$/i.test(path))
    throw new Error(
      'it is a script that starts another program: set s5cmd-path to the s5cmd.exe itself',
    )
  return /\.exe$/i.test(path) || (await files.isFile(path)) ? path : `${path}.exe`
}

/** The user's own binary, left where it is. Throws SyncError when it has not the hash that the user gave. */
export async function fromPath(context: InstallContext, path: string): Promise<SearchResult> {
  const { request, ports } = context
  let absolute = ports.files.join(path)
  try {
    absolute = await programAt(absolute, ports)
    const sha256 = await ports.files.sha256(absolute)
    if (request.sha256 && request.sha256 !== sha256) refuse(absolute, request.sha256, sha256)
    const answers = await probe(absolute, ports)
    warnIfOld(context, answers.reported)
    const origin = request.sha256 || isKnown(context, sha256) ? 'path' : 'unpinned'
    return {
      toolchain: { path: absolute, ...answers, sha256, origin },
    }
  } catch (error) {
    ports.host.cancelled.throwIfAborted()
    if (error instanceof SyncError) throw error
    const why = error instanceof Error ? error.message : String(error)
    const hint = 'Set s5cmd-path to an s5cmd that runs on this machine, or remove it.'
    const message = `${absolute} cannot be used as s5cmd: ${why}.`
    return { problem: new SyncError('install', message, { hint }) }
  }
}
