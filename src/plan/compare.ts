import { type InventoryDoors, takeInventories } from '../inventory/inventory.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import type { Place } from '../model/place.ts'
import type { PlanRules, SyncRequest } from '../model/request.ts'
import type { WriteOptions } from '../model/write-options.ts'
import type { Clock, Files, Log, Store, System } from '../ports.ts'
import { joinRows } from './join.ts'
import { compareMoved } from './moved.ts'
import { closePart, newPart, type Part, type PartRules, takerOf } from './part.ts'
import { narrowed, scopeOf } from './scope.ts'

/** A side that can be listed. */
export interface Side extends Place {
  readonly store: Store
}

/** What a plan is made from. */
export interface PlanGround {
  readonly source: Side
  readonly destination: Side
  readonly rules: PlanRules
  readonly mode: SyncRequest['mode']
  /** The plan belongs to them as well. */
  readonly write: WriteOptions
  readonly files: Files
  /** Where the plan file is written, absolute. */
  readonly path: string
  readonly clock: Clock
  readonly system: System
  readonly signal: AbortSignal
  readonly log: Log
}

/** What the ops of a plan depend on, for the listed parts of both places. */
function partRules(
  { source: whole, destination, rules, files }: PlanGround,
  folder: string,
  isNoted: PartRules['isNoted'],
): PartRules {
  const { place: source, within } = narrowed(whole, rules)
  const inScope = scopeOf(whole, rules)
  const { store, bucket, endpoint } = source
  // What cannot be looked at cannot be copied either.
  const isRestored = (key: string): Promise<boolean> =>
    store.head(bucket, key).then(
      (found) => found?.restored ?? false,
      () => false,
    )
  return {
    source,
    destination: narrowed(destination, rules).place,
    rules,
    inScope: (from, to) => inScope((toKeyBytes(within) + ((from ?? to)?.key ?? '')) as KeyBytes),
    within: toKeyBytes(within),
    isRestored: endpoint === undefined ? undefined : isRestored,
    isNoted,
    files,
    folder,
  }
}

/** Compares range by range, as the ranges come. */
function compareRanges(around: PartRules, doors: InventoryDoors): Promise<readonly Part[]> {
  let parts = 0
  return takeInventories(
    around,
    async (from, to) => {
      const part = newPart(around, `${++parts}`)
      try {
        await joinRows(from, to, takerOf(part, around))
        return part
      } finally {
        await closePart(part)
      }
    },
    doors,
  )
}

/**
 * Both places, listed completely and compared: parts in the order of their keys, with files in `folder`. What both
 * have under certain keys of the destination is noted besides.
 */
export function compare(
  ground: PlanGround,
  folder: string,
  isNoted?: PartRules['isNoted'],
): Promise<readonly Part[]> {
  const around = partRules(ground, folder, isNoted)
  const doors = { ...ground, folder }
  const { keys } = ground.rules
  return keys ? compareMoved(around, keys, doors) : compareRanges(around, doors)
}
