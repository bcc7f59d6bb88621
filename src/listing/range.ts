import type { KeyBytes } from '../model/key.ts'
import type { KeySpace } from './key-space.ts'
import type { RowSource, Stream } from './stream.ts'

/** Reads one range of keys from both sides to its end. */
export type Join<T> = (source: RowSource, destination: RowSource) => Promise<T>

/** Pages that what was thought of a range weighs against those that came. */
const BELIEF = 2

/** What was seen of how densely keys lie: pages between two keys. Their positions are known better from page to page. */
export interface Evidence {
  readonly from: KeyBytes
  readonly to: KeyBytes
  readonly pages: number
}

const densityOf = (space: KeySpace, { from, to, pages }: Evidence): number => {
  const passed = space.position(to) - space.position(from)
  return passed > 0 ? pages / passed : 0
}

/** Both sides of one stretch of keys. */
export class Range<T> {
  readonly source: Stream
  readonly destination: Stream
  /** Source, then destination. */
  readonly sides: readonly Stream[]
  readonly #result = Promise.withResolvers<T>()
  readonly #join: Join<T>
  /** A folder of it is looked into: where to cut it is known soon. */
  looking = false
  #begun = false
  /** What is thought of it, until enough of it came; undefined: nothing. */
  readonly #belief: Evidence | undefined
  /** As far as it came when its density was last asked for, and the pages that had come last. */
  #seen: { readonly key: KeyBytes; readonly pages: number }
  #last: Evidence | undefined
  #uncutAt = 0
  /** Behind it nothing was found. */
  #emptyFrom: KeyBytes | undefined

  /** `belief`: what is thought of it at first. */
  constructor(join: Join<T>, source: Stream, destination: Stream, belief?: Evidence) {
    this.#join = join
    this.source = source
    this.destination = destination
    this.sides = [source, destination]
    this.#belief = belief
    this.#seen = { key: source.from, pages: 0 }
  }

  /** What its join gives, once it has begun. */
  get result(): Promise<T> {
    return this.#result.promise
  }

  /** The side that is asked first; the other one follows once there is something to find. */
  get lead(): Stream {
    return this.source.over ? this.destination : this.source
  }

  /** Behind which key nothing is to be found, as far as that is known. */
  get end(): KeyBytes | undefined {
    return this.#emptyFrom ?? this.source.until
  }

  /** Ends with the key `at`; gives the range of what follows, which has not started. */
  cut(at: KeyBytes): Range<T> {
    const { evidence } = this
    const right = new Range(this.#join, this.source.split(at), this.destination.split(at), evidence)
    right.#emptyFrom = this.#emptyFrom
    this.#emptyFrom = undefined
    return right
  }

  /** Whether it is known that there is something to read. */
  get begun(): boolean {
    return this.#begun
  }

  /** Begins to read both sides. */
  begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#join(this.source, this.destination).then(this.#result.resolve, this.#result.reject)
  }

  /** Whether it has not started, and its first page holds nothing of it. */
  isEmpty(): boolean {
    return (
      !this.#begun && this.sides.some(({ over, pages, keys }) => over && pages > 0 && keys === 0)
    )
  }

  /** Goes on over the range behind it, which then is none any more; false where that would lose keys. */
  absorb(right: Range<T>): boolean {
    const { until } = right.source
    if (!this.sides.every((side) => side.reaches(until))) return false
    for (const side of this.sides) side.extend(until)
    this.#emptyFrom = right.source.from
    return true
  }

  /** The sides that still ask. */
  openSides(): readonly Stream[] {
    return this.sides.filter(({ over }) => !over)
  }

  /** Pages of the longer side. */
  pages(): number {
    return Math.max(this.source.pages, this.destination.pages)
  }

  /** Behind all keys that came on a side that still asks. */
  front(): KeyBytes {
    return this.openSides().reduce<KeyBytes>(
      (front, stream) => (stream.front > front ? stream.front : front),
      this.source.from,
    )
  }

  /** No place to cut it is known until more pages come. */
  leaveUncut(): void {
    this.#uncutAt = this.pages()
  }

  /** Whether pages came since no place to cut it was known. */
  mayBeCut(): boolean {
    return this.#begun && !this.looking && this.#uncutAt < this.pages()
  }

  /** How densely its keys lie, as far as they came; undefined: nothing is known. */
  get evidence(): Evidence | undefined {
    const pages = this.#openPages()
    return pages > 0 ? { from: this.source.from, to: this.front(), pages } : this.#belief
  }

  /** Pages for each part of all positions; 0 when nothing is known. `eager`: as the last page was, if that is more. */
  density(space: KeySpace, eager: boolean): number {
    const pages = this.#openPages()
    const front = this.front()
    if (pages > this.#seen.pages) {
      this.#last = { from: this.#seen.key, to: front, pages: pages - this.#seen.pages }
      this.#seen = { key: front, pages }
    }
    const came = { from: this.source.from, to: front, pages }
    const believed = this.#belief ? densityOf(space, this.#belief) : 0
    const passed = space.position(front) - space.position(came.from)
    const density =
      believed > 0 ? (pages + BELIEF) / (passed + BELIEF / believed) : densityOf(space, came)
    return eager && this.#last ? Math.max(density, densityOf(space, this.#last)) : density
  }

  #openPages(): number {
    return this.openSides().reduce((most, { pages }) => Math.max(most, pages), 0)
  }
}
