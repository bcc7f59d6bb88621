import { SyncError } from '../errors/sync-error.ts'
import type { PlanTrailer } from '../model/op.ts'
import { type Place, s3Url } from '../model/place.ts'
import type { PlanRules, SyncRequest } from '../model/request.ts'
import { humanCount } from '../model/units.ts'
import type { FilterFindings } from './compare.ts'
import { misreadExclude, noneInScope } from './filter-guard.ts'

/** What the guards look at. */
export interface Judged {
  readonly source: Place
  readonly destination: Place
  readonly rules: PlanRules
  readonly mode: SyncRequest['mode']
  /** Whether nothing at all lies at the source, in scope or not. */
  readonly sourceIsEmpty: boolean
  readonly trailer: Pick<PlanTrailer, 'deletes' | 'inScope'>
  /** A key that no request can name, where the plan has one. */
  readonly unnameable: string | undefined
  /** undefined where nothing was compared. */
  readonly filters: FilterFindings | undefined
}

const refusal = (message: string, hint: string): SyncError =>
  new SyncError('guard', message, { hint: `${hint} Nothing was touched.` })

function emptySource({ source, rules, sourceIsEmpty }: Judged): SyncError | undefined {
  if (!sourceIsEmpty || rules.allowEmptySource === true) return undefined
  return refusal(
    `The source is empty: nothing lies under ${s3Url(source.bucket, source.prefix)}`,
    'Check the spelling of source; if it may be empty, set allow-empty-source: true.',
  )
}

function unnameableKey({ rules, unnameable }: Judged): SyncError | undefined {
  if (!rules.delete || unnameable === undefined) return undefined
  return refusal(
    `A key is not valid UTF-8 (${JSON.stringify(unnameable)}), so it is not certain what may be deleted.`,
    'Rename or remove that object, exclude it, or run without delete.',
  )
}

function wholeDestination({ destination, rules, trailer }: Judged): SyncError | undefined {
  const { deletes, inScope } = trailer
  const allowed = 'percent' in rules.maxDelete && rules.maxDelete.percent >= 100
  if (deletes.objects === 0 || deletes.objects < inScope || allowed) return undefined
  return refusal(
    `Every object in scope under ${s3Url(destination.bucket, destination.prefix)} would be deleted (${humanCount(inScope)}).`,
    'Check source and destination; if that is meant, set max-delete: 100%.',
  )
}

/** So many hundredths of a percent are whole; as such the part is exact. */
const HUNDREDTHS = 100

const partOf = (objects: number, percent: number): number =>
  Math.floor((objects * Math.round(percent * HUNDREDTHS)) / (100 * HUNDREDTHS))

function tooManyDeletes({ rules, trailer }: Judged): SyncError | undefined {
  const { maxDelete } = rules
  const { deletes, inScope } = trailer
  const most = 'objects' in maxDelete ? maxDelete.objects : partOf(inScope, maxDelete.percent)
  if (deletes.objects <= most) return undefined
  const limit = 'objects' in maxDelete ? humanCount(most) : `${maxDelete.percent}%`
  return refusal(
    `${humanCount(deletes.objects)} of ${humanCount(inScope)} objects in scope at the destination would be deleted; max-delete is ${limit}.`,
    'Look at the plan with mode: plan and a higher max-delete; if all of them may go, raise max-delete.',
  )
}

const unsafeDeletes = (judged: Judged): SyncError | undefined =>
  unnameableKey(judged) ??
  misreadExclude(judged) ??
  wholeDestination(judged) ??
  tooManyDeletes(judged)

/**
 * Judges a plan before the first write. Throws SyncError of kind `guard` with the reason of the first
 * refusal. A check deletes nothing, so that only an empty source is refused there.
 */
export function judge(judged: Judged): void {
  const refused =
    emptySource(judged) ??
    noneInScope(judged) ??
    (judged.mode === 'check' ? undefined : unsafeDeletes(judged))
  if (refused) throw refused
}
