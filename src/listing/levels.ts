import { type Template, templateOf } from './template.ts'

/** The names seen at one depth of the folders. */
interface Level {
  readonly names: Set<string>
  /** Whether some of them are folders. */
  folders: boolean
  /** Undefined: not made yet, or made from fewer names. */
  template: Template | 'none' | undefined
}

/** Names by depth, 0 for what lies directly under the place. */
export type Levels = Level[]

const MOST_NAMES = 256

/** The level of a depth. */
export function levelAt(levels: Levels, depth: number): Level {
  levels[depth] ??= { names: new Set(), folders: false, template: undefined }
  return levels[depth]
}

/** Keeps a name, in place of the oldest when there are too many. */
export function addName(level: Level, name: string, isFolder: boolean): void {
  level.folders ||= isFolder
  if (level.names.has(name)) return
  level.names.add(name)
  const [oldest = ''] = level.names
  if (level.names.size > MOST_NAMES) level.names.delete(oldest)
  level.template = undefined
}

/** How the names of a depth are spread; undefined when they do not vary. */
export function templateAt(levels: Levels, depth: number): Template | undefined {
  const level = levelAt(levels, depth)
  level.template ??= templateOf([...level.names]) ?? 'none'
  return level.template === 'none' ? undefined : level.template
}

/** Where a path stands among all paths of its depth: from 0 to 1. */
export function pathPosition(levels: Levels, path: string, depth: number): number {
  const slash = path.indexOf('/')
  const name = slash < 0 ? path : path.slice(0, slash)
  const template = templateAt(levels, depth)
  if (template) return template.position(name)
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
  if (template) return template.nameAt(position, precision)
  const { names, folders } = levelAt(levels, depth)
  const [name] = names
  if (name === undefined || !folders) return undefined
  const rest = pathAt(levels, depth + 1, { position, precision })
  return rest === undefined ? undefined : `${name}/${rest}`
}
