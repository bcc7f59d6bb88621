import type { SyncError } from '../errors/sync-error.ts'
import { takesAll } from '../model/globs.ts'
import { addressOf, type Place } from '../model/place.ts'
import type { SelectionRequest } from '../model/request.ts'
import type { FilterFindings } from './compare.ts'
import { refusal } from './refusal.ts'

/** What the filters are input by. */
export interface GuardInputFilters {
  readonly source: Place
  readonly destination: Place
  readonly rules: SelectionRequest
  readonly sourceIsEmpty: boolean
  /** undefined where nothing was compared. */
  readonly filters: FilterFindings | undefined
}

const MOST_NAMED = 3

/** Some globs as they are told in a sentence. */
export function namedGlobs(globs: readonly string[]): string {
  const named = globs.slice(0, MOST_NAMED).map((glob) => JSON.stringify(glob))
  const more = globs.length - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
}

/** What to do about filters that leave nothing. */
function remedyOf({ include, exclude }: SelectionRequest, { idle }: FilterFindings): string {
  if (include.length > 0 && idle.include.length === include.length)
    return `include matches nothing: check the spelling of ${namedGlobs(include)}.`
  if (include.length > 0 && exclude.length > 0)
    return `An exclude overrides every include, in any order: remove exclude and keep include.`
  if (exclude.length > 0)
    return `exclude matches everything: remove ${namedGlobs(exclude)}, and set include to what should be copied.`
  return 'No key matches key-pattern, and key-mismatch is skip: correct key-pattern.'
}

/** A source with objects of which none is in scope is refused as an empty one, unless that is allowed. */
export function noneInScope(input: GuardInputFilters): SyncError | undefined {
  const { source, rules, sourceIsEmpty, filters } = input
  const isNone = !sourceIsEmpty && filters?.sourceObjects === 0
  if (!isNone || rules.allowEmptySource !== false) return undefined
  const url = addressOf(source, source.prefix)
  return refusal(
    `No source object matches include and exclude: ${url}`,
    `No source object is in scope: the filters exclude ${source.single ? url : `everything that lies under ${url}`}.`,
    `${remedyOf(rules, filters)} If this is intended, set \`allow-empty-source: filtered\`.`,
  )
}

/** Deletes are refused that an exclude was probably meant to prevent. */
export function misreadExclude({ destination, filters }: GuardInputFilters): SyncError | undefined {
  if (!filters?.misread) return undefined
  const { exclude, meant, because, key, idle, ofSeveral } = filters.misread
  const write = takesAll(meant)
    ? 'To protect everything, remove exclude and set include to what should be copied'
    : `Write ${meant} instead to protect it${ofSeveral ? ', with one glob per line' : ''}`
  const wayOut = idle
    ? 'if the object may be deleted, remove this exclude: it matches nothing'
    : 'if the glob is correct as it is, replace one of its characters with ?'
  return refusal(
    `exclude ${JSON.stringify(exclude)} does not protect what it seems to`,
    `exclude ${JSON.stringify(exclude)} does not protect ${JSON.stringify(destination.prefix + key)}, which would be deleted: ${because}.`,
    `${write}; ${wayOut}.`,
  )
}
