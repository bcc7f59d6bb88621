import type { Claim } from '../ledger/ledger.ts'
import type { OnStanding } from '../ledger/published.ts'
import { toText } from '../model/key.ts'
import type { Found, ProofKind } from '../model/proof.ts'
import type { LookMethod } from '../transfer/look.ts'

/** What another look at the destination found. */
export interface Verification {
  readonly method: LookMethod | 'results' | 'none'
  /** Copies that were looked at. */
  readonly checked: number
  /** Of these, the ones that hold, by what proves it. */
  readonly proven: Readonly<Record<ProofKind, number>>
  /** Destination keys that do not hold the planned copy, and what is there instead. */
  readonly mismatches: ReadonlyMap<string, string>
  /** Destination keys whose copy a full-object checksum proved; undefined: none. */
  readonly byChecksum?: ReadonlySet<string> | undefined
  /** Destination keys that were looked at before a cancel ended the looks; undefined: all were looked at. */
  readonly inTime?: ReadonlySet<string> | undefined
}

/** What the looks at several waves found together. */
export function addVerification(first: Verification | undefined, next: Verification): Verification {
  if (!first) return next
  return {
    method: next.checked < first.checked ? first.method : next.method,
    checked: first.checked + next.checked,
    proven: {
      etag: first.proven.etag + next.proven.etag,
      checksum: first.proven.checksum + next.proven.checksum,
      'size-and-time': first.proven['size-and-time'] + next.proven['size-and-time'],
    },
    mismatches: new Map([...first.mismatches, ...next.mismatches]),
  }
}

/** Nothing looked at. */
export const NOT_PROVEN: Verification['proven'] = { etag: 0, checksum: 0, 'size-and-time': 0 }

function foundInstead(claim: Claim, found: Found | undefined): string {
  if (!found) return 'The destination does not have the object.'
  const { size, etag, modified } = found
  return etag === claim.etag
    ? `The destination still has the old object: it was last modified at ${modified}.`
    : `The destination has ${size} bytes with ETag ${etag} instead of ${claim.size} bytes with ETag ${claim.etag}.`
}

/** Keys that can be named as looked at, when a cancel ends the looks: more than there is time to look at. */
const MOST_NAMED = 200_000

/** What is found as the looks go on; a cancel ends them anywhere. */
export class Findings {
  readonly #prefix: string
  readonly #onStanding: OnStanding | undefined
  readonly #proven: Record<ProofKind, number> = { ...NOT_PROVEN }
  readonly #mismatches = new Map<string, string>()
  readonly #seen = new Set<string>()
  readonly #byChecksum = new Set<string>()

  /** Keys are told behind this prefix of the destination; `onStanding` is told of each copy that is there. */
  constructor(prefix: string, onStanding?: OnStanding) {
    this.#prefix = prefix
    this.#onStanding = onStanding
  }

  /** The copy is there. */
  prove(claim: Claim, by: ProofKind, found: Found | undefined): void {
    this.#proven[by]++
    const to = this.#note(claim)
    if (by === 'checksum') this.#byChecksum.add(to)
    const { sha256 } = claim
    this.#onStanding?.({ to, size: found?.size ?? claim.size, etag: found?.etag, sha256 })
  }

  /** Something else is there, or nothing. */
  refute(claim: Claim, found: Found | undefined): void {
    this.#mismatches.set(this.#note(claim), foundInstead(claim, found))
  }

  has(claim: Claim): boolean {
    return this.#seen.has(this.#keyOf(claim))
  }

  /** All that was to be looked at was. */
  whole(method: Verification['method'], checked: number): Verification {
    const byChecksum = this.#byChecksum.size > 0 ? this.#byChecksum : undefined
    const proven = { ...this.#proven }
    return { method, checked, proven, mismatches: this.#mismatches, byChecksum }
  }

  /** The looks ended early. */
  broken(method: Verification['method']): Verification {
    return { ...this.whole(method, this.#seen.size), inTime: this.#seen }
  }

  #keyOf({ key }: Claim): string {
    return this.#prefix + toText(key)
  }

  #note(claim: Claim): string {
    const key = this.#keyOf(claim)
    if (this.#seen.size < MOST_NAMED) this.#seen.add(key)
    return key
  }
}
