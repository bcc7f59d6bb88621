import { cut, KEY_CHARS } from '../model/cut.ts'
import {
  addTally,
  CHECKSUM_NOT_ASKED,
  type ManifestCounts,
  type Plan,
  standingBy,
} from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { SyncRequest } from '../model/request.ts'
import { humanBytes, humanObjects, untilWhen } from '../model/units.ts'
import { lookUpsInWords, priceOf, requestsOf } from './requests.ts'

/** A key in one line, whatever it holds. */
const quoted = (key: string): string => cut(JSON.stringify(key), KEY_CHARS)

/** What it took to compare by checksum; none where nothing was asked. */
function checksumLines(
  { trailer: { checksums, reasons } }: Plan,
  places: { readonly source: Place; readonly destination: Place },
): string[] {
  if (!checksums) return []
  const price = priceOf([
    { place: places.source, heads: checksums.source, lists: 0 },
    { place: places.destination, heads: checksums.destination, lists: 0 },
  ])
  const heads = humanObjects(checksums.source + checksums.destination, 'HEAD request')
  const notAsked = reasons[CHECKSUM_NOT_ASKED]?.objects ?? 0
  const rest = notAsked > 0 ? `; ${humanObjects(notAsked, 'more pair')} not compared` : ''
  return [
    `Checksums of ${humanObjects(checksums.pairs, 'pair')} compared: ${heads}${price}${rest}.`,
  ]
}

/** How the rows of a manifest were looked up. */
function rowLine(
  { rows, lookUps: { source, destination } }: ManifestCounts,
  places: { readonly source: Place; readonly destination: Place },
): string {
  const price = priceOf([
    { place: places.source, heads: source.heads, lists: source.lists },
    { place: places.destination, heads: destination.heads, lists: destination.lists },
  ])
  const heads = source.heads + destination.heads
  const lists = source.lists + destination.lists
  const requests = [
    ...(heads > 0 ? [humanObjects(heads, 'HEAD request')] : []),
    ...(lists > 0 ? [humanObjects(lists, 'LIST request')] : []),
  ]
  const asked = requests.length > 0 ? `; ${requests.join(' and ')}` : ''
  return `Manifest: ${humanObjects(rows, 'row')}${asked}${price}.`
}

/** What SHA256SUMS may take at most: who knows the SHA-256 of most objects is seen only when they are copied. */
function sumsLines(
  { trailer: { copies, reasons } }: Plan,
  { sums, local }: SyncRequest['selection'],
  { destination }: { readonly destination: Place },
): string[] {
  // Files are read in any case.
  if (!sums || local) return []
  const all = addTally(copies, standingBy(reasons))
  const price = priceOf([
    { place: destination, heads: all.objects, lists: 0, reads: sums.read ? all.objects : 0 },
  ])
  const reads = sums.read ? `, and up to ${humanBytes(all.bytes)} read` : ''
  return [`SHA256SUMS takes at most ${humanObjects(all.objects, 'HEAD request')}${reads}${price}.`]
}

/** What is deleted later. */
const waitingLines = ({ extras }: Plan): string[] =>
  extras?.due
    ? [
        `Only at the destination, and deleted later: ${humanObjects(extras.waiting.objects)}, ${untilWhen(extras.due)}.`,
      ]
    : []

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
  const { deletes, manifest } = trailer
  const compared = [
    ...(manifest ? [rowLine(manifest, places)] : []),
    ...checksumLines(plan, places),
    ...waitingLines(plan),
    ...sumsLines(plan, selection, places),
  ]
  if (mode === 'check' || deletes.objects === 0) return compared
  const shown = samples['only-at-destination'] ?? []
  const more = deletes.objects - shown.length
  const planned = requestsOf(trailer, selection)
  const { lookUps, typeLooks, lookUpLists } = planned
  const price = priceOf([{ place: places.source, heads: lookUps + typeLooks, lists: lookUpLists }])
  return [
    ...compared,
    ...shown.map(({ key, size }) => `To delete: ${quoted(key)} (${humanBytes(size)})`),
    ...(more > 0 ? [`To delete: ${humanObjects(more, 'more object')} in plan.ndjson`] : []),
    places.source.folder !== undefined
      ? 'Before deleting, each file is looked up once more.'
      : `Before deleting, the source is checked once more: ${lookUpsInWords(planned)}${price}.`,
  ]
}
