import { modifiedMs, type ObjectInfo } from '../model/object-info.ts'
import type { CopyOp, DeleteOp, OutdatedBy } from '../model/op.ts'

/** An object as a listing of now shows it. */
export type Shown = Pick<ObjectInfo, 'size' | 'etag' | 'modified'>

/** What a run finds under one key of the destination. */
export interface Now<T> {
  /** What it would do there by itself. */
  readonly op: T | undefined
  /** The object of the source that belongs there; its full key. */
  readonly from: (Shown & { readonly key: string }) | undefined
  readonly to: Shown | undefined
}

/**
 * What becomes of an approved op. `carry`: the run decides the same; `done`: what it was to bring about is so already;
 * `never`: no run with these inputs can have planned it; otherwise what changed since it was planned.
 */
export type Fate = 'carry' | 'done' | 'never' | OutdatedBy

const isSame = (a: Pick<Shown, 'size' | 'etag'>, b: Pick<Shown, 'size' | 'etag'>): boolean =>
  a.etag === b.etag && a.size === b.size

/** What becomes of an approved copy. `plannedMs` is when the plan says that it was made, which may be a lie. */
export function fateOfCopy(
  approved: CopyOp,
  { op, from, to }: Now<CopyOp>,
  plannedMs: number,
): Fate {
  const source = from?.key === approved.key ? from : undefined
  // It is never written, and holds back all the others.
  if (source && op?.reason === 'in-the-way') return 'carry'
  const isUnchanged = source !== undefined && isSame(source, approved)
  if (op && isUnchanged && op.toEtag === approved.toEtag) return 'carry'
  if (to && isSame(to, approved)) return 'done'
  if (!source) return 'NoSuchKey'
  if (!isUnchanged) return 'SourceChanged'
  // Neither answer writes anything, so that the time of another machine may tell them apart.
  const isRewritten = to?.etag !== approved.toEtag || (to && modifiedMs(to) >= plannedMs)
  if (!isRewritten) return 'never'
  // Copies in parts or encrypted have ETags of their own: what the rules leave may be what an earlier run wrote.
  return !op && to?.size === approved.size && modifiedMs(to) >= modifiedMs(source)
    ? 'done'
    : 'DestinationChanged'
}

/** What becomes of an approved delete. */
export function fateOfDelete(approved: DeleteOp, { op, from, to }: Now<DeleteOp>): Fate {
  if (op && isSame(op, approved)) return 'carry'
  if (!to) return 'done'
  if (from) return 'ExistsAtSource'
  return op ? 'DestinationChanged' : 'never'
}
