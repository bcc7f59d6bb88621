import type { KeyBytes } from '../model/key.ts'
import type { Flow } from './flow.ts'
import type { Layout } from './layout.ts'
import type { RowSource, Stream } from './stream.ts'

/** Reads one range of keys from both sides to its end. */
export type Join<T> = (source: RowSource, destination: RowSource) => Promise<T>

/** Both sides of one stretch of keys. */
export interface Range<T> {
  readonly source: Stream
  readonly destination: Stream
  /** Pages for each part of all positions, as far as `seen`; 0 when nothing was known. */
  density: number
  seen: { readonly key: KeyBytes; readonly pages: number }
  readonly result: Promise<T>
  /** Pages it had when no place to cut it was known. */
  uncutAt: number
}

/** Two places that are being listed in ranges. */
export interface Listing<T> {
  /** In the order of their keys. */
  readonly ranges: Range<T>[]
  readonly join: Join<T>
  readonly flow: Flow
  readonly layout: Layout
  readonly stop: AbortController
  readonly signal: AbortSignal
  /** Folders that were looked into. */
  looks: number
  looking: boolean
  /** Keys of the fullest page. */
  pageKeys: number
}

/** The streams of a range. */
export type Sides = Pick<Range<unknown>, 'source' | 'destination'>

/** Source, then destination. */
export const sidesOf = ({ source, destination }: Sides): readonly Stream[] => [source, destination]
/** Those that still ask. */
export const openSides = (range: Sides): readonly Stream[] =>
  sidesOf(range).filter(({ over }) => !over)
/** Pages of the longer side. */
export const pagesOf = (range: Sides): number =>
  Math.max(...sidesOf(range).map(({ pages }) => pages))

/** Behind all keys that came on a side that still asks. */
export const frontOf = (range: Sides): KeyBytes =>
  openSides(range).reduce<KeyBytes>(
    (front, stream) => (stream.front > front ? stream.front : front),
    range.source.from,
  )
