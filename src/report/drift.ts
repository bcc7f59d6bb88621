import { addTally, isCopyReason, type Tally } from '../model/op.ts'
import type { Report } from '../model/report.ts'
import { humanCount } from '../model/units.ts'
import { REASONS, withinSentence, wordFor } from './wording.ts'

type Counted = Pick<Report, 'reasons' | 'totals'>

/** Whether objects of this reason are a difference: a sync would copy or delete them. */
export const isDifference = (reason: string, { totals }: Pick<Report, 'totals'>): boolean =>
  isCopyReason(reason) || (reason === 'only-at-destination' && totals.plannedDeletes.objects > 0)

/** All that differs. */
export const driftOf = ({ totals }: Pick<Report, 'totals'>): Tally =>
  addTally(totals.planned, totals.plannedDeletes)

const counted = ({ reasons }: Counted, names: readonly string[]): string =>
  names
    .map((name) => ({ name, objects: reasons[name]?.objects ?? 0 }))
    .filter(({ objects }) => objects > 0)
    .sort((a, b) => b.objects - a.objects)
    .map(
      ({ name, objects }) =>
        `${withinSentence(wordFor(REASONS, name) ?? name)}: ${humanCount(objects)}`,
    )
    .join('; ')

/** How many objects differ in which way, the most frequent first. */
export const differences = (report: Counted): string =>
  counted(
    report,
    Object.keys(report.reasons).filter((name) => isDifference(name, report)),
  )

/** What a check does not count as drift, although the places are not the same there; '' if nothing. */
export const tolerated = (report: Counted): string =>
  counted(
    report,
    ['differs-unproven', 'only-at-destination', 'delete-later'].filter(
      (name) => !isDifference(name, report),
    ),
  )

/** What to do about drift. */
export const remedyOf = ({ reasons }: Pick<Report, 'reasons'>): string =>
  reasons['destination-conflict']?.objects
    ? 'With overwrite: never, a sync copies nothing while other objects exist under the same keys. Remove them, or set overwrite: if-different.'
    : 'Run with mode: sync and the same inputs to repair the destination, or find out what changed it.'
