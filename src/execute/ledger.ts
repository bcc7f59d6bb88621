import { failureKind } from '../model/failures.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import type { Outcome, ResultRow } from '../model/outcome.ts'
import type { Expected } from '../model/proof.ts'
import type { Files, LineWriter } from '../ports.ts'

/** A copy that was reported done and is still to be seen at the destination. */
export interface Claim extends Expected {
  /** Key relative to the destination's prefix. */
  readonly key: KeyBytes
}

/** Lines in a file, and how many. */
export interface Spool {
  readonly path: string
  readonly count: number
}

/** Where endings become outcomes: every planned op leaves it exactly once. */
export interface Ledger {
  /** The end of an op. */
  settle(outcome: Outcome): void
  settled(): number
  /** Writes all that is still in memory and closes the files. */
  close(): Promise<{ readonly results: Spool; readonly claims: Spool }>
}

const MESSAGE_CHARS = 500

/** The line of results.ndjson for an outcome. */
export const resultRow = ({
  op,
  status,
  engine,
  route,
  attempts,
  code,
  message,
}: Outcome): ResultRow => ({
  op: op.op,
  key: op.key,
  to: op.to,
  size: op.size,
  status,
  engine,
  ...(route ? { route } : {}),
  attempts,
  ...(status === 'done' ? {} : { code, message: message?.slice(0, MESSAGE_CHARS) }),
})

/** Whether another attempt may end better. */
export const mayHeal = ({ status, code }: Outcome): boolean =>
  status === 'unknown' || (status === 'failed' && failureKind(code).retryable)

/** A file of JSON lines that is written in the background, in order. */
export async function jsonLines(files: Files, path: string) {
  const writer: LineWriter = await files.writer(path)
  let count = 0
  let tail: Promise<void> = Promise.resolve()
  return {
    add(value: unknown): void {
      count++
      tail = tail.then(() => writer.write(JSON.stringify(value)))
      // The failure is thrown at `close`; until then it must not count as unhandled.
      tail.catch(() => {})
    },
    async close(): Promise<Spool> {
      await tail.finally(() => writer.close())
      return { path, count }
    },
  }
}

interface LedgerRules {
  readonly files: Files
  readonly resultsPath: string
  readonly claimsPath: string
  readonly destinationPrefix: string
  /** Whether done copies are to be proven afterwards. */
  readonly prove: boolean
  readonly onSettled: (outcome: Outcome) => void
}

/** A ledger that writes results.ndjson as outcomes come. */
export async function openLedger(rules: LedgerRules): Promise<Ledger> {
  const { files, destinationPrefix, onSettled } = rules
  const results = await jsonLines(files, rules.resultsPath)
  const claims = await jsonLines(files, rules.claimsPath)
  let settled = 0
  return {
    settle: (outcome) => {
      const { op, status, resultEtag, batchBeganMs } = outcome
      settled++
      results.add(resultRow(outcome))
      // An equal ETag in the answer to the copy is proof already.
      if (rules.prove && status === 'done' && resultEtag !== op.etag) {
        const key = toKeyBytes(op.to.slice(destinationPrefix.length))
        const claim: Claim = { key, etag: op.etag, size: op.size, batchBeganMs }
        claims.add(claim)
      }
      onSettled(outcome)
    },
    settled: () => settled,
    close: async () => ({ results: await results.close(), claims: await claims.close() }),
  }
}
