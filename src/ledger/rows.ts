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
  const { engine, route, attempts, tookMs } = outcome
  const isDone = outcome.status === 'done'
  const sha256 = (isDone && outcome.sha256) || undefined
  // Whatever ends the run before a look at a claimed copy, the file does not say what nobody saw.
  const said = !isDone ? failureOf(outcome, hide) : belief === 'claimed' ? NOT_LOOKED_AT : undefined
  // In JSON there is nothing of what is undefined.
  return {
    op: op.op,
    key: op.key,
    to: op.to,
    wave: op.wave,
    size: op.size,
    status: said === NOT_LOOKED_AT ? NOT_LOOKED_AT.status : outcome.status,
    replaced: op.toEtag === undefined ? undefined : true,
    engine: engine === 's5cmd' ? engine : 'direct',
    route,
    attempts,
    seconds: isDone && tookMs !== undefined ? tookMs / 1000 : undefined,
    sha256,
    sha256Proven: sha256 !== undefined && sha256 === op.sha256 ? true : undefined,
    proof: belief === 'proven' ? 'etag' : undefined,
    code: said?.code,
    message: said?.message,
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
