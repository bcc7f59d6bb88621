import type { ListLimiter } from '../flow/list-limiter.ts'
import type { KeySpace } from './key-space.ts'
import type { Range } from './range.ts'

/** A rest is worth cutting when it has so many pages, and one more for so many that came: what is large has few seams. */
const LEAST_PAGES = 3
const PAGES_PER_LEAST = 200
/** What is thought to be ahead is trusted as far as so many times as much came already; less after every miss. */
const TRUST = 4
/** Who thinks that so many times as much is ahead as came sees a number that is counted on, whose end nobody knows. */
const BELIEVABLE = 150
/** While so few pages came, a place is thought to go on as its last page: folders often grow from one to the next. */
const EAGER_PAGES = 24
/** A stream ends somewhere within its last page; so much is expected until as many streams have ended. */
const LOST_PAGES = 0.5
const PRIOR = 4
/** Of the allowance, what may be spent while many requests are under way, and while none is; the rest is for bad luck. */
const PART = { busy: 0.65, idle: 0.9 }
/** So long a rest is cut while little else is under way, whatever the cuts cost so far: nobody shall wait for one chain. */
const LONG_PAGES = 50
const IDLE = 0.75

/** Requests that may be spent beside so many for pages: a quarter of a small listing, a twentieth of a large one. */
const allowance = (pages: number): number => Math.max(Math.min(pages / 4, 50), pages / 20)

/** How far a listing in ranges has come. */
export interface Progress<T> {
  /** In the order of their keys. */
  readonly ranges: readonly Range<T>[]
  readonly limiter: Pick<ListLimiter, 'limit'>
  readonly space: KeySpace
  /** Looks into folders. */
  readonly looks: number
  /** Cuts behind which nothing lay: each cost a request. */
  readonly misses: number
  /** Keys of the fullest page. */
  readonly pageKeys: number
}

/** What is thought of the rest of a range. */
interface Outlook {
  /** Pages that it is thought to have, on its longer side. */
  readonly left: number
  /** The part of it, from its beginning, in which they are thought to be. */
  readonly part: number
}

/** A range that is worth a cut. */
export interface Candidate<T> extends Outlook {
  readonly range: Range<T>
}

/** What is thought of a range, where `came` pages came in all. */
function outlookOf<T>(range: Range<T>, space: KeySpace, came: number): Outlook {
  const density = range.density(space, came < EAGER_PAGES)
  // Of what nothing is known, as much is left as came.
  if (density === 0) return { left: range.pages(), part: 1 }
  const left = density * (space.position(range.end) - space.position(range.front()))
  const most =
    range.end === undefined && space.isCountedOn(range.front()) ? came : BELIEVABLE * came
  return left > most ? { left: came, part: came / left } : { left, part: 1 }
}

interface Cost {
  /** Requests that brought nothing, or will not. */
  readonly total: number
  /** What one more stream will lose, as those before it did. */
  readonly each: number
}

function costOf<T>({ ranges, looks, misses, pageKeys }: Progress<T>): Cost {
  const streams = ranges.flatMap(({ sides }) => sides)
  const over = streams.filter((stream) => stream.over && stream.pages > 0)
  const lost = over.reduce((sum, { pages, keys }) => sum + pages - keys / pageKeys, 0)
  const each = (lost + PRIOR * LOST_PAGES) / (over.length + PRIOR)
  const scouts = ranges.filter(({ begun }) => !begun).length
  // The listing as a whole ends within a page too; of a scout only one side asks, perhaps for nothing.
  const open = streams.filter((stream) => !stream.over).length - 2 - 2 * scouts
  return { total: Math.max(looks + misses + scouts + lost + open * each, 0), each }
}

/** The range with most left to do, if one is worth a cut that the listing can pay. */
export function toCut<T>(listing: Progress<T>): Candidate<T> | undefined {
  const { ranges, limiter, space, misses, pageKeys } = listing
  const open = ranges.reduce((sum, range) => sum + range.openSides().length, 0)
  if (open + 2 > limiter.limit()) return undefined
  const live = ranges.filter((range) => range.openSides().length > 0)
  const pages = ranges.reduce((sum, range) => sum + range.pages(), 0)
  const views = live.map((range) => ({ range, ...outlookOf(range, space, pages) }))
  const keys = ranges.flatMap(({ sides }) => sides).reduce((sum, side) => sum + side.keys, 0)
  const came = keys / pageKeys
  const [longest] = views
    .filter(({ range, left }) => range.mayBeCut() && left >= LEAST_PAGES + came / PAGES_PER_LEAST)
    .sort((a, b) => b.left - a.left)
  if (!longest) return undefined
  const ahead = views.reduce((sum, { range, left }) => sum + left * range.openSides().length, 0)
  const trusted = Math.min(ahead, (TRUST * came) / (1 + misses))
  const idle = 1 - open / limiter.limit()
  const part = PART.busy + (PART.idle - PART.busy) * idle
  const { total, each } = costOf(listing)
  const price = Math.max(1, longest.range.openSides().length * each)
  const alone = longest.left >= LONG_PAGES && idle > IDLE
  return alone || total + price <= part * allowance(came + trusted) ? longest : undefined
}
