import type { RowSource, Rows } from '../listing/stream.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import { objectAt, type PackedObjects } from '../storage/object-page.ts'

/** Takes what two places have under one key; at least one side is there. */
export interface PairTaker {
  take(source: ObjectInfo | undefined, destination: ObjectInfo | undefined): void
  /**
   * Takes an object, of a page of the destination, that both places have with one key, which is not empty, one size and
   * one ETag; gives whether it did, which it does where the page tells all that has to be known. undefined: it never does.
   */
  readonly takeSame?: ((objects: PackedObjects, row: number) => boolean) | undefined
  /**
   * Takes an object, of a page of the source, that only the source has; gives whether it did, which it does where the page
   * tells all that has to be known. undefined: it never does.
   */
  readonly takeNew?: ((objects: PackedObjects, row: number) => boolean) | undefined
  /** Called after some pairs; resolves when more may come. */
  pause(): Promise<void>
}

const isUnread = (rows: Rows | undefined): rows is Rows => rows !== undefined && rows.at < rows.to

const unread = (rows: Rows | undefined): ObjectInfo | undefined =>
  isUnread(rows) ? objectAt(rows.objects, rows.at) : undefined

/** Which side the next key is on: below 0 the source, above it the destination, 0 both. */
function sideOf(source: Rows | undefined, destination: Rows | undefined): number {
  if (!isUnread(destination)) return -1
  if (!isUnread(source)) return 1
  return source.objects.order(source.at, destination.objects, destination.at)
}

/** Takes the next objects of both sides without making any of them, where they are the same and that is enough. */
function tookSame(source: Rows, destination: Rows, { takeSame }: PairTaker): boolean {
  const { objects, at } = source
  if (!takeSame || objects.keyBytes(at) === 0) return false
  if (!objects.isSame(at, destination.objects, destination.at)) return false
  return takeSame(destination.objects, destination.at)
}

/** Takes the next objects of one key without making any of them, where that is enough. */
const tookUnmade = (
  source: Rows | undefined,
  destination: Rows | undefined,
  taker: PairTaker,
): boolean =>
  source !== undefined &&
  (destination
    ? tookSame(source, destination, taker)
    : (taker.takeNew?.(source.objects, source.at) ?? false))

/** Pairs up as many rows as can be paired before more have to come. */
function joinWaiting(
  source: Rows | undefined,
  destination: Rows | undefined,
  taker: PairTaker,
): void {
  while ((isUnread(source) || !source) && (isUnread(destination) || !destination)) {
    const side = sideOf(source, destination)
    const from = side <= 0 ? source : undefined
    const to = side >= 0 ? destination : undefined
    if (!tookUnmade(from, to, taker)) taker.take(unread(from), unread(to))
    if (from) from.at++
    if (to) to.at++
  }
}

/** Merge join of two sides that are in byte order of their keys, each key once. */
export async function joinRows(
  source: RowSource,
  destination: RowSource,
  taker: PairTaker,
): Promise<void> {
  for (;;) {
    const [s, d] = await Promise.all([source.next(), destination.next()])
    if (!s && !d) return
    joinWaiting(s, d, taker)
    await taker.pause()
  }
}
