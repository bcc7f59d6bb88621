import { serviceFailure } from '../errors/service-failure.ts'
import { isUsualLock, type LockRequest } from '../model/lock.ts'
import type { Clock, Log } from '../ports.ts'
import type { WriteCondition } from '../storage/store.ts'
import { type LockBody, MOST_EPOCH } from './body.ts'
import type { Claims } from './claims.ts'
import { type Moment, momentOf, type ServedAge } from './lease.ts'
import { type LockObject, type Look, meaningOf, NOBODYS } from './lock-object.ts'
import { ttlOf, Watched } from './stale.ts'
import {
  endedError,
  foreignError,
  heldError,
  hiddenError,
  holderOf,
  untakenError,
  voidError,
} from './words.ts'

/** What a lock is taken with. */
export interface TakeDeps {
  readonly lock: LockRequest
  readonly object: LockObject
  readonly claims: Claims
  readonly clock: Clock
  readonly log: Log
  /** Nothing is waited for behind it; its reason is thrown. */
  readonly signal: AbortSignal
  /** Neither behind this; then it is told who holds the lock. */
  readonly deadline: AbortSignal
  /** Of one request. */
  readonly timeoutMs: number
}

/** A lock that this run has for certain. */
export interface Taken {
  readonly etag: string
  readonly epoch: number
  /** What it says, which need not be read again. */
  readonly body: LockBody
  /** Before it was written. */
  readonly since: Moment
  /** As the service told it last: a machine that was paused meanwhile knows by nothing else. */
  readonly served: ServedAge | undefined
  readonly waitedMs: number
  readonly isTakenOver: boolean
}

/** A lock of this run, as far as is known. */
type Mine = Pick<Taken, 'etag' | 'epoch' | 'body' | 'since'>

/** What the run may write next. */
interface Claim {
  readonly only: WriteCondition
  readonly epoch: number
  readonly isTakenOver: boolean
}

const LEAST_POLL_MS = 1000
const MOST_POLL_MS = 5000
/** A look that shows nothing may be followed by another attempt at once so often. */
const QUICK_TRIES = 3
const PROBES = 5
/** By so many locks beside one of this run the service is not heeding conditions: one or two may have followed one that had run out. */
const SECONDS = 3
const TELL_EVERY_MS = 60_000

const FREE: Claim = { only: 'absent', epoch: 1, isTakenOver: false }

/** Waits for a lock, takes it, and proves that it holds others back. */
class Taking {
  readonly #deps: TakeDeps
  readonly #ended: AbortSignal
  readonly #watched: Watched
  readonly #beganMs: number
  #toldMs = Number.NEGATIVE_INFINITY
  /** Why the last write, and the last look, failed, where that was no other's lock. */
  #failure: { write?: unknown; look?: unknown } = {}
  /** Locks that the service took while one of this run was thought to stand. */
  #seconds = 0
  /** What was written beside a lock, and over another ETag, to no effect as it seems: what is late may come behind the next proof. */
  readonly #beside = new Set<LockBody['write']>()
  readonly #over = new Set<LockBody['write']>()

  constructor(deps: TakeDeps) {
    this.#deps = deps
    this.#ended = AbortSignal.any([deps.signal, deps.deadline])
    this.#watched = new Watched(deps.lock.ttlMs)
    this.#beganMs = deps.clock.steadyMs()
  }

