import { isThrottling } from '../../errors/catalogue.ts'
import {
  refusesConditions,
  type ServiceFailure,
  serviceFailure,
} from '../../errors/service-failure.ts'
import { SyncError } from '../../errors/sync-error.ts'
import type { CopyOp } from '../../model/op.ts'
import type { Capabilities } from '../../storage/capabilities.ts'
import type { WriteCondition } from '../../storage/store.ts'
import { CANCELLED, type Ending } from '../engine.ts'
import { IN_THE_WAY } from '../held-back.ts'
import { type ConflictDeps, settleConflict } from './conflict.ts'
import type { ObjectWriter } from './write.ts'

/** Whether writes are bound to what the destination was listed with; some services cannot do that. */
export interface Conditions {
  /** Nothing is written without them. */
  readonly required: boolean
  /** The condition of an op's write. */
  of(op: CopyOp): WriteCondition | undefined
  /** The service does not know conditions: none are sent any more. */
  drop(): void
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

/** Conditions that are sent until the service turns out not to know them; required ones for ever, and that nothing stands there. */
export function createConditions(
  required: boolean,
  capabilities: Capabilities,
  onDropped: () => void,
): Conditions {
  return {
    required,
    of: ({ toEtag }) => {
      if (required) return 'absent'
      if (!capabilities.conditionalWrites) return undefined
      return toEtag === undefined ? 'absent' : { etag: toEtag }
    },
    drop: () => {
      if (capabilities.lacksConditionalWrites()) onDropped()
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

/** Whether a request that failed so may have been carried out all the same. */
const mayStand = ({ code, status }: ServiceFailure): boolean =>
  (status === undefined || status >= 500) && !isThrottling(code)

const unbound = (message: string): Ending => ({
  status: 'failed',
  code: 'NotImplemented',
  message: `The service does not know conditional writes, without which overwrite: never is no promise: ${message}`,
})

/** Copies ops: nothing that changed since it was listed is overwritten unseen. */
export class Copier {
  readonly #writer: ObjectWriter
  readonly #conditions: Conditions
  readonly #sides: ConflictDeps

  constructor(writer: ObjectWriter, conditions: Conditions, sides: ConflictDeps) {
    this.#writer = writer
    this.#conditions = conditions
    this.#sides = sides
  }

  /** Brings one op of a batch that began then (server time) to its end. */
  async copy(planned: CopyOp, batchBeganMs: number): Promise<Ending> {
    const hopeless = unreadable(planned) ?? this.#overwriting(planned)
    if (hopeless) return hopeless
    try {
      let op = planned
      for (let renewals = 0; renewals <= RENEWALS; renewals++) {
        const next = await this.#attempt(op, this.#conditions.of(op), batchBeganMs)
        if ('status' in next)
          return next.status === 'done' && op !== planned ? { as: op, ...next } : next
        op = next
      }
      return {
        status: 'failed',
        code: 'SourceChanged',
        message: `The source object changed ${RENEWALS} times while it was copied.`,
      }
    } catch (error) {
      return this.#endingOf(error)
    }
  }

  /** Published once, nothing is written onto another object, whatever a plan says. */
  #overwriting({ toEtag }: CopyOp): Ending | undefined {
    return this.#conditions.required && toEtag !== undefined
      ? { status: 'failed', ...IN_THE_WAY }
      : undefined
  }

  #endingOf(error: unknown): Ending {
    if (this.#sides.signal.aborted) return CANCELLED
    if (error instanceof SyncError)
      return { status: 'failed', code: 'CredentialsLost', message: error.message }
    const { code, message, status } = serviceFailure(error)
    // A request that got no answer may have been carried out all the same.
    const known = status === undefined ? 'unknown' : 'failed'
    return { status: known, code, message, httpStatus: status }
  }

  /** Tries an op as it stands; gives its end, or the op as it is to be tried next. */
  async #attempt(
    op: CopyOp,
    only: WriteCondition | undefined,
    batchBeganMs: number,
  ): Promise<Ending | CopyOp> {
    let unheard = false
    const onRetry = (failure: ServiceFailure) => {
      unheard ||= mayStand(failure)
    }
    let etag: string
    try {
      etag = await this.#writer.write(op, only, onRetry)
    } catch (error) {
      const failure = serviceFailure(error)
      const { code, message } = failure
      if (only !== undefined && refusesConditions(failure)) {
        if (!this.#conditions.required) return this.#withoutCondition(op, batchBeganMs)
        // With another status it may as well be something else that is refused.
        if (failure.status === 501) return unbound(message)
      }
      if (this.#sides.signal.aborted || !CONFLICTS.has(code)) throw error
      const writtenSinceMs = unheard ? batchBeganMs : undefined
      return settleConflict(op, writtenSinceMs, this.#sides).catch(() => Promise.reject(error))
    }
    return this.#written(op, etag)
  }

  /** Without its condition; what the service does not know then is something else. */
  async #withoutCondition(op: CopyOp, batchBeganMs: number): Promise<Ending | CopyOp> {
    const next = await this.#attempt(op, undefined, batchBeganMs)
    if ('status' in next && next.status === 'done') this.#conditions.drop()
    return next
  }

  /**
   * The end of a copy that the service says is done. Some services copy whatever the source is by now, so that
   * one which may only be what was approved is looked at once more where its ETag does not prove it.
   */
  async #written(op: CopyOp, etag: string): Promise<Ending> {
    const { replan, lookAtSource, signal } = this.#sides
    const done: Ending = { status: 'done', etag }
    if (replan || etag === op.etag) return done
    const source = await lookAtSource(op.key, signal)
    if (source?.etag === op.etag) return done
    return {
      status: 'failed',
      code: 'SourceChanged',
      message:
        'The source object changed after it was planned, and the service ignores the condition of the copy: the destination may hold what was not approved.',
    }
  }
}
