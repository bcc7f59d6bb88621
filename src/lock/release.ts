import type { LockFacts } from '../model/lock.ts'
import type { Clock } from '../ports.ts'
import { type LockBody, randomId } from './body.ts'
import { type LockObject, meaningOf } from './lock-object.ts'

/** What a lock is released with. */
export interface ReleaseDeps {
  readonly object: LockObject
  readonly clock: Clock
  /** Whether the service is known to heed conditions on deletes. */
  readonly heedsDeletes: boolean
  readonly withinMs: number
}

/** A lock that is held. */
export interface Holding {
  readonly etag: string
  readonly body: LockBody
}

const ATTEMPTS = 5
const TIMEOUT_MS = 5000
const PAUSE_MS = 200

/**
 * Gives a lock back while it is this owner's: it is deleted where the service heeds conditions on deletes, else it says
 * that it is released, as a delete without one might take another's.
 */
export async function releaseLock(
  { etag: first, body }: Holding,
  { object, clock, heedsDeletes, withinMs }: ReleaseDeps,
): Promise<Exclude<LockFacts['end'], 'lost'>> {
  const endMs = clock.steadyMs() + withinMs
  const limit = () => ({
    timeoutMs: Math.max(1, Math.min(TIMEOUT_MS, endMs - clock.steadyMs())),
  })
  let etag = first
  let deletes: boolean | undefined = heedsDeletes || undefined
  for (let left = ATTEMPTS; left > 0 && clock.steadyMs() < endMs; left--) {
    try {
      deletes ??= await object.heedsDeletes(body.owner, limit())
      const marked = { ...body, write: randomId(), isReleased: true }
      if (deletes) await object.remove(etag, limit())
      else await object.put(marked, { etag }, limit())
      return 'released'
    } catch (error) {
      const meaning = meaningOf(error)
      // Who may not delete may write all the same.
      if (meaning === 'refused' || meaning === 'puzzled') deletes = false
    }
    const look = await object.look(limit()).catch(() => 'hidden' as const)
    if (look === 'absent') return 'released'
    if (look === 'hidden') await clock.sleep(PAUSE_MS)
    else if (look.body?.owner !== body.owner || look.body.isReleased) return 'released'
    else etag = look.etag
  }
  return 'left'
}

/** Gives back what a run of this owner left. */
export async function releaseLeft(
  owner: string,
  deps: ReleaseDeps,
): Promise<Exclude<LockFacts['end'], 'lost'> | 'none'> {
  const look = await deps.object.look({ timeoutMs: Math.min(TIMEOUT_MS, deps.withinMs) })
  if (look === 'absent') return 'none'
  if (look === 'hidden') return 'left'
  const { etag, body } = look
  if (body?.owner !== owner || body.isReleased) return 'none'
  return releaseLock({ etag, body }, deps)
}