  async run(): Promise<Taken> {
    const { clock, lock } = this.#deps
    let lastMs: number | undefined
    for (let quick = 0; ; ) {
      const claim = this.#claim()
      const mine = (claim && (await this.#write(claim))) ?? (await this.#look())
      this.#mustBeLock()
      if (mine) {
        const waitedMs = clock.steadyMs() - this.#beganMs
        const proven = await this.#prove(mine)
        if (proven) {
          const { served } = this.#watched
          return { ...proven, served, waitedMs, isTakenOver: claim?.isTakenOver ?? false }
        }
      }
      if (this.#claim() && ++quick < QUICK_TRIES) continue
      // It is there, as it cannot be created, and to wait does not make it readable.
      if (quick === QUICK_TRIES && this.#isHidden) throw hiddenError(lock)
      quick = 0
      const leftMs = lock.waitMs - (clock.steadyMs() - this.#beganMs)
      // What has run out is only looked at a second time, be the wait as short as it is; who renews it then is alive.
      if (leftMs <= 0) {
        const { isStale, sinceMs } = this.#watched
        lastMs ??= sinceMs
        if (!isStale || sinceMs !== lastMs) throw this.#untaken()
      }
      this.#tell()
      const pollMs = Math.min(MOST_POLL_MS, Math.max(LEAST_POLL_MS, lock.waitMs / 10))
      await clock.sleep(leftMs > 0 ? Math.min(pollMs, leftMs) : pollMs, this.#ended)
      this.#heed()
    }
  }

  /** What may be written by what was seen; undefined: somebody else holds the lock. */
  #claim(): Claim | undefined {
    const { look } = this.#watched
    if (typeof look !== 'object') return FREE
    const { body, etag } = look
    // Without an ETag nothing can be bound to what was seen.
    if (etag === '') return undefined
    const epoch = Math.min((body?.epoch ?? 0) + 1, MOST_EPOCH)
    if (body?.isReleased) return { only: { etag }, epoch, isTakenOver: false }
    const isDead = this.#watched.isDead(this.#deps.clock.steadyMs())
    return isDead ? { only: { etag }, epoch, isTakenOver: true } : undefined
  }

  /** Writes a claim; undefined where that was not answered as if it were done. */
  async #write({ only, epoch }: Claim): Promise<Mine | undefined> {
    const { object, claims, lock } = this.#deps
    const body = claims.next(epoch)
    try {
      const etag = await object.put(body, only, this.#limit())
      this.#failure.write = undefined
      if (etag === '') return undefined
      claims.stands({ etag, body })
      return this.#mine(etag, body)
    } catch (error) {
      this.#heed()
      const meaning = meaningOf(error)
      if (meaning === 'puzzled') throw voidError(lock, unknown(error))
      if (meaning === 'refused') throw untakenError(lock, error)
      // By 409 alone nobody knows whether there is one.
      const isUnknown = meaning === 'unclear' || serviceFailure(error).status === 409
      this.#failure.write = isUnknown ? error : undefined
      return undefined
    }
  }

  /** Looks who has the lock; it may be this run, whose answer was lost. */
  async #look(): Promise<Mine | undefined> {
    const { object, clock } = this.#deps
    let look: Look
    try {
      look = await object.look(this.#limit(), this.#watched.look)
    } catch (error) {
      this.#heed()
      this.#failure.look = error
      return undefined
    }
    this.#failure.look = undefined
    this.#watched.saw(look, momentOf(clock))
    return typeof look === 'object' && look.body ? this.#mine(look.etag, look.body) : undefined
  }

  /** Throws where what has the key is no lock: under a name of somebody's choice it may be anything, and is not overwritten. */
  #mustBeLock(): void {
    const { lock } = this.#deps
    const { look } = this.#watched
    if (typeof look === 'object' && !look.body && !isUsualLock(lock.key)) throw foreignError(lock)
  }

  #mine(etag: string, body: LockBody): Mine | undefined {
    const since = this.#deps.claims.sentAt(body)
    if (!since) return undefined
    if (etag === '') throw voidError(this.#deps.lock, 'the service does not tell its ETag')
    return { etag, epoch: body.epoch, body, since }
  }

  /**
   * Sees that the service refuses what must not be: a second lock beside this one, and a write over another ETag. Gives
   * the lock as it is then; undefined where it is another's by now. Throws where the service takes either, or does not say.
   */
  async #prove({ etag, epoch }: Mine): Promise<Mine | undefined> {
    const { lock } = this.#deps
    const isTaken = await this.#probe(epoch, 'absent', this.#beside)
    if (!isTaken && (await this.#probe(epoch, { etag: NOBODYS }, this.#over)))
      throw voidError(lock, 'the service ignores If-Match')
    const mine = await this.#lookForCertain()
    const { look } = this.#watched
    const standing = mine && typeof look === 'object' ? look.body?.write : undefined
    // A proxy may have made a refusal of an answer that was none.
    if (standing !== undefined && this.#over.has(standing))
      throw voidError(lock, 'the service overwrites a lock although a condition forbids it')
    const isSecond = standing !== undefined && this.#beside.delete(standing)
    const isOfBefore = !isTaken && !isSecond
    // An earlier write of this run that came late may hide what was taken.
    if (isOfBefore && mine?.etag === etag) return mine
    // The first one may have run out, or been deleted, before it: then it is a lock like any other.
    if (!isOfBefore && ++this.#seconds === SECONDS)
      throw voidError(lock, 'the service ignores If-None-Match')
    return mine && this.#prove(mine)
  }

  /** Writes what must be refused, and notes it; gives whether it was taken. */
  async #probe(
    epoch: number,
    only: WriteCondition,
    written: Set<LockBody['write']>,
  ): Promise<boolean> {
    const { object, claims, lock } = this.#deps
    for (let left = PROBES; ; left--) {
      const body = claims.next(epoch)
      written.add(body.write)
      const end = await object.put(body, only, this.#limit()).then(
        () => undefined,
        (error: unknown) => ({ error }),
      )
      if (!end) return true
      this.#heed()
      const meaning = meaningOf(end.error)
      const { status } = serviceFailure(end.error)
      // 409 only says that something else was under way; by 404 the lock is gone, as the next look tells.
      if (meaning === 'unmet' && status !== 409) return false
      if (meaning === 'puzzled') throw voidError(lock, unknown(end.error))
      if (meaning === 'refused' || left === 1) throw untakenError(lock, end.error)
      await this.#pause(left)
    }
  }

  /** Looks until that is answered, or asked often enough to throw why it is not. */
  async #lookForCertain(): Promise<Mine | undefined> {
    for (let left = PROBES; ; left--) {
      const mine = await this.#look()
      if (this.#failure.look === undefined) return mine
      if (left === 1) throw untakenError(this.#deps.lock, this.#failure.look)
      await this.#pause(left)
    }
  }

  #pause(left: number): Promise<void> {
    const { clock } = this.#deps
    return clock.sleep(clock.random() * 200 * 2 ** (PROBES - left), this.#ended)
  }

  #limit() {
    return { timeoutMs: this.#deps.timeoutMs, signal: this.#ended }
  }

  /** Throws where the run is to end: that is no failure of the service. */
  #heed(): void {
    const { signal, deadline, lock, clock } = this.#deps
    signal.throwIfAborted()
    if (!deadline.aborted) return
    const { look } = this.#watched
    if (typeof look !== 'object') throw deadline.reason
    throw endedError(lock, clock.steadyMs() - this.#beganMs, this.#holder(look))
  }

  /** Whether the last write was refused as there is a lock, which this run may not read. */
  get #isHidden(): boolean {
    return this.#watched.look === 'hidden' && this.#failure.write === undefined
  }

  /** Why the lock was not had. */
  #untaken(): unknown {
    const { lock } = this.#deps
    const { look } = this.#watched
    const failure = this.#failure.look ?? this.#failure.write
    if (failure !== undefined) return untakenError(lock, failure)
    if (look === 'absent')
      return voidError(lock, 'the service refuses If-None-Match although there is no lock')
    if (typeof look !== 'object') return heldError(lock, 'another run', true)
    return heldError(lock, this.#holder(look), look.ageMs !== undefined)
  }

  #holder = (look: Exclude<Watched['look'], string | undefined>): string =>
    holderOf(look, ttlOf(look, this.#deps.lock.ttlMs))

  #tell(): void {
    const { clock, log } = this.#deps
    const { look } = this.#watched
    const nowMs = clock.steadyMs()
    if (nowMs - this.#toldMs < TELL_EVERY_MS) return
    this.#toldMs = nowMs
    const failure = this.#failure.look ?? this.#failure.write
    const why =
      failure !== undefined
        ? `the service does not respond: ${serviceFailure(failure).message}`
        : typeof look === 'object'
          ? `held by ${this.#holder(look)}`
          : 'held'
    log.line('info', `Waiting for the lock: ${why}.`)
  }
}

const unknown = (error: unknown): string => {
  const { code, message } = serviceFailure(error)
  return `the service does not support conditional writes (${code}: ${message})`
}

/**
 * Waits for a lock and takes it. Throws SyncError of kind `lock` where another run holds it until the wait is over, where
 * the service does not heed conditions, and where it cannot be taken; the reason of the signal where that ends it.
 */
export const takeLock = (deps: TakeDeps): Promise<Taken> => new Taking(deps).run()
