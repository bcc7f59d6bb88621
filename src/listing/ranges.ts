import { SyncError } from '../errors/sync-error.ts'
import { type ListLimiter, type ListLimiterPorts, openListLimiter } from '../flow/list-limiter.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import { listingError } from '../preflight/places.ts'
import { keyAt, type ObjectPage } from '../storage/object-page.ts'
import { KeySpace, WORTH_A_LOOK } from './key-space.ts'
import { type ListedPlace, type PageQuery, pageOf } from './pages.ts'
import { type Join, Range } from './range.ts'
import { type Span, Stream, type StreamPorts } from './stream.ts'
import { type Candidate, type Progress, toCut } from './worth.ts'

/** The places to list together; the second side has nothing when there is none. */
export interface ListedPlaces {
  readonly source: ListedPlace
  readonly destination?: ListedPlace | undefined
  /** The keys that are listed, relative to both; undefined: all. */
  readonly span?: Span | undefined
}

/** What a listing in ranges works with. */
export interface RangePorts extends ListLimiterPorts {
  readonly signal: AbortSignal
}

/** Thrown, and caught, when a service does not list in byte order. */
const DISORDER = new SyncError('list', 'The service does not list keys in order.')

function throwDisorder(): never {
  throw DISORDER
}

/** Who guessed right so many times for once wrong goes on without waiting for the proof. */
const HITS_PER_MISS = 4

/** Two places that are being listed in ranges. */
class RangeListing<T> implements Progress<T> {
  readonly ranges: Range<T>[] = []
  readonly space = new KeySpace()
  readonly limiter: ListLimiter
  readonly #join: Join<T>
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #finished = Promise.withResolvers<void>()
  #open = 0
  #looks = 0
  #hits = 0
  #misses = 0
  #pageKeys = 1

  constructor(join: Join<T>, ports: RangePorts) {
    this.#join = join
    this.#signal = AbortSignal.any([ports.signal, this.#stop.signal])
    this.limiter = openListLimiter(ports)
  }

  get looks(): number {
    return this.#looks
  }

  get misses(): number {
    return this.#misses
  }

  get pageKeys(): number {
    return this.#pageKeys
  }

