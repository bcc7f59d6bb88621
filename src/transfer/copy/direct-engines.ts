import type { ServiceFailure } from '../../errors/service-error.ts'
import { AdaptiveLimit } from '../../flow/adaptive-limit.ts'
import { createBudget } from '../../flow/byte-budget.ts'
import { createLink } from '../../flow/link.ts'
import { passWorkers } from '../../flow/pace.ts'
import type { Throttle } from '../../flow/throttle.ts'
import type { Engine } from '../../model/engine.ts'
import { ruledKey } from '../../model/header-rules.ts'
import type { SyncRequest, TransferRequest } from '../../model/request.ts'
import type { System } from '../../ports.ts'
import type { Facts } from '../../preflight/preflight.ts'
import type { Way } from '../../storage/capabilities.ts'
import { limited } from '../../storage/limited.ts'
import { uploadPartBytes } from '../../storage/local/part-bytes.ts'
import { retrying } from '../../storage/retrying.ts'
import type { Objects, Store } from '../../storage/store.ts'
import type { RunContext } from '../context.ts'
import { Conditions } from '../direct/conditions.ts'
import type { ConflictDeps } from '../direct/conflict.ts'
import { Copier, type OnUnknownWay } from '../direct/copier.ts'
import { DirectEngine } from '../direct/direct.ts'
import { Downloader } from '../direct/downloader.ts'
import { Md5s } from '../direct/md5s.ts'
import { SourceObjects } from '../direct/source-object.ts'
import { Streamer } from '../direct/stream.ts'
import { tellingTags } from '../direct/tags.ts'
import { TimeLimits } from '../direct/time-limits.ts'
import { Uploads } from '../direct/upload.ts'
import { Uploader } from '../direct/uploader.ts'
import { ObjectWriter } from '../direct/write.ts'
import type { WriteDeps } from '../direct/write-job.ts'
import { looker } from '../look.ts'
import { copiesWithin, filesFor, partBytesFor, workersByMemory } from '../tuning.ts'
import type { Survey } from '../workload.ts'
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
/** Bytes of small objects on their way into files, and of others. */
const DOWNLOADED_BYTES = 64 * 2 ** 20
/** Files in parallel, whose bytes that wait in memory are limited by themselves. */
const MOST_FILES = 256
/** Bytes of files that may wait in this process. */
const UPLOADED_BYTES = 64 * 2 ** 20

/** What stands at a destination, as far as a look is to tell: of a file nothing has to be read for that. */
const standingAt = (store: Store): Pick<Store, 'stat' | 'page' | 'capabilities'> =>
  store.landing
    ? {
        capabilities: store.capabilities,
        page: (query) => store.page(query),
        stat: (object, signal) => store.objects.stat(object, { timeoutMs: Infinity, signal }),
      }
    : store

const UNBOUND =
  'The service does not support conditional reads and copies: each object is checked again after its copy.'

const UNKNOWN_WAY: Readonly<Record<Way, string>> = {
  whole: 'The service does not support CopyObject',
  parts: 'The service does not support UploadPartCopy',
  streamed: 'The service does not accept uploads',
}

const OTHER_WAY: Readonly<Record<Way, string>> = {
  whole: 'objects are copied in one request',
  parts: 'objects are copied in parts',
  streamed: 'objects are streamed through this runner',
}

const TAGS_UNREADABLE =
  'The tags of the source cannot be read (access denied): objects are copied without tags.'
const UNCONDITIONAL = 'The service does not support conditional writes: they are no longer used.'

