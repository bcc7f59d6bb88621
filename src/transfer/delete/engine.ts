import { AdaptiveLimit } from '../../flow/adaptive-limit.ts'
import { inParallel } from '../../flow/pool.ts'
import type { Throttle } from '../../flow/throttle.ts'
import type { Batch, RoutedOp } from '../../model/batch.ts'
import {
  type Ended,
  type Engine,
  type NextBatch,
  type Stopped,
  stopOf,
  stoppedBy,
} from '../../model/engine.ts'
import type { DeleteOp } from '../../model/op.ts'
import type { Place } from '../../model/place.ts'
import type { TransferRequest } from '../../model/request.ts'
import { limited } from '../../storage/limited.ts'
import { retrying } from '../../storage/retrying.ts'
import type { Objects, Store } from '../../storage/store.ts'
import type { RunContext } from '../context.ts'
import { type Look, looker } from '../look.ts'
import { AT_SOURCE, type DeleteEnd, endOfError, endOfFailure, unseenEnd } from './ends.ts'

/** What the delete engine works with. */
export interface DeleteEngineDeps {
  readonly source: Place & { readonly store: Store }
  readonly destination: Place & { readonly store: Store }
  readonly transfer: TransferRequest
  /** Whether each key is looked up at the source before its batch. */
  readonly lookUp: boolean
}

const LOOKS_AT_ONCE = 256
const BATCHES_AT_ONCE = 4

/** Asks by single requests at the pace of the run. */
const quick = (
  objects: Objects,
  { capabilities }: Store,
  timeoutMs: number,
): Pick<Store, 'stat' | 'page' | 'capabilities'> => ({
  capabilities,
  stat: (object, signal) => objects.stat(object, { timeoutMs, signal }),
  page: async (query) => ({
    ...(await objects.page(query, { timeoutMs, signal: query.signal })),
    attempts: 1,
  }),
})

/** An attempt at one delete. */
interface Tried {
  readonly op: RoutedOp<DeleteOp>
  readonly ending: DeleteEnd
  /** Whether a delete was asked for. */
  readonly asked: boolean
}

const unasked = (op: RoutedOp<DeleteOp>, ending: DeleteEnd): Tried => ({ op, ending, asked: false })

/** Whether it could not be looked up, or nothing was heard of its delete. */
const isUnanswered = ({ ending, asked }: Tried): boolean =>
  asked ? ending.status === 'unknown' : ending !== AT_SOURCE

/** Deletes objects of the destination, each looked up at the source just before and pinned to its planned ETag. */
export class DeleteEngine implements Engine<DeleteOp> {
  readonly name = 'delete'
  readonly #context: RunContext
  readonly #deps: DeleteEngineDeps
  readonly #throttle: Throttle
  readonly #limit: AdaptiveLimit
  readonly #look: Look
  /** Why no more is deleted in this run: the service deletes other objects. */
  #otherKeys: Stopped | undefined
  /** Why no more is deleted in this pass: nothing is answered. */
  #deaf: Stopped | undefined
  #unansweredInRow = 0

