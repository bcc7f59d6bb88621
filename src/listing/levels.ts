import { rankingOf, type Template, templateOf } from './template.ts'

/** The names seen at one depth of the folders. */
interface Level {
  readonly names: Set<string>
  /** Whether some of them are folders. */
  folders: boolean
  /** Whether one follows the other as numbers do that are counted. */
  counted: boolean
  /** Whether all of them are known: the same ones come again in every folder. */
  closed: boolean
  /** Undefined: not made yet, or made from fewer names. */
  template: Template | 'none' | undefined
}

/** Names by depth, 0 for what lies directly under the place. */
export type Levels = Level[]

const MOST_NAMES = 256

/** The level of a depth. */
export function levelAt(levels: Levels, depth: number): Level {
  levels[depth] ??= {
    names: new Set(),
    folders: false,
    counted: false,
    closed: false,
    template: undefined,
  }
  return levels[depth]
}

/** Keeps a name, in place of the oldest when there are too many. */
export function addName(level: Level, name: string, isFolder: boolean): void {
  level.folders ||= isFolder
  if (level.names.has(name)) return
  if (level.closed && [...level.names].every((other) => other < name)) level.closed = false
  level.names.add(name)
  const [oldest = ''] = level.names
  if (level.names.size > MOST_NAMES) level.names.delete(oldest)
  level.template = undefined
}

/** Notes that all names of a depth came. */
export function close(level: Level): void {
  if (level.closed || level.names.size >= MOST_NAMES) return
  level.closed = true
  level.template = undefined
}

const COUNTED = /^(.*?)(\d+)(\D*)$/s

/** Notes whether a name is the number behind another one. */
export function seeFollowing(level: Level, name: string, next: string): void {
  const [, before, number, after] = COUNTED.exec(name) ?? []
  const counted =
    number !== undefined &&
    next === `${before}${String(Number(number) + 1).padStart(number.length, '0')}${after}`
  if (counted !== level.counted) level.template = undefined
  level.counted = counted
}

/** How the names of a depth are spread; undefined when they do not vary. */
export function templateAt(levels: Levels, depth: number): Template | undefined {
  const level = levelAt(levels, depth)
  level.template ??=
    (level.closed ? rankingOf([...level.names]) : templateOf([...level.names], level.counted)) ??
    'none'
  return level.template === 'none' ? undefined : level.template
}

/** Where a path stands among all paths of its depth: from 0 to 1. */
export function pathPosition(levels: Levels, path: string, depth: number): number {
  const slash = path.indexOf('/')
  const name = slash < 0 ? path : path.slice(0, slash)
  const template = templateAt(levels, depth)
  const low = template?.position(name) ?? 0
  const share = slash < 0 ? undefined : template?.shareOf?.(name)
  if (share !== undefined)
    return low + share * pathPosition(levels, path.slice(slash + 1), depth + 1)
  if (template) return low
  const constant = slash >= 0 && levelAt(levels, depth).names.has(name)
  return constant ? pathPosition(levels, path.slice(slash + 1), depth + 1) : 0.5
}

/** The beginning of the paths at a position; undefined when nothing is known of them. */
export function pathAt(
  levels: Levels,
  depth: number,
  { position, precision }: { position: number; precision: number },
): string | undefined {
  const template = templateAt(levels, depth)
  if (template) {
    const name = template.nameAt(position, precision)
    const share = template.shareOf?.(name)
    if (share === undefined || precision >= share || !levelAt(levels, depth).folders) return name
    const within = {
      position: (position - template.position(name)) / share,
      precision: precision / share,
    }
    const rest = pathAt(levels, depth + 1, within)
    return rest === undefined ? name : `${name}/${rest}`
  }
  const { names, folders } = levelAt(levels, depth)
  const [name] = names
  if (name === undefined || !folders) return undefined
  const rest = pathAt(levels, depth + 1, { position, precision })
  return rest === undefined ? undefined : `${name}/${rest}`
}
