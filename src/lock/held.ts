import { serviceFailure } from '../errors/service-failure.ts'
import type { LockFacts, LockRequest } from '../model/lock.ts'
import type { Clock } from '../ports.ts'
import type { Claims } from './claims.ts'
import { Lease, type Moment, momentOf } from './lease.ts'
import type { LockObject, Look } from './lock-object.ts'
import { releaseLock } from './release.ts'
import { ttlOf } from './stale.ts'
import type { Taken } from './take.ts'
import { holderOf, type Loss, lostError } from './words.ts'

/** What a lock is held with. */
export interface HoldDeps {
  readonly lock: LockRequest
  readonly object: LockObject
  readonly claims: Claims
  readonly clock: Clock
  /** Whether the service is known to heed conditions on deletes. */
  readonly heedsDeletes: boolean
}

/** How often the clocks are looked at. */
const TICK_MS = 500
/** How often the service is asked, between renewals, whether the lock is this run's: a paused machine learns by nothing else that it was. */
const LOOK_EVERY_MS = 1500
const LOOK_TIMEOUT_MS = 1500
const RENEW_TIMEOUT_MS = 10_000
/** For the last attempts, when half of the lease is over. */
const LAST_MS = 2000
const PAUSE_MS = 250
const RENEW_PAUSE_MS = 1000

/** A lock while it is held: renewed, and looked after. */
export class HeldLock {
  readonly #deps: HoldDeps
  readonly #taken: Taken
  readonly #lease: Lease
  readonly #lost = new AbortController()
  readonly #over = new AbortController()
  #etag: string
  #look: Look | undefined
  #lostAtMs = 0
  /** It was lost as nobody answered. */
  #mayBeMine = false
  /** A renewal, and a look, that are under way. */
  #renewing: AbortController | undefined
  #looking: AbortController | undefined
  /** The last attempts to renew it, while they are made. */
  #rescue: Promise<void> | undefined
  /** When a renewal, and a look, ended last. */
  #renewedMs: number
  #lookedMs: number
  #failure = 'the service did not respond'

  /** Begins to look after a lock that was taken. */
  constructor(taken: Taken, deps: HoldDeps) {
    const { lock, clock } = deps
    this.#deps = deps
    this.#taken = taken
    this.#etag = taken.etag
    this.#look = { etag: taken.etag, body: taken.body, ageMs: undefined }
    this.#lease = new Lease(lock.ttlMs, taken.since, clock)
    this.#lease.saw(taken.served)
    this.#renewedMs = clock.steadyMs()
    this.#lookedMs = this.#renewedMs
    void this.#watch()
  }

  /** Aborted when the lock is lost; the reason is a SyncError of kind `lock`. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Milliseconds since the loss; 0 while there is none. */
  lostForMs(): number {
    return this.#lost.signal.aborted ? this.#deps.clock.steadyMs() - this.#lostAtMs : 0
  }

  /** Whether the run may write: undefined: it may; else resolves when it may again. Throws, or rejects with, why it may not any more. */
  allow(): Promise<void> | undefined {
    this.#lost.signal.throwIfAborted()
    return this.#lease.isOver ? this.#recover() : undefined
  }

