import { commonPrefix, KeyFilter } from '../model/globs.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import { isLeftOutBy, namesGit } from '../model/local.ts'
import { OWN_KEYS } from '../model/own-keys.ts'
import type { Place } from '../model/place.ts'
import type { SelectionRequest } from '../model/request.ts'
import type { WaveOrder } from '../model/waves.ts'

/** A place, or the part of it that the includes can match. */
export interface Narrowed<P extends Place> {
  readonly place: P
  /** What the relative keys of the whole place begin with in this part. */
  readonly within: string
}

/** Only what begins as all includes do has to be listed, where keys stay as they are; a single object is listed as it is. */
export function narrowed<P extends Place>(
  place: P,
  { include, keys, manifest }: SelectionRequest,
): Narrowed<P> {
  const within = place.single || keys || manifest ? '' : commonPrefix(include)
  return { place: { ...place, prefix: place.prefix + within }, within }
}

/** Whether a relative key belongs to the sync. */
export type Scope = (key: KeyBytes) => boolean

type Filters = Pick<SelectionRequest, 'include' | 'exclude' | 'local' | 'deleteAfterMs'>

/** Whether a request's filters leave every key in. */
export const takesEvery = ({ include, exclude, local, deleteAfterMs }: Filters): boolean =>
  include.length + exclude.length === 0 && local === undefined && deleteAfterMs === undefined

/**
 * What the rules for files leave out belongs to nobody: it is not uploaded, and what has such a key is not deleted. So
 * does what the destination keeps for this action.
 */
export function leavesOut({ local, include, deleteAfterMs }: Filters): (key: string) => boolean {
  const isOwn = deleteAfterMs === undefined ? () => false : (key: string) => key === OWN_KEYS.extras
  if (!local) return isOwn
  const named = namesGit(include)
  return (key) => isOwn(key) || isLeftOutBy(local, named, key)
}

/** What a filter reads of a key: a single object is filtered by its own name; undefined where it is no text. */
function reader({ single, prefix }: Place): (key: KeyBytes) => string | undefined {
  const name = prefix.slice(prefix.lastIndexOf('/') + 1)
  return single ? () => name : toText
}

/** The scope that the filters of a request make. A key that is no text belongs to every scope, so that it is reported. */
export function scopeOf(place: Place, rules: Filters, filter = new KeyFilter(rules)): Scope {
  if (takesEvery(rules)) return () => true
  const read = reader(place)
  const isLeftOut = leavesOut(rules)
  return (key) => {
    const text = read(key)
    return text === undefined || (!isLeftOut(text) && filter.takes(text))
  }
}

/** Whether a key of what only the destination has is that of an object which this action publishes itself. */
export const isOwnExtra = (
  { single }: Pick<Place, 'single'>,
  { sums }: Pick<SelectionRequest, 'sums'>,
  key: string,
): boolean => sums !== undefined && !single && key === OWN_KEYS.sums

/**
 * The scope of what only the destination has. Where keys are organised anew, includes speak of the
 * source alone, but nothing is touched that an exclude matches.
 */
export function extrasScope(
  place: Place,
  rules: SelectionRequest,
  filter = new KeyFilter(rules),
): Scope {
  const inScope = extrasFilter(place, rules, filter)
  return rules.sums ? (key) => !isOwnExtra(place, rules, key) && inScope(key) : inScope
}

function extrasFilter(place: Place, rules: SelectionRequest, filter: KeyFilter): Scope {
  if (!rules.keys) return scopeOf(place, rules, filter)
  const { exclude, local, deleteAfterMs } = rules
  if (exclude.length === 0 && !local && deleteAfterMs === undefined) return () => true
  const isLeftOut = leavesOut(rules)
  const read = reader(place)
  return (key) => {
    const text = read(key)
    return text === undefined || (!isLeftOut(text) && filter.spares(text))
  }
}

/** The waves of keys of a destination: a single object goes by its own name, and what is no text is of wave 0. */
export function wavesAt(place: Place, order: WaveOrder): (key: KeyBytes) => number {
  const read = reader(place)
  return (key) => {
    const text = read(key)
    return text === undefined ? 0 : order.of(text)
  }
}
