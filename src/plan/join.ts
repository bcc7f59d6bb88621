import type { RowSource, Rows } from '../listing/stream.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import { objectAt } from '../storage/object-page.ts'

/** Takes what two places have under one key; at least one side is there. */
export interface PairTaker {
  take(source: ObjectInfo | undefined, destination: ObjectInfo | undefined): void
  /** Called after some pairs; resolves when more may come. */
  pause(): Promise<void>
}

const unread = (rows: Rows | undefined): ObjectInfo | undefined =>
  rows && rows.at < rows.to ? objectAt(rows.objects, rows.at) : undefined

/** Pairs up as many rows as can be paired before more have to come. */
function joinWaiting(
  source: Rows | undefined,
  destination: Rows | undefined,
  taker: PairTaker,
): void {
  let s = unread(source)
  let d = unread(destination)
  while ((s || !source) && (d || !destination)) {
    const order = !d ? -1 : !s ? 1 : s.key < d.key ? -1 : s.key > d.key ? 1 : 0
    taker.take(order <= 0 ? s : undefined, order >= 0 ? d : undefined)
    if (source && order <= 0) {
      source.at++
      s = unread(source)
    }
    if (destination && order >= 0) {
      destination.at++
      d = unread(destination)
    }
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
