import { SyncError } from '../errors.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Place } from '../model/place.ts'
import type { PlanRules } from '../model/request.ts'

/** Refuses a source that holds nothing: most often its address is mistyped. Throws SyncError of kind `guard`. */
export function refuseEmptySource(place: Place, source: Inventory, rules: PlanRules): void {
  if (source.listed > 0 || rules.allowEmptySource) return
  throw new SyncError(
    'guard',
    `The source is empty: nothing lies under s3://${place.bucket}/${place.prefix}`,
    {
      hint: 'Check the spelling of source; if it may be empty, set allow-empty-source: true. Nothing was touched.',
    },
  )
}
