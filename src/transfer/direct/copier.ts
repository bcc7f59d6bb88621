import { isThrottling } from '../../errors/catalogue.ts'
import { ServiceError } from '../../errors/service-error.ts'
import { isPuzzled, type ServiceFailure, serviceFailure } from '../../errors/service-failure.ts'
import { isAcrossRegions } from '../../errors/spoken.ts'
import { SyncError } from '../../errors/sync-error.ts'
import { type Ending, stoppedBy } from '../../model/engine.ts'
import { sameEtag } from '../../model/etag.ts'
import type { CopyOp } from '../../model/op.ts'
import { type Found, holds } from '../../model/proof.ts'
import type { Way } from '../../storage/capabilities.ts'
import type { WriteCondition } from '../../storage/store.ts'
import { IN_THE_WAY } from '../held-back.ts'
import type { Conditions } from './conditions.ts'
import {
  type ConflictDeps,
  isDestination,
  isSource,
  renewed,
  settleConflict,
  UNFOUNDED,
} from './conflict.ts'
import { TaggedRefusal } from './tags.ts'
import { isUnseen, type ObjectWriter } from './write.ts'
import type { WriteJob } from './write-job.ts'

/** Told when objects take another way, as the service does not know the usual one. */
export type OnUnknownWay = (unknown: Way, way: Way, failure: ServiceFailure) => void

/** Times an op is begun anew because its source changed. */
const RENEWALS = 3

const CONFLICTS = new Set([
  'PreconditionFailed',
  'ConditionalRequestConflict',
  // So does S3 answer when the object that a write is bound to is gone.
  'NoSuchKey',
  'NotFound',
])

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
  message: `The service does not support conditional writes, so overwrite: never cannot be guaranteed: ${message}`,
})

/** An op as it is tried. */
interface Trial {
  readonly op: CopyOp
  readonly only: WriteCondition | undefined
  readonly way: Way
  readonly batchBeganMs: number
}

/** A write that went well. */
interface Wrote {
  /** ETag of the new object; '' where the answer names none. */
  readonly named: string
  /** The op with the ETag of what was read, where the plan does not have it. */
  readonly read: CopyOp | undefined
  /** Hex, of what was written, where that is known. */
  readonly sha256: string | undefined
}

/** Whether what is to be written over, or nothing, stands there as it was listed. */
const isUntouched = (op: CopyOp, found: Found | undefined): boolean =>
  found ? isDestination(op, found) : op.toEtag === undefined

/** Somebody else wrote there while the parts were made. */
class Overtaken extends ServiceError {
  constructor() {
    super('PreconditionFailed', 'The destination changed during the multipart copy.', {
      status: 412,
    })
  }
}

/** What was read is not what a manifest says: nothing of it appears at the destination. */
class OtherBytes extends ServiceError {
  constructor(found: string, wanted: string) {
    super('ChangedSinceManifest', `Its SHA-256 is ${found}, and the manifest says ${wanted}.`, {
      status: 412,
    })
  }
}

const GONE_BY: Ending = {
  status: 'failed',
  code: 'SourceChanged',
  message:
    'The source object changed after it was planned, but the service ignores conditions on copies: the destination may have content that was not approved.',
}

/** Services that misread the name in the header, or look for it in another region. */
const UNSEEN = {
  status: 'failed',
  code: 'NotImplemented',
  message: 'The service cannot find the source of the copy, although it exists as listed.',
  httpStatus: 404,
} as const satisfies Ending

const NOT_THERE: Ending = {
  status: 'failed',
  code: 'InternalError',
  message: 'The service confirmed the write, but does not have the object.',
  httpStatus: 200,
}

/** Copies ops: nothing that changed since it was listed is overwritten unseen. */
export class Copier {
  readonly #writer: ObjectWriter
  readonly #conditions: Conditions
  readonly #sides: ConflictDeps
  readonly #onUnknownWay: OnUnknownWay

  constructor(
    writer: ObjectWriter,
    conditions: Conditions,
    sides: ConflictDeps,
    onUnknownWay: OnUnknownWay,
  ) {
    this.#writer = writer
    this.#conditions = conditions
    this.#sides = sides
    this.#onUnknownWay = onUnknownWay
  }

