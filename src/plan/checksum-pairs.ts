import { inParallel } from '../flow/pool.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import type { ObjectInfo, SourceObject } from '../model/object-info.ts'
import { CHECKSUM_NOT_ASKED, type ChecksumCount, type CopyOp } from '../model/op.ts'
import type { ChecksumLooks, ComparedPair, ListedPair } from './checksum-looks.ts'
import { Chosen } from './chosen.ts'
import { type Asking, asksChecksums, decide } from './decide.ts'
import {
  addCopy,
  type CommonRules,
  doubtOf,
  keepRestored,
  type PairAsking,
  type Part,
  reasonOf,
  settleDoubts,
  wholeKey,
} from './part.ts'
import { count, countAt } from './tallies.ts'

/** Of pairs that times leave so many are asked for, each day others. */
const MOST_CHOSEN = 1000
const PAIRS_AT_ONCE = 32

/** A pair that was left by its times, and the part that counts it. */
interface Left {
  readonly part: Part
  readonly pair: ListedPair<SourceObject>
}

/** Without the page that the strings of a listed object are parts of. */
const detached = <Info extends ObjectInfo>(object: Info): Info =>
  JSON.parse(JSON.stringify(object)) as Info

const precedes = (late: CopyOp, written: CopyOp): boolean =>
  !written.unnameable && Buffer.compare(Buffer.from(late.to), Buffer.from(written.to)) < 0

/** Tells which pairs are asked for their checksums: at once, or, of those that their times leave, some behind all others. */
export class PairChecks implements PairAsking {
  readonly #looks: ChecksumLooks
  readonly #around: CommonRules
  readonly #chosen: Chosen<Left>
  readonly #isApproved: ((key: KeyBytes) => boolean) | undefined

  /** `day`: as text; `isApproved`: where a plan was approved, whether it may copy to a key of the destination. */
  constructor(
    looks: ChecksumLooks,
    around: CommonRules,
    {
      day,
      isApproved,
    }: { readonly day: string; readonly isApproved: ((key: KeyBytes) => boolean) | undefined },
  ) {
    this.#looks = looks
    this.#around = around
    this.#chosen = new Chosen(day, MOST_CHOSEN)
    this.#isApproved = isApproved
  }

  askingOf(from: SourceObject, to: ObjectInfo): Asking {
    const { rules, skewMs } = this.#around
    const asking = asksChecksums(rules, from, to, skewMs)
    return asking && this.#looks.mayTell(from, to) ? asking : undefined
  }

  pairOf(from: SourceObject, to: ObjectInfo): ListedPair<SourceObject> | undefined {
    const { source, destination } = this.#around
    const [fromText, toKeyText] = [toText(from.origin ?? from.key), toText(to.key)]
    if (fromText === undefined || toKeyText === undefined) return undefined
    const [fromKey, toKey] = [source.prefix + fromText, destination.prefix + toKeyText]
    return { from, to, fromKey, toKey, fromVersion: from.version }
  }

  /** With an approved plan it is asked for at once where that copies it: the plan chose on its own day. */
  offer(part: Part, pair: ListedPair<SourceObject>): boolean {
    if (this.#isApproved)
      return this.#isApproved((this.#around.scope.within + pair.to.key) as KeyBytes)
    const left = this.#chosen.offer(pair.toKey, () => ({
      part,
      pair: { ...pair, from: detached(pair.from), to: detached(pair.to) },
    }))
    const out = left === 'not-chosen' ? { part, pair } : left
    if (out) count(out.part.reasons, CHECKSUM_NOT_ASKED, { objects: 1, bytes: out.pair.from.size })
    return false
  }

  look(pair: ListedPair<SourceObject>): Promise<ComparedPair<SourceObject>> {
    return this.#looks.look(pair)
  }

  /** Pairs that were asked for, and the HEADs that they took on each side; undefined: none. */
  get taken(): ChecksumCount | undefined {
    const { taken } = this.#looks
    return taken.pairs > 0 ? taken : undefined
  }

  /** Asks for the pairs that were chosen, once all are known, and amends the parts that left them by their times. */
  async settle(): Promise<void> {
    const amended = new Map<Part, Set<string>>()
    await inParallel(this.#chosen.items, PAIRS_AT_ONCE, async ({ part, pair }) => {
      const looked = await this.look(pair)
      if (!this.#amend(part, pair, looked)) return
      const keys = amended.get(part) ?? new Set()
      amended.set(part, keys.add(pair.fromKey))
    })
    for (const [part, keys] of amended) {
      const samples = part.samples['differs-unproven'] ?? []
      part.samples['differs-unproven'] = samples.filter(({ key }) => !keys.has(key))
      await settleDoubts(part, this.#around)
      await keepRestored(part, this.#around)
      await part.copies.merge(precedes)
    }
  }

  /** Counts a pair anew by what its checksums say, and plans its copy where it is one; gives whether anything changed. */
  #amend(
    part: Part,
    { from }: ListedPair<SourceObject>,
    looked: ComparedPair<SourceObject>,
  ): boolean {
    const { rules, skewMs, scope } = this.#around
    const { verdict, to } = looked
    const decision = decide(rules, looked.from, to, skewMs, verdict)
    const reason = reasonOf(decision)
    const bytes = looked.from.size
    if (verdict === 'not-asked') count(part.reasons, CHECKSUM_NOT_ASKED, { objects: 1, bytes })
    if (reason === 'differs-unproven') return false
    const less = { objects: -1, bytes: -from.size }
    count(part.reasons, 'differs-unproven', less)
    if (scope.waves) countAt(part.unproven, scope.waves.of(from.key), less)
    if ('skip' in decision) {
      // What holds the same may have other headers than rules ask for.
      const doubt = doubtOf(part, this.#around, [looked.from, to, decision.skip])
      if (!doubt) count(part.reasons, reason, { objects: 1, bytes })
      return true
    }
    count(part.reasons, reason, { objects: 1, bytes })
    part.standing.withdraw(wholeKey(this.#around, from.key))
    addCopy(part, this.#around, [looked.from, to, decision.copy])
    return true
  }
}
