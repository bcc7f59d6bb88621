import { inParallel } from '../flow/pool.ts'
import type { KeyBytes } from '../model/key.ts'
import type { ObjectInfo, SourceObject } from '../model/object-info.ts'
import type { ComparedPair, ListedPair } from './checksum-looks.ts'
import type { PairTaker } from './join.ts'
import { newTaker } from './new-copies.ts'
import {
  keepRestored,
  noteOf,
  type Part,
  type PartRules,
  settleDoubts,
  type Taken,
  take,
} from './part.ts'
import { sameTaker } from './same-pairs.ts'

/** What is taken once the checksums of those that stand before it are known. */
interface Waiting {
  readonly from: SourceObject | undefined
  readonly to: ObjectInfo | undefined
  /** How it is asked for; undefined: it only keeps its place. */
  readonly pair: ListedPair<SourceObject> | undefined
}

/** Pairs of a range that are asked for at a time; what all ranges ask for waits for its turn. */
const PAIRS_AT_ONCE = 32

/** Turns the pairs of a range into the lines and counts of a part, in their order. */
class PartTaker implements PairTaker {
  readonly #takeSame: PairTaker['takeSame']
  readonly #takeNew: PairTaker['takeNew']
  readonly #part: Part
  readonly #around: PartRules
  #waiting: Waiting[] = []

  constructor(part: Part, around: PartRules) {
    this.#part = part
    this.#around = around
    this.#takeSame = sameTaker(part, around)
    this.#takeNew = newTaker(part, around)
  }

  /** As long as some glob of the waves took no key, each has to be seen. */
  get takeSame(): PairTaker['takeSame'] {
    return this.#around.scope.waves?.hasIdle ? undefined : this.#takeSame
  }

  /** Behind what waits nothing is taken at once. */
  get takeNew(): PairTaker['takeNew'] {
    return this.#waiting.length > 0 ? undefined : this.#takeNew
  }

  take(from: SourceObject | undefined, to: ObjectInfo | undefined): void {
    const pair = from && to && this.#asked(from, to)
    if (pair || this.#waiting.length > 0) this.#waiting.push({ from, to, pair })
    else this.#settle({ from, to, checksums: 'none' })
  }

  async pause(): Promise<void> {
    if (this.#waiting.length > 0) await this.#settleAll()
    await settleDoubts(this.#part, this.#around)
    await keepRestored(this.#part, this.#around)
    await this.#part.flush()
  }

  /** The pair, where it is asked for now. */
  #asked(from: SourceObject, to: ObjectInfo): ListedPair<SourceObject> | undefined {
    const { checks, scope } = this.#around
    const asking = checks?.askingOf(from, to)
    if (!checks || !asking || !scope.has(from, to)) return undefined
    const pair = checks.pairOf(from, to)
    if (!pair) return undefined
    if (asking === 'all') return pair
    // Behind all others it is known which of these are asked for.
    return checks.offer(this.#part, pair) ? pair : undefined
  }

  async #settleAll(): Promise<void> {
    const { checks } = this.#around
    const all = this.#waiting
    this.#waiting = []
    const looked = new Map<Waiting, ComparedPair<SourceObject>>()
    await inParallel(all, PAIRS_AT_ONCE, async (waiting) => {
      if (waiting.pair && checks) looked.set(waiting, await checks.look(waiting.pair))
    })
    for (const waiting of all) {
      const { from, to, verdict } = looked.get(waiting) ?? { ...waiting, verdict: 'none' as const }
      this.#settle({ from, to, checksums: verdict })
    }
  }

  #settle(taken: Taken): void {
    const { from, to } = taken
    const { isNoted, scope } = this.#around
    const { planned, skip, doubt } = take(this.#part, this.#around, taken)
    const key = (scope.within + ((from ?? to)?.key ?? '')) as KeyBytes
    if (!isNoted?.(key, planned)) return
    const noted = noteOf(key, taken, this.#around)
    const left = { ...noted, skip }
    this.#part.notes.add(left, 0)
    if (doubt) doubt.note = { left, copied: isNoted(key, 'copy') ? noted : undefined }
  }
}

/** Turns pairs into the lines and counts of a part. */
export const takerOf = (part: Part, around: PartRules): PairTaker => new PartTaker(part, around)
