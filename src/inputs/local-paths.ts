import { randomUUID } from 'node:crypto'
import type { PlaceRequest } from '../model/request.ts'
import { windowsRefuses } from '../model/windows-names.ts'
import type { Files, Host } from '../ports.ts'
import type { Problem } from './problem.ts'
import type { InputName, InputValues } from './schema.ts'
import type { Side } from './sides.ts'

const PATHS = ['report-dir', 's5cmd-path', 'web-identity-token-file'] as const
/** They may be prefixes of a bucket instead. */
const SHARED = ['plan-dir', 'shards-dir'] as const
const FOLDERS: ReadonlySet<InputName> = new Set(['report-dir', ...SHARED])

const NO_HOME = '~ cannot be expanded: HOME is not set'

/** Inputs whose paths are those of this machine, and what is wrong with them. */
export interface LocalPaths {
  readonly values: InputValues
  readonly problems: readonly Problem[]
}

type Surroundings = Pick<Host, 'env'> & { readonly files: Pick<Files, 'join'> }

const homeOf = ({ env }: Pick<Host, 'env'>): string => env['HOME'] || env['USERPROFILE'] || ''

/** The path, with the home of the user in place of a leading `~/`; undefined where there is no home. */
export function expanded(path: string, around: Surroundings): string | undefined {
  if (!/^~(?:[/\\]|$)/.test(path)) return path
  const home = homeOf(around)
  return home === '' ? undefined : around.files.join(home, path.slice(2))
}

/** A name that no other step has: steps of a matrix, and of composite actions, share their GITHUB_ACTION. */
function ownName({ env }: Pick<Host, 'env'>): string {
  const step = (env['GITHUB_ACTION'] || 'run').replace(/[^\w-]/g, '_').slice(0, 64)
  return `${step}-${randomUUID()}`
}

/** Where the files of the step go, absolute; '' where there is no place for them, which the paths are to blame for. */
export function reportDirOf(
  { 'report-dir': given }: InputValues,
  { env, files }: Surroundings,
): string {
  if (given) return files.join(given)
  const temp = env['RUNNER_TEMP']
  return temp ? files.join(temp, 's3-direct-sync', ownName({ env })) : ''
}

const isWindows = ({ env }: Pick<Host, 'env'>): boolean => env['RUNNER_OS'] === 'Windows'

/** The path that a `file:` address names, be it a URL or not; undefined where it is a URL of another machine, or none. */
function pathOfFile(address: string, around: Pick<Host, 'env'>): string | undefined {
  const path = address.slice('file:'.length)
  if (!path.startsWith('//')) return path
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.host !== '' || url.search !== '' || url.hash !== '') return undefined
  try {
    const decoded = decodeURIComponent(url.pathname)
    return isWindows(around) ? decoded.replace(/^\/(?=[A-Za-z]:)/, '') : decoded
  } catch {
    return undefined
  }
}

/** The folder of this runner that a side is, absolute; or what is wrong with it. */
function localFolder(
  address: string,
  around: Surroundings,
): { readonly path: string } | { readonly problem: string } {
  const isUrl = address.startsWith('file:')
  const path = isUrl ? pathOfFile(address, around) : expanded(address, around)
  if (path === undefined && !isUrl) return { problem: NO_HOME }
  if (path === undefined || path === '')
    return { problem: 'expected a file: URL such as file:///tmp/site' }
  if (!isWindows(around) && /^(?:\.{0,2}\\|[A-Za-z]:[/\\])/.test(path))
    return { problem: 'is a Windows path, but this runner is not Windows: use ./ and /' }
  const isAbsolute = /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path)
  const workspace = around.env['GITHUB_WORKSPACE'] || '.'
  return { path: isAbsolute ? around.files.join(path) : around.files.join(workspace, path) }
}

/** Makes a side a path of this machine, where it is one. */
function withLocalFolder(
  side: Side,
  place: PlaceRequest | undefined,
  around: Surroundings,
): { readonly place: PlaceRequest | undefined; readonly problems: readonly Problem[] } {
  if (place?.local === undefined) return { place, problems: [] }
  const found = localFolder(place.local, around)
  if ('problem' in found) return { place, problems: [{ input: side, text: found.problem }] }
  const refused =
    side === 'destination' && isWindows(around) ? windowsRefuses(found.path) : undefined
  return {
    place: { ...place, local: found.path },
    problems: refused === undefined ? [] : [{ input: side, text: refused }],
  }
}

/** Makes the paths among the inputs those of this machine. */
export function toLocalPaths(read: InputValues, around: Surroundings): LocalPaths {
  const problems: Problem[] = []
  const values: { -readonly [Name in keyof InputValues]: InputValues[Name] } = { ...read }
  const pathOf = (input: InputName, given: string): string | undefined => {
    const path = expanded(given, around)
    const refused =
      path === undefined
        ? NO_HOME
        : isWindows(around) && FOLDERS.has(input)
          ? windowsRefuses(path)
          : undefined
    if (refused !== undefined)
      problems.push({ input, text: `${JSON.stringify(given)}: ${refused}` })
    return path
  }
  for (const input of PATHS) {
    const given = read[input]
    if (given !== undefined) values[input] = pathOf(input, given)
  }
  for (const input of SHARED) {
    const given = read[input]?.local
    if (given === undefined) continue
    values[input] = { bucket: '', path: '/', local: pathOf(input, given) ?? given }
  }
  for (const side of ['source', 'destination'] as const) {
    const { place, problems: ofSide } = withLocalFolder(side, read[side], around)
    values[side] = place
    problems.push(...ofSide)
  }
  if (read['report-dir'] === undefined && !around.env['RUNNER_TEMP'])
    problems.push({
      input: 'report-dir',
      text: 'RUNNER_TEMP is not set: set report-dir to a folder',
    })
  return { values, problems }
}