  /** Brings one op of a batch that began then (server time) to its end. */
  async copy(planned: CopyOp, batchBeganMs: number): Promise<Ending> {
    const hopeless = unreadable(planned) ?? this.#overwriting(planned)
    if (hopeless) return hopeless
    try {
      let op = planned
      for (let renewals = 0; renewals <= RENEWALS; renewals++) {
        const next = await this.#attemptAll(op, batchBeganMs)
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
    if (this.#sides.signal.aborted) return stoppedBy(this.#sides.signal)
    if (error instanceof SyncError)
      return { status: 'failed', code: 'CredentialsLost', message: error.message }
    const { code, message, status } = serviceFailure(error)
    // A request that got no answer may have been carried out all the same.
    const known = status === undefined ? 'unknown' : 'failed'
    if (error instanceof TaggedRefusal)
      return {
        status: known,
        code: 'TagsRefused',
        message: `${code}: ${message}`,
        httpStatus: status,
      }
    return { status: known, code, message, httpStatus: status }
  }

  /** Tries an op in all its ways, until one is known to the service. */
  async #attemptAll(op: CopyOp, batchBeganMs: number): Promise<Ending | CopyOp> {
    const { signal } = this.#sides
    const ways = this.#writer.possibleWays(op)
    const first = ways[0] ?? 'whole'
    const usual = { op, only: this.#conditions.of(op), way: first, batchBeganMs }
    let failure: ServiceFailure
    let last: () => Ending
    try {
      const next = await this.#attempt(usual)
      if (next !== UNSEEN) return next
      failure = { code: 'NoSuchKey', message: UNSEEN.message, status: UNSEEN.httpStatus }
      last = () => UNSEEN
    } catch (error) {
      if (signal.aborted) throw error
      failure = serviceFailure(error)
      last = () => {
        throw error
      }
    }
    for (const way of ways.slice(1).filter((other) => this.#mayGo(other, failure))) {
      const only = this.#conditions.of(op)
      const next = await this.#attempt({ op, only, way, batchBeganMs }).catch((other: unknown) => {
        const tells = other instanceof TaggedRefusal || !isPuzzled(serviceFailure(other))
        if (signal.aborted || tells) throw other
      })
      if (!next) continue
      if ('status' in next && next.status === 'done') this.#onUnknownWay(first, way, failure)
      return next
    }
    return last()
  }

  /** Whether an object may get there in another way, where it was refused so in a first one. */
  #mayGo(way: Way, failure: ServiceFailure): boolean {
    const passes = way !== 'streamed' || this.#writer.mayPassThrough(failure)
    // That has nothing to do with what was promised or asked for.
    if (failure.code === 'EntityTooLarge' || isUnseen(failure.code) || isAcrossRegions(failure))
      return passes
    // What was promised, or asked for, may be what is refused.
    const { required } = this.#conditions
    if (required || !this.#writer.isPlain || !isPuzzled(failure)) return false
    return passes
  }

  /** Whether a refusal may be one of conditions: what stands before other services than AWS forbids what it does not know. */
  #mayMean(failure: ServiceFailure): boolean {
    return isPuzzled(failure) || (failure.code === 'AccessDenied' && !this.#writer.isAws)
  }

  /** Tries an op in one of its ways; gives its end, or the op as it is to be tried next. */
  async #attempt(trial: Trial): Promise<Ending | CopyOp> {
    const { op, only, way, batchBeganMs } = trial
    const conditions = this.#conditions
    let unheard = false
    const onRetry = (failure: ServiceFailure) => {
      unheard ||= mayStand(failure)
    }
    const stop = only === undefined ? await this.#lookBefore(op) : undefined
    if (stop) return stop
    const bound = conditions.bindReads && op.etag !== ''
    let wrote: Wrote
    try {
      const lookLast = this.#lookLast(op, only)
      wrote = await this.#write({ op, only, unbound: false, onRetry, lookLast }, way)
    } catch (error) {
      const failure = serviceFailure(error)
      const { code, message } = failure
      if (this.#sides.signal.aborted) throw error
      if (this.#mayMean(failure) && conditions.mayBeMeant(code)) {
        const end = await this.#withLess(trial, code, bound)
        if (end) return end
      }
      // With another status it may as well be something else that is refused.
      if (conditions.required && failure.status === 501) return unbound(message)
      if (!CONFLICTS.has(code)) throw error
      const writtenSinceMs = unheard ? batchBeganMs : undefined
      const end = await settleConflict(op, writtenSinceMs, this.#sides).catch(() =>
        Promise.reject(error),
      )
      if (end !== UNFOUNDED) return end
      if (isUnseen(code)) return UNSEEN
      return conditions.mayBeMeant(code) ? ((await this.#withLess(trial, code, bound)) ?? end) : end
    }
    conditions.went({ only, bound })
    return this.#written(trial, wrote)
  }

  /** Writes an object, and hears what was read of it. */
  #write(job: Omit<WriteJob, 'onContent' | 'onSha256'>, way: Way): Promise<Wrote> {
    const { op, only, unbound, onRetry, lookLast } = job
    let read: CopyOp | undefined
    const onContent = (etag: string): void => {
      read = etag === op.etag ? undefined : { ...op, etag }
    }
    let sha256: string | undefined
    const onSha256 = (hex: string): void => {
      if (op.sha256 !== undefined && op.sha256 !== hex) throw new OtherBytes(hex, op.sha256)
      sha256 = hex
    }
    const all: WriteJob = { op, only, unbound, onRetry, lookLast, onContent, onSha256 }
    return this.#writer.write(all, way).then((named) => ({ named, read, sha256 }))
  }

  /** Tries an op without conditions that the service may not know, which proves what it refused; undefined: something else. */
  async #withLess(
    trial: Trial,
    code: string,
    wasBound: boolean,
  ): Promise<Ending | CopyOp | undefined> {
    const { op, way, batchBeganMs } = trial
    const conditions = this.#conditions
    for (const less of conditions.lessThan({ only: trial.only, bound: wasBound }, code)) {
      const { only, bound } = less
      const stop = only === undefined ? await this.#lookBefore(op) : undefined
      if (stop) return stop
      try {
        const lookLast = this.#lookLast(op, only)
        const job = { op, only, unbound: !bound, onRetry: undefined, lookLast }
        const wrote = await this.#write(job, way)
        conditions.went({ only, bound: bound && op.etag !== '' })
        conditions.wentWith(less, trial.only)
        return await this.#written({ op, only, way, batchBeganMs }, wrote)
      } catch (error) {
        const failure = serviceFailure(error)
        if (error instanceof Overtaken) return settleConflict(op, undefined, this.#sides)
        const goesOn = this.#mayMean(failure) || failure.code === 'PreconditionFailed'
        if (this.#sides.signal.aborted || !goesOn) throw error
      }
    }
    conditions.inVain(code)
    return undefined
  }

  /** Whether a destination that no condition guards is as it was listed; else how the op ends, or goes on. */
  async #lookBefore(op: CopyOp): Promise<Ending | CopyOp | undefined> {
    const { lookAtDestination, signal } = this.#sides
    const found = await lookAtDestination(op.to, signal)
    if (isUntouched(op, found)) return undefined
    return settleConflict(op, undefined, this.#sides)
  }

  /** The same look where no condition guards what is written, for the moment before it appears. */
  #lookLast(op: CopyOp, only: WriteCondition | undefined): (() => Promise<void>) | undefined {
    if (only !== undefined) return undefined
    const { lookAtDestination, signal } = this.#sides
    return async () => {
      const found = await lookAtDestination(op.to, signal)
      if (!isUntouched(op, found)) throw new Overtaken()
    }
  }

  /**
   * The end of a copy that the service says is done. Where nothing bound it to the source, that is looked at once more:
   * what changed meanwhile is copied anew, unless only what was approved may be.
   */
  async #written(
    { op: planned, way, only, batchBeganMs }: Trial,
    { named, read, sha256 }: Wrote,
  ): Promise<Ending | CopyOp> {
    const op = read ?? planned
    const { lookAtSource, signal } = this.#sides
    const replan = this.#sides.replan && !op.pinned
    const etag = named === '' ? await this.#seenEtag({ op, only, way, batchBeganMs }) : named
    // As it stands: it is tried once more.
    if (etag === undefined) return planned
    const done: Ending = read
      ? { status: 'done', etag, sha256, as: read }
      : { status: 'done', etag, sha256 }
    // Of what passed through, every answer was compared with what was planned.
    const bound = op.etag !== '' && (this.#conditions.bindReads || way === 'streamed')
    if ((replan && bound) || sameEtag(etag, op.etag)) return done
    const source = await lookAtSource(op.key, signal, op.versionId)
    if (source && isSource(op, source)) return done
    if (!replan || !source) return GONE_BY
    const { toSize: _size, toLastModified: _modified, ...again } = renewed(op, source)
    return { ...again, toEtag: etag }
  }

  /** The ETag of what stands at the destination, where the answer to a write named none; undefined: it is not what was written. */
  async #seenEtag({ op, batchBeganMs }: Trial): Promise<string | undefined> {
    const { lookAtDestination, signal } = this.#sides
    const found = await lookAtDestination(op.to, signal)
    const { etag, size, toEtag: stood } = op
    return holds({ etag, size, stood, batchBeganMs }, found) ? found?.etag : undefined
  }
}
