import type { ServiceFailure } from '../../errors/service-error.ts'
import { isPuzzled, isRefusal, serviceFailure } from '../../errors/service-failure.ts'
import { isAcrossRegions } from '../../errors/spoken.ts'
import type { CopyOp } from '../../model/op.ts'
import { isComposite, partBytesOf } from '../../model/part-size.ts'
import {
  keepsOthers,
  keepsType,
  type ObjectOptions,
  optionsFor,
} from '../../model/write-options.ts'
import type { Capabilities, Way } from '../../storage/capabilities.ts'
import type { Described, ObjectHeaders, PartedChecksum } from '../../storage/store.ts'
import { checkCarriable, copyHeaders, WITHOUT_TAGS, writeHeaders } from './headers.ts'
import { copyPartBytes, rangesOf } from './parts.ts'
import { hasTags } from './source-object.ts'
import type { Streamer } from './stream.ts'
import { optionsOf, type WriteDeps, type WriteJob } from './write-job.ts'

/** What decides how objects get to the destination. */
export interface WriteRoute {
  /** Whether bytes pass through this process, as no single identity or service can copy them. */
  readonly streamed: boolean
  /** Whether the destination is AWS. */
  readonly isAws: boolean
  /** What is known of the destination. */
  readonly capabilities: Capabilities
}

/** Checksums that can be put together from those of parts, S3's own first. */
const PARTED = ['CRC64NVME', 'CRC32C', 'CRC32'] as const

const STREAMED: readonly Way[] = ['streamed']
const WHOLE_FIRST: readonly Way[] = ['whole', 'streamed']
const IN_PARTS_FIRST: readonly Way[] = ['parts', 'whole', 'streamed']

/** From here on parts are faster than one request. */
const IN_PARTS_FROM_BYTES = 2 ** 30
/** Above this S3 takes nothing but parts. */
const MOST_WHOLE_BYTES = 5 * 2 ** 30
/** Smaller parts would take too many requests to keep an ETag for nothing but proof. */
const LEAST_KEPT_PART_BYTES = 64 * 2 ** 20

/** Whether a copy was refused as if its source were not there. */
export const isUnseen = (code: string): boolean =>
  ['NoSuchKey', 'NoSuchBucket', 'NotFound'].includes(code)

/** Writes objects as the plan has them, the way their size and the services ask for. */
export class ObjectWriter {
  readonly #deps: WriteDeps
  readonly #streamer: Pick<Streamer, 'write'>
  readonly #route: WriteRoute
  /** Of every copy that is one request, where nothing depends on its source. */
  readonly #copyHeaders: ObjectHeaders

  constructor(deps: WriteDeps, streamer: Pick<Streamer, 'write'>, route: WriteRoute) {
    this.#deps = deps
    this.#streamer = streamer
    this.#route = route
    this.#copyHeaders = copyHeaders(optionsFor(deps.options, ''))
  }

  /** Whether nothing is asked of objects that a service may refuse. */
  get isPlain(): boolean {
    const { acl, sse, storageClass, rules = [] } = this.#deps.options
    return !(acl || sse || storageClass || rules.some((rule) => rule.acl || rule.storageClass))
  }

  /** Whether the destination is AWS, which says what it means. */
  get isAws(): boolean {
    return this.#route.isAws
  }

  /** The ways in which an object may get to the destination, the usual one first. */
  possibleWays({ size, etag }: CopyOp): readonly Way[] {
    const { streamed, capabilities } = this.#route
    if (streamed) return STREAMED
    const { keepEtags } = this.#deps
    const inParts = size > IN_PARTS_FROM_BYTES || (keepEtags && size > 0 && isComposite(etag))
    const ways = inParts ? IN_PARTS_FIRST : WHOLE_FIRST
    // Nearly always all of them.
    return ways.every((way) => capabilities.knowsWay(way))
      ? ways
      : ways.filter((way) => capabilities.knowsWay(way))
  }

