import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import { detached, keyAt, type ObjectPage, type PackedObjects } from '../storage/object-page.ts'
import { Names } from './names.ts'

/** Where a range can be cut: at a key, or only after a look into a folder. */
export type Cut = { readonly at: KeyBytes } | { readonly lookInto: KeyBytes }

/** A part of a listing that is still to come. */
export interface Rest {
  readonly front: KeyBytes
  readonly until: KeyBytes | undefined
  /** How many pages it is thought to have, and in which part of it, from its beginning, they are. */
  readonly pages: number
  readonly part: number
}

const SAMPLES = 12
const SAMPLED_FOLDERS = 100
/** A folder is worth a look when it is thought to hold so many pages. */
export const WORTH_A_LOOK = 4
/** How far from the middle, as a part of the rest, the border of a folder is preferred to what lies within. */
const NEAR = 0.2

const spread = <T>(items: readonly T[], most: number): T[] => {
  const step = Math.max(1, Math.ceil(items.length / most))
  return items.filter((_, i) => i % step === 0)
}

/** A folder, its depth, and the part of all positions that belongs to it. */
interface Spot {
  readonly folder: KeyBytes
  readonly depth: number
  readonly low: number
  readonly share: number
}

const ROOT: Spot = { folder: '' as KeyBytes, depth: 0, low: 0, share: 1 }

const childSpot = (
  { depth, low, share }: Spot,
  children: readonly KeyBytes[],
  i: number,
): Spot => ({
  folder: children[i] as KeyBytes,
  depth: depth + 1,
  low: low + (i * share) / children.length,
  share: share / children.length,
})

/** The last of the ascending keys that is not behind `key`; -1 when all are. */
function lastUpTo(keys: readonly KeyBytes[], key: KeyBytes): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as KeyBytes) <= key) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** The first of the objects that is not before a key. */
function rowFrom(objects: PackedObjects, key: KeyBytes): number {
  let [low, high] = [0, objects.count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keyAt(objects, middle) >= key) high = middle
    else low = middle + 1
  }
  return low
}

/** How keys are spread over a place, as far as it is known. It only guides: no listing depends on it. */
export class KeySpace {
  readonly #names = new Names()
  /** Subfolders of the folders that were looked into, all of them. */
  readonly #children = new Map<KeyBytes, readonly KeyBytes[]>()
  readonly #looked = new Set<KeyBytes>()
  readonly #folders = new Set<KeyBytes>()

  /** Learns from the keys of a page. */
  learn({ objects }: ObjectPage): void {
    const step = Math.max(1, Math.ceil(objects.count / SAMPLES))
    let before: readonly string[] = []
    for (let row = 0; row < objects.count; row += step) {
      const names = toText(detached(keyAt(objects, row)))?.split('/') ?? []
      this.#seeRecurrence(before, names)
      for (const [depth, name] of names.entries())
        this.#names.at(depth).add(name, depth < names.length - 1)
      before = names
    }
    this.#seeNumbers(objects)
  }

  /** Learns what a folder holds, from its first page with the delimiter `/`. */
  learnFolder(folder: KeyBytes, { folders, truncated }: ObjectPage): void {
    const level = this.#names.at(folder.split('/').length - 1)
    for (const child of spread(folders, SAMPLED_FOLDERS))
      level.add(toText(child.slice(0, -1) as KeyBytes) ?? '', true)
    if (folders.length > 1 && folders.length <= SAMPLED_FOLDERS && !truncated) level.close()
    const children = folders.map((child) => detached((folder + child) as KeyBytes))
    for (const child of children) this.#folders.add(child)
    if (children.length > 0 && !truncated) this.#children.set(folder, children)
  }

  /** Whether folders lie directly under the place. */
  get hasFolders(): boolean {
    return this.#names.at(0).hasFolders
  }

  /** Notes that a folder is looked into. */
  noteLook(folder: KeyBytes): void {
    this.#looked.add(folder)
  }

  /** Whether a known folder begins there, so that keys lie behind it. */
  isFolder(key: KeyBytes): boolean {
    return this.#folders.has(key)
  }

