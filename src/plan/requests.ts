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
    checksums,
  }: Pick<PlanTrailer, 'copies' | 'deletes' | 'listed' | 'checksums'>,
  { keys, local }: Pick<SelectionRequest, 'keys' | 'local'>,
  write: WriteOptions = {},
): PlannedRequests {
  // Looking for a file is no request.
  const looks = deletes.objects > 0 && !local
  return {
    copies: copies.objects,
    deletes: pagesOf(deletes.objects),
    lookUps: looks && !keys ? deletes.objects : 0,
    lookUpLists: looks && keys ? pagesRead(listed.source) : 0,
    typeLooks: keepsType(write) && !local ? copies.objects : 0,
    sourceLists: local ? 0 : pagesRead(listed.source),
    destinationLists: pagesRead(listed.destination),
    checksumLooks: { source: checksums?.source ?? 0, destination: checksums?.destination ?? 0 },
  }
}

const isAws = (place: Place | undefined): boolean =>
  place !== undefined && place.endpoint === undefined && place.folder === undefined

/** `, $0.02 at the list price …`; '' where neither side is AWS, as others have prices of their own. */
export function priceOf(
  planned: PlannedRequests,
  {
    source,
    destination,
  }: { readonly source?: Place | undefined; readonly destination?: Place | undefined },
): string {
  const { copies, lookUps, typeLooks, lookUpLists, sourceLists, destinationLists } = planned
  const { checksumLooks } = planned
  const [paid, asked] = [isAws(destination), isAws(source)]
  if (!paid && !asked) return ''
  const dollars = requestDollars({
    copies: paid ? copies : 0,
    heads:
      (asked ? lookUps + typeLooks + checksumLooks.source : 0) +
      (paid ? checksumLooks.destination : 0),
    lists: (asked ? lookUpLists + sourceLists : 0) + (paid ? destinationLists : 0),
  })
  return `, ${humanDollars(dollars)} at the list price of S3 Standard in us-east-1`
}

/** The look-ups of the deletes in words: `40 HEAD requests`; '' where there are none. */
export const lookUpsInWords = ({ lookUps, lookUpLists }: PlannedRequests): string =>
  [
    ...(lookUps > 0 ? [humanObjects(lookUps, 'HEAD request')] : []),
    ...(lookUpLists > 0 ? [humanObjects(lookUpLists, 'LIST request')] : []),
  ].join(' and ')
