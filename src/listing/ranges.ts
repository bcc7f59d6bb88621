import { SyncError } from '../errors/sync-error.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import { listingError } from '../preflight/places.ts'
import { keyAt, type ObjectPage } from '../storage/object-page.ts'
import { type FlowDoors, openFlow } from './flow.ts'
import { cutOf, learn, learnFolder, newLayout } from './layout.ts'
import { type ListedPlace, type PageQuery, pageOf } from './pages.ts'
import { frontOf, type Join, type Listing, openSides, pagesOf, type Sides } from './range.ts'
import { meets, openStream, rowsOf, type Stream, type StreamPorts, splitStream } from './stream.ts'
import { type Candidate, toCut } from './worth.ts'

/** The places to list together; the second side has nothing when there is none. */
export interface ListedPlaces {
  readonly source: ListedPlace
  readonly destination?: ListedPlace | undefined
}

/** What a listing in ranges works with. */
export interface RangePorts extends FlowDoors {
  readonly signal: AbortSignal
}

/** Thrown, and caught, when a service does not list in byte order. */
const DISORDER = new SyncError('list', 'The service does not list in the order of the keys.')

function throwDisorder(): never {
  throw DISORDER
}

function addRange<T>(listing: Listing<T>, sides: Sides, place: { at: number; density: number }) {
  const { source, destination } = sides
  const result = listing.join(rowsOf(source), rowsOf(destination))
  const seen = { key: source.from, pages: 0 }
  listing.ranges.splice(place.at, 0, { ...sides, density: place.density, seen, result, uncutAt: 0 })
  result.then(
    () => divide(listing),
    (error: unknown) => listing.stop.abort(error),
  )
}

function cut<T>(listing: Listing<T>, { range, density }: Candidate<T>, at: KeyBytes): void {
  const source = splitStream(range.source, at)
  const destination = splitStream(range.destination, at)
  const index = listing.ranges.indexOf(range)
  addRange(listing, { source, destination }, { at: index + 1, density })
}

async function ask<T>(
  { flow, signal }: Listing<T>,
  place: ListedPlace,
  query: PageQuery,
): Promise<ObjectPage> {
  try {
    return await flow.send(() => {
      signal.throwIfAborted()
      return pageOf(place, {
        token: query.token,
        startAfter: query.startAfter,
        delimiter: query.delimiter,
        mostKeys: query.mostKeys,
        signal,
      })
    })
  } catch (error) {
    throw listingError(place, error)
  }
}

/** Asks what a folder holds, then goes on dividing. Never rejects: a look that fails only loses a hint. */
function lookInto<T>(listing: Listing<T>, { place }: Stream, folder: KeyBytes): void {
  const inside = { ...place, prefix: place.prefix + (toText(folder) ?? '') }
  listing.looking = true
  listing.looks++
  listing.layout.looked.add(folder)
  ask(listing, inside, { delimiter: '/' })
    .then((page) => learnFolder(listing.layout, folder, page))
    .catch(() => {})
    .finally(() => {
      listing.looking = false
      divide(listing)
    })
}

/** Cuts ranges as long as that pays. */
function divide<T>(listing: Listing<T>): void {
  for (let longest = toCut(listing); longest; longest = toCut(listing)) {
    const { range, left, part } = longest
    const rest = { front: frontOf(range), until: range.source.until, pages: left, part }
    const where = cutOf(listing.layout, rest)
    if (!where) range.uncutAt = pagesOf(range)
    else if ('at' in where) cut(listing, longest, where.at)
    else lookInto(listing, openSides(range)[0] ?? range.source, where.lookInto)
  }
}

/**
 * Whether no key can lie between two streams. A key that was written while they were listed may stand
 * there; then the right one would begin with it if it were asked now.
 */
async function adjoin<T>(listing: Listing<T>, left: Stream, right: Stream): Promise<boolean> {
  if (meets(left, right)) return true
  if (left.beyond === undefined) return false
  const startAfter = right.place.prefix + toText(right.from)
  const { objects } = await ask(listing, right.place, { startAfter })
  return objects.count > 0 && keyAt(objects, 0) === left.beyond
}

/** Whether the ranges are the one listing, with nothing lost between them. */
async function seamless<T>(listing: Listing<T>): Promise<boolean> {
  for (const [i, range] of listing.ranges.entries()) {
    const next = listing.ranges[i + 1]
    if (!next) return true
    if (!(await adjoin(listing, range.source, next.source))) return false
    if (!(await adjoin(listing, range.destination, next.destination))) return false
  }
  return true
}

/** The results of all ranges, those included that come while others are waited for. */
async function resultsOf<T>({ ranges, stop }: Listing<T>): Promise<readonly T[]> {
  for (let settled = 0; settled < ranges.length; ) {
    settled = ranges.length
    await Promise.allSettled(ranges.map(({ result }) => result))
  }
  if (stop.signal.aborted) throw stop.signal.reason
  return Promise.all(ranges.map(({ result }) => result))
}

/**
 * Lists both places in ranges of keys, cut at the same keys on both sides, and joins each range on its
 * own. Gives what the joins gave, in the order of the keys; undefined when a service does not list in that
 * order. Throws SyncError of kind `listing`, or the service's error.
 */
export async function listInRanges<T>(
  places: ListedPlaces,
  join: Join<T>,
  { signal: outer, ...flowDoors }: RangePorts,
): Promise<readonly T[] | undefined> {
  const stop = new AbortController()
  const signal = AbortSignal.any([outer, stop.signal])
  const common = { looks: 0, looking: false, pageKeys: 1, flow: openFlow(flowDoors) }
  const listing: Listing<T> = { ranges: [], join, layout: newLayout(), stop, signal, ...common }
  const ports: StreamPorts = {
    ask: (place, query) => ask(listing, place, query),
    onDisorder: throwDisorder,
    onPage: (page) => {
      listing.pageKeys = Math.max(listing.pageKeys, page.objects.count)
      learn(listing.layout, page)
      divide(listing)
    },
  }
  const span = { from: '' as KeyBytes, until: places.source.single ? ('' as KeyBytes) : undefined }
  const source = openStream(places.source, span, ports)
  const destination = openStream(places.destination ?? places.source, span, ports)
  destination.over = !places.destination
  addRange(listing, { source, destination }, { at: 0, density: 0 })
  try {
    const results = await resultsOf(listing)
    return (await seamless(listing)) ? results : undefined
  } catch (error) {
    if (error === DISORDER) return undefined
    throw error
  }
}
