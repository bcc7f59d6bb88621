import { serviceFailure } from '../../errors/service-failure.ts'
import type { CopyOp } from '../../model/op.ts'
import { keepsType } from '../../model/write-options.ts'
import type { RequestLimit, WriteCondition } from '../../storage/store.ts'
import { copyHeaders, writeHeaders } from './headers.ts'
import { copyPartBytes, rangesOf } from './parts.ts'
import { isComposite, partBytesOf } from './source-object.ts'
import type { Streamer } from './stream.ts'
import type { WriteDeps, WriteJob } from './write-job.ts'

/** Where objects are written, and how they get there. */
export interface WriteRoute {
  /** Of the destination. */
  readonly bucket: string
  /** Whether bytes pass through this process, as no single identity or service can copy them. */
  readonly streamed: boolean
}

/** From here on parts are faster than one request. */
const IN_PARTS_FROM_BYTES = 2 ** 30
/** Above this S3 takes nothing but parts. */
const MOST_WHOLE_BYTES = 5 * 2 ** 30
/** Smaller parts would take too many requests to keep an ETag for nothing but proof. */
const LEAST_KEPT_PART_BYTES = 64 * 2 ** 20

/** Writes objects as the plan has them, the way their size and the services ask for. */
export class ObjectWriter {
  readonly #deps: WriteDeps
  readonly #streamer: Streamer
  readonly #route: WriteRoute

  constructor(deps: WriteDeps, streamer: Streamer, route: WriteRoute) {
    this.#deps = deps
    this.#streamer = streamer
    this.#route = route
  }

  /** Writes the object of an op; gives the new ETag. `onRetry`: told why a request of it is made again. */
  write(
    op: CopyOp,
    only: WriteCondition | undefined,
    onRetry: RequestLimit['onRetry'],
  ): Promise<string> {
    const { bucket, streamed } = this.#route
    const job: WriteJob = { op, to: { bucket, key: op.to }, only, onRetry }
    if (streamed) return this.#streamer.write(job)
    const { keepEtags } = this.#deps
    const inParts =
      op.size > IN_PARTS_FROM_BYTES || (keepEtags && op.size > 0 && isComposite(op.etag))
    return inParts ? this.#copyInParts(job) : this.#copyWhole(job)
  }

  /** One request; S3 does the rest. */
  async #copyWhole({ op, to, only, onRetry }: WriteJob): Promise<string> {
    const { source, objects, limits, options } = this.#deps
    const { bucket, key, etag } = source.pinned(op)
    const from = { bucket, key, etag, size: op.size }
    const described = keepsType(options) ? await source.describe(from, onRetry) : undefined
    const headers = copyHeaders(options, described?.headers)
    return objects.copy(from, { to, only, headers }, limits.of(op.size, onRetry))
  }

  /** S3 copies each part; what it carries over for whole objects is carried by hand. */
  async #copyInParts(job: WriteJob): Promise<string> {
    const { op, to, only, onRetry } = job
    const { source, objects, uploads, limits, options, keepEtags } = this.#deps
    const from = source.pinned(op)
    // Cut as the source was, the copy gets the same ETag.
    const composite = isComposite(op.etag)
    const described = await source.describe(from, onRetry, composite ? 'first-part' : undefined)
    const sourcePartBytes = composite ? partBytesOf(described, op.size) : undefined
    if (op.size <= IN_PARTS_FROM_BYTES && sourcePartBytes === undefined) return this.#copyWhole(job)
    const tags = await this.#carriedTags(job)
    if (tags === undefined) return this.#copyWhole(job)
    const headers = writeHeaders(options, described.headers, tags)
    const keep = keepEtags || (sourcePartBytes ?? 0) >= LEAST_KEPT_PART_BYTES
    const partBytes = (keep ? sourcePartBytes : undefined) ?? copyPartBytes(op.size)
    const limit = limits.of(partBytes, onRetry)
    const { bucket, key, etag } = from
    return uploads.write(
      { to, only, headers },
      {
        ranges: rangesOf(op.size, partBytes),
        make: (part, range) => objects.copyPart(part, { bucket, key, etag, range }, limit),
        // Some services do not heed the ETag that a part is bound to.
        check: () => source.describe(from, onRetry),
      },
      onRetry,
    )
  }

  /** Tags of the source; undefined: who may not read them leaves it to S3, which carries none that are not there. */
  async #carriedTags({ op, onRetry }: WriteJob): Promise<string | undefined> {
    const { source } = this.#deps
    try {
      // HEAD does not tell everybody of tags, so that they are asked for.
      return await source.tags(source.pinned(op), onRetry)
    } catch (error) {
      const refused = serviceFailure(error).code === 'AccessDenied'
      if (refused && op.size <= MOST_WHOLE_BYTES) return undefined
      throw error
    }
  }
}
