import { cut, KEY_CHARS } from '../model/cut.ts'
import { CHECKSUM_NOT_ASKED, type Plan } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { PlannedRequests } from '../model/report.ts'
import type { SyncRequest } from '../model/request.ts'
import { humanBytes, humanObjects } from '../model/units.ts'
import { lookUpsInWords, priceOf, requestsOf } from './requests.ts'

/** A key in one line, whatever it holds. */
const quoted = (key: string): string => cut(JSON.stringify(key), KEY_CHARS)

/** What it took to compare by checksum; none where nothing was asked. */
function checksumLines(
  { trailer: { checksums, reasons } }: Plan,
  places: { readonly source: Place; readonly destination: Place },
): string[] {
  if (!checksums) return []
  const looks: PlannedRequests = {
    copies: 0,
    deletes: 0,
    lookUps: 0,
    lookUpLists: 0,
    sourceLists: 0,
    destinationLists: 0,
    typeLooks: 0,
    checksumLooks: checksums,
  }
  const heads = humanObjects(checksums.source + checksums.destination, 'HEAD request')
  const notAsked = reasons[CHECKSUM_NOT_ASKED]?.objects ?? 0
  const rest = notAsked > 0 ? `; ${humanObjects(notAsked, 'more pair')} not asked for` : ''
  return [
    `Checksums of ${humanObjects(checksums.pairs, 'pair')} compared: ${heads}${priceOf(looks, places)}${rest}.`,
  ]
}

/**
 * What a person should read of a plan before anything is deleted, for the log: the deletes, and how
 * they are looked up. A check deletes nothing.
 */
export function planLines(
  plan: Plan,
  { mode, selection }: Pick<SyncRequest, 'mode' | 'selection'>,
  places: { readonly source: Place; readonly destination: Place },
): string[] {
  const { trailer, samples } = plan
  const { deletes } = trailer
  const compared = checksumLines(plan, places)
  if (mode === 'check' || deletes.objects === 0) return compared
  const shown = samples['only-at-destination'] ?? []
  const more = deletes.objects - shown.length
  const planned = requestsOf(trailer, selection)
  // The price is that of the look-ups alone.
  const lookUps: PlannedRequests = {
    copies: 0,
    deletes: planned.deletes,
    lookUps: planned.lookUps,
    lookUpLists: planned.lookUpLists,
    sourceLists: 0,
    destinationLists: 0,
    typeLooks: planned.typeLooks,
    checksumLooks: { source: 0, destination: 0 },
  }
  return [
    ...compared,
    ...shown.map(({ key, size }) => `To delete: ${quoted(key)} (${humanBytes(size)})`),
    ...(more > 0 ? [`To delete: ${humanObjects(more, 'more object')} in plan.ndjson`] : []),
    selection.local
      ? 'Before deleting, each file is looked for once more.'
      : `Before deleting, the source is checked once more: ${lookUpsInWords(planned)}${priceOf(lookUps, { source: places.source })}.`,
  ]
}
