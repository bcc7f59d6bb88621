import { sameEtag } from '../model/etag.ts'
import type { KeyBytes } from '../model/key.ts'
import { modifiedMs, type ObjectInfo } from '../model/object-info.ts'
import type { CopyOp, DeleteOp, OutdatedBy, SkipReason } from '../model/op.ts'

/** An object as a listing of now shows it. */
export type Shown = Pick<ObjectInfo, 'size' | 'etag' | 'modified'>

/** What stands under a key for which a run plans nothing by itself. */
export interface Left {
  /** The object of the source that belongs there; its full key. */
  readonly from?: (Shown & { readonly key: string }) | undefined
  readonly to?: Shown | undefined
  /** Why the source's object is left, where it has one. */
  readonly skip?: SkipReason | undefined
  /** Only the destination has it, and is to keep it for some time. */
  readonly waits?: boolean | undefined
}

/** What both places have under one key. */
export interface Note extends Left {
  /** Relative to the whole destination. */
  readonly key: KeyBytes
}

/**
 * What becomes of an approved op. `carry`: the run decides the same; `done`: what it was to bring about is so already;
 * `never`: no run with these inputs can have planned it; otherwise what changed since it was planned.
 */
export type Fate = 'carry' | 'done' | 'never' | OutdatedBy

type Content = Pick<ObjectInfo, 'size' | 'etag'>

const isSame = (a: Content, b: Content): boolean => a.etag === b.etag && a.size === b.size

/** Whether an object is the one that was approved: by its ETag, or where nobody tells one by its time. */
const isApproved = (
  approved: Content & { readonly lastModified?: string | undefined },
  now: Content,
  modified: string | undefined,
): boolean =>
  isSame(approved, now) &&
  (now.etag !== '' ||
    modified === undefined ||
    approved.lastModified === undefined ||
    Date.parse(modified) === Date.parse(approved.lastModified))

/** Whether what is to be overwritten is what it was. */
const isSameStanding = (a: CopyOp, b: CopyOp): boolean =>
  a.toEtag === b.toEtag && a.toSize === b.toSize && a.toLastModified === b.toLastModified

/** What becomes of an approved copy, where the run would copy to that key by itself. */
export function besideCopy(approved: CopyOp, op: CopyOp): Fate {
  const isItsSource = op.key === approved.key && op.versionId === approved.versionId
  // It is never written, and holds back all the others.
  if (isItsSource && op.reason === 'destination-conflict') return 'carry'
  const isUnchanged = isItsSource && isApproved(approved, op, op.lastModified)
  if (isUnchanged && isSameStanding(approved, op)) return 'carry'
  if (sameEtag(op.toEtag, approved.etag)) return 'done'
  if (!isItsSource) return 'NoSuchKey'
  return isUnchanged ? 'DestinationChanged' : 'SourceChanged'
}

/** What becomes of an approved copy, where the run would leave that key. `plannedMs`: when the plan was made, by its own word. */
export function leftCopy(approved: CopyOp, { from, to, skip }: Left, plannedMs: number): Fate {
  if (to && isSame(to, approved)) return 'done'
  if (from?.key !== approved.key) return 'NoSuchKey'
  if (!isApproved(approved, from, from.modified)) return 'SourceChanged'
  if (skip === 'same-checksum') return 'done'
  // Neither answer writes anything, so that the time of another machine may tell them apart.
  const isRewritten = to?.etag !== approved.toEtag || (to && modifiedMs(to) >= plannedMs)
  // What was planned by checksums that nobody can read any more may have been planned in order.
  if (!isRewritten) return approved.reason === 'checksum-differs' ? 'ChecksumUnknown' : 'never'
  // Copies in parts or encrypted have ETags of their own: what the rules leave may be what an earlier run wrote.
  const mayBeIt = to?.size === approved.size && modifiedMs(to) >= modifiedMs(from)
  return mayBeIt ? 'done' : 'DestinationChanged'
}

/** What becomes of an approved delete, where the run would delete that object by itself. */
export const besideDelete = (approved: DeleteOp, op: DeleteOp): Fate =>
  isApproved(approved, op, op.lastModified) ? 'carry' : 'DestinationChanged'

/** What becomes of an approved delete, where the run would leave that key. */
export function leftDelete({ from, to, waits }: Left): Fate {
  if (waits) return 'DeleteNotDue'
  if (!to) return 'done'
  return from ? 'ExistsAtSource' : 'never'
}
