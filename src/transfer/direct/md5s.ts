import { hash } from 'node:crypto'
import { Md5Lanes } from '../../model/md5-lanes.ts'
import { BLOCK_BYTES, LANES, MOST_BLOCKS } from '../../model/md5-program.ts'
import { onceAble } from '../../model/once-able.ts'
import type { Clock } from '../../ports.ts'

/** A content, and how much of it was taken in. */
interface Job {
  readonly bytes: Uint8Array
  readonly done: (md5: Buffer) => void
  at: number
}

/** While so many others are under way, who comes waits for company: what is sent meanwhile keeps the line busy. */
const LEAST_OTHERS = 2
/** Then no longer: some of the others may have to wait themselves. */
const GATHER_MS = 250
/** Between so many calls, which take milliseconds, whatever else waits has its turn. */
const CALLS_IN_A_ROW = 64

/**
 * MD5s of contents that are there at about the same time, up to four of them for little more than one costs: they are most
 * of what an upload costs. One that stays alone is left to Node.
 */
export class Md5s {
  readonly #clock: Pick<Clock, 'sleep'>
  readonly #lanes = onceAble(() => new Md5Lanes())
  readonly #waiting: Job[] = []
  readonly #active: (Job | undefined)[] = Array.from({ length: LANES }, () => undefined)
  /** Whether a turn will come without anybody asking for it. */
  #isAtWork = false
  #isGathering = false
  /** Contents that are held somewhere, those which wait here among them. */
  #held = 0

  constructor(clock: Pick<Clock, 'sleep'>) {
    this.#clock = clock
  }

  /** Does some work with a content, whose MD5 it asks for at some time. */
  async holding<T>(work: () => Promise<T>): Promise<T> {
    this.#held++
    try {
      return await work()
    } finally {
      this.#held--
      this.#gather()
    }
  }

  /** The MD5 of bytes that nobody changes meanwhile. */
  digest(bytes: Uint8Array): Promise<Buffer> {
    const { promise, resolve: done } = Promise.withResolvers<Buffer>()
    this.#waiting.push({ bytes, done, at: 0 })
    this.#gather()
    return promise
  }

  /** Begins once all lanes can be filled, or too few are under way who could come. */
  #gather(): void {
    const waiting = this.#waiting.length
    if (this.#isAtWork || waiting === 0) return
    if (waiting >= LANES || this.#held - waiting < LEAST_OTHERS) this.#begin()
    else if (!this.#isGathering) {
      this.#isGathering = true
      void this.#clock.sleep(GATHER_MS).then(() => {
        this.#isGathering = false
        this.#begin()
      })
    }
  }

  #begin(): void {
    if (this.#isAtWork) return
    this.#isAtWork = true
    setImmediate(() => this.#turn())
  }

  #turn(): void {
    const lanes = this.#enter()
    if (lanes) for (let call = 0; call < CALLS_IN_A_ROW; call++) this.#goOn(lanes)
    this.#isAtWork = this.#active.some((job) => job !== undefined)
    if (this.#isAtWork) setImmediate(() => this.#turn())
    else this.#gather()
  }

  /** Lets in who waits. Who would be alone is served at once; gives undefined then. */
  #enter(): Md5Lanes | undefined {
    const isAlone = this.#waiting.length < 2 && this.#active.every((job) => job === undefined)
    const lanes = isAlone ? undefined : this.#lanes()
    if (!lanes) {
      const first = this.#waiting.shift()
      first?.done(hash('md5', first.bytes, 'buffer'))
      return undefined
    }
    for (const [lane, job] of this.#active.entries()) {
      if (job) continue
      this.#active[lane] = this.#waiting.shift()
      lanes.begin(lane)
    }
    return lanes
  }

  /** Takes in as many blocks of all as the shortest has, and ends those which have none. */
  #goOn(lanes: Md5Lanes): void {
    let blocks = MOST_BLOCKS
    for (const [lane, job] of this.#active.entries()) {
      if (!job) continue
      const left = Math.floor((job.bytes.length - job.at) / BLOCK_BYTES)
      if (left === 0) {
        this.#active[lane] = undefined
        job.done(lanes.end(lane, job.bytes.subarray(job.at), job.bytes.length))
      } else blocks = Math.min(blocks, left)
    }
    let isAny = false
    for (const [lane, job] of this.#active.entries()) {
      if (!job) continue
      const next = job.at + blocks * BLOCK_BYTES
      lanes.put(lane, job.bytes.subarray(job.at, next))
      job.at = next
      isAny = true
    }
    if (isAny) lanes.run(blocks)
  }
}