  /** Begins with one range that is all that is to be listed of both places. */
  begin(places: ListedPlaces): void {
    const ports: StreamPorts = {
      ask: (place, query) => this.#ask(place, query),
      onDisorder: throwDisorder,
      onPage: (page) => {
        this.#pageKeys = Math.max(this.#pageKeys, page.objects.count)
        this.space.learn(page)
        this.#lookAtRoot(all)
        this.#divide()
      },
    }
    const { from = '' as KeyBytes, until: end } = places.span ?? {}
    const span = { from, until: places.source.single ? ('' as KeyBytes) : end }
    const source = new Stream(places.source, span, ports)
    const destination = new Stream(places.destination ?? places.source, span, ports)
    if (!places.destination) destination.end()
    const all = new Range(this.#join, source, destination)
    this.#add(0, all)
    all.begin()
  }

  /** The results of all ranges, once all of them have ended. Throws why the first one failed. */
  async results(): Promise<readonly T[]> {
    await this.#finished.promise
    if (this.#stop.signal.aborted) throw this.#stop.signal.reason
    return Promise.all(this.ranges.map(({ result }) => result))
  }

  /** Whether the ranges are the one listing, with nothing lost between them. */
  async isSeamless(): Promise<boolean> {
    const sides = (['source', 'destination'] as const).map((side) =>
      this.#isSeamless(this.ranges.map((range) => range[side])),
    )
    return (await Promise.all(sides)).every(Boolean)
  }

  async #isSeamless([first, ...others]: readonly Stream[]): Promise<boolean> {
    let left = first
    for (const right of others) {
      // What the left one saw to be empty as well needs no other proof.
      if (right.keys === 0 && left?.reaches(right.until)) continue
      if (left && !(await this.#adjoin(left, right))) return false
      left = right
    }
    return true
  }

  #add(at: number, range: Range<T>): void {
    this.ranges.splice(at, 0, range)
    this.#open++
    range.result.catch((error: unknown) => this.#stop.abort(error)).finally(() => this.#leave())
  }

  /** A range ended, or is none any more. */
  #leave(): void {
    this.#divide()
    if (--this.#open === 0) this.#finished.resolve()
  }

  /** Cuts ranges as long as that pays. */
  #divide(): void {
    if (this.#signal.aborted) return
    for (let longest = toCut(this); longest; longest = toCut(this)) {
      const { range, left, part } = longest
      const rest = { front: range.front(), until: range.end, pages: left, part }
      const where = this.space.cutOf(rest)
      if (!where) range.leaveUncut()
      else if ('at' in where) this.#cut(longest, where.at)
      else this.#lookInto(range, where.lookInto)
    }
  }

  /** Where folders lie, nothing tells so much of what follows as all their names; a place of few pages is not worth a look. */
  #lookAtRoot(all: Range<T>): void {
    if (this.#looks > 0 || this.ranges.length > 1 || !this.space.hasFolders) return
    const pages = all.sides.reduce((sum, side) => sum + side.pages + (side.over ? 0 : 1), 0)
    if (pages >= WORTH_A_LOOK) this.#lookInto(all, '' as KeyBytes)
  }

  #cut({ range }: Candidate<T>, at: KeyBytes): void {
    const right = range.cut(at)
    const place = this.ranges.indexOf(range) + 1
    const followed = this.ranges[place]?.begun && this.#hits > HITS_PER_MISS * this.#misses
    this.#add(place, right)
    const sure = followed || this.space.isFolder(at)
    const settle = (): void => this.#settle(right)
    if (sure || right.lead.over) right.begin()
    else right.lead.begin().then(settle, settle)
  }

  /** Its first page came: goes on with both sides, or undoes the cut where nothing lies behind it. */
  #settle(right: Range<T>): void {
    const at = this.ranges.indexOf(right)
    if (right.isEmpty() && this.ranges[at - 1]?.absorb(right)) {
      this.ranges.splice(at, 1)
      this.#misses++
      this.#leave()
    } else {
      this.#hits++
      right.begin()
      this.#divide()
    }
  }

  async #ask(place: ListedPlace, query: PageQuery): Promise<ObjectPage> {
    const signal = this.#signal
    const { token, startAfter, delimiter } = query
    const inOrder = startAfter === undefined && delimiter === undefined
    const early = inOrder ? place.firstPages?.take(place.prefix, token) : undefined
    try {
      return await this.limiter.send(() => {
        signal.throwIfAborted()
        if (early) return early
        return pageOf(place, {
          token,
          startAfter,
          delimiter,
          mostKeys: query.mostKeys,
          signal,
        })
      })
    } catch (error) {
      throw listingError(place, error)
    }
  }

  /** Asks what a folder holds, then goes on dividing. Never rejects: a look that fails only loses a hint. */
  #lookInto(range: Range<T>, folder: KeyBytes): void {
    const { place } = range.lead
    const inside = { ...place, prefix: place.prefix + (toText(folder) ?? '') }
    this.#looks++
    this.space.noteLook(folder)
    range.looking = true
    this.#ask(inside, { delimiter: '/' })
      .then((page) => this.space.learnFolder(folder, page))
      .catch(() => {})
      .finally(() => {
        range.looking = false
        this.#divide()
      })
  }

  /**
   * Whether no key can lie between two streams. A key that was written while they were listed may stand
   * there; then the right one would begin with it if it were asked now.
   */
  async #adjoin(left: Stream, right: Stream): Promise<boolean> {
    if (left.meets(right)) return true
    if (left.beyond === undefined) return false
    const startAfter = right.place.prefix + toText(right.from)
    const { objects } = await this.#ask(right.place, { startAfter })
    return objects.count > 0 && keyAt(objects, 0) === left.beyond
  }
}

/**
 * Lists both places in ranges of keys, cut at the same keys on both sides, and joins each range on its
 * own. Gives what the joins gave, in the order of the keys; undefined when a service does not list in that
 * order. Throws SyncError of kind `list`, or the service's error.
 */
export async function listInRanges<T>(
  places: ListedPlaces,
  join: Join<T>,
  ports: RangePorts,
): Promise<readonly T[] | undefined> {
  const listing = new RangeListing(join, ports)
  listing.begin(places)
  try {
    const results = await listing.results()
    return (await listing.isSeamless()) ? results : undefined
  } catch (error) {
    if (error === DISORDER) return undefined
    throw error
  }
}
