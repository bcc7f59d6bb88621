import { LOCK_NAME } from '../model/lock.ts'
import { OWN_KEYS } from '../model/own-keys.ts'
import type { PackedObjects } from '../storage/object-page.ts'
import { skipOfSame } from './decide.ts'
import type { PairTaker } from './join.ts'
import { isOwnKey } from './pair-scope.ts'
import { type Part, type PartRules, wholeKey } from './part.ts'
import { count } from './tallies.ts'

/** Knows the rows of objects that are this action's own, for which the bytes of a listing are not enough. */
function ownRows({ rules, scope }: PartRules): (objects: PackedObjects, row: number) => boolean {
  // Hardly any other key ends as they do, so that none is made of the million of others.
  const isEnd = new Uint8Array(256)
  for (const name of [LOCK_NAME, OWN_KEYS.sums, rules.lock?.key ?? ''])
    isEnd[Buffer.from(name).at(-1) ?? 0] = 1
  return (objects, row) =>
    isEnd[objects.lastKeyByte(row)] === 1 && isOwnKey(scope, objects.key(row))
}

/** Counts what is the same on both sides, where it takes no more than that to know why it is left. */
export function sameTaker(part: Part, around: PartRules): PairTaker['takeSame'] {
  const { rules, scope, isNoted } = around
  const left = skipOfSame(rules)
  if (!left || !scope.hasAll || scope.headers || isNoted) return undefined
  const isOwn = ownRows(around)
  return (objects, row) => {
    if (isOwn(objects, row)) return false
    const size = objects.size(row)
    part.listed.source++
    part.listed.destination++
    part.inScope++
    part.sourceInScope++
    count(part.reasons, left, { objects: 1, bytes: size })
    if (!scope.publishes) return true
    if (around.destination.single)
      part.standing.add(wholeKey(around, objects.key(row)), size, objects.etag(row))
    else part.standing.addRow(scope.within, objects, row)
    return true
  }
}
