import type { Survey } from '../../batch/survey.ts'
import { copiesWithin, partBytesFor, workersByMemory } from '../../batch/tuning.ts'
import type { ServiceFailure } from '../../errors/service-error.ts'
import type { SyncRequest, TransferRequest } from '../../model/request.ts'
import type { System } from '../../ports.ts'
import type { Facts } from '../../preflight/preflight.ts'
import type { Way } from '../../storage/capabilities.ts'
import { limited } from '../../storage/limited.ts'
import { retrying } from '../../storage/retrying.ts'
import type { Objects } from '../../storage/store.ts'
import type { RunContext } from '../context.ts'
import { type Conditions, createConditions } from '../direct/carry.ts'
import { directEngine } from '../direct/direct.ts'
import { createGate } from '../direct/gate.ts'
import { createLink } from '../direct/link.ts'
import { createBudget } from '../direct/memory.ts'
import type { Engine } from '../engine.ts'
import { looker } from '../look.ts'
import { passWorkers } from '../pace.ts'
import type { Throttle } from '../throttle.ts'
import type { Counters } from './counters.ts'

/** What the direct engine copies with. */
export interface DirectEnginesDeps {
  readonly facts: Facts
  readonly request: Pick<SyncRequest, 'transfer' | 'mode' | 'selection'>
  readonly survey: Survey
  readonly system: Pick<System, 'openFiles'>
  /** What writes the destination. */
  readonly objects: Objects
}

/** Objects in parallel of the direct engine, where nothing fixes it: S3 bears it, and asks for less when it does not. */
const MOST_DIRECT = 700
/** Bytes that may wait in this process on their way from one service to the other. */
const STREAMED_BYTES = 256 * 2 ** 20

const UNBOUND =
  'The service does not know conditions on what is read or copied: each object is looked at again behind its copy.'

const UNKNOWN_WAY: Readonly<Record<Way, string>> = {
  whole: 'The service does not copy objects by itself',
  parts: 'The service does not copy parts of objects',
  streamed: 'The service does not take the bytes of objects',
}

const OTHER_WAY: Readonly<Record<Way, string>> = {
  whole: 'they are copied whole',
  parts: 'they are copied in parts',
  streamed: 'their bytes pass through this runner',
}

const TAGS_UNREADABLE = 'The tags of the source may not be read: objects are written without.'
const UNCONDITIONAL = 'The service does not know conditional writes: none are asked for any more.'

/** The direct engine of each pass, and what it finds out of both services on the way. */
export class DirectEngines {
  readonly #context: RunContext
  readonly #counters: Counters
  readonly #throttle: Throttle
  readonly #deps: DirectEnginesDeps
  readonly #conditions: Conditions
  readonly #link: ReturnType<typeof createLink>

  constructor(
    context: RunContext,
    counters: Counters,
    throttle: Throttle,
    deps: DirectEnginesDeps,
  ) {
    this.#context = context
    this.#counters = counters
    this.#throttle = throttle
    this.#deps = deps
    this.#link = createLink(context.clock)
    const { capabilities } = deps.facts.destination.store
    const isRequired = deps.request.selection.overwrite === 'never'
    this.#conditions = createConditions(isRequired, capabilities, () => {
      counters.unconditional()
      context.log.line('warn', UNCONDITIONAL)
    })
  }

  /** That of a pass, 0 being the first. */
  ofPass(pass: number): Engine {
    const { facts, request, survey, objects } = this.#deps
    const { source, destination } = facts
    const { transfer, mode, selection } = request
    const { clock, signal, deadline } = this.#context
    const { start, most } = this.#concurrency(transfer, pass)
    const gate = createGate({ start, most, clock, signal })
    this.#counters.begin({ name: 'direct', initial: start, now: gate.room, lower: gate.slower })
    const limits = { gate, throttle: this.#throttle, signal }
    const onRetry = () => this.#counters.requestRetry()
    const retries = { clock, retryCount: transfer.retryCount, onRetry, signal }
    return directEngine({
      source,
      destination,
      sourceObjects: retrying(limited(source.store.objects, limits), retries),
      objects: retrying(limited(objects, limits), retries),
      conditions: this.#conditions,
      link: this.#link,
      signal,
      deadline,
      clock,
      mostWorkers: most,
      concurrency: transfer.concurrency,
      options: transfer.write,
      requestTimeoutMs: transfer.requestTimeoutMs,
      streamed: survey.work.streamed,
      // Published once, the same object is told from another by its ETag.
      keepEtags: selection.overwrite === 'never',
      partBytes: (size) => this.#partBytes(size),
      memory: createBudget(STREAMED_BYTES),
      lookAtSource: looker(source.store, source.bucket),
      lookAtDestination: looker(destination.store, destination.bucket),
      replan: mode !== 'execute',
      onTagsUnreadable: () => this.#onTagsUnreadable(),
      onUnbound: () => this.#context.log.line('warn', UNBOUND),
      onUnknownWay: (unknown, way, failure) => this.#onUnknownWay(unknown, way, failure),
    })
  }

  /** Objects at a time: to start with, and at most. */
  #concurrency(
    transfer: TransferRequest,
    pass: number,
  ): { readonly start: number; readonly most: number } {
    const { survey, system } = this.#deps
    const { streamed, memoryBytes, averageBytes } = survey.work
    const most = streamed ? workersByMemory(memoryBytes, averageBytes) : MOST_DIRECT
    const bearable = copiesWithin(system.openFiles(), streamed)
    const workers = (wanted: number) => passWorkers(Math.min(wanted, bearable), pass)
    return {
      start: workers(survey.workers.value),
      most: workers(transfer.numworkers === 'auto' ? most : transfer.numworkers),
    }
  }

  #partBytes(size: number): number {
    const { request, survey } = this.#deps
    const { sameRegion } = survey.work
    const bytesPerSecond = this.#link.bytesPerSecond()
    const part = partBytesFor(request.transfer, size, { sameRegion, bytesPerSecond })
    if (part.value < size) this.#counters.cut(part, bytesPerSecond)
    return part.value
  }

  #onUnknownWay(unknown: Way, way: Way, { code, message }: ServiceFailure): void {
    if (!this.#deps.facts.destination.store.capabilities.lacksWay(unknown)) return
    const told = `${UNKNOWN_WAY[unknown]} (${code}: ${message}): ${OTHER_WAY[way]}.`
    this.#context.log.line('warn', told)
  }

  #onTagsUnreadable(): void {
    if (this.#counters.tagsUnreadable()) this.#context.log.line('warn', TAGS_UNREADABLE)
  }
}