  /** Releases it, within so many milliseconds, and tells what became of it. */
  async release(withinMs: number): Promise<LockFacts['end']> {
    const { object, claims, clock, heedsDeletes } = this.#deps
    this.#over.abort()
    this.#callOff()
    await this.#rescue?.catch(() => {})
    const isLost = this.#lost.signal.aborted
    if (isLost && !this.#mayBeMine) return 'lost'
    const holding = { etag: this.#etag, body: claims.next(this.#taken.epoch) }
    const { end } = await releaseLock(holding, { object, clock, heedsDeletes, withinMs })
    return isLost ? 'lost' : end
  }

  async #watch(): Promise<void> {
    const { clock } = this.#deps
    const over = AbortSignal.any([this.#over.signal, this.#lost.signal])
    while (!over.aborted) {
      this.#tick()
      await clock.sleep(TICK_MS, over)
    }
  }

  #tick(): void {
    const { clock, lock } = this.#deps
    const { ageMs } = this.#lease
    const nowMs = clock.steadyMs()
    if (ageMs >= lock.ttlMs / 2) this.#recover().catch(() => {})
    else if (!this.#rescue) {
      const isDue = ageMs >= lock.ttlMs / 4 && nowMs - this.#renewedMs >= RENEW_PAUSE_MS
      if (isDue && !this.#renewing) this.#beginRenewal()
      // A renewal may wait for an answer that never comes, to a machine that was paused meanwhile.
      if (!this.#looking && nowMs - this.#lookedMs >= LOOK_EVERY_MS) this.#beginLook()
    }
  }

  #beginRenewal(): void {
    const renewing = new AbortController()
    this.#renewing = renewing
    void this.#renew(RENEW_TIMEOUT_MS, renewing.signal).finally(() => {
      this.#renewedMs = this.#deps.clock.steadyMs()
      this.#renewing = undefined
    })
  }

  #beginLook(): void {
    const looking = new AbortController()
    this.#looking = looking
    void this.#see(LOOK_TIMEOUT_MS, looking.signal).then((isSeen) => {
      // A look that shows nothing is made again by the next tick.
      if (isSeen) this.#lookedMs = this.#deps.clock.steadyMs()
      this.#looking = undefined
    })
  }

  #callOff(): void {
    this.#renewing?.abort()
    this.#looking?.abort()
  }

  /** Renews it, or gives it up: once for all who ask. */
  #recover(): Promise<void> {
    this.#rescue ??= this.#tryLast().finally(() => {
      this.#rescue = undefined
    })
    return this.#rescue
  }

  async #tryLast(): Promise<void> {
    const { clock, lock } = this.#deps
    this.#callOff()
    const restMs = lock.ttlMs - this.#lease.ageMs
    // What another program does is only ended by the loss, so that this may not come behind the lease.
    const lastMs = restMs > 0 ? Math.min(LAST_MS, restMs) : LAST_MS
    const attempts = new AbortController()
    const isOver = AbortSignal.any([this.#over.signal, attempts.signal])
    void clock.sleep(lastMs, isOver).then(() => attempts.abort())
    const endMs = clock.steadyMs() + lastMs
    while (!isOver.aborted) {
      await this.#renew(Math.max(1, endMs - clock.steadyMs()), isOver)
      if (this.#lease.ageMs < lock.ttlMs / 2) break
      if (this.#lost.signal.aborted) break
      await clock.sleep(PAUSE_MS, isOver)
    }
    attempts.abort()
    this.#lost.signal.throwIfAborted()
    const { ageMs } = this.#lease
    if (ageMs < lock.ttlMs / 2 || this.#over.signal.aborted) return
    this.#lose({ unheardMs: ageMs, why: this.#failure })
    this.#lost.signal.throwIfAborted()
  }

  /** Renews it, or learns whose it is. */
  async #renew(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { object, claims, clock } = this.#deps
    const endMs = clock.steadyMs() + timeoutMs
    const body = claims.next(this.#taken.epoch)
    const since = claims.sentAt(body)
    try {
      const etag = await object.put(body, { etag: this.#etag }, { timeoutMs, signal })
      if (etag !== '' && since) {
        // What this run wrote need not be read.
        this.#look = { etag, body, ageMs: undefined }
        this.#adopt(etag, since)
        return
      }
    } catch (error) {
      if (signal.aborted) return
      this.#failed(error)
    }
    await this.#see(Math.max(1, endMs - clock.steadyMs()), signal)
  }

  /** Looks whose the lock is; gives whether that was to be seen. */
  async #see(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    const { object } = this.#deps
    const before = this.#etag
    try {
      const look = await object.look({ timeoutMs, signal }, this.#look)
      // What a renewal overtook tells of what was before it.
      const isOutdated = this.#etag !== before && typeof look === 'object' && look.etag === before
      if (!signal.aborted && !isOutdated) this.#heed(look)
      return !isOutdated
    } catch (error) {
      if (!signal.aborted) this.#failed(error)
      return false
    }
  }

  #heed(look: Look): void {
    const { lock, claims } = this.#deps
    if (look === 'hidden') return
    this.#look = look
    if (look === 'absent') {
      this.#lose('gone')
      return
    }
    const since = look.body && claims.sentAt(look.body)
    if (!since) {
      this.#lose({ to: holderOf(look, ttlOf(look, lock.ttlMs)) })
      return
    }
    if (look.etag !== this.#etag) this.#adopt(look.etag, since)
    if (look.ageMs !== undefined)
      this.#lease.saw({ ageMs: look.ageMs, told: momentOf(this.#deps.clock) })
    if (this.#lease.ageMs >= lock.ttlMs / 2) this.#recover().catch(() => {})
  }

  #adopt(etag: string, since: Moment): void {
    this.#etag = etag
    this.#lease.renew(since)
  }

  #failed(error: unknown): void {
    const { code, message } = serviceFailure(error)
    this.#failure = `${code}: ${message}`
  }

  #lose(loss: Loss): void {
    if (this.#lost.signal.aborted) return
    this.#lostAtMs = this.#deps.clock.steadyMs()
    this.#mayBeMine = typeof loss === 'object' && 'unheardMs' in loss
    this.#callOff()
    this.#lost.abort(lostError(this.#deps.lock, loss))
  }
}
