import { SyncError } from '../errors/sync-error.ts'
import { joinStreams } from '../listing/join-streams.ts'
import { KeySum } from '../listing/key-sum.ts'
import { type ListingPorts, listPlaces } from '../listing/list-places.ts'
import { inKeyOrder } from '../listing/sort.ts'
import { KeyFilter } from '../model/globs.ts'
import { toKeyBytes, toText } from '../model/key.ts'
import type { ObjectInfo, SourceObject } from '../model/object-info.ts'
import { addTally, type KeyCount, NO_TALLY, type Tally } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { KeyRules, SelectionRequest } from '../model/request.ts'
import type { Clock, Files } from '../ports.ts'
import { type Contents, pairTaker } from './file-contents.ts'
import { inTime } from './in-time.ts'
import { joinRows } from './join.ts'
import { Part, type PartRules } from './part.ts'
import { extrasScope, scopeOf } from './scope.ts'
import { count } from './tallies.ts'
import { targetsOf } from './targets.ts'

/** Gives objects of the source, up to a page of them, where they stand among the keys of the destination. */
export type Mover = (objects: readonly ObjectInfo[]) => readonly SourceObject[]

/**
 * Moves objects by the rules for keys. What is no text stays where it is, and so does the folder's own marker.
 * What is skipped is left out where it is, so that it protects what the destination has there.
 * Throws SyncError where the rules refuse a key, and when key-pattern takes too long with one.
 */
export function moverOf(
  { source, rules }: { readonly source: Place; readonly rules: SelectionRequest },
  keys: KeyRules,
  clock: Clock,
  filter = new KeyFilter(rules),
): Mover {
  const targets = targetsOf(keys)
  const inScope = scopeOf(source, rules, filter)
  const move = (object: ObjectInfo): SourceObject => {
    const { key: origin } = object
    const text = toText(origin)
    if (text === undefined) return object
    const out = !inScope(origin)
    const target = text === '' ? '' : out ? targets.ofFiltered(text) : targets.of(text)
    if (target === undefined) return { ...object, origin, out: true }
    return { ...object, key: toKeyBytes(target), origin, out }
  }
  return (objects) => inTime(clock, objects, move, ({ key }) => toText(key))
}

/** Two objects of the source that would become one are refused; what the filters leave out gives way. */
export function oneTarget<T extends Pick<SourceObject, 'key' | 'origin' | 'out'>>(
  first: T,
  second: T,
): T {
  if (first.out || second.out || first.origin === second.origin) return first.out ? second : first
  const [target, ...origins] = [
    first.key,
    first.origin ?? first.key,
    second.origin ?? second.key,
  ].map((key) => JSON.stringify(toText(key)))
  const title = `Two objects would get the key ${target}`
  throw new SyncError('guard', `${title}: ${origins.join(' and ')}.`, {
    title,
    hint: 'Make key-template include the parts that differ. Nothing was copied.',
  })
}

/** What one range of keys has, in files: the source's in an order of their own. */
interface Spooled {
  readonly source: string
  readonly destination: string
  /** Of the source, as they stand there. */
  readonly keys: KeySum
}

async function* read<T>(files: Files, paths: readonly string[]): AsyncGenerator<T> {
  for (const path of paths) for await (const line of files.lines(path)) yield JSON.parse(line) as T
}

/** Lists both places; the objects of the source get their keys at the destination. */
function spoolRanges(around: PartRules, move: Mover, ports: ListingPorts) {
  const { files, folder } = ports
  let ranges = 0
  return listPlaces(
    around,
    async (source, destination): Promise<Spooled> => {
      const name = files.join(folder, `listed-${++ranges}`)
      const keys = new KeySum()
      const paths = { source: `${name}-source`, destination: `${name}-destination`, keys }
      const ours = await files.writer(paths.source)
      const theirs = await files.writer(paths.destination)
      const from: ObjectInfo[] = []
      const to: ObjectInfo[] = []
      const take = (object?: ObjectInfo, extra?: ObjectInfo) => {
        if (object) from.push(object)
        if (object && around.rules.delete) keys.add(object.key)
        if (extra) to.push(extra)
      }
      const pause = async () => {
        for (const object of move(from.splice(0))) await ours.write(JSON.stringify(object))
        for (const object of to.splice(0)) await theirs.write(JSON.stringify(object))
      }
      try {
        await joinRows(source, destination, { take, pause })
      } finally {
        await ours.close()
        await theirs.close()
      }
      return paths
    },
    ports,
  )
}

/** What all ranges together have: with deletes the source must still have it right before them. */
function sumOf(ranges: readonly Spooled[]): KeyCount {
  const all = new KeySum()
  for (const { keys } of ranges) all.merge(keys)
  return all.value()
}

const PAIRS_AT_ONCE = 1000

/** Counts the objects that are left out and have no place of their own, as another one takes it. */
function countReplaced() {
  let tally: Tally = NO_TALLY
  return {
    tally: () => tally,
    resolve: (first: SourceObject, second: SourceObject): SourceObject => {
      const kept = oneTarget(first, second)
      const other = kept === first ? second : first
      if (first.origin !== second.origin) tally = addTally(tally, { objects: 1, bytes: other.size })
      return kept
    },
  }
}

/** How keys are organised anew. */
interface MoveRules {
  readonly keys: KeyRules
  readonly filter: KeyFilter
  readonly contents: Contents
}

/**
 * Compares a source whose keys are organised anew: what was listed is sorted by its new keys on disk, and
 * joined then. Throws SyncError when two objects would get the key one, or the rules refuse a key.
 */
export async function compareMoved(
  around: PartRules,
  { keys, filter, contents }: MoveRules,
  ports: ListingPorts,
): Promise<readonly Part[]> {
  const { rules, destination } = around
  const { files, folder } = ports
  const spooled = await spoolRanges(around, moverOf(around, keys, ports.clock, filter), ports)
  const replaced = countReplaced()
  const moved = await inKeyOrder(
    read<SourceObject>(
      files,
      spooled.map((range) => range.source),
    ),
    {
      files,
      folder: files.join(folder, 'moved'),
      settle: replaced.resolve,
    },
  )
  const found = read<ObjectInfo>(
    files,
    spooled.map((range) => range.destination),
  )
  const extras = extrasScope(destination, rules, filter)
  const has = (from?: SourceObject, to?: ObjectInfo): boolean => {
    // An exclude that matches only what a copy replaces has matched all the same.
    const spared = to !== undefined && extras(to.key)
    return from ? !from.out : spared
  }
  const { lockAt, publishes, seeDelete, within, waves, headers } = around.scope
  const scope = { hasAll: false, has, lockAt, publishes, seeDelete, within, waves, headers }
  const part = new Part(files, folder, 'moved')
  const { source, skewMs, isRestored, isNoted, checks } = around
  const pairRules = { source, destination, rules, scope, skewMs, isRestored, isNoted, checks }
  const taker = pairTaker(part, pairRules, contents)
  try {
    let pairs = 0
    for await (const [from, to] of joinStreams(moved, found)) {
      taker.take(from, to)
      if (++pairs % PAIRS_AT_ONCE === 0) await taker.pause()
    }
    await taker.pause()
  } finally {
    await part.close()
  }
  const { objects, bytes } = replaced.tally()
  part.listed.source += objects
  if (rules.delete) part.sourceKeys = sumOf(spooled)
  if (objects > 0) count(part.reasons, 'filtered', { objects, bytes })
  return [part]
}
