import { SyncError } from '../errors/sync-error.ts'
import type { KeyBytes } from '../model/key.ts'
import type { LocalRules } from '../model/local.ts'
import type { SyncRequest } from '../model/request.ts'
import type { Ports } from '../ports.ts'
import { whyAstray } from '../storage/checkout.ts'
import { LocalStore } from '../storage/local/local-store.ts'
import { uploadPartBytes } from '../storage/local/part-bytes.ts'
import type { OpenBucket } from './buckets.ts'

/** Where folders of this runner are opened. */
export type FolderPorts = Pick<Ports, 'folder' | 'writableFolder'>

/** What is needed to open a folder of this runner. */
export interface LocalInput {
  readonly request: SyncRequest
  readonly ports: Pick<Ports, 'files' | 'clock' | 'host' | 'system'> & FolderPorts
}

/** Where a path leads, with `/` between names and none at the end. */
export const plain = (path: string, platform: string): string =>
  (platform === 'win32' ? path.replaceAll('\\', '/') : path).replace(/(?<=.)\/+$/, '')

/** The key of a path below a folder; '' for the folder itself, undefined where it lies elsewhere. Both are absolute. */
export function keyBelow(folder: string, path: string): string | undefined {
  if (path === folder) return ''
  const above = folder.endsWith('/') ? folder : `${folder}/`
  return path.startsWith(above) ? path.slice(above.length) : undefined
}

/** Paths of folders and files as the run tells them. */
export class Paths {
  readonly #ports: LocalInput['ports']

  constructor(ports: LocalInput['ports']) {
    this.#ports = ports
  }

  /** Relative to the workspace, where it lies in it: so it is the same on another runner. */
  told(path: string): string {
    const { host, files, system } = this.#ports
    const workspace = host.env['GITHUB_WORKSPACE']
    const own = plain(path, system.platform)
    const key = workspace ? keyBelow(plain(files.join(workspace), system.platform), own) : undefined
    return key === undefined ? own : key === '' ? '.' : `./${key}`
  }

  /** The key of a path below a folder, whatever links lead to either. */
  async keyBelow(folder: string, path: string): Promise<string | undefined> {
    const { files, system } = this.#ports
    const direct = keyBelow(plain(folder, system.platform), plain(path, system.platform))
    if (direct !== undefined) return direct
    const [real, realPath] = await Promise.all([files.realPath(folder), files.realPath(path)])
    return keyBelow(plain(real, system.platform), plain(realPath, system.platform))
  }

  /** What begins the keys of files that this action writes itself. */
  async own(folder: string, { reporting, name }: SyncRequest): Promise<readonly string[]> {
    const { host, files } = this.#ports
    const { reportDir } = reporting
    // Those of the other transfers of a list lie beside its own.
    const report = await this.keyBelow(
      folder,
      name === undefined ? reportDir : files.join(reportDir, '..'),
    )
    if (report === '')
      throw new SyncError('inputs', 'report-dir is the local folder itself.', {
        hint: 'Set report-dir to another folder. Nothing was touched.',
      })
    const temp = host.env['RUNNER_TEMP']
    const scratch = temp ? await this.keyBelow(folder, temp) : undefined
    const below = scratch === undefined || scratch === '' ? scratch : `${scratch}/`
    return [
      ...(report === undefined ? [] : [`${report}/`]),
      ...(below === undefined ? [] : [`${below}s3-direct-sync/`, `${below}s3-direct-sync-`]),
    ]
  }
}

/** How files are taken where nothing is asked for. */
export const USUAL: LocalRules = { symlinks: 'fail', hidden: 'include', partBytes: 'auto' }

/** The last name of a path. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Why there may be nothing at a path. */
const remedyOf = (path: string): string =>
  path.includes('*')
    ? 'Set source to the folder alone, and select files with include: a * is no wildcard in source.'
    : path.startsWith('.')
      ? 'Check the spelling of source (it is relative to the workspace), and that an earlier step created it or checked it out.'
      : 'Check the spelling of source, and that an earlier step created it. In a container job, github.workspace is the path outside of the container: set a path relative to the workspace, such as ./dist.'

const missing = (path: string): SyncError =>
  new SyncError('preflight', `The source ${path} does not exist on this runner.`, {
    hint: `${remedyOf(path)} Nothing was touched.`,
  })

/** Opens the folder, or the file, of this runner that is the source. Throws SyncError where there is none that can be read. */
export async function openLocal(path: string, { request, ports }: LocalInput): Promise<OpenBucket> {
  const { local = USUAL, include, exclude } = request.selection
  const paths = new Paths(ports)
  const told = paths.told(path)
  const found = await ports.folder(path).follow('' as KeyBytes)
  if (!found) throw missing(told)
  if (found.kind === 'other')
    throw new SyncError('preflight', `The source ${told} is neither a folder nor a file.`, {
      hint: 'Set source to a folder or a file. Nothing was touched.',
    })
  const astray = await whyAstray(path, ports.host.env['GITHUB_WORKSPACE'] ?? '', ports.files)
  if (astray !== undefined)
    throw new SyncError('preflight', `The source ${told} cannot be used: ${astray}.`, {
      hint: 'If this is intended, set source to the absolute path that the link points to. Nothing was touched.',
    })
  const isFile = found.kind === 'file'
  const root = isFile ? ports.files.join(path, '..') : path
  const file = isFile ? baseName(plain(path, ports.system.platform)) : undefined
  const store = new LocalStore(ports.folder(root), {
    local,
    filters: isFile ? { include: [], exclude: [] } : { include, exclude },
    without: await paths.own(root, request),
    only: file,
    partBytes: (size) => uploadPartBytes(local.partBytes, size),
    clock: ports.clock,
  })
  return {
    region: '',
    variant: request.source.variant,
    isAlias: false,
    oddHead: undefined,
    store,
    firstPages: undefined,
    local: {
      folder: paths.told(root),
      file,
    },
  }
}
