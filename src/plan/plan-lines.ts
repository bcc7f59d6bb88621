import { cut, KEY_CHARS } from '../model/cut.ts'
import type { ManifestCounts, Plan } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { PlannedRequests } from '../model/report.ts'
import type { SyncRequest } from '../model/request.ts'
import { humanBytes, humanObjects } from '../model/units.ts'
import { lookUpsInWords, priceOf, requestsOf } from './requests.ts'

/** A key in one line, whatever it holds. */
const quoted = (key: string): string => cut(JSON.stringify(key), KEY_CHARS)

interface Places {
  readonly source: Place
  readonly destination: Place
}

/** How the rows of a manifest were looked up. */
function rowLine({ rows, lookUps }: ManifestCounts, places: Places): string {
  const sides = [lookUps.source, lookUps.destination]
  const [heads, lists] = (['heads', 'lists'] as const).map((kind) =>
    sides.reduce((sum, side) => sum + side[kind], 0),
  )
  const asked: PlannedRequests = {
    copies: 0,
    deletes: 0,
    lookUps: 0,
    lookUpLists: 0,
    typeLooks: 0,
    sourceLists: lookUps.source.lists,
    destinationLists: lookUps.destination.lists,
    rowLooks: { source: lookUps.source.heads, destination: lookUps.destination.heads },
  }
  return `The ${humanObjects(rows, 'row')} of the manifest were looked up by ${humanObjects(heads ?? 0, 'HEAD request')} and ${humanObjects(lists ?? 0, 'LIST request')}${priceOf(asked, places)}: up to 1,000 rows by HEAD, more by LIST where they lie close together.`
}

/**
 * What a person should read of a plan before anything is deleted, for the log: the deletes, and how
 * they are looked up. A check deletes nothing.
 */
export function planLines(
  { trailer, samples }: Plan,
  { mode, selection }: Pick<SyncRequest, 'mode' | 'selection'>,
  places: Places,
): string[] {
  const { deletes, manifest } = trailer
  if (manifest) return [rowLine(manifest, places)]
  if (mode === 'check' || deletes.objects === 0) return []
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
    rowLooks: { source: 0, destination: 0 },
    typeLooks: planned.typeLooks,
  }
  return [
    ...shown.map(({ key, size }) => `To delete: ${quoted(key)} (${humanBytes(size)})`),
    ...(more > 0 ? [`To delete: ${humanObjects(more, 'more object')} in plan.ndjson`] : []),
    `Before deleting, the source is checked once more: ${lookUpsInWords(planned)}${priceOf(lookUps, { source: places.source })}.`,
  ]
}
