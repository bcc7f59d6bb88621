import { failureKind, isThrottling } from '../errors/catalogue.ts'
import { AT_SOURCE, DELETED, type DeleteEnd, endOfError, unseenEnd } from '../ledger/delete-end.ts'
import type { DeleteOp } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { CarryRequest } from '../model/request.ts'
import type { Clock } from '../ports.ts'
import { limited } from '../storage/limited.ts'
import { retrying } from '../storage/retrying.ts'
import type { DeleteFailure, Objects, Store } from '../storage/store.ts'
import { createGate } from './direct/gate.ts'
import { CANCELLED, type Ends, stopOf } from './engine.ts'
import type { Extra } from './extras.ts'
import { type Look, looker } from './look.ts'
import { passDelayMs } from './pace.ts'
import { createThrottle, type Throttle } from './throttle.ts'

/** What batches of deletes are carried out with. */
export interface BatchGround {
  readonly source: Place & { readonly store: Store }
  readonly destination: Place & { readonly store: Store }
  readonly how: CarryRequest
  /** Whether each key is looked up at the source before its batch. */
  readonly lookUp: boolean
  readonly clock: Clock
  readonly ends: Ends
  /** Told the end of every extra exactly once. */
  readonly settle: (op: DeleteOp, end: DeleteEnd, attempts: number) => Promise<void>
}

const LOOKS_AT_ONCE = 256

/** Asks by single requests of our own, which cost a fifth of the SDK's. */
const quick = (objects: Objects, timeoutMs: number): Parameters<typeof looker>[0] => ({
  head: (bucket, key, signal) => objects.find({ bucket, key }, { timeoutMs, signal }),
  page: async (query) => ({
    ...(await objects.page(query, { timeoutMs, signal: query.signal })),
    attempts: 1,
  }),
})

/** Looks at the source, many keys at a time, at the pace of the run. */
function sourceLook({ source, how, clock, ends }: BatchGround, throttle: Throttle): Look {
  const { store, bucket } = source
  const { requestTimeoutMs: timeoutMs, retryCount } = how
  const { signal } = ends
  const gate = createGate({ start: LOOKS_AT_ONCE, most: LOOKS_AT_ONCE, clock, signal })
  const paced = limited(store.objects, { gate, throttle, signal })
  // A HEAD of what is not there is refused to whoever may list a part of the bucket only.
  return looker(quick(retrying(paced, { clock, retryCount, signal }), timeoutMs), bucket)
}

/** An object that is gone already is what was wanted. */
const endOfFailure = (failure: DeleteFailure | undefined): DeleteEnd =>
  !failure || failure.code === 'NoSuchKey'
    ? DELETED
    : {
        status: failure.unheard ? 'unknown' : 'failed',
        code: failure.code,
        message: failure.message,
      }

const mayHeal = ({ status, code }: DeleteEnd): boolean =>
  status !== 'done' && failureKind(code).retryable

/** An attempt at one extra. */
interface Tried {
  readonly extra: Extra
  readonly end: DeleteEnd
  /** Whether a delete was asked for. */
  readonly asked: boolean
}

/** Whether it could not be looked up, or nothing was heard of its delete. */
const isUnanswered = ({ end, asked }: Tried): boolean =>
  asked ? end.status === 'unknown' : end !== AT_SOURCE

/** Deletes batches of up to 1,000 extras, each looked up at the source just before it. */
export class DeleteBatches {
  readonly #ground: BatchGround
  readonly #throttle: Throttle
  readonly #look: Look
  /** Why no more is deleted in this run. */
  #stopped: DeleteEnd | undefined

  constructor(ground: BatchGround) {
    const { how, clock, ends } = ground
    const signal = AbortSignal.any([ends.signal, ends.deadline])
    this.#ground = ground
    this.#throttle = createThrottle(how, { clock, signal })
    this.#look = sourceLook(ground, this.#throttle)
  }

  /** Carries one batch, what may heal again and again; every pass looks at the source anew. */
  async carry(batch: readonly Extra[]): Promise<void> {
    const { settle, how, clock, ends } = this.#ground
    const { maxRetries, retryDelayMs } = how
    let open = batch
    let deaf = true
    for (let pass = 1; open.length > 0; pass++) {
      const rest: Extra[] = []
      let throttled = false
      const tried = await this.#attempt(open)
      for (const { extra, end, asked } of tried) {
        throttled ||= isThrottling(end.code)
        const again = pass <= maxRetries && !ends.signal.aborted && mayHeal(end)
        if (again) rest.push(extra)
        else await settle(extra.op, end, asked ? pass : pass - 1)
      }
      deaf &&= tried.every(isUnanswered)
      if (deaf && rest.length === 0) this.#giveUp(tried)
      open = rest
      const delayMs = passDelayMs(pass, throttled, { retryDelayMs, random: clock.random })
      if (open.length > 0) await clock.sleep(delayMs, ends.signal)
    }
  }

  /** Where nothing at all is answered there is no use in asking for all the others, of which nothing is unknown then. */
  #giveUp([first]: readonly Tried[]): void {
    const stop = stopOf(this.#ground.ends)
    if (first && !stop) this.#stopped ??= { ...first.end, status: 'failed' }
  }

  get #stop(): DeleteEnd | undefined {
    return this.#stopped ?? stopOf(this.#ground.ends)
  }

  async #attempt(open: readonly Extra[]): Promise<Tried[]> {
    const unasked = (extra: Extra, end: DeleteEnd) => ({ extra, end, asked: false })
    const stop = this.#stop
    if (stop) return open.map((extra) => unasked(extra, stop))
    const ended = await Promise.all(open.map((extra) => this.#lookAt(extra)))
    const clear = open.filter((_extra, at) => ended[at] === undefined)
    const kept = open.flatMap((extra, at) => (ended[at] ? [unasked(extra, ended[at])] : []))
    if (clear.length === 0) return kept
    return [...kept, ...(await this.#deleteAll(clear))]
  }

  /** How an extra ends that is not to be deleted; undefined: only the destination has it. */
  async #lookAt({ op }: Extra): Promise<DeleteEnd | undefined> {
    const { source, destination, lookUp, ends } = this.#ground
    if (!lookUp) return undefined
    const relative = op.key.slice(destination.prefix.length)
    try {
      const found = await this.#look(source.prefix + relative, ends.signal)
      return found && AT_SOURCE
    } catch (error) {
      return ends.signal.aborted ? CANCELLED : unseenEnd(error)
    }
  }

  async #deleteAll(extras: readonly Extra[]): Promise<Tried[]> {
    const { destination, ends } = this.#ground
    const { store, bucket } = destination
    const tried = (endOf: (op: DeleteOp) => DeleteEnd) =>
      extras.map((extra) => ({ extra, end: endOf(extra.op), asked: true }))
    // Another batch may have brought it to light meanwhile.
    const stop = this.#stop
    if (stop) return extras.map((extra) => ({ extra, end: stop, asked: false }))
    const limits = { signal: ends.signal, pace: () => this.#throttle(0) }
    const targets = extras.map(({ op }) => op)
    try {
      const failures = await store.deleteObjects(bucket, targets, limits)
      const byKey = new Map(failures.map((failure) => [failure.key, failure]))
      return tried(({ key }) => endOfFailure(byKey.get(key)))
    } catch (error) {
      const end = ends.signal.aborted ? CANCELLED : endOfError(error)
      if (end.code !== 'OtherKeysNamed') return tried(() => end)
      this.#stopped = { ...end, status: 'failed' }
      // What became of these nobody knows: the answer speaks of others.
      return tried(() => ({ ...end, status: 'unknown' }))
    }
  }
}
