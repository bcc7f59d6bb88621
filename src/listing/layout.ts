import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import { detached, keyAt, type ObjectPage } from '../storage/object-page.ts'
import {
  addName,
  close,
  type Levels,
  levelAt,
  pathAt,
  pathPosition,
  seeFollowing,
} from './levels.ts'

/** How keys are spread over a place, as far as it is known. It only guides: no listing depends on it. */
export interface Layout {
  readonly levels: Levels
  /** Subfolders of the folders that were looked into, all of them. */
  readonly children: Map<KeyBytes, readonly KeyBytes[]>
  readonly looked: Set<KeyBytes>
  /** Folders that were seen: where one begins, there are keys. */
  readonly folders: Set<KeyBytes>
}

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
const WORTH_A_LOOK = 4
/** How far from the middle, as a part of the rest, the border of a folder is preferred to what lies within. */
const NEAR = 0.2

/** Nothing is known yet. */
export const newLayout = (): Layout => ({
  levels: [],
  children: new Map(),
  looked: new Set(),
  folders: new Set(),
})

const spread = <T>(items: readonly T[], most: number): T[] => {
  const step = Math.max(1, Math.ceil(items.length / most))
  return items.filter((_, i) => i % step === 0)
}

/** Learns from the keys of a page. */
export function learn(layout: Layout, page: ObjectPage): void {
  const { levels } = layout
  const { objects } = page
  const step = Math.max(1, Math.ceil(objects.count / SAMPLES))
  let before: readonly string[] = []
  for (let row = 0; row < objects.count; row += step) {
    const names = toText(detached(keyAt(objects, row)))?.split('/') ?? []
    const parted = names.findIndex((name, depth) => name !== before[depth])
    for (
      let depth = parted + 1;
      before.length > 0 && parted >= 0 && depth < names.length - 1;
      depth++
    )
      if ((names[depth] ?? '') < (before[depth] ?? '')) close(levelAt(levels, depth))
    before = names
    for (const [depth, name] of names.entries())
      addName(levelAt(levels, depth), name, depth < names.length - 1)
  }
  learnNumbers(layout, page)
}

/** Learns at each depth of the last key whether its name is the number behind the one before. */
function learnNumbers({ levels }: Layout, { objects }: ObjectPage): void {
  const last = objects.count - 1
  if (last < 1) return
  const key = keyAt(objects, last)
  for (let end = key.indexOf('/'); ; end = key.indexOf('/', end + 1)) {
    const folder = end < 0 ? key : key.slice(0, end + 1)
    const names = folder.split('/')
    const depth = end < 0 ? names.length - 1 : names.length - 2
    let [low, high] = [0, last]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (keyAt(objects, middle) >= folder) high = middle
      else low = middle + 1
    }
    const before = low > 0 ? toText(keyAt(objects, low - 1))?.split('/') : undefined
    const same = before && names.slice(0, depth).every((name, i) => name === before[i])
    if (same) seeFollowing(levelAt(levels, depth), before[depth] ?? '', names[depth] ?? '')
    if (end < 0) return
  }
}

/** Learns what a folder holds, from its first page with the delimiter `/`. */
export function learnFolder(layout: Layout, folder: KeyBytes, page: ObjectPage): void {
  const level = levelAt(layout.levels, folder.split('/').length - 1)
  for (const child of spread(page.folders, SAMPLED_FOLDERS))
    addName(level, toText(child.slice(0, -1) as KeyBytes) ?? '', true)
  if (page.folders.length > 1 && page.folders.length <= SAMPLED_FOLDERS && !page.truncated)
    close(level)
  const children = page.folders.map((child) => detached((folder + child) as KeyBytes))
  for (const child of children) layout.folders.add(child)
  if (children.length > 0 && !page.truncated) layout.children.set(folder, children)
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

/** Where a key stands: from 0 to 1; undefined is the end. */
export function position(layout: Layout, key: KeyBytes | undefined): number {
  if (key === undefined) return 1
  if (key === '') return 0
  for (let spot = ROOT; ; ) {
    const { folder, depth, low, share } = spot
    const children = layout.children.get(folder)
    if (!children) {
      const path = toText(key.slice(folder.length) as KeyBytes) ?? ''
      return low + share * pathPosition(layout.levels, path, depth)
    }
    const i = lastUpTo(children, key)
    if (i < 0) return low
    spot = childSpot(spot, children, i)
    if (!key.startsWith(spot.folder)) return spot.low + spot.share
  }
}

/** Whether what follows a key is only numbered on, so that nobody knows where it ends. */
export function isCountedOn({ children, levels }: Layout, key: KeyBytes): boolean {
  let folder = '' as KeyBytes
  for (let depth = 0; ; depth++) {
    const known = children.get(folder)
    if (!known) return levelAt(levels, depth).counted && !levelAt(levels, depth).closed
    const last = known.at(-1) as KeyBytes
    if (!key.startsWith(last)) return false
    folder = last
  }
}

/** The smallest known folder at a position, and the folder that follows it. */
function spotAt(layout: Layout, target: number): { spot: Spot; following: KeyBytes | undefined } {
  let following: KeyBytes | undefined
  for (let spot = ROOT; ; ) {
    const children = layout.children.get(spot.folder)
    if (!children) return { spot, following }
    const i = Math.floor(((target - spot.low) / spot.share) * children.length)
    const chosen = Math.max(0, Math.min(i, children.length - 1))
    following = children[chosen + 1] ?? following
    spot = childSpot(spot, children, chosen)
  }
}

/** Where to cut a rest into halves; undefined when nothing is known of it. */
export function cutOf(layout: Layout, { front, until, pages, part }: Rest): Cut | undefined {
  const begin = position(layout, front)
  const span = (position(layout, until) - begin) * part
  const target = begin + span / 2
  const { spot, following } = spotAt(layout, target)
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
  const level = levelAt(layout.levels, spot.depth)
  const unseen = !layout.looked.has(spot.folder) && level.folders && !level.closed
  if (unseen && inFolder >= WORTH_A_LOOK) return { lookInto: spot.folder }
  const within = { position: (target - spot.low) / spot.share, precision: span / spot.share }
  const path = span > 0 ? pathAt(layout.levels, spot.depth, within) : undefined
  const inside = path === undefined ? undefined : ((spot.folder + toKeyBytes(path)) as KeyBytes)
  if (fits(inside)) return { at: inside }
  return nearest?.key ? { at: nearest.key } : undefined
}