/** The direct engine of each pass, and what it finds out of both services on the way. */
export class DirectEngines {
  readonly #context: RunContext
  readonly #counters: Counters
  readonly #throttle: Throttle
  readonly #deps: DirectEnginesDeps
  readonly #conditions: Conditions
  readonly #link: ReturnType<typeof createLink>
  /** That of every wave's first pass: what it found out of the service it keeps. */
  #first: Engine | undefined
  /** Ways that were refused to some objects, once that was told. */
  readonly #toldOf = new Set<Way>()

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
    const { source, destination } = deps.facts
    this.#conditions = new Conditions({
      required: deps.request.selection.overwrite === 'never',
      source: source.store.capabilities,
      destination: destination.store.capabilities,
      onDropped: () => {
        counters.unconditional()
        context.log.line('warn', UNCONDITIONAL)
      },
      onUnbound: () => context.log.line('warn', UNBOUND),
    })
  }

  /** That of a pass, 0 being the first. */
  ofPass(pass: number): Engine {
    if (pass > 0) return this.#engineOf(pass)
    this.#first ??= this.#engineOf(pass)
    return this.#first
  }

  #engineOf(pass: number): Engine {
    const { facts, request, objects, system } = this.#deps
    const { source, destination } = facts
    const { transfer, mode } = request
    const { clock, signal, deadline } = this.#context
    const { start, most } = this.#concurrency(transfer, pass)
    const limit = new AdaptiveLimit({ start, most, clock, signal })
    this.#counters.begin({
      name: 'direct',
      initial: start,
      now: () => limit.room,
      lower: () => limit.slower(),
    })
    const onMoved = (bytes: number) => this.#counters.moved(bytes)
    const limits = { limit, throttle: this.#throttle, onMoved, signal }
    const { local } = source.store
    const onRetry = () => this.#counters.requestRetry()
    const retries = { clock, retryCount: transfer.retryCount, onRetry, signal }
    const writer = this.#writer(
      most,
      retrying(limited(source.store.objects, limits), retries),
      tellingTags(retrying(limited(objects, limits, local ? 'sent' : 'read'), retries)),
    )
    const sides: ConflictDeps = {
      lookAtSource: looker(source.store, source.bucket),
      lookAtDestination: looker(standingAt(destination.store), destination.bucket),
      replan: mode !== 'execute' && mode !== 'finish',
      signal,
    }
    const onUnknownWay: OnUnknownWay = (...told) => this.#onUnknownWay(...told)
    const copier = new Copier(writer, this.#conditions, sides, onUnknownWay)
    const mostWorkers = destination.store.landing ? filesFor(most, system.openFiles()) : most
    return new DirectEngine(copier, { mostWorkers, clock, signal, deadline })
  }

  /** What writes each object; `reads`: that are downloaded at a time. */
  #writer(reads: number, sourceObjects: Objects, objects: Objects): ObjectWriter {
    const { facts, request, survey } = this.#deps
    const { source, destination } = facts
    const { concurrency, requestTimeoutMs, write } = request.transfer
    const { clock, signal } = this.#context
    const limits = new TimeLimits(requestTimeoutMs, signal)
    const deps: WriteDeps = {
      source: new SourceObjects({
        bucket: source.bucket,
        objects: sourceObjects,
        capabilities: source.store.capabilities,
        limits,
        link: this.#link,
        onTagsUnreadable: () => this.#onTagsUnreadable(),
      }),
      objects,
      bucket: destination.bucket,
      uploads: new Uploads({
        objects,
        capabilities: destination.store.capabilities,
        clock,
        concurrency,
        requestTimeoutMs,
        signal,
      }),
      limits,
      options: write,
      ruledKey: (to) => ruledKey(destination, to),
      // Published once, the same object is told from another by its ETag.
      keepEtags: request.selection.overwrite === 'never',
    }
    const streamer = this.#streamer(deps, reads)
    return new ObjectWriter(deps, streamer, {
      streamed: survey.work.streamed,
      isAws: destination.endpoint === undefined,
      capabilities: destination.store.capabilities,
    })
  }

  /** What writes objects whose bytes pass through this process. */
  #streamer(deps: WriteDeps, reads: number): Streamer | Uploader | Downloader {
    const { facts, request } = this.#deps
    const { source, destination } = facts
    const { local: files } = source.store
    const { landing } = destination.store
    const { partBytes, concurrency } = request.transfer
    const sums = request.selection.sums !== undefined
    if (landing)
      return new Downloader({
        source: deps.source,
        landing,
        memory: createBudget(DOWNLOADED_BYTES),
        reads: createBudget(reads),
        gathered: createBudget(DOWNLOADED_BYTES),
        concurrency,
        partBytes: (size) => uploadPartBytes(partBytes, size),
        sums,
      })
    if (!files)
      return new Streamer(deps, createBudget(STREAMED_BYTES), (size) => this.#partBytes(size), sums)
    return new Uploader(deps, {
      files,
      memory: createBudget(UPLOADED_BYTES),
      md5s: new Md5s(this.#context.clock),
      isAws: destination.endpoint === undefined,
      capabilities: destination.store.capabilities,
      sums,
    })
  }

  /** Objects at a time: to start with, and at most. */
  #concurrency(
    transfer: TransferRequest,
    pass: number,
  ): { readonly start: number; readonly most: number } {
    const { survey, system, facts } = this.#deps
    const { streamed, memoryBytes, averageBytes } = survey.work
    const most =
      facts.source.store.local || facts.destination.store.local
        ? MOST_FILES
        : streamed
          ? workersByMemory(memoryBytes, averageBytes)
          : MOST_DIRECT
    const how = facts.destination.store.local ? 'downloaded' : streamed ? 'streamed' : 'copied'
    const bearable = copiesWithin(system.openFiles(), how)
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
    const { capabilities } = this.#deps.facts.destination.store
    // What is said of one object says nothing of the others.
    const ofOne = code === 'NoSuchKey' || code === 'EntityTooLarge'
    const isNews = ofOne ? !this.#toldOf.has(unknown) : capabilities.lacksWay(unknown)
    this.#toldOf.add(unknown)
    if (!isNews) return
    const what = ofOne
      ? UNKNOWN_WAY[unknown].replace('objects', 'some objects')
      : UNKNOWN_WAY[unknown]
    this.#context.log.line('warn', `${what} (${code}: ${message}): ${OTHER_WAY[way]}.`)
  }

  #onTagsUnreadable(): void {
    if (this.#counters.tagsUnreadable()) this.#context.log.line('warn', TAGS_UNREADABLE)
  }
}
