import { failureKind } from '../errors/catalogue.ts'
import { sameEtag } from '../model/etag.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Expected } from '../model/proof.ts'
import type { CarryRequest } from '../model/request.ts'
import type { Host } from '../ports.ts'
import type { JsonLines, Spool } from './json-lines.ts'
import { rowOfCopy } from './rows.ts'

/** A copy that was reported done and is still to be seen at the destination. */
export interface Claim extends Expected {
  /** Key relative to the destination's prefix. */
  readonly key: KeyBytes
  /** Full key at the source. */
  readonly from: string
}

/** The rows of a closed ledger. */
export interface Settled {
  readonly results: Spool
  /** Copies that are still to be seen at the destination. */
  readonly claims: Spool
  /** Copies that were reported done. */
  readonly done: number
}

/** Whether the answer to the copy names the source's ETag: that proves it, unless all are looked at again. */
const namedByAnswer = ({ status, op, resultEtag }: Outcome): boolean =>
  status === 'done' && sameEtag(resultEtag, op.etag)

const claimOf = ({ op, engine, resultEtag, batchBeganMs }: Outcome, prefix: string): Claim => ({
  key: toKeyBytes(op.to.slice(prefix.length)),
  from: op.key,
  etag: op.etag,
  size: op.size,
  batchBeganMs,
  stood: op.toEtag,
  answer: resultEtag,
  oneRequest: engine === 's5cmd',
})

/** Whether another attempt may end better. */
export const mayHeal = ({ status, code, httpStatus }: Outcome): boolean =>
  status !== 'done' && failureKind(code, httpStatus).retryable

/** Takes the end of each copy. */
export interface Recorder {
  record(outcome: Outcome): void
}

interface LedgerRules {
  readonly destinationPrefix: string
  /** How done copies are to be proven afterwards. */
  readonly verify: CarryRequest['verify']
  readonly onRecorded: (outcome: Outcome) => void
  /** Takes secrets out of what a service said. */
  readonly hide: Host['hide']
}

/** Where endings become rows of results.ndjson, as they come: every planned copy leaves it exactly once. */
export class Ledger implements Recorder {
  readonly #results: JsonLines
  readonly #claims: JsonLines
  readonly #rules: LedgerRules
  #done = 0

  constructor(results: JsonLines, claims: JsonLines, rules: LedgerRules) {
    this.#results = results
    this.#claims = claims
    this.#rules = rules
  }

  /** The end of a copy. */
  record(outcome: Outcome): void {
    const { verify, destinationPrefix, hide, onRecorded } = this.#rules
    const proven = namedByAnswer(outcome) && verify !== 'listing'
    const belief = proven ? 'proven' : verify === 'outcomes' ? 'believed' : 'claimed'
    void this.#results.add(rowOfCopy(outcome, belief, hide))
    if (outcome.status === 'done') {
      this.#done++
      if (belief === 'claimed') void this.#claims.add(claimOf(outcome, destinationPrefix))
    }
    onRecorded(outcome)
  }

  /** Writes all that is still in memory and closes the files. Rejects when a row could not be written. */
  async close(): Promise<Settled> {
    const [results, claims] = await Promise.allSettled([
      this.#results.close(),
      this.#claims.close(),
    ])
    if (results.status === 'rejected') throw results.reason
    if (claims.status === 'rejected') throw claims.reason
    return { results: results.value, claims: claims.value, done: this.#done }
  }
}
