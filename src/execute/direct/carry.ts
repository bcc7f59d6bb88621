import { SyncError, serviceFailure } from '../../errors.ts'
import type { CopyOp } from '../../model/op.ts'
import type { WriteCondition } from '../../ports.ts'
import { CANCELLED, type Ending } from '../engine.ts'
import { type ConflictGround, settleConflict } from './conflict.ts'
import type { WriteGround } from './ground.ts'
import { writeObject } from './write.ts'

/** Whether writes are bound to what the destination was listed with; some services cannot do that. */
export interface Conditions {
  /** The condition of an op's write. */
  of(op: CopyOp): WriteCondition | undefined
  /** The service does not know conditions: none are sent any more. */
  drop(): void
}

/** What one op is carried with. */
export interface CarryGround extends WriteGround, ConflictGround {
  readonly conditions: Conditions
}

/** Times an op is begun anew because its source changed. */
const RENEWALS = 3

const CONFLICTS = new Set([
  'PreconditionFailed',
  'ConditionalRequestConflict',
  // So does S3 answer when the object that a write is bound to is gone.
  'NoSuchKey',
  'NotFound',
])

/** Conditions that are sent until the service turns out not to know them. */
export function createConditions(onDropped: () => void): Conditions {
  let sent = true
  return {
    of: ({ toEtag }) => (sent ? (toEtag === undefined ? 'absent' : { etag: toEtag }) : undefined),
    drop: () => {
      if (sent) onDropped()
      sent = false
    },
  }
}

function unreadable({ unnameable, archived, storageClass }: CopyOp): Ending | undefined {
  if (unnameable)
    return { status: 'failed', code: 'InvalidKey', message: 'The key is not valid UTF-8.' }
  if (!archived) return undefined
  const message = `The object is archived (${storageClass}) and not restored.`
  return { status: 'failed', code: 'InvalidObjectState', message }
}

function endingOf(error: unknown, { signal }: CarryGround): Ending {
  if (signal.aborted) return CANCELLED
  if (error instanceof SyncError)
    return { status: 'failed', code: 'CredentialsLost', message: error.message }
  const { code, message, status } = serviceFailure(error)
  // A request that got no answer may have been carried out all the same.
  return { status: status === undefined ? 'unknown' : 'failed', code, message }
}

/** Tries an op as it stands; gives its end, or the op as it is to be tried next. */
async function attempt(op: CopyOp, ground: CarryGround): Promise<Ending | CopyOp> {
  const only = ground.conditions.of(op)
  try {
    return { status: 'done', etag: await writeObject(op, only, ground) }
  } catch (error) {
    const { code, status } = serviceFailure(error)
    if (status === 501 && only !== undefined) {
      ground.conditions.drop()
      return op
    }
    if (ground.signal.aborted || !CONFLICTS.has(code)) throw error
    return settleConflict(op, ground).catch(() => Promise.reject(error))
  }
}

/** Carries one op to its end: nothing that changed since it was listed is overwritten unseen. */
export async function carry(planned: CopyOp, ground: CarryGround): Promise<Ending> {
  const hopeless = unreadable(planned)
  if (hopeless) return hopeless
  try {
    let op = planned
    for (let renewals = 0; renewals <= RENEWALS; ) {
      const next = await attempt(op, ground)
      if ('status' in next)
        return next.status === 'done' && op !== planned ? { as: op, ...next } : next
      if (next !== op) renewals++
      op = next
    }
    return {
      status: 'failed',
      code: 'SourceChanged',
      message: `The source object changed ${RENEWALS} times while it was copied.`,
    }
  } catch (error) {
    return endingOf(error, ground)
  }
}
