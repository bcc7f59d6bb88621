import type { PlanTrailer } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import { humanDollars, requestDollars } from '../model/price.ts'
import type { PlannedRequests } from '../model/report.ts'
import type { SelectionRequest } from '../model/request.ts'
import { humanObjects } from '../model/units.ts'
import { keepsType, type WriteOptions } from '../model/write-options.ts'

const KEYS_PER_REQUEST = 1000

const pagesOf = (keys: number): number => Math.ceil(keys / KEYS_PER_REQUEST)

/** An empty place is listed, too. */
const pagesRead = (keys: number): number => Math.max(1, pagesOf(keys))

/**
 * What carrying out a plan asks of the services at least. Before a delete the source is asked once more
 * whether it has the object by now: by its key, or, where keys are organised anew, by one more listing.
 */
export function requestsOf(
  {
    copies,
    deletes,
    listed,
    headers,
    checksums,
    manifest,
  }: Pick<PlanTrailer, 'copies' | 'deletes' | 'listed' | 'headers' | 'checksums' | 'manifest'>,
  { keys, local: rules }: Pick<SelectionRequest, 'keys' | 'local'>,
  write: WriteOptions = {},
): PlannedRequests {
  const isTarget = rules?.isTarget === true
  const local = rules !== undefined && !isTarget
  // Looking for a file is no request.
  const looks = deletes.objects > 0 && !local
  const { source, destination } = manifest?.lookUps ?? {}
  return {
    copies: copies.objects,
    deletes: isTarget ? 0 : pagesOf(deletes.objects),
    lookUps: looks && !keys ? deletes.objects : 0,
    lookUpLists: looks && keys ? pagesRead(listed.source) : 0,
    typeLooks: keepsType(write) && !write.rules && !local ? copies.objects : 0,
    headerLooks: local ? 0 : (headers?.sourceLooks ?? 0),
    headerCompares: headers?.compared ?? 0,
    sourceLists: local ? 0 : (source?.lists ?? pagesRead(listed.source)),
    destinationLists: isTarget ? 0 : (destination?.lists ?? pagesRead(listed.destination)),
    rowLooks: {
      source: source?.heads ?? 0,
      destination: isTarget ? 0 : (destination?.heads ?? 0),
    },
    checksumLooks: { source: checksums?.source ?? 0, destination: checksums?.destination ?? 0 },
  }
}

/** Requests that one side is asked. */
export interface SideRequests {
  readonly place: Place
  readonly heads: number
  readonly lists: number
  readonly copies?: number
  /** GET requests, which cost what a HEAD does. */
  readonly reads?: number
}

/** `, $0.02 at the list price …`; '' where no side is AWS, as others have prices of their own. */
export function priceOf(sides: readonly SideRequests[]): string {
  const paid = sides.filter(
    ({ place }) => place.endpoint === undefined && place.folder === undefined,
  )
  if (paid.length === 0) return ''
  const dollars = requestDollars({
    copies: paid.reduce((sum, { copies = 0 }) => sum + copies, 0),
    heads: paid.reduce((sum, { heads, reads = 0 }) => sum + heads + reads, 0),
    lists: paid.reduce((sum, { lists }) => sum + lists, 0),
  })
  return `, ${humanDollars(dollars)} at the list price of S3 Standard in us-east-1`
}

/** The look-ups of the deletes in words: `40 HEAD requests`; '' where there are none. */
export const lookUpsInWords = ({ lookUps, lookUpLists }: PlannedRequests): string =>
  [
    ...(lookUps > 0 ? [humanObjects(lookUps, 'HEAD request')] : []),
    ...(lookUpLists > 0 ? [humanObjects(lookUpLists, 'LIST request')] : []),
  ].join(' and ')
