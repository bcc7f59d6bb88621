import type { CopyOp, DeleteOp } from '../model/op.ts'
import { type Belief, NOT_LOOKED_AT, type Outcome, type ResultRow } from '../model/outcome.ts'
import type { Host } from '../ports.ts'

const MESSAGE_CHARS = 500

/** Code and message of an op that is not done, without secrets that a service sent back. */
const failureOf = (
  { code = '', message = '' }: Pick<ResultRow, 'code' | 'message'>,
  hide: Host['hide'],
) => ({
  code: hide(code),
  message: hide(message).slice(0, MESSAGE_CHARS),
})

/** The row of a copy. `hide` takes secrets out of what a service said. */
export function rowOfCopy(
  op: CopyOp,
  outcome: Outcome,
  belief: Belief,
  hide: Host['hide'],
): ResultRow {
  const { status, engine, route, attempts, tookMs } = outcome
  const isDone = status === 'done'
  return {
    op: op.op,
    key: op.key,
    to: op.to,
    ...(op.wave === undefined ? {} : { wave: op.wave }),
    size: op.size,
    status,
    ...(op.toEtag === undefined ? {} : { replaced: true }),
    engine: engine === 's5cmd' ? engine : 'direct',
    ...(route ? { route } : {}),
    attempts,
    ...(isDone && tookMs !== undefined ? { seconds: tookMs / 1000 } : {}),
    ...(isDone && outcome.sha256 ? { sha256: outcome.sha256 } : {}),
    ...(isDone && outcome.sha256 && outcome.sha256 === op.sha256 ? { sha256Proven: true } : {}),
    ...(belief === 'proven' ? { proof: 'etag' } : {}),
    ...(isDone ? {} : failureOf(outcome, hide)),
    // Whatever ends the run before that look, the file does not say what nobody saw.
    ...(isDone && belief === 'claimed' ? NOT_LOOKED_AT : {}),
  }
}

/** The row of a delete. `hide` takes secrets out of what a service said. */
export const rowOfDelete = (op: DeleteOp, outcome: Outcome, hide: Host['hide']): ResultRow => ({
  op: op.op,
  key: op.key,
  size: op.size,
  status: outcome.status,
  engine: 'direct',
  attempts: outcome.attempts,
  ...(outcome.status === 'done' ? {} : failureOf(outcome, hide)),
})
