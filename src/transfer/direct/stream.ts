import { hash } from 'node:crypto'
import type { Budget } from '../../flow/byte-budget.ts'
import type { CopyOp } from '../../model/op.ts'
import { isComposite, partBytesOf } from '../../model/part-size.ts'
import type { Described, ObjectHeaders, PinnedObject } from '../../storage/store.ts'
import { checkCarriable, writeHeaders } from './headers.ts'
import { hashedPart, OrderedSha256 } from './ordered-sha256.ts'
import { rangesOf } from './parts.ts'
import { optionsOf, type WriteDeps, type WriteJob } from './write-job.ts'

/** Parts that are held whole; larger ones would take more memory than there is for all. */
const MOST_KEPT_PART_BYTES = 64 * 2 ** 20

function keptPartBytes(described: Described, size: number): number | undefined {
  const bytes = partBytesOf(described, size)
  return bytes !== undefined && bytes <= MOST_KEPT_PART_BYTES ? bytes : undefined
}

/** Writes objects whose bytes pass through this process. */
export class Streamer {
  readonly #deps: WriteDeps
  readonly #memory: Budget
  readonly #partBytes: (size: number) => number
  readonly #sums: boolean

  /**
   * `memory`: the bytes that may be held at a time; `partBytes`: of the parts that an object of some size is cut into;
   * `sums`: whether somebody wants to know the SHA-256 of objects.
   */
  constructor(deps: WriteDeps, memory: Budget, partBytes: (size: number) => number, sums: boolean) {
    this.#deps = deps
    this.#memory = memory
    this.#partBytes = partBytes
    this.#sums = sums
  }

  /** Writes an object; gives the new ETag, '' where the service names none. */
  write(job: WriteJob): Promise<string> {
    const { op } = job
    const whole = !this.#isKept(op) && op.size <= this.#partBytes(op.size)
    return whole ? this.#whole(job) : this.#inParts(job)
  }

  /** Cut as the source was, the copy gets the same ETag. */
  #isKept({ size, etag }: CopyOp): boolean {
    return this.#deps.keepEtags && size > 0 && isComposite(etag)
  }

  #whole({ op, only, unbound, onRetry, onSha256 }: WriteJob): Promise<string> {
    const { source, objects, bucket, limits } = this.#deps
    const from = source.pinned(op, unbound)
    const to = { bucket, key: op.to }
    return this.#memory.hold(op.size, async () => {
      const content = await source.readProven(op, from, onRetry)
      const headers = await this.#headers({ op, onRetry }, from, content)
      if (this.#sums || op.sha256 !== undefined) onSha256(hash('sha256', content.bytes))
      return objects.put({ to, only, headers }, content.bytes, limits.of(op.size, onRetry))
    })
  }

  async #inParts(job: WriteJob): Promise<string> {
    const { op, only, unbound, onRetry, lookLast, onSha256 } = job
    const { source, objects, bucket, uploads, limits } = this.#deps
    const from = source.pinned(op, unbound)
    const kept = this.#isKept(op)
    const described = kept
      ? await source.describeByPart(from, onRetry)
      : await source.describe(from, onRetry)
    const headers = await this.#headers(job, from, described)
    const sha256 = this.#sums || op.sha256 !== undefined ? new OrderedSha256() : undefined
    const sourcePartBytes = kept ? keptPartBytes(described, op.size) : undefined
    return uploads.write(
      { to: { bucket, key: op.to }, only, headers },
      {
        ranges: rangesOf(op.size, sourcePartBytes ?? this.#partBytes(op.size)),
        make: (part, range) => {
          const bytes = range.last - range.first + 1
          return hashedPart(sha256, (hashed) =>
            this.#memory.hold(bytes, async () => {
              const content = await source.read(from, { bytes, range }, onRetry)
              const isHashed = hashed(part.number, content.bytes)
              const etag = await objects.putPart(part, content.bytes, limits.of(bytes, onRetry))
              await isHashed
              return etag
            }),
          )
        },
        check: async () => {
          await lookLast?.()
          const hex = sha256?.hex()
          if (hex !== undefined) onSha256(hex)
        },
      },
      onRetry,
    )
  }

  /** Headers that carry over what an answer to a read described. */
  async #headers(
    { op, onRetry }: Pick<WriteJob, 'op' | 'onRetry'>,
    from: PinnedObject,
    described: Described,
  ): Promise<ObjectHeaders> {
    const options = optionsOf(this.#deps, op)
    const isAsked = options.tags === undefined
    const tags = isAsked ? await this.#deps.source.countedTags(from, described, onRetry) : ''
    return writeHeaders(options, checkCarriable(described), tags)
  }
}
