/** What a URL has in place of these: RFC 1738's unsafe characters, `?` where a query would begin, all beyond ASCII. */
const ESCAPED = /[^!$&()*+,./0-9:;=@A-Z_a-z-]/gu

const escaped = (text: string): string =>
  text.replace(ESCAPED, (char) =>
    [...Buffer.from(char)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  )

/** All that lies under the folder in which a path is; of a wildcard, under the one around it. */
const folderOf = (path: string): string =>
  path.slice(0, path.replace(/\/?\*$/, '').lastIndexOf('/') + 1)

const INDEX = 'index.html'

/**
 * The paths under which a CDN may hold an object with this key of its origin. An index page is also its folder, with
 * and without the slash. A key with a `*`, which would be a wildcard, is covered by the folder in which it stands; so is
 * one with a `~` or a `'`: CloudFront refuses a request for a path that has them as they are, and browsers send them so.
 */
export function pathsOf(key: string): readonly string[] {
  const doubtful = key.search(/[*~']/)
  if (doubtful >= 0) return [`/${escaped(key.slice(0, key.lastIndexOf('/', doubtful) + 1))}*`]
  const path = `/${escaped(key)}`
  if (!`/${key}`.endsWith(`/${INDEX}`)) return [path]
  const folder = path.slice(0, -INDEX.length)
  return folder === '/' ? [path, folder] : [path, folder, folder.slice(0, -1)]
}

const isWildcard = (path: string): boolean => path.endsWith('*')

/** The folders around a path, the nearest first. */
function* foldersAround(path: string): Generator<string> {
  for (let folder = folderOf(path); folder !== ''; folder = folderOf(`${folder}*`)) yield folder
}

/** How many paths may be told. */
export interface PathLimits {
  readonly paths: number
  /** Of these, how many may be wildcards. */
  readonly wildcards: number
}

/** Folders by their depth, and what of the paths lies in each. */
function grouped(paths: Iterable<string>): Map<number, Map<string, string[]>> {
  const byDepth = new Map<number, Map<string, string[]>>()
  for (const path of paths) addTo(byDepth, folderOf(path), path)
  return byDepth
}

function addTo(byDepth: Map<number, Map<string, string[]>>, folder: string, path: string): void {
  const depth = folder.split('/').length
  const folders = byDepth.get(depth) ?? new Map<string, string[]>()
  byDepth.set(depth, folders)
  const paths = folders.get(folder) ?? []
  folders.set(folder, paths)
  paths.push(path)
}

/**
 * Paths that cover the same and more, within limits: the deepest folder that holds several takes their place, of these
 * the one that holds most, until few enough are left. At worst that is all there is.
 */
export function covering(paths: Iterable<string>, limits: PathLimits): readonly string[] {
  const left = new Set(paths)
  for (const path of left)
    for (const folder of foldersAround(path)) if (left.has(`${folder}*`)) left.delete(path)
  let wildcards = [...left].filter(isWildcard).length
  const isEnough = () => left.size <= limits.paths && wildcards <= limits.wildcards
  const byDepth = grouped(left)
  for (let depth = Math.max(0, ...byDepth.keys()); depth > 0; depth--) {
    const folders = [...(byDepth.get(depth) ?? [])].sort(
      ([a, inA], [b, inB]) => inB.length - inA.length || (a < b ? -1 : 1),
    )
    for (const [folder, held] of folders) {
      if (isEnough()) return [...left].sort()
      const [only] = held
      const isAlone = held.length === 1 && folder !== '/'
      const next = isAlone ? (only ?? '') : `${folder}*`
      if (!isAlone) {
        for (const path of held) left.delete(path)
        left.add(next)
        wildcards += 1 - held.filter(isWildcard).length
      }
      if (folder !== '/') addTo(byDepth, folderOf(`${folder}*`), next)
    }
  }
  return [...left].sort()
}

/** As many are held one by one; what goes beyond that is held by folders. */
const MOST_HELD = 20_000
const KEPT: PathLimits = { paths: 5000, wildcards: Number.POSITIVE_INFINITY }

/** Paths that changed, however many, in memory that does not grow with them. */
export class ChangedPaths {
  #paths = new Set<string>()
  #folded = false

  /** Takes a path. */
  add(path: string): void {
    if (this.#folded)
      for (const folder of foldersAround(path)) if (this.#paths.has(`${folder}*`)) return
    this.#paths.add(path)
    if (this.#paths.size <= MOST_HELD) return
    this.#paths = new Set(covering(this.#paths, KEPT))
    this.#folded = true
  }

  /** Paths within limits that cover all that were taken; none where none was. */
  covering(limits: PathLimits): readonly string[] {
    return covering(this.#paths, limits)
  }
}
