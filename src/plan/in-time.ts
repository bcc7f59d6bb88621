import { SyncError } from '../errors/sync-error.ts'
import type { Clock } from '../ports.ts'

/** Keys at a time. */
export const KEYS_AT_ONCE = 1000
/** Time for them; they take a millisecond or two. */
const LIMIT_MS = 2000

/**
 * Gives each of up to a thousand keys to the user's pattern, which is stopped where it takes too long (catastrophic backtracking).
 * Throws SyncError of kind `guard` with the key's name then.
 */
export function inTime<Key, Result>(
  clock: Pick<Clock, 'within'>,
  keys: readonly Key[],
  match: (key: Key) => Result,
  nameOf: (key: Key) => string | undefined,
): readonly Result[] {
  let last: Key | undefined
  const results = clock.within(LIMIT_MS, () =>
    keys.map((key) => {
      last = key
      return match(key)
    }),
  )
  if (results) return results
  const named = JSON.stringify(last === undefined ? last : nameOf(last))
  const title = `key-pattern takes too long with ${named}`
  throw new SyncError('guard', `${title}.`, {
    title,
    hint: 'Remove nested repetitions such as (a+)+ from it. Nothing was copied.',
  })
}