  /** Whether bytes may pass through this process where the service refused so to copy them. */
  mayPassThrough(failure: ServiceFailure): boolean {
    if (isAcrossRegions(failure)) return true
    // AWS copies all else that it holds, and what passes through this process costs there.
    if (this.#route.isAws) return false
    const { code, status } = failure
    if (code === 'EntityTooLarge' || isUnseen(code)) return true
    return this.isPlain && (status === 501 || status === 405)
  }

  /** Writes an object in one of its ways; gives the new ETag, '' where the service names none. */
  write(job: WriteJob, way: Way): Promise<string> {
    if (way === 'streamed') return this.#streamer.write(job)
    return way === 'parts' ? this.#copyInParts(job) : this.#copyWhole(job)
  }

  /** One request; S3 does the rest. */
  #copyWhole(job: WriteJob): Promise<string> {
    const { op, unbound, onRetry } = job
    const { source, options: all } = this.#deps
    const options = optionsOf(this.#deps, op)
    if (!keepsType(options) && !keepsOthers(options))
      return this.#copyWith(all.rules ? copyHeaders(options) : this.#copyHeaders, options, job)
    return source
      .describe(source.pinned(op, unbound), onRetry)
      .then((described) =>
        this.#copyWith(copyHeaders(options, checkCarriable(described)), options, job),
      )
  }

  /** A copy in one request, with these headers. */
  #copyWith(
    headers: ObjectHeaders,
    { tags }: ObjectOptions,
    { op, only, unbound, onRetry }: WriteJob,
  ): Promise<string> {
    const { source, objects, bucket, limits } = this.#deps
    const from = { ...source.pinned(op, unbound), size: op.size }
    const to = { bucket, key: op.to }
    const copy = (more?: ObjectHeaders) =>
      objects.copy(
        from,
        { to, only, headers: more ? { ...headers, ...more } : headers },
        limits.of(op.size, onRetry),
      )
    return tags === '' ? this.#withoutTags(copy) : copy()
  }

  /** Who does not know how tags are left behind has none to copy: the same without a word about them proves that it was this. */
  async #withoutTags(copy: (more?: ObjectHeaders) => Promise<string>): Promise<string> {
    const { isAws, capabilities } = this.#route
    if (!capabilities.tagDirective) return copy()
    try {
      return await copy(WITHOUT_TAGS)
    } catch (error) {
      if (isAws || !isPuzzled(serviceFailure(error))) throw error
      const etag = await copy().catch(() => Promise.reject(error))
      capabilities.lacksTagDirective()
      return etag
    }
  }

  /** S3 copies each part; what it carries over for whole objects is carried by hand. */
  async #copyInParts(job: WriteJob): Promise<string> {
    const { op, only, unbound, onRetry, lookLast } = job
    const { source, objects, bucket, uploads, limits, keepEtags } = this.#deps
    const from = source.pinned(op, unbound)
    // Cut as the source was, the copy gets the same ETag.
    const composite = isComposite(op.etag)
    const described = composite
      ? await source.describeByPart(from, onRetry)
      : await source.describe(from, onRetry)
    const sourcePartBytes = composite ? partBytesOf(described, op.size) : undefined
    if (op.size <= IN_PARTS_FROM_BYTES && sourcePartBytes === undefined) return this.#copyWhole(job)
    const tags = await this.#carriedTags(job, described)
    if (tags === undefined) return this.#copyWhole(job)
    const headers = writeHeaders(optionsOf(this.#deps, op), checkCarriable(described), tags)
    const whole = await this.#wholeChecksum(job)
    const keep = keepEtags || (sourcePartBytes ?? 0) >= LEAST_KEPT_PART_BYTES
    const partBytes = (keep ? sourcePartBytes : undefined) ?? copyPartBytes(op.size)
    const limit = limits.of(partBytes, onRetry)
    return uploads.write(
      { to: { bucket, key: op.to }, only, headers, whole },
      {
        ranges: rangesOf(op.size, partBytes),
        make: (part, range) => objects.copyPart(part, { ...from, range }, limit),
        check: async () => {
          // Some services do not heed the ETag that a part is bound to.
          await source.describe(from, onRetry)
          await lookLast?.()
        },
      },
      onRetry,
    )
  }

  /**
   * What proves the copy by itself: the checksum that its source has of the whole, or S3's own. AWS is told its value as
   * well, so that it refuses to put together anything else.
   */
  async #wholeChecksum({ op, unbound, onRetry }: WriteJob): Promise<PartedChecksum | undefined> {
    const { capabilities, isAws } = this.#route
    if (!capabilities.wholeChecksums) return undefined
    const { source } = this.#deps
    const values = await source.checksums(source.pinned(op, unbound), onRetry)
    const algorithm = PARTED.find((name) => values.has(name))
    if (algorithm) return { algorithm, value: isAws ? values.get(algorithm) : undefined }
    return isAws ? { algorithm: PARTED[0] } : undefined
  }

  /** Tags of the source; undefined: who may not read them leaves it to S3, which carries none that are not there. */
  async #carriedTags(
    { op, unbound, onRetry }: WriteJob,
    described: Described,
  ): Promise<string | undefined> {
    const { source } = this.#deps
    if (optionsOf(this.#deps, op).tags !== undefined) return ''
    try {
      // HEAD does not tell everybody of tags, so that they are asked for.
      return await source.tags(source.pinned(op, unbound), hasTags(described), onRetry)
    } catch (error) {
      const refused = isRefusal(serviceFailure(error))
      if (refused && op.size <= MOST_WHOLE_BYTES) return undefined
      throw error
    }
  }
}
