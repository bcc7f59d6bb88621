import { isThrottling } from '../../errors/catalogue.ts'
import { isPuzzled, type ServiceFailure, serviceFailure } from '../../errors/service-failure.ts'
import { SyncError } from '../../errors/sync-error.ts'
import { sameEtag } from '../../model/etag.ts'
import type { CopyOp } from '../../model/op.ts'
import { holds } from '../../model/proof.ts'
import type { Capabilities, Way } from '../../storage/capabilities.ts'
import type { WriteCondition } from '../../storage/store.ts'
import { CANCELLED, type Ending } from '../engine.ts'
import { IN_THE_WAY } from '../held-back.ts'
import {
  type ConflictGround,
  isDestination,
  isSource,
  renewed,
  settleConflict,
  UNFOUNDED,
} from './conflict.ts'
import type { WriteGround } from './ground.ts'
import { possibleWays, writeObject } from './write.ts'

/** Whether writes are bound to what the destination was listed with; some services cannot do that. */
export interface Conditions {
  /** Nothing is written without them. */
  readonly required: boolean
  /** The condition of an op's write; undefined: none is sent, and the destination is looked at right before. */
  of(op: CopyOp): WriteCondition | undefined
  /** The service does not know conditions: none are sent any more. */
  drop(): void
  /** Whether a refusal by this code may be one of conditions; not once such a refusal turned out to be another. */
  mayBeMeant(code: string): boolean
  /** Refusals by this code are not about conditions. */
  clear(code: string): void
}

/** What one op is carried with. */
export interface CarryGround extends WriteGround, Omit<ConflictGround, 'writtenSinceMs'> {
  readonly conditions: Conditions
  /** Told when reads and copies are not bound to the source any more. */
  readonly onUnbound: () => void
  /** Told when objects take another way, as the service does not know the usual one. */
  readonly onUnknownWay: (unknown: Way, way: Way, failure: ServiceFailure) => void
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
  const others = new Set<string>()
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
    mayBeMeant: (code) => !others.has(code),
    clear: (code) => others.add(code),
  }
}

function unreadable({ unnameable, archived, storageClass }: CopyOp): Ending | undefined {
  if (unnameable)
    return { status: 'failed', code: 'InvalidKey', message: 'The key is not valid UTF-8.' }
  if (!archived) return undefined
  const message = `The object is archived (${storageClass}) and not restored.`
  return { status: 'failed', code: 'InvalidObjectState', message }
}

/** Published once, nothing is written onto another object, whatever a plan says. */
const overwriting = ({ toEtag }: CopyOp, { conditions }: CarryGround): Ending | undefined =>
  conditions.required && toEtag !== undefined ? { status: 'failed', ...IN_THE_WAY } : undefined

function endingOf(error: unknown, { signal }: CarryGround): Ending {
  if (signal.aborted) return CANCELLED
  if (error instanceof SyncError)
    return { status: 'failed', code: 'CredentialsLost', message: error.message }
  const { code, message, status } = serviceFailure(error)
  // A request that got no answer may have been carried out all the same.
  const known = status === undefined ? 'unknown' : 'failed'
  return { status: known, code, message, httpStatus: status }
}

/** Whether a request that failed so may have been carried out all the same. */
const mayStand = ({ code, status }: ServiceFailure): boolean =>
  (status === undefined || status >= 500) && !isThrottling(code)

const unbound = (message: string): Ending => ({
  status: 'failed',
  code: 'NotImplemented',
  message: `The service does not know conditional writes, without which overwrite: never is no promise: ${message}`,
})

/** An op as it is tried. */
interface Trial {
  readonly op: CopyOp
  readonly only: WriteCondition | undefined
  readonly way: Way
  readonly batchBeganMs: number
}

const GONE_BY: Ending = {
  status: 'failed',
  code: 'SourceChanged',
  message:
    'The source object changed after it was planned, and the service ignores the condition of the copy: the destination may hold what was not approved.',
}

const NOT_THERE: Ending = {
  status: 'failed',
  code: 'InternalError',
  message: 'The service answered as if it had written the object, and does not have it.',
  httpStatus: 200,
}

/** The ETag of what stands at the destination, where the answer to a write named none; undefined: it is not what was written. */
async function seenEtag(
  { op, batchBeganMs }: Trial,
  { lookAtDestination, signal }: CarryGround,
): Promise<string | undefined> {
  const found = await lookAtDestination(op.to, signal)
  const { etag, size, toEtag: stood } = op
  return holds({ etag, size, stood, batchBeganMs }, found) ? found?.etag : undefined
}

/**
 * The end of a copy that the service says is done. Where nothing bound it to the source, that is looked at once more:
 * what changed meanwhile is copied anew, unless only what was approved may be.
 */
async function written(trial: Trial, named: string, ground: CarryGround): Promise<Ending | CopyOp> {
  const { op, way } = trial
  const { replan, lookAtSource, signal, source: side } = ground
  const etag = named === '' ? await seenEtag(trial, ground) : named
  // As it stands: it is tried once more.
  if (etag === undefined) return op
  const done: Ending = { status: 'done', etag }
  // Of what passed through, every answer was compared with what was planned.
  const bound = op.etag !== '' && (side.store.capabilities.conditionalReads || way === 'streamed')
  if ((replan && bound) || sameEtag(etag, op.etag)) return done
  const source = await lookAtSource(op.key, signal)
  if (source && isSource(op, source)) return done
  return replan && source ? { ...renewed(op, source), toEtag: etag } : GONE_BY
}

/** What an op is tried without. */
interface Less {
  readonly only: WriteCondition | undefined
  readonly bound: boolean
}

