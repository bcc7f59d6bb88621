import type { Moment, ServedAge } from './lease.ts'
import type { Look, SeenLock } from './lock-object.ts'

/** How far the times of a service's machines may be apart, and what is begun in the last moment may be late. */
export const MARGIN_MS = 30_000

/** How long the holder of a lock lets pass without a sign of life; what cannot be read says it for itself, as `ownTtlMs`. */
export const ttlOf = ({ body }: SeenLock, ownTtlMs: number): number =>
  body ? body.ttlSeconds * 1000 : ownTtlMs

/** What was looked at again and again. */
export class Watched {
  readonly #ownTtlMs: number
  #look: Look | undefined
  /** When the lock was first seen as it is, by this machine's steady clock, and when last. */
  #sinceMs = 0
  #last: Moment = { wallMs: 0, steadyMs: 0 }

  constructor(ownTtlMs: number) {
    this.#ownTtlMs = ownTtlMs
  }

  get look(): Look | undefined {
    return this.#look
  }

  /** Since when the lock was seen as it is, by this machine's steady clock. */
  get sinceMs(): number {
    return this.#sinceMs
  }

  saw(look: Look, at: Moment): void {
    const isSame =
      typeof look === 'object' &&
      typeof this.#look === 'object' &&
      look.etag === this.#look.etag &&
      look.etag !== ''
    if (!isSame) this.#sinceMs = at.steadyMs
    this.#look = look
    this.#last = at
  }

  /** How old the lock is by the last look; undefined: the service does not tell. */
  get served(): ServedAge | undefined {
    const look = this.#look
    return typeof look === 'object' && look.ageMs !== undefined
      ? { ageMs: look.ageMs, told: this.#last }
      : undefined
  }

  /** Whether the lock has run out by the service's own clock. */
  get isStale(): boolean {
    const look = this.#look
    return (
      typeof look === 'object' &&
      look.ageMs !== undefined &&
      look.ageMs > ttlOf(look, this.#ownTtlMs) + MARGIN_MS
    )
  }

  /** Whether it has run out, and was seen unchanged for so long that no renewal can be on its way. */
  isDead(steadyMs: number): boolean {
    const look = this.#look
    if (!this.isStale || typeof look !== 'object') return false
    return steadyMs - this.#sinceMs >= ttlOf(look, this.#ownTtlMs) / 4
  }
}
