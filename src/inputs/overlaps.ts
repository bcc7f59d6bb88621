import { s3Url } from '../model/place.ts'
import { areaOf, relationOf } from './areas.ts'
import type { InputValues } from './schema.ts'
import type { Side } from './sides.ts'

/** One of the transfers of a step. */
export interface PlacedTransfer {
  readonly name: string
  /** Where it stands in the list. */
  readonly line: number
  readonly values: InputValues
}

const WHY: Readonly<Record<Side, string>> = {
  destination: 'each transfer needs a destination of its own',
  source:
    'all transfers are planned before the first one copies, so none can copy what another one writes: use a later step for that',
}

/** How the destination of a transfer lies to a side of another; undefined: apart. */
function problemOf(
  transfer: PlacedTransfer,
  other: PlacedTransfer,
  side: Side,
): { readonly input: string; readonly text: string } | undefined {
  const area = areaOf(transfer.values, 'destination')
  const relation = relationOf(area, areaOf(other.values, side))
  if (!area || !relation) return undefined
  const { name, line } = transfer
  return {
    input: `destination of ${name} (transfers, line ${line})`,
    text: `${area.local ?? s3Url(area.bucket, area.folder)} ${relation} the ${side} of ${other.name} (line ${other.line}): ${WHY[side]}`,
  }
}

/**
 * Destinations that overlap with a side of another transfer, also where filters would keep them apart: what one copies
 * or deletes there, the other has not planned with. A source may be shared.
 */
export function overlaps(
  transfers: readonly PlacedTransfer[],
): readonly { readonly input: string; readonly text: string }[] {
  return transfers
    .flatMap((transfer, at) =>
      transfers.flatMap((other, otherAt) => [
        // Of two destinations it is said once.
        ...(otherAt < at ? [problemOf(transfer, other, 'destination')] : []),
        ...(otherAt === at ? [] : [problemOf(transfer, other, 'source')]),
      ]),
    )
    .filter((problem) => problem !== undefined)
}