/** Every way to leave out conditions, the one on the destination first; those that are required stay. */
function lessOf({ only }: Trial, { conditions, source }: CarryGround): readonly Less[] {
  const isBound = source.store.capabilities.conditionalReads
  const free = only !== undefined && !conditions.required
  return [
    ...(free ? [{ only: undefined, bound: isBound }] : []),
    ...(isBound ? [{ only, bound: false }] : []),
    ...(free && isBound ? [{ only: undefined, bound: false }] : []),
  ]
}

/** Whether a destination that no condition guards is as it was listed; else how the op ends, or goes on. */
async function lookBefore(trial: Trial, ground: CarryGround): Promise<Ending | CopyOp | undefined> {
  const { op } = trial
  const { lookAtDestination, signal } = ground
  const found = await lookAtDestination(op.to, signal)
  if (found ? isDestination(op, found) : op.toEtag === undefined) return undefined
  return settleConflict(op, { ...ground, writtenSinceMs: undefined })
}

/** Tries an op without conditions that the service may not know, which proves what it refused; undefined: something else. */
async function withLess(
  trial: Trial,
  code: string,
  ground: CarryGround,
): Promise<Ending | CopyOp | undefined> {
  const { op, way } = trial
  const { conditions, source } = ground
  for (const { only, bound } of lessOf(trial, ground)) {
    const stop = only === undefined ? await lookBefore(trial, ground) : undefined
    if (stop) return stop
    try {
      const etag = await writeObject(op, { way, only }, { ...ground, unbound: !bound })
      if (only === undefined && trial.only !== undefined) conditions.drop()
      if (!bound && source.store.capabilities.lacksConditionalReads()) ground.onUnbound()
      return await written({ ...trial, only }, etag, ground)
    } catch (error) {
      const failure = serviceFailure(error)
      const goesOn = isPuzzled(failure) || failure.code === 'PreconditionFailed'
      if (ground.signal.aborted || !goesOn) throw error
    }
  }
  conditions.clear(code)
  return undefined
}

/** Tries an op in one of its ways; gives its end, or the op as it is to be tried next. */
async function attempt(trial: Trial, ground: CarryGround): Promise<Ending | CopyOp> {
  const { op, only, way, batchBeganMs } = trial
  const { conditions } = ground
  let unheard = false
  const onRetry = (failure: ServiceFailure) => {
    unheard ||= mayStand(failure)
  }
  const stop = only === undefined ? await lookBefore(trial, ground) : undefined
  if (stop) return stop
  let etag: string
  try {
    etag = await writeObject(op, { way, only }, { ...ground, onRetry })
  } catch (error) {
    const failure = serviceFailure(error)
    const { code, message } = failure
    if (ground.signal.aborted) throw error
    if (isPuzzled(failure) && conditions.mayBeMeant(code)) {
      const end = await withLess(trial, code, ground)
      if (end) return end
    }
    // With another status it may as well be something else that is refused.
    if (conditions.required && failure.status === 501) return unbound(message)
    if (!CONFLICTS.has(code)) throw error
    const writtenSinceMs = unheard ? batchBeganMs : undefined
    const end = await settleConflict(op, { ...ground, writtenSinceMs }).catch(() =>
      Promise.reject(error),
    )
    return end === UNFOUNDED && conditions.mayBeMeant(code)
      ? ((await withLess(trial, code, ground)) ?? end)
      : end
  }
  return written(trial, etag, ground)
}

/** Whether an object may get there in another way, where it was refused so in a first one. */
function mayGo(way: Way, failure: ServiceFailure, { conditions, options }: CarryGround): boolean {
  if (failure.code === 'EntityTooLarge') return true
  // What was promised, or asked for, may be what is refused.
  const asked = [options.acl, options.sse, options.storageClass].some(Boolean)
  if (conditions.required || asked || !isPuzzled(failure)) return false
  return way !== 'streamed' || failure.status === 501 || failure.status === 405
}

/** Tries an op in all its ways, until one is known to the service. */
async function attemptAll(
  { op, batchBeganMs }: Pick<Trial, 'op' | 'batchBeganMs'>,
  ground: CarryGround,
): Promise<Ending | CopyOp> {
  const [first = 'whole', ...others] = possibleWays(op, ground)
  const only = ground.conditions.of(op)
  try {
    return await attempt({ op, only, way: first, batchBeganMs }, ground)
  } catch (error) {
    const failure = serviceFailure(error)
    if (ground.signal.aborted) throw error
    for (const way of others.filter((other) => mayGo(other, failure, ground))) {
      const next = await attempt(
        { op, only: ground.conditions.of(op), way, batchBeganMs },
        ground,
      ).catch((other: unknown) => {
        if (ground.signal.aborted || !isPuzzled(serviceFailure(other))) throw other
      })
      if (!next) continue
      if ('status' in next && next.status === 'done') ground.onUnknownWay(first, way, failure)
      return next
    }
    throw error
  }
}

/**
 * Carries one op of a batch that began then (server time) to its end: nothing that changed since it
 * was listed is overwritten unseen.
 */
export async function carry(
  planned: CopyOp,
  batchBeganMs: number,
  ground: CarryGround,
): Promise<Ending> {
  const hopeless = unreadable(planned) ?? overwriting(planned, ground)
  if (hopeless) return hopeless
  try {
    let op = planned
    for (let renewals = 0; renewals <= RENEWALS; renewals++) {
      const next = await attemptAll({ op, batchBeganMs }, ground)
      if ('status' in next)
        return next.status === 'done' && op !== planned ? { as: op, ...next } : next
      if (next === op && renewals === RENEWALS) return NOT_THERE
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
