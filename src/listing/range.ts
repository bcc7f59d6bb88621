import type { KeyBytes } from '../model/key.ts'
import { type Layout, position } from './layout.ts'
import type { RowSource, Stream } from './stream.ts'

/** Reads one range of keys from both sides to its end. */
export type Join<T> = (source: RowSource, destination: RowSource) => Promise<T>

/** Pages that what was thought of a range weighs against those that came. */
const BELIEF = 2
/** What was thought is thought anew after so many pages. */
const WINDOW = 4

/** Both sides of one stretch of keys. */
export class Range<T> {
  readonly source: Stream
  readonly destination: Stream
  /** Source, then destination. */
  readonly sides: readonly Stream[]
  readonly result: Promise<T>
  /** Pages for each part of all positions, as far as `#seen`; 0 when nothing was known. */
  #density: number
  #seen: { readonly key: KeyBytes; readonly pages: number }
  #uncutAt = 0

  /** Begins to read both sides. `density`: what is thought of it; 0 when nothing is known. */
  constructor(join: Join<T>, source: Stream, destination: Stream, density: number) {
    this.source = source
    this.destination = destination
    this.sides = [source, destination]
    this.#density = density
    this.#seen = { key: source.from, pages: 0 }
    this.result = join(source, destination)
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
    return this.#uncutAt < this.pages()
  }

  /** Pages for each part of all positions; 0 when nothing is known. What came lately weighs most. */
  density(layout: Layout): number {
    const pages = Math.max(...this.openSides().map((stream) => stream.pages))
    const front = this.front()
    const came = pages - this.#seen.pages
    const passed = position(layout, front) - position(layout, this.#seen.key)
    const density =
      this.#density > 0
        ? (came + BELIEF) / (passed + BELIEF / this.#density)
        : passed > 0
          ? came / passed
          : 0
    if (came < WINDOW) return density
    this.#density = density
    this.#seen = { key: front, pages }
    return density
  }
}
