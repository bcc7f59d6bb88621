import { rankingOf, type Template, templateOf } from './template.ts'

const MOST_NAMES = 256
const COUNTED = /^(.*?)(\d+)(\D*)$/s

/** The names seen at one depth of the folders, and what they tell of those that were not. */
class Level {
  readonly #names = new Set<string>()
  #hasFolders = false
  #counted = false
  #closed = false
  /** Undefined: not made yet, or made from fewer names. */
  #template: Template | 'none' | undefined

  /** Whether some of them are folders. */
  get hasFolders(): boolean {
    return this.#hasFolders
  }

  /** Whether all of them are known: the same ones come again in every folder. */
  get isClosed(): boolean {
    return this.#closed
  }

  /** Whether one follows the other as numbers do, so that nobody knows where they end. */
  get isCounted(): boolean {
    return this.#counted && !this.#closed
  }

  /** The only name, where there is one: what it stands for does not vary. */
  get constant(): string | undefined {
    return this.#names.values().next().value
  }

  has(name: string): boolean {
    return this.#names.has(name)
  }

  /** Keeps a name, in place of the oldest when there are too many. */
  add(name: string, isFolder: boolean): void {
    this.#hasFolders ||= isFolder
    if (this.#names.has(name)) return
    // Who goes on behind all names that were thought to be all shows that they are not.
    if (this.#closed && [...this.#names].every((other) => other < name)) this.#closed = false
    this.#names.add(name)
    const [oldest = ''] = this.#names
    if (this.#names.size > MOST_NAMES) this.#names.delete(oldest)
    this.#template = undefined
  }

  /** Notes that all names came. */
  close(): void {
    if (this.#closed || this.#names.size >= MOST_NAMES) return
    this.#closed = true
    this.#template = undefined
  }

  /** Notes whether a name is the number behind another one. */
  seeFollowing(name: string, next: string): void {
    const [, before, number, after] = COUNTED.exec(name) ?? []
    const counted =
      number !== undefined &&
      next === `${before}${String(Number(number) + 1).padStart(number.length, '0')}${after}`
    if (counted !== this.#counted) this.#template = undefined
    this.#counted = counted
  }

  /** How they are spread; undefined when they do not vary. */
  template(): Template | undefined {
    this.#template ??= this.#made() ?? 'none'
    return this.#template === 'none' ? undefined : this.#template
  }

  #made(): Template | undefined {
    const names = [...this.#names]
    return this.#closed ? rankingOf(names) : templateOf(names, this.#counted)
  }
}

/** A position among all paths below a folder, from 0 to 1, and how exact it has to be. */
export interface Spotted {
  readonly position: number
  readonly precision: number
}

/** The names of a place by depth, 0 for what lies directly under it. */
export class Names {
  readonly #levels: Level[] = []

  /** The names of a depth. */
  at(depth: number): Level {
    this.#levels[depth] ??= new Level()
    return this.#levels[depth]
  }

  /** Where a path stands among all paths of its depth: from 0 to 1. */
  positionOf(path: string, depth: number): number {
    const slash = path.indexOf('/')
    const name = slash < 0 ? path : path.slice(0, slash)
    const template = this.at(depth).template()
    const share = slash < 0 ? undefined : template?.shareOf?.(name)
    const low = template?.position(name) ?? 0
    if (template && share === undefined) return low
    if (!template && !(slash >= 0 && this.at(depth).has(name))) return 0.5
    return low + (share ?? 1) * this.positionOf(path.slice(slash + 1), depth + 1)
  }

  /** The beginning of the paths at a position; undefined when nothing is known of them. */
  pathAt(depth: number, { position, precision }: Spotted): string | undefined {
    const level = this.at(depth)
    const template = level.template()
    const name = template ? template.nameAt(position, precision) : level.constant
    const share = template ? template.shareOf?.(name ?? '') : 1
    if (name === undefined) return undefined
    const goesOn = level.hasFolders && share !== undefined && precision < share
    if (template && !goesOn) return name
    if (!level.hasFolders) return undefined
    const low = template?.position(name) ?? 0
    const within = {
      position: (position - low) / (share ?? 1),
      precision: precision / (share ?? 1),
    }
    const rest = this.pathAt(depth + 1, within)
    if (rest === undefined) return template && name
    return `${name}/${rest}`
  }
}
