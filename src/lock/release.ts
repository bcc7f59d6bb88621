import { ServiceError } from '../errors/service-error.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import type { Clock } from '../ports.ts'
import { randomId } from './body.ts'
import type { Claims, Holding } from './claims.ts'
import { type LockObject, meaningOf } from './lock-object.ts'

/** What a lock is released with. */
export interface ReleaseDeps {
  readonly object: LockObject
  readonly clock: Clock
  /** Whether the service is known to heed conditions on deletes. */
  readonly heedsDeletes: boolean
  readonly withinMs: number
}

const TIMEOUT_MS = 5000
/** Deletes that are not answered as they should be, before the lock is marked instead. */
const DELETES = 3
const PAUSE_MS = 200
const MOST_PAUSE_MS = 2000

const TOO_LATE = new ServiceError('RequestTimeout', 'No response came in time.')
const NOT_READABLE = new ServiceError('AccessDenied', 'This run is not allowed to read the lock.', {
  status: 403,
})

/** What became of a lock that was to be given back; `lost`: it was another's before that. */
export type ReleaseEnd =
  | { readonly end: 'released' | 'lost' }
  | { readonly end: 'left'; readonly why: ServiceError }

/**
 * Gives a lock back while it is this owner's: it is deleted where the service heeds conditions on deletes, else it says
 * that it is released, as a delete without one might take another's.
 */
export async function releaseLock(
  { etag: first, body }: Holding,
  { object, clock, heedsDeletes, withinMs }: ReleaseDeps,
): Promise<ReleaseEnd> {
  const endMs = clock.steadyMs() + withinMs
  const limit = () => ({
    timeoutMs: Math.max(1, Math.min(TIMEOUT_MS, endMs - clock.steadyMs())),
  })
  let etag = first
  let deletes: boolean | undefined = heedsDeletes || undefined
  let why = TOO_LATE
  /** By what was not answered the lock may have been given back already. */
  let isSure = true
  let pauseMs = PAUSE_MS
  for (let attempt = 1; clock.steadyMs() < endMs; attempt++) {
    const tried = { etag, deletes }
    let isUnmet = false
    try {
      deletes ??= await object.heedsDeletes(body.owner, limit())
      const marked = { ...body, write: randomId(), isReleased: true }
      if (deletes) await object.remove(etag, limit())
      else await object.put(marked, { etag }, limit())
      return { end: 'released' }
    } catch (error) {
      why = serviceFailure(error)
      const meaning = meaningOf(error)
      isUnmet = meaning === 'unmet'
      isSure &&= meaning !== 'unclear'
      // Who may not delete may write all the same.
      if (meaning === 'refused' || meaning === 'puzzled' || attempt >= DELETES) deletes = false
    }
    const look = await object.look(limit()).catch(() => 'hidden' as const)
    if (look === 'absent') return { end: 'released' }
    if (look !== 'hidden') {
      if (look.body?.owner !== body.owner) return { end: isSure ? 'lost' : 'released' }
      if (look.body.isReleased) return { end: 'released' }
      etag = look.etag
      // A service that does not find on a delete what it shows may find it on a write.
      if (isUnmet && etag === tried.etag) deletes = false
    }
    if (etag !== tried.etag || (tried.deletes && !deletes)) continue
    await clock.sleep(Math.min(pauseMs, Math.max(1, endMs - clock.steadyMs())))
    pauseMs = Math.min(2 * pauseMs, MOST_PAUSE_MS)
  }
  return { end: 'left', why }
}

/** Gives back what a run of this owner left. Throws why that was not possible. */
export async function releaseLeft(owner: string, deps: ReleaseDeps): Promise<'released' | 'none'> {
  const look = await deps.object.look({ timeoutMs: Math.min(TIMEOUT_MS, deps.withinMs) })
  if (look === 'absent') return 'none'
  if (look === 'hidden') throw NOT_READABLE
  const { etag, body } = look
  if (body?.owner !== owner || body.isReleased) return 'none'
  const released = await releaseLock({ etag, body }, deps)
  if (released.end === 'left') throw released.why
  return 'released'
}

/** Gives back what was written of a lock that was not had in the end, also where it may not be read. Throws as `releaseLeft`. */
export async function releaseUnproven(claims: Claims, deps: ReleaseDeps): Promise<void> {
  const { owner, standing, areAny } = claims
  if (standing) await releaseLock(standing, deps)
  else if (areAny) await releaseLeft(owner, deps)
}
