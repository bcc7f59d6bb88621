import type { SyncError } from '../errors/sync-error.ts'
import type { PlanTrailer, Tally } from '../model/op.ts'
import { addressOf, type Place } from '../model/place.ts'
import type { DeleteLimit, SelectionRequest, SyncRequest } from '../model/request.ts'
import { humanCount, humanObjects } from '../model/units.ts'
import type { FilterFindings } from './compare.ts'
import { misreadExclude, noneInScope } from './filter-guard.ts'
import { refusal } from './refusal.ts'

/** What the guards look at. */
export interface GuardInput {
  readonly source: Place
  readonly destination: Place
  readonly rules: SelectionRequest
  readonly mode: SyncRequest['mode']
  /** Whether nothing at all lies at the source, in scope or not. */
  readonly sourceIsEmpty: boolean
  readonly trailer: Pick<PlanTrailer, 'deletes' | 'inScope' | 'reasons'>
  /** A key that no request can name, where the plan has one. */
  readonly unnameable: string | undefined
  /** undefined where nothing was compared. */
  readonly filters: FilterFindings | undefined
}

function emptySource(input: GuardInput): SyncError | undefined {
  const { source, rules, sourceIsEmpty, trailer } = input
  if (!sourceIsEmpty || rules.allowEmptySource === true) return undefined
  const url = addressOf(source, source.prefix)
  if (rules.manifest) {
    const { name } = rules.manifest
    const missing = trailer.reasons['not-in-source']?.objects ?? 0
    const what =
      missing === 0
        ? `The manifest ${name} lists no object`
        : `None of the objects in the manifest ${name} is in ${url} (${humanObjects(missing, 'row')} skipped)`
    return refusal(
      what,
      `${what}: this counts as an empty source.`,
      'Check the manifest and source; if the source may be empty, set `allow-empty-source: true`.',
    )
  }
  return refusal(
    `Source is empty: ${url}`,
    `The source is empty: there is no object under ${url}`,
    source.folder === undefined
      ? 'Check the spelling of source; if it may be empty, set `allow-empty-source: true`.'
      : 'Check the spelling of source, and that a step before this one wrote into it; if it may be empty, set `allow-empty-source: true`.',
  )
}

function unnameableKey({ rules, unnameable }: GuardInput): SyncError | undefined {
  if (!rules.delete || unnameable === undefined) return undefined
  const named = JSON.stringify(unnameable)
  return refusal(
    `Key is not valid UTF-8: ${named}`,
    `A key is not valid UTF-8 (${named}), so it is unclear which objects may be deleted.`,
    'Rename or remove that object, exclude it, or run without delete.',
  )
}

/** So many hundredths of a percent are whole; as such the part is exact. */
const HUNDREDTHS = 100

const partOf = (objects: number, percent: number): number =>
  Math.floor((objects * Math.round(percent * HUNDREDTHS)) / (100 * HUNDREDTHS))

/** What deletes do to a destination, in objects. */
interface Balance {
  /** In scope at the destination before the run; its own folder marker does not count. */
  readonly found: number
  readonly deletes: number
  /** Copies to keys where nothing stands. */
  readonly added: number
  /** In scope after the run: what was found, without the deletes, with what is added. */
  readonly left: number
  readonly limit: DeleteLimit
  /** A percentage speaks of the whole destination: within it, nothing is too much. */
  readonly allowedByPart: boolean
  readonly url: string
}

const NONE: Pick<Tally, 'objects'> = { objects: 0 }

function balanceOf({ destination, rules, trailer }: GuardInput): Balance {
  const { inScope: found, deletes, reasons } = trailer
  const { maxDelete: limit } = rules
  const { objects: added } = reasons['missing'] ?? NONE
  const { percent } = limit
  return {
    found,
    deletes: deletes.objects,
    added,
    left: Math.max(0, found - deletes.objects) + added,
    limit,
    allowedByPart: percent !== undefined && deletes.objects <= partOf(found, percent),
    url: addressOf(destination, destination.prefix),
  }
}

/** The limit that lets all deletes go and still says how many. */
const limitFor = ({ deletes, found, limit }: Balance): string => {
  const needed = Math.min(100, Math.ceil((deletes / Math.max(1, found)) * 100))
  const percent = Math.max(needed, limit.percent ?? 0)
  return `\`max-delete: ${Math.max(deletes, limit.objects ?? 0)} ${percent}%\``
}

function nothingStays(balance: Balance): SyncError | undefined {
  const { found, deletes, added, allowedByPart, url } = balance
  if (deletes < found || allowedByPart) return undefined
  const others = added > 0 ? `, and ${humanObjects(added, 'new one')} copied` : ''
  return refusal(
    `All of ${url} would be deleted: ${humanObjects(deletes, 'delete')}`,
    `Every object in scope under ${url} would be deleted (${humanCount(found)})${others}.`,
    `Check source and destination; if this is intended, set ${limitFor(balance)}.`,
  )
}

function tooManyDeletes(balance: Balance): SyncError | undefined {
  const { found, deletes, limit } = balance
  const { objects = Number.POSITIVE_INFINITY, percent } = limit
  const part = percent === undefined ? Number.POSITIVE_INFINITY : partOf(found, percent)
  if (deletes <= Math.min(objects, part)) return undefined
  const most = deletes > objects ? humanCount(objects) : `${percent}%`
  const ofFound = deletes > objects ? '' : ` of ${humanCount(found)}`
  return refusal(
    `${humanObjects(deletes, 'delete')}, max-delete is ${most}${ofFound}`,
    `${humanCount(deletes)} of ${humanCount(found)} objects in scope at the destination would be deleted; max-delete is ${most}.`,
    `Read the list in the plan; if all of them may be deleted, set ${limitFor(balance)}.`,
  )
}

/** So many deletes need no look at what is left: small folders are replaced by half and more. */
const FEW_DELETES = 10

function mostGoes(balance: Balance): SyncError | undefined {
  const { found, deletes, left, allowedByPart, url } = balance
  if (deletes <= FEW_DELETES || allowedByPart || left * 2 >= found) return undefined
  return refusal(
    `${humanObjects(deletes, 'delete')} would leave ${humanCount(left)} of ${humanObjects(found)}`,
    `${humanObjects(deletes, 'delete')} would leave ${humanObjects(left)}, new ones included, where ${humanCount(found)} were found in scope under ${url}: fewer than half.`,
    `Check source and destination; if this is intended, set ${limitFor(balance)}.`,
  )
}

function unsafeDeletes(input: GuardInput): SyncError | undefined {
  if (input.trailer.deletes.objects === 0) return undefined
  const balance = balanceOf(input)
  return nothingStays(balance) ?? tooManyDeletes(balance) ?? mostGoes(balance)
}

/**
 * Checks a plan, and gives why a run that carries it out is refused: the first reason, of kind `guard`;
 * undefined where it may be carried out. A check deletes nothing, so that only an empty source counts there.
 */
export function checkGuards(input: GuardInput): SyncError | undefined {
  const empty = emptySource(input) ?? noneInScope(input)
  if (empty || input.mode === 'check') return empty
  return unnameableKey(input) ?? misreadExclude(input) ?? unsafeDeletes(input)
}
