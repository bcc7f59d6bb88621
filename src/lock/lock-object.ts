import { isExpiry } from '../errors/catalogue.ts'
import { isPuzzled, isTransient, serviceFailure } from '../errors/service-failure.ts'
import type { Limit } from '../model/limit.ts'
import type { LockRequest } from '../model/lock.ts'
import type { ObjectHeaders, Objects, Store, WriteCondition } from '../storage/store.ts'
import { type LockBody, lockText, MOST_LOCK_BYTES, readLock } from './body.ts'

/** What a lock asks of a service. */
export interface LockStore {
  readonly objects: Pick<Objects, 'put' | 'describe' | 'read'>
  readonly deletePinned: Store['deletePinned']
}

/** A lock as it stands there. */
export interface SeenLock {
  readonly etag: string
  /** undefined: it is none that this action wrote. */
  readonly body: LockBody | undefined
  /** By the service's clock alone; undefined: it does not tell. */
  readonly ageMs: number | undefined
}

/** What a look shows; `hidden`: it is not told whether there is one, as to who may not list. */
export type Look = SeenLock | 'absent' | 'hidden'

/** An ETag that no object has. */
export const NOBODYS = '0'.repeat(32)

/** So many refusals in a row show that a service heeds a condition. */
const REFUSALS = 3

/**
 * What a failed write means. `unmet`: its condition does not hold; `unclear`: it may have been made all the same;
 * `puzzled`: the service may not know conditions; `refused`: it does not allow it.
 */
export type WriteFailure = 'unmet' | 'unclear' | 'puzzled' | 'refused'

const UNMET: ReadonlySet<string> = new Set([
  'PreconditionFailed',
  'ConditionalRequestConflict',
  'NoSuchKey',
  'NotFound',
])

/** What the failure of a write or a delete with a condition means. */
export function meaningOf(error: unknown): WriteFailure {
  const failure = serviceFailure(error)
  const { code, status } = failure
  if (UNMET.has(code) || status === 412 || status === 409) return 'unmet'
  if (isPuzzled(failure)) return 'puzzled'
  const mayHeal = isTransient(failure) || isExpiry(code) || status === undefined || status >= 500
  return mayHeal ? 'unclear' : 'refused'
}

/** By the two times of one answer. */
function ageIn(headers: ObjectHeaders): number | undefined {
  const ageMs = Date.parse(headers['date'] ?? '') - Date.parse(headers['last-modified'] ?? '')
  return Number.isNaN(ageMs) ? undefined : ageMs
}

/** The object that is a lock. Every call is one request, a look at one that changed two; errors are the service's. */
export class LockObject {
  readonly #store: LockStore
  readonly #at: Pick<LockRequest, 'bucket' | 'key'>
  readonly #headers: ObjectHeaders

  /** `headers`: how objects of this bucket are to be written. */
  constructor(store: LockStore, { bucket, key }: LockRequest, headers: ObjectHeaders) {
    this.#store = store
    this.#at = { bucket, key }
    this.#headers = { ...headers, 'content-type': 'application/json' }
  }

  /** Writes the lock; gives its ETag, '' where the answer names none. */
  put(body: LockBody, only: WriteCondition, limit: Limit): Promise<string> {
    const write = { to: this.#at, only, headers: this.#headers }
    return this.#store.objects.put(write, Buffer.from(lockText(body)), limit)
  }

  /** What stands there; the body of what was seen before is not read again. */
  async look(limit: Limit, before?: Look): Promise<Look> {
    const { objects } = this.#store
    const any = { ...this.#at, etag: '' }
    try {
      const { etag, size, headers } = await objects.describe(any, limit)
      const ageMs = ageIn(headers)
      if (typeof before === 'object' && before.etag === etag && etag !== '')
        return { etag, body: before.body, ageMs }
      if (!(size <= MOST_LOCK_BYTES)) return { etag, body: undefined, ageMs }
      // Its answer names what it is of: not every service that heeds conditions on writes knows them on reads.
      const seen = { ...this.#at, etag, unasked: true }
      const { bytes, headers: later } = await objects.read(seen, { bytes: size }, limit)
      // A machine may have been paused between the two answers.
      return { etag, body: readLock(Buffer.from(bytes).toString()), ageMs: ageIn(later) }
    } catch (error) {
      const { code, status } = serviceFailure(error)
      if (code === 'NotFound' || code === 'NoSuchKey') return 'absent'
      if (status === 403) return 'hidden'
      throw error
    }
  }

  /** Deletes the lock while it has this ETag, where the service heeds that. */
  remove(etag: string, limit: Limit): Promise<void> {
    return this.#store.deletePinned({ ...this.#at, etag }, limit)
  }

  /**
   * Whether a delete spares what has another ETag, as a key shows that nobody has: who heeds the condition there refuses a
   * delete that succeeds without one.
   */
  async heedsDeletes(owner: string, limit: Limit): Promise<boolean> {
    const nobodys = { ...this.#at, key: `${this.#at.key}.${owner}` }
    const asked = () =>
      this.#store.deletePinned({ ...nobodys, etag: NOBODYS }, limit).then(
        () => 'ignored' as const,
        (error: unknown) => serviceFailure(error).status,
      )
    let end = await asked()
    // A proxy may have made a refusal of an answer that was none, but hardly so often.
    for (let left = REFUSALS; end === 412; end = await asked()) if (--left === 0) return true
    if (end !== 404) return false
    return this.#store.deletePinned({ ...nobodys, etag: '' }, limit).then(
      () => true,
      () => false,
    )
  }
}
