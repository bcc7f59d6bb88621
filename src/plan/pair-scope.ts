import type { KeyBytes } from '../model/key.ts'
import type { ObjectInfo, SourceObject } from '../model/object-info.ts'
import { OWN_KEYS } from '../model/own-keys.ts'
import type { HeaderLooks } from './header-looks.ts'
import type { LockAt } from './locks.ts'

/** What belongs to the sync. */
export interface PairScope {
  /** Whether all objects do, whatever their keys. */
  readonly hasAll: boolean
  /** Whether the objects under one key do. */
  has(from: SourceObject | undefined, to: ObjectInfo | undefined): boolean
  /** Whether it is about a lock, which belongs to no sync. */
  readonly lockAt: LockAt
  /** Whether it is told what stays at the destination. */
  readonly publishes: boolean
  /** Takes a planned delete, by its key relative to the listed part of the destination. */
  seeDelete(key: KeyBytes): void
  /** What all relative keys begin with, where only that part of both places is listed. */
  readonly within: KeyBytes
  /** undefined: all copies are one wave. */
  readonly waves: PairWaves | undefined
  /** undefined where there are no rules for headers. */
  readonly headers: HeaderLooks | undefined
}

/** When what goes to a key is copied. */
export interface PairWaves {
  /** The wave of a key relative to the listed part of the destination. */
  of(key: KeyBytes): number
  /** Whether some glob took no key so far, so that each key has to be seen. */
  readonly hasIdle: boolean
}

/** Whether a key of the source is this action's own: that of a lock, or of SHA256SUMS. More has to be known of these than a listing tells. */
export const isOwnKey = ({ lockAt, within }: PairScope, key: KeyBytes): boolean =>
  lockAt({ key }, key) !== undefined || within + key === OWN_KEYS.sums