  constructor(context: RunContext, deps: DeleteEngineDeps) {
    const { clock, budget, signal, deadline } = context
    const { source, transfer } = deps
    this.#context = context
    this.#deps = deps
    this.#throttle = budget.throttle({
      clock,
      signal: AbortSignal.any([signal, deadline]),
    })
    this.#limit = new AdaptiveLimit({ start: LOOKS_AT_ONCE, most: LOOKS_AT_ONCE, clock, signal })
    const { objects } = source.store
    const paced = limited(objects, { limit: this.#limit, throttle: this.#throttle, signal })
    const requests = retrying(paced, { clock, retryCount: transfer.retryCount, signal })
    // A HEAD of what is not there is refused to whoever may list a part of the bucket only.
    this.#look = looker(quick(requests, source.store, transfer.requestTimeoutMs), source.bucket)
  }

  takes({ engine }: RoutedOp<DeleteOp>): boolean {
    return engine === 'delete'
  }

  /** The first batch goes by itself, so that a service that answers strangely, or not at all, is found out early. */
  async run(
    next: NextBatch<DeleteOp>,
    onEnded: (ended: Ended<DeleteOp>) => void,
    onAnswered: () => void,
  ): Promise<Stopped | undefined> {
    this.#deaf = undefined
    this.#unansweredInRow = BATCHES_AT_ONCE - 1
    const first = await next()
    if (!first) return undefined
    await this.#deleteBatch(first, onEnded, onAnswered)
    await inParallel(this.#batches(next), BATCHES_AT_ONCE, (batch) =>
      this.#deleteBatch(batch, onEnded, onAnswered),
    )
    return this.#stop
  }

  /** Lets fewer objects be looked up at a time. */
  lower(): void {
    this.#limit.slower()
  }

  get #stop(): Stopped | undefined {
    return this.#otherKeys ?? this.#deaf ?? stopOf(this.#context)
  }

  async *#batches(next: NextBatch<DeleteOp>): AsyncGenerator<Batch<DeleteOp>> {
    while (!this.#stop) {
      const batch = await next()
      if (!batch) return
      yield batch
    }
  }

  async #deleteBatch(
    batch: Batch<DeleteOp>,
    onEnded: (ended: Ended<DeleteOp>) => void,
    onAnswered: () => void,
  ): Promise<void> {
    const tried = await this.#attempt(batch.ops, onAnswered)
    this.#listen(tried)
    for (const { op, ending, asked } of tried)
      onEnded(asked ? { op, batch, ending } : { op, batch, ending, untried: true })
  }

  /** Where nothing at all is answered there is no use in asking for all the others, of which nothing is unknown then. */
  #listen(tried: readonly Tried[]): void {
    this.#unansweredInRow = tried.every(isUnanswered) ? this.#unansweredInRow + 1 : 0
    const end = tried[0]?.ending
    if (this.#unansweredInRow < BATCHES_AT_ONCE || !end || end.status === 'done' || this.#stop)
      return
    this.#deaf = { ...end, status: 'failed' }
  }

  async #attempt(ops: Batch<DeleteOp>['ops'], onAnswered: () => void): Promise<Tried[]> {
    const stop = this.#stop
    if (stop) return ops.map((op) => unasked(op, stop))
    const ends = await Promise.all(ops.map((op) => this.#lookAt(op, onAnswered)))
    const clear = ops.filter((_op, at) => ends[at] === undefined)
    const kept = ops.flatMap((op, at) => (ends[at] ? [unasked(op, ends[at])] : []))
    if (clear.length === 0) return kept
    return [...kept, ...(await this.#deleteAll(clear))]
  }

  /** How a delete ends that must not be made; undefined: only the destination has the object. */
  async #lookAt(
    { op }: RoutedOp<DeleteOp>,
    onAnswered: () => void,
  ): Promise<DeleteEnd | undefined> {
    const { source, destination, lookUp } = this.#deps
    const { signal } = this.#context
    if (!lookUp) return undefined
    const key = source.prefix + op.key.slice(destination.prefix.length)
    try {
      const found = await this.#look(key, signal)
      onAnswered()
      return found && AT_SOURCE
    } catch (error) {
      return signal.aborted ? stoppedBy(signal) : unseenEnd(error)
    }
  }

  async #deleteAll(ops: readonly RoutedOp<DeleteOp>[]): Promise<Tried[]> {
    const { store, bucket } = this.#deps.destination
    const { signal } = this.#context
    // Another batch may have brought it to light meanwhile.
    const stop = this.#stop
    if (stop) return ops.map((op) => unasked(op, stop))
    const limits = { signal, pace: async () => this.#throttle(0) }
    const targets = ops.map(({ op }) => op)
    const asked = (endOf: (op: DeleteOp) => DeleteEnd): Tried[] =>
      ops.map((op) => ({ op, ending: endOf(op.op), asked: true }))
    try {
      const failures = await store.deleteObjects(bucket, targets, limits)
      const byKey = new Map(failures.map((failure) => [failure.key, failure]))
      return asked(({ key }) => endOfFailure(byKey.get(key)))
    } catch (error) {
      const end = signal.aborted ? stoppedBy(signal) : endOfError(error)
      if (end.code !== 'OtherKeysNamed') return asked(() => end)
      this.#otherKeys = { ...end, status: 'failed' }
      // What became of these nobody knows: the answer speaks of others.
      return asked(() => ({ ...end, status: 'unknown' }))
    }
  }
}
