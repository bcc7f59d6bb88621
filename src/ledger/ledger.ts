import { failureKind } from '../errors/catalogue.ts'
import { sameEtag } from '../model/etag.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import type { CopyOp } from '../model/op.ts'
import type { Belief, Outcome } from '../model/outcome.ts'
import type { Expected } from '../model/proof.ts'
import type { TransferRequest } from '../model/request.ts'
import type { Files, Host } from '../ports.ts'
import { JsonLines, type Spool } from './json-lines.ts'
import type { OnStanding } from './published.ts'
import { rowOfCopy, rowOfDelete } from './rows.ts'

/** A copy that was reported done and is still to be seen at the destination. */
export interface Claim extends Expected {
  /** Key relative to the destination's prefix. */
  readonly key: KeyBytes
  /** Full key at the source. */
  readonly from: string
  /** Where a version of it was copied. */
  readonly fromVersion?: string | undefined
  /** Hex, of the bytes that were written, where it is known. */
  readonly sha256?: string | undefined
}

/** The rows of a closed ledger. */
export interface Settled {
  readonly results: Spool
  /** Copies that are still to be seen at the destination. */
  readonly claims: Spool
  /** Ops that were reported done. */
  readonly done: number
}

const claimOf = (
  op: CopyOp,
  { engine, resultEtag, sha256, batchBeganMs }: Outcome,
  prefix: string,
): Claim => ({
  key: toKeyBytes(op.to.slice(prefix.length)),
  from: op.key,
  fromVersion: op.versionId,
  sha256,
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

/** Takes the end of each op. */
export interface Recorder {
  record(outcome: Outcome): void
}

interface LedgerRules {
  readonly destinationPrefix: string
  /** How done copies are to be proven afterwards. */
  readonly verify: TransferRequest['verify']
  /** Takes secrets out of what a service said. */
  readonly hide: Host['hide']
  readonly onRecorded: (outcome: Outcome) => void
  /** Told when a row could not be written. */
  readonly onLost: () => void
  /** Told of copies that need no further look. */
  readonly onStanding?: OnStanding | undefined
}

/** Where endings become rows of results.ndjson, as they come: every planned op leaves it exactly once. */
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

  /** Opens the rows of a run, or adds those of a further wave; the claims of each are a file of their own. */
  static async open(
    files: Pick<Files, 'writer'>,
    paths: { readonly results: string; readonly claims: string },
    rules: LedgerRules,
    mode?: 'append',
  ): Promise<Ledger> {
    const { onLost } = rules
    const claims = await JsonLines.open(files, paths.claims, { onLost })
    try {
      const results = await JsonLines.open(
        files,
        paths.results,
        mode ? { mode, onLost } : { onLost },
      )
      return new Ledger(results, claims, rules)
    } catch (error) {
      await claims.close()
      throw error
    }
  }

  /** The end of an op. */
  record(outcome: Outcome): void {
    const { hide, destinationPrefix, onRecorded } = this.#rules
    const { op, status } = outcome
    const isDone = status === 'done'
    if (op.op === 'delete') void this.#results.add(rowOfDelete(op, outcome, hide))
    else {
      const belief = this.#beliefIn(op, outcome)
      void this.#results.add(rowOfCopy(op, outcome, belief, hide))
      if (isDone && belief !== 'claimed')
        this.#rules.onStanding?.({
          to: op.to,
          size: op.size,
          etag: outcome.resultEtag,
          sha256: outcome.sha256,
        })
      if (isDone && belief === 'claimed')
        void this.#claims.add(claimOf(op, outcome, destinationPrefix))
    }
    if (isDone) this.#done++
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

  /** An answer to the copy that names the source's ETag proves it, unless all are looked at again. */
  #beliefIn({ etag }: CopyOp, { status, resultEtag }: Outcome): Belief {
    const { verify } = this.#rules
    if (status === 'done' && sameEtag(resultEtag, etag) && verify !== 'listing') return 'proven'
    return verify === 'outcomes' ? 'believed' : 'claimed'
  }
}
