import type { IncomingHttpHeaders } from 'node:http'
import os from 'node:os'
import type { Worker } from 'node:worker_threads'
import { ServiceError } from '../errors/service-error.ts'
import type { FilePlace } from '../model/byte-sink.ts'
import type { Limit } from '../model/limit.ts'
import { beginThread } from './own-thread.ts'
import type { Order, ReadReport, ReceiverStart, ToldError } from './reading.ts'
import { tellRequest } from './told.ts'
import { watch } from './watch.ts'
import type { WireAnswer, WireRequest } from './wire-request.ts'

/** Received before a thread is begun: what it costs would be more than it saves. */
const LEAST_BYTES = 32 * 2 ** 20
/** Two write some GB a second: more than the network of a runner brings. */
const MOST_THREADS = 2
/** Reads of one thread before another one is begun. */
const MANY_READS = 2

const plainError = ({ code, message }: ToldError): Error =>
  Object.assign(new Error(message), { code })

const serviceError = ({ code, message, status }: ToldError): ServiceError =>
  new ServiceError(code, message, { status })

class ReceivedAnswer implements WireAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer

  constructor({ status, headers, body }: NonNullable<ReadReport['answer']>) {
    this.status = status
    this.headers = headers
    this.body = Buffer.from(body.buffer, body.byteOffset, body.length)
  }
}

/** One request that a thread reads the answer of. */
class Reading {
  readonly answer: Promise<WireAnswer>
  readonly isEnded = new Int32Array(new SharedArrayBuffer(4))
  readonly #request: WireRequest
  readonly #place: FilePlace
  readonly #startedMs = performance.now()
  readonly #unwatch: () => void
  readonly #resolve: (answer: WireAnswer) => void
  readonly #reject: (reason: unknown) => void

  /** `giveUp`: called when its time is up, or its signal is aborted. */
  constructor(request: WireRequest, place: FilePlace, limit: Limit, giveUp: () => void) {
    this.#request = request
    this.#place = place
    const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>()
    this.answer = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#unwatch = watch((reason) => {
      Atomics.store(this.isEnded, 0, 1)
      this.#reject(reason)
      giveUp()
    }, limit)
  }

  /** Nothing of it is written any more. */
  over({ written, answer, failure, unwritten }: Omit<ReadReport, 'id'>): void {
    this.#unwatch()
    this.#place.over(written)
    const { method, target, base } = this.#request
    const sent = { method, target, host: base.host, startedMs: this.#startedMs }
    tellRequest(sent, answer?.status ?? failure?.message ?? unwritten?.message ?? '')
    if (answer) this.#resolve(new ReceivedAnswer(answer))
    else if (unwritten) this.#reject(this.#place.unwritable(plainError(unwritten)))
    else if (failure) this.#reject(serviceError(failure))
  }
}

/** What becomes of requests whose thread is gone. */
const LOST = {
  written: { bytes: 0, sum: 0n },
  failure: { code: 'RequestError', message: 'The receiving thread ended', status: undefined },
} as const

/** A thread that receives. */
class Receiver {
  readonly #worker: Worker
  readonly #readings = new Map<number, Reading>()
  #next = 0

  /** `onEnd`: called once it is gone; throws where it cannot be begun. */
  constructor(start: ReceiverStart, onEnd: () => void) {
    this.#worker = beginThread('receiver-thread', start)
    this.#worker
      .on('message', (report: ReadReport) => this.#over(report.id, report))
      // Its end follows.
      .on('error', () => {})
      .on('exit', () => {
        onEnd()
        for (const id of this.#readings.keys()) this.#over(id, LOST)
      })
      // Who waits for an answer has a timer that keeps the process alive.
      .unref()
  }

  /** How many it reads. */
  get load(): number {
    return this.#readings.size
  }

  read(request: WireRequest, place: FilePlace, limit: Limit): Promise<WireAnswer> {
    const id = this.#next++
    const reading = new Reading(request, place, limit, () => this.#tell({ ended: id }))
    this.#readings.set(id, reading)
    const { base, target, headers, mostBytes, connectMs } = request
    const { handle, at, summed } = place
    this.#tell({
      id,
      url: base.href,
      target,
      headers,
      mostBytes,
      connectMs,
      place: { handle, at, summed },
      isEnded: reading.isEnded,
    })
    return reading.answer
  }

  end(): void {
    void this.#worker.terminate()
  }

  #tell(order: Order): void {
    this.#worker.postMessage(order)
  }

  #over(id: number, report: Omit<ReadReport, 'id'>): void {
    const reading = this.#readings.get(id)
    this.#readings.delete(id)
    reading?.over(report)
  }
}

/** Threads that receive what goes into files, so that its bytes never pass through this one. */
export class Receivers {
  readonly #start: ReceiverStart
  readonly #threads = new Set<Receiver>()
  #bytes = 0
  #isAble = true

  constructor(start: ReceiverStart) {
    this.#start = start
  }

  /**
   * Sends one request, and has its answer written where it goes; undefined: that is nothing for a thread, or there is none.
   * Rejects with what the network or the file system did, or the signal's reason.
   */
  ask(request: WireRequest, limit: Limit): Promise<WireAnswer> | undefined {
    const { into, mostBytes = 0, method } = request
    if (method !== 'GET' || !into || !('add' in into) || !into.lend) return undefined
    this.#bytes += mostBytes
    if (this.#bytes <= LEAST_BYTES) return undefined
    const thread = this.#thread()
    const place = thread && into.lend()
    return place && thread.read(request, place, limit)
  }

  /** Ends all threads. */
  close(): void {
    for (const thread of this.#threads) thread.end()
  }

  /** That which has least to do; another one where it has enough. */
  #thread(): Receiver | undefined {
    const [idlest] = [...this.#threads].sort((one, other) => one.load - other.load)
    const isBusy = !idlest || idlest.load >= MANY_READS
    const isFull = this.#threads.size >= Math.min(MOST_THREADS, os.availableParallelism())
    return isBusy && !isFull && this.#isAble ? this.#begin() : idlest
  }

  #begin(): Receiver | undefined {
    try {
      const thread = new Receiver(this.#start, () => {
        this.#threads.delete(thread)
        this.#isAble = false
      })
      this.#threads.add(thread)
      return thread
    } catch {
      // This thread receives by itself, as it did before.
      this.#isAble = false
      return undefined
    }
  }
}