  /** Where a key stands: from 0 to 1; undefined is the end. */
  position(key: KeyBytes | undefined): number {
    if (key === undefined) return 1
    if (key === '') return 0
    for (let spot = ROOT; ; ) {
      const { folder, depth, low, share } = spot
      const children = this.#children.get(folder)
      if (!children) {
        const path = toText(key.slice(folder.length) as KeyBytes) ?? ''
        return low + share * this.#names.positionOf(path, depth)
      }
      const i = lastUpTo(children, key)
      if (i < 0) return low
      spot = childSpot(spot, children, i)
      if (!key.startsWith(spot.folder)) return spot.low + spot.share
    }
  }

  /** Whether what follows a key is only numbered on, so that nobody knows where it ends. */
  isCountedOn(key: KeyBytes): boolean {
    let folder = '' as KeyBytes
    for (let depth = 0; ; depth++) {
      const last = this.#children.get(folder)?.at(-1)
      if (last === undefined) return this.#names.at(depth).isCounted
      if (!key.startsWith(last)) return false
      folder = last
    }
  }

  /** Where to cut a rest into halves; undefined when nothing is known of it. */
  cutOf({ front, until, pages, part }: Rest): Cut | undefined {
    const span = (this.position(until) - this.position(front)) * part
    const target = this.position(front) + span / 2
    const { spot, following } = this.#spotAt(target)
    const fits = (key: KeyBytes | undefined): key is KeyBytes =>
      key !== undefined &&
      key > front &&
      (until === undefined || key < until) &&
      // A request can name no other key.
      toText(key) !== undefined
    const borders = [
      { key: spot.folder, away: target - spot.low },
      { key: following, away: spot.low + spot.share - target },
    ]
      .filter(({ key }) => fits(key))
      .sort((a, b) => a.away - b.away)
    const [nearest] = borders
    if (nearest?.key && nearest.away <= NEAR * span) return { at: nearest.key }
    const inFolder = span > 0 ? Math.min(pages, (pages * spot.share) / span) : pages
    if (inFolder >= WORTH_A_LOOK && this.#isUnseen(spot)) return { lookInto: spot.folder }
    const within = { position: (target - spot.low) / spot.share, precision: span / spot.share }
    const path = span > 0 ? this.#names.pathAt(spot.depth, within) : undefined
    const inside = path === undefined ? undefined : ((spot.folder + toKeyBytes(path)) as KeyBytes)
    if (fits(inside)) return { at: inside }
    return nearest?.key ? { at: nearest.key } : undefined
  }

  /** Whether a look into a folder would tell anything. */
  #isUnseen({ folder, depth }: Spot): boolean {
    const { hasFolders, isClosed } = this.#names.at(depth)
    return hasFolders && !isClosed && !this.#looked.has(folder)
  }

  /** The smallest known folder at a position, and the folder that follows it. */
  #spotAt(target: number): { spot: Spot; following: KeyBytes | undefined } {
    let following: KeyBytes | undefined
    for (let spot = ROOT; ; ) {
      const children = this.#children.get(spot.folder)
      if (!children) return { spot, following }
      const i = Math.floor(((target - spot.low) / spot.share) * children.length)
      const chosen = Math.max(0, Math.min(i, children.length - 1))
      following = children[chosen + 1] ?? following
      spot = childSpot(spot, children, chosen)
    }
  }

  /** A folder that begins with a smaller name than the one before it came to shows that names come again. */
  #seeRecurrence(before: readonly string[], names: readonly string[]): void {
    const parted = names.findIndex((name, depth) => name !== before[depth])
    if (before.length === 0 || parted < 0) return
    for (const [depth, name] of names.slice(0, -1).entries())
      if (depth > parted && name < (before[depth] ?? '')) this.#names.at(depth).close()
  }

  /** Notes at each depth of the last key whether its name is the number behind the one before. */
  #seeNumbers(objects: PackedObjects): void {
    const last = objects.count - 1
    if (last < 1) return
    const names = keyAt(objects, last).split('/')
    for (const [depth, name] of names.entries()) {
      const ends = depth === names.length - 1
      const first = names.slice(0, depth + 1).join('/') + (ends ? '' : '/')
      const at = rowFrom(objects, first as KeyBytes)
      const before = at > 0 ? keyAt(objects, at - 1).split('/') : []
      const siblings = names.slice(0, depth).every((one, i) => one === before[i])
      if (siblings && before[depth] !== undefined)
        this.#names.at(depth).seeFollowing(before[depth], name)
    }
  }
}
