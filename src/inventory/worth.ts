import { position } from './layout.ts'
import { frontOf, type Listing, openSides, pagesOf, type Range, sidesOf } from './range.ts'

/** A rest is worth cutting when it has so many pages. */
const LEAST_PAGES = 4
/** What cuts and looks may cost, as a part of all requests. */
const COST = 0.05
/** What is only thought to be ahead is trusted as far as so many times as much came already. */
const TRUST = 2
/** A stream ends somewhere within its last page; so much is expected until as many streams have ended. */
const LOST_PAGES = 0.5
const PRIOR = 4
/** Pages that what was thought of a range weighs against those that came. */
const BELIEF = 2
/** What was thought is thought anew after so many pages. */
const WINDOW = 4

/** Pages for each part of all positions; 0 when nothing is known. What came lately weighs most. */
function densityOf({ layout }: Listing<unknown>, range: Range<unknown>): number {
  const pages = Math.max(...openSides(range).map((stream) => stream.pages))
  const front = frontOf(range)
  const came = pages - range.seen.pages
  const passed = position(layout, front) - position(layout, range.seen.key)
  const density =
    range.density > 0
      ? (came + BELIEF) / (passed + BELIEF / range.density)
      : passed > 0
        ? came / passed
        : 0
  if (came < WINDOW) return density
  range.density = density
  range.seen = { key: front, pages }
  return density
}

/** What is thought of the rest of a range. */
interface Outlook {
  readonly density: number
  /** Pages that the rest of a range is thought to have, on its longer side. */
  readonly left: number
}

function outlookOf(listing: Listing<unknown>, range: Range<unknown>): Outlook {
  const density = densityOf(listing, range)
  const rest =
    position(listing.layout, range.source.until) - position(listing.layout, frontOf(range))
  // Of what nothing is known, as much is left as came.
  return { density, left: density > 0 ? rest * density : pagesOf(range) }
}

interface Cost {
  /** Requests that brought nothing, or will not. */
  readonly total: number
  /** What one more stream will lose, as those before it did. */
  readonly each: number
}

function costOf({ ranges, looks, pageKeys }: Listing<unknown>): Cost {
  const streams = ranges.flatMap(sidesOf)
  const over = streams.filter((stream) => stream.over && stream.pages > 0)
  const lost = over.reduce((sum, { pages, keys }) => sum + pages - keys / pageKeys, 0)
  const each = (lost + PRIOR * LOST_PAGES) / (over.length + PRIOR)
  const open = streams.filter((stream) => !stream.over).length
  // The listing as a whole ends within a page too.
  return { total: Math.max(looks + lost + (open - 2) * each, 0), each }
}

/** A range that is worth a cut. */
export interface Candidate<T> extends Outlook {
  readonly range: Range<T>
}

/** The range with most left to do, if one is worth a cut that the requests so far can pay. */
export function toCut<T>(listing: Listing<T>): Candidate<T> | undefined {
  const { ranges, flow } = listing
  const open = ranges.flatMap(openSides).length
  if (listing.looking || open + 2 > flow.limit()) return undefined
  // Small places cost no request more than their pages.
  if (Math.max(...ranges.map(pagesOf)) <= LEAST_PAGES) return undefined
  const live = ranges
    .filter((range) => openSides(range).length > 0)
    .map((range) => ({ range, ...outlookOf(listing, range) }))
  const sent = ranges.flatMap(sidesOf).reduce((sum, { pages }) => sum + pages, 0)
  const ahead = live.reduce((sum, { range, left }) => sum + left * openSides(range).length, 0)
  const [longest] = live
    .filter(({ range, left }) => left >= LEAST_PAGES && range.uncutAt < pagesOf(range))
    .sort((a, b) => b.left - a.left)
  if (!longest) return undefined
  const { total, each } = costOf(listing)
  const price = openSides(longest.range).length * each
  return total + price <= COST * (sent + Math.min(ahead, TRUST * sent)) ? longest : undefined
}
