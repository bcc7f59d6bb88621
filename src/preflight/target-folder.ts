import { randomBytes } from 'node:crypto'
import { serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import type { KeyBytes } from '../model/key.ts'
import type { Place } from '../model/place.ts'
import type { Files } from '../ports.ts'
import { whyAstray } from '../storage/checkout.ts'
import type { Landing } from '../storage/landing.ts'
import { LocalStore } from '../storage/local/local-store.ts'
import { uploadPartBytes } from '../storage/local/part-bytes.ts'
import type { OpenBucket } from './buckets.ts'
import { blocked, type CheckResult, checked } from './check-result.ts'
import { baseName, keyBelow, type LocalInput, Paths, plain, USUAL } from './local-folder.ts'
import type { Location } from './places.ts'

const UNTOUCHED = 'Nothing was touched.'
/** The name of a file that is begun only to see that it can be. */
const PROBE = 'test'

const refuse = (message: string, hint: string): SyncError =>
  new SyncError('preflight', message, { hint: `${hint} ${UNTOUCHED}` })

/** What is there of a path: itself, or the next folder above it that is. */
async function nearest(path: string, { ports }: Pick<LocalInput, 'ports'>): Promise<string> {
  const above = ports.files.join(path, '..')
  if ((await ports.folder(path).follow('' as KeyBytes)) || above === path) return path
  return nearest(above, { ports })
}

/** What is in the way of a folder, or a file, that is to be made at a path where there is none; undefined: nothing. */
async function obstacleAt(path: string, ports: LocalInput['ports']): Promise<string | undefined> {
  const told = new Paths(ports).told(path)
  const folder = ports.folder(path)
  const found = await folder.follow('' as KeyBytes)
  if (found?.kind === 'folder') return undefined
  if (found) return `${told} is a ${found.kind === 'file' ? 'file' : 'device'}`
  if (await folder.look('' as KeyBytes)) return `${told} is a symbolic link to nothing`
  const above = ports.files.join(path, '..')
  return above === path ? undefined : obstacleAt(above, ports)
}

/** The same letters in the other case; the same text where it has none. */
const otherCase = (text: string): string => {
  const upper = text.toUpperCase()
  return upper === text ? text.toLowerCase() : upper
}

/**
 * Whether the disk takes names for one that differ in case alone, without writing to it: what is in the folder, or the
 * folder itself, is asked for by such a name. Where nothing has letters it is as the system mostly is.
 */
async function ignoresCase(path: string, { ports }: Pick<LocalInput, 'ports'>): Promise<boolean> {
  const { folder, files, system } = ports
  const there = await nearest(path, { ports })
  const inside = await folder(there)
    .entries('' as KeyBytes)
    .catch(() => [])
  const named = inside.find(({ name }) => /^[ -~]*[A-Za-z][ -~]*$/.test(name))
  const [at, name] = named
    ? [there, named.name]
    : [files.join(there, '..'), baseName(plain(there, system.platform))]
  const other = otherCase(name)
  if (other === name) return system.platform === 'darwin' || system.platform === 'win32'
  const names = new Set(
    (
      await folder(at)
        .entries('' as KeyBytes)
        .catch(() => [])
    ).map((one) => one.name),
  )
  // Both names are there: they are two.
  if (names.has(other as KeyBytes)) return false
  const [one, two] = await Promise.all([
    folder(at).look(name as KeyBytes),
    folder(at).look(other as KeyBytes),
  ])
  return one !== undefined && two !== undefined && one.id === two.id
}

/** Folders in which so much lies that is not the sync's that nobody means to delete there what the source has not. */
async function whyNoDeletes(path: string, { ports }: LocalInput): Promise<string | undefined> {
  const { host, files, system } = ports
  const real = async (one: string): Promise<string> =>
    plain(await files.realPath(one), system.platform)
  const own = await real(path)
  const env = host.env
  const guarded: readonly (readonly [string, string | undefined])[] = [
    ['the workspace', env['GITHUB_WORKSPACE']],
    ['the home folder of this user', env['HOME'] || env['USERPROFILE']],
    ["the runner's temporary folder", env['RUNNER_TEMP']],
    ["the runner's tool cache", env['RUNNER_TOOL_CACHE']],
  ]
  if (own === plain(files.join(own, '..'), system.platform)) return 'is the root of the file system'
  for (const [what, folder] of guarded) {
    if (!folder) continue
    const below = keyBelow(own, await real(folder))
    if (below === '') return `is ${what}`
    if (below !== undefined) return `contains ${what}`
  }
  return undefined
}

const mustNotLeadAstray = async (
  path: string,
  told: string,
  { ports }: LocalInput,
): Promise<void> => {
  const files: Pick<Files, 'join' | 'realPath'> = ports.files
  const there = await nearest(path, { ports })
  const astray = await whyAstray(there, ports.host.env['GITHUB_WORKSPACE'] ?? '', files)
  if (astray !== undefined)
    throw refuse(
      `The destination ${told} cannot be used: ${astray}.`,
      'If this is intended, set destination to the absolute path that the link points to.',
    )
}

/** A folder of this runner as a destination. */
async function openAt(root: string, input: LocalInput): Promise<OpenBucket> {
  const { request, ports } = input
  const { local = USUAL, include, exclude } = request.selection
  const paths = new Paths(ports)
  const { platform } = ports.system
  const own = await paths.own(root, request)
  const names = {
    platform,
    ignoresCase: await ignoresCase(root, input),
    rootBytes: Buffer.byteLength(root),
  }
  const target = {
    folder: ports.writableFolder(root),
    run: randomBytes(4).toString('hex'),
    names,
    own,
  }
  const store = new LocalStore(ports.folder(root), {
    local,
    filters: { include, exclude },
    without: own,
    isTarget: true,
    partBytes: (size) => uploadPartBytes(request.transfer.partBytes, size),
    clock: ports.clock,
    target,
  })
  return {
    region: '',
    variant: request.destination.variant,
    isAlias: false,
    oddHead: undefined,
    store,
    firstPages: undefined,
    local: { folder: paths.told(root), file: undefined },
  }
}

/** What stands at the path of a destination. Throws SyncError where files must not lie there. */
async function seeTarget(path: string, input: LocalInput): Promise<'folder' | 'file' | undefined> {
  const { request, ports } = input
  const told = new Paths(ports).told(path)
  await mustNotLeadAstray(path, told, input)
  const found = await ports.folder(path).follow('' as KeyBytes)
  const kind = found?.kind
  if (kind === 'link' || kind === 'other')
    throw refuse(
      `The destination ${told} is neither a folder nor a file.`,
      'Set destination to a folder or a file.',
    )
  const obstacle = found ? undefined : await obstacleAt(path, ports)
  if (obstacle !== undefined)
    throw refuse(
      `The destination ${told} cannot be created: ${obstacle}.`,
      'Set destination to a folder, or remove what is in its way.',
    )
  if (request.selection.delete) {
    const why = await whyNoDeletes(path, input)
    if (why !== undefined)
      throw refuse(
        `The destination ${told} ${why}, so delete: true would remove files that do not belong to the sync.`,
        'Set destination to a folder that is used for nothing else, or remove delete.',
      )
  }
  return kind
}

/**
 * Opens the folder of this runner that is the destination; it need not be there yet, and nothing is made. Throws
 * SyncError where files must not lie there.
 */
export async function openTarget(path: string, input: LocalInput): Promise<OpenBucket> {
  await seeTarget(path, input)
  return openAt(path, input)
}

/**
 * Where files go in a folder of this runner, once it is known what the source is; undefined: the destination is none. Of
 * a single object a path that is no folder, and does not end in a slash, is that of the file. Throws SyncError where a
 * file is in the way of a folder.
 */
export async function targetOf(
  path: string | undefined,
  source: Location,
  input: LocalInput,
): Promise<{ readonly open?: OpenBucket; readonly at: Location } | undefined> {
  if (path === undefined) return undefined
  const { ports } = input
  const kind = await seeTarget(path, input)
  if (!source.single) {
    if (kind !== 'file') return { at: { prefix: '', single: false } }
    throw refuse(
      `The destination ${new Paths(ports).told(path)} is a file, but the source is a folder.`,
      'Set destination to a folder, or source to a single object.',
    )
  }
  if (kind === 'folder' || input.request.destination.path === '/')
    return { at: { prefix: baseName(source.prefix), single: true } }
  const open = await openAt(ports.files.join(path, '..'), input)
  return { open, at: { prefix: baseName(plain(path, ports.system.platform)), single: true } }
}

/** Begins a file, and removes it; gives why that cannot be, undefined: it can. */
function whyNotBegun(landing: Landing, key: string): string | undefined {
  try {
    landing.begin({ to: key }).discard()
    return undefined
  } catch (error) {
    return serviceFailure(error).message
  }
}

/**
 * Whether a file can be made in the folder that is the destination, or at least at the key that is written first: not all of
 * a folder need be writable, and what is not fails by itself.
 */
export function writingFiles(
  landing: Landing,
  { folder = '' }: Pick<Place, 'folder'>,
  firstKey: string,
): CheckResult {
  const name = 'destination-writing'
  const inRoot = whyNotBegun(landing, PROBE)
  const why = inRoot === undefined ? undefined : whyNotBegun(landing, firstKey)
  if (why === undefined)
    return checked(name, 'pass', `a test file in ${folder} was created and removed`)
  return blocked(
    name,
    refuse(
      `No file can be created in the destination ${folder}: ${why}.`,
      'Set destination to a folder that this user may write to.',
    ),
  )
}
