import { failureKind } from '../errors/catalogue.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import { NOT_LOOKED_AT, type Outcome, type ResultRow } from '../model/outcome.ts'
import type { Expected } from '../model/proof.ts'
import type { CarryRequest } from '../model/request.ts'
import { visibleJson } from '../model/safe.ts'
import type { Files, Host, LineWriter } from '../ports.ts'

/** A copy that was reported done and is still to be seen at the destination. */
export interface Claim extends Expected {
  /** Key relative to the destination's prefix. */
  readonly key: KeyBytes
  /** Full key at the source. */
  readonly from: string
}

/** Lines in a file, and how many. */
export interface Spool {
  readonly path: string
  readonly count: number
}

/** The rows of a closed ledger. */
export interface Settled {
  readonly results: Spool
  /** Copies that are still to be seen at the destination. */
  readonly claims: Spool
  /** Copies that were reported done. */
  readonly done: number
}

/** Where endings become outcomes: every planned op leaves it exactly once. */
export interface Ledger {
  /** The end of an op. */
  settle(outcome: Outcome): void
  /** Writes all that is still in memory and closes the files. */
  close(): Promise<Settled>
}

const MESSAGE_CHARS = 500

/** Whether the answer to the copy names the source's ETag: that proves it, unless all are looked at again. */
const namedByAnswer = ({ status, op, resultEtag }: Outcome): boolean =>
  status === 'done' && resultEtag === op.etag

/** How far a copy that was reported done is to be believed. */
type Belief = 'proven' | 'believed' | 'claimed'

/** The line of results.ndjson for an outcome. */
const resultRow = (outcome: Outcome, belief: Belief, hide: Host['hide']): ResultRow => {
  const { op, status, engine, route, attempts, code = '', message = '', tookMs } = outcome
  const isDone = status === 'done'
  return {
    op: op.op,
    key: op.key,
    to: op.to,
    size: op.size,
    status,
    engine,
    ...(route ? { route } : {}),
    attempts,
    ...(isDone && tookMs !== undefined ? { seconds: tookMs / 1000 } : {}),
    ...(belief === 'proven' ? { proof: 'etag' } : {}),
    ...(isDone ? {} : { code: hide(code), message: hide(message).slice(0, MESSAGE_CHARS) }),
    // Whatever ends the run before that look, the file does not say what nobody saw.
    ...(isDone && belief === 'claimed' ? NOT_LOOKED_AT : {}),
  }
}

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

interface LinesRules {
  readonly files: Files
  /** Told at once when a line cannot be written; `close` throws the failure. */
  readonly onLost: () => void
}

/** A file of JSON lines that is written in the background, in order. */
export async function jsonLines(path: string, { files, onLost }: LinesRules) {
  const writer: LineWriter = await files.writer(path)
  let count = 0
  let tail: Promise<void> = Promise.resolve()
  return {
    add(value: unknown): void {
      count++
      tail = tail.then(() => writer.write(visibleJson(value)))
      tail.catch(onLost)
    },
    async close(): Promise<Spool> {
      await tail.finally(() => writer.close())
      return { path, count }
    },
  }
}

interface LedgerRules extends LinesRules {
  readonly resultsPath: string
  readonly claimsPath: string
  readonly destinationPrefix: string
  /** How done copies are to be proven afterwards. */
  readonly verify: CarryRequest['verify']
  readonly onSettled: (outcome: Outcome) => void
  /** Takes secrets out of what a service said. */
  readonly hide: Host['hide']
}

/** A ledger that writes results.ndjson as outcomes come. */
export async function openLedger(rules: LedgerRules): Promise<Ledger> {
  const { destinationPrefix, verify, onSettled, hide } = rules
  const results = await jsonLines(rules.resultsPath, rules)
  const claims = await jsonLines(rules.claimsPath, rules)
  let done = 0
  return {
    settle: (outcome) => {
      const proven = namedByAnswer(outcome) && verify !== 'listing'
      const belief = proven ? 'proven' : verify === 'outcomes' ? 'believed' : 'claimed'
      results.add(resultRow(outcome, belief, hide))
      if (outcome.status === 'done') {
        done++
        if (belief === 'claimed') claims.add(claimOf(outcome, destinationPrefix))
      }
      onSettled(outcome)
    },
    close: async () => {
      const [written, claimed] = await Promise.allSettled([results.close(), claims.close()])
      if (written.status === 'rejected') throw written.reason
      if (claimed.status === 'rejected') throw claimed.reason
      return { results: written.value, claims: claimed.value, done }
    },
  }
}
