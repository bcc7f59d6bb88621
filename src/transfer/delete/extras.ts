import { SyncError } from '../../errors/sync-error.ts'
import { joinStreams } from '../../listing/join-streams.ts'
import { type KeyBytes, toKeyBytes } from '../../model/key.ts'
import type { DeleteOp, Plan } from '../../model/op.ts'
import type { Place } from '../../model/place.ts'
import { readDeletes } from '../../plan/plan-file.ts'
import type { Files } from '../../ports.ts'
import type { DeleteEnd } from './ends.ts'

/** A planned delete. */
export interface Extra {
  /** Relative to the destination. */
  readonly key: KeyBytes
  readonly op: DeleteOp
  /** How it ends without a request; undefined: it is to be deleted. */
  readonly end?: DeleteEnd | undefined
}

/** The end of what has this relative key. */
export interface KeyEnd {
  readonly key: KeyBytes
  readonly end: DeleteEnd
}

/** The deletes of a plan, in the order of their keys. Throws SyncError where the plan has another order. */
export async function* extrasOf(
  plan: Plan,
  { prefix }: Pick<Place, 'prefix'>,
  files: Files,
): AsyncGenerator<Extra, void> {
  let last: KeyBytes | undefined
  for await (const op of readDeletes(files, plan)) {
    const key = toKeyBytes(op.key.slice(prefix.length))
    // What is joined with them by their keys would miss some.
    if (last !== undefined && key <= last)
      throw new SyncError('internal', 'The deletes of the plan are not in the order of their keys.')
    last = key
    yield { key, op }
  }
}

/** Extras of which some end without a request; both come in the order of their keys. */
export async function* withEnds(
  extras: AsyncGenerator<Extra, void>,
  ends: AsyncGenerator<KeyEnd, void>,
): AsyncGenerator<Extra, void> {
  for await (const [extra, kept] of joinStreams(extras, ends))
    if (extra) yield kept && !extra.end ? { ...extra, end: kept.end } : extra
}
