import { type LockBody, randomId } from './body.ts'
import { type LeaseClock, type Moment, momentOf } from './lease.ts'

/** How all of a run's writes of its lock are signed. */
export interface Claimant {
  readonly owner: string
  readonly ttlSeconds: number
  readonly runUrl: string
}

/** A lock as it was written, and its ETag. */
export interface Holding {
  readonly etag: string
  readonly body: LockBody
}

/** The writes of a run: by them it knows its own lock, also where the answer was lost. */
export class Claims {
  readonly #claimant: Claimant
  readonly #clock: LeaseClock
  readonly #sent = new Map<string, Moment>()
  #standing: Holding | undefined

  constructor(claimant: Claimant, clock: LeaseClock) {
    this.#claimant = claimant
    this.#clock = clock
  }

  get owner(): string {
    return this.#claimant.owner
  }

  /** Whether anything was written, as far as is known. */
  get areAny(): boolean {
    return this.#sent.size > 0
  }

  /** The last write that was answered as done, which may stand there still; undefined: none was. */
  get standing(): Holding | undefined {
    return this.#standing
  }

  /** A write was answered with this ETag. */
  stands(holding: Holding): void {
    this.#standing = holding
  }

  /** What is written next: from now on it may stand there. */
  next(epoch: number): LockBody {
    const write = randomId()
    this.#sent.set(write, momentOf(this.#clock))
    const { owner, ttlSeconds, runUrl } = this.#claimant
    return { owner, write, epoch, ttlSeconds, runUrl, isReleased: false }
  }

  /** Before a write was sent; undefined where it is none of this run's. */
  sentAt({ owner, write }: Pick<LockBody, 'owner' | 'write'>): Moment | undefined {
    return owner === this.#claimant.owner ? this.#sent.get(write) : undefined
  }
}
