import type { Flow } from '../flow/list-limiter.ts'
import { type Layout, position } from './layout.ts'
import type { Range } from './range.ts'

/** A rest is worth cutting when it has so many pages. */
const LEAST_PAGES = 4
/** Smaller places are not cut: they cost no request more than their pages. */
const FIRST_CUT_PAGES = 10
/** What cuts and looks may cost, as a part of all requests. */
const COST = 0.05
/** What is only thought to be ahead is trusted as far as so many times as much came already. */
const TRUST = 1
/** A stream ends somewhere within its last page; so much is expected until as many streams have ended. */
const LOST_PAGES = 0.6
const PRIOR = 4
/** Where nobody knows where the keys end, nothing is thought to be ahead before so many requests. */
const LOOSE_UNTIL = 150

/** How far a listing in ranges has come. */
export interface Progress<T> {
  /** In the order of their keys. */
  readonly ranges: readonly Range<T>[]
  readonly flow: Pick<Flow, 'limit'>
  readonly layout: Layout
  /** Folders that were looked into. */
  readonly looks: number
  readonly looking: boolean
  /** Keys of the fullest page. */
  readonly pageKeys: number
}

/** What is thought of the rest of a range. */
interface Outlook {
  readonly density: number
  /** Pages that the rest of a range is thought to have, on its longer side. */
  readonly left: number
  /** The part of the rest, from its beginning, in which they are thought to be. */
  readonly part: number
}

/** Whether the keys of a range may end long before the range: what was cut off behind it was empty. */
function isLoose({ ranges }: Progress<unknown>, range: Range<unknown>): boolean {
  const next = ranges[ranges.indexOf(range) + 1]
  return next?.sides.every(({ over, keys }) => over && keys === 0) ?? false
}

function outlookOf(listing: Progress<unknown>, range: Range<unknown>): Outlook {
  const { layout } = listing
  const density = range.density(layout)
  const rest = position(layout, range.source.until) - position(layout, range.front())
  // Of what nothing is known, as much is left as came.
  if (density === 0) return { density, left: range.pages(), part: 1 }
  const left = rest * density
  if (!isLoose(listing, range)) return { density, left, part: 1 }
  const came = listing.ranges.reduce((sum, one) => sum + one.pages(), 0)
  return came < left ? { density, left: came, part: came / left } : { density, left, part: 1 }
}

interface Cost {
  /** Requests that brought nothing, or will not. */
  readonly total: number
  /** What one more stream will lose, as those before it did. */
  readonly each: number
}

function costOf({ ranges, looks, pageKeys }: Progress<unknown>): Cost {
  const streams = ranges.flatMap(({ sides }) => sides)
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
export function toCut<T>(listing: Progress<T>): Candidate<T> | undefined {
  const { ranges, flow } = listing
  const open = ranges.flatMap((range) => range.openSides()).length
  if (listing.looking || open + 2 > flow.limit()) return undefined
  // Small places cost no request more than their pages.
  if (Math.max(...ranges.map((range) => range.pages())) <= FIRST_CUT_PAGES) return undefined
  const live = ranges
    .filter((range) => range.openSides().length > 0)
    .map((range) => ({ range, ...outlookOf(listing, range) }))
  const sent = ranges.flatMap(({ sides }) => sides).reduce((sum, { pages }) => sum + pages, 0)
  const ahead = live.reduce((sum, { range, left }) => sum + left * range.openSides().length, 0)
  const [longest] = live
    .filter(({ range, left }) => left >= LEAST_PAGES && range.mayBeCut())
    .sort((a, b) => b.left - a.left)
  if (!longest) return undefined
  const { total, each } = costOf(listing)
  const loose = longest.part < 1
  // Where the keys end is not known then: the cut may be behind them again.
  const price = longest.range.openSides().length * (loose ? 1 : each)
  const trusted = loose && sent < LOOSE_UNTIL ? 0 : Math.min(ahead, TRUST * sent)
  return total + price <= COST * (sent + trusted) ? longest : undefined
}
