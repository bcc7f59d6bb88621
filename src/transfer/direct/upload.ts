import { ServiceError, shortened } from '../../errors/service-error.ts'
import { type ServiceFailure, serviceFailure } from '../../errors/service-failure.ts'
import { SyncError } from '../../errors/sync-error.ts'
import { inParallel } from '../../flow/pool.ts'
import { UPLOAD_END_MS } from '../../flow/shutdown.ts'
import type { Clock } from '../../ports.ts'
import type {
  ByteRange,
  Objects,
  ObjectWrite,
  RequestLimit,
  Upload,
  UploadChecksums,
  UploadPart,
} from '../../storage/store.ts'

/** What objects are written with in parts. */
export interface UploadDeps {
  readonly objects: Objects
  readonly clock: Clock
  /** Parts of one object in parallel. */
  readonly concurrency: number
  readonly requestTimeoutMs: number
  readonly signal: AbortSignal
}

/** How an object is cut, and how each part is made; gives the part's ETag. */
export interface PartPlan {
  readonly ranges: Iterable<ByteRange>
  make(part: UploadPart, range: ByteRange): Promise<string>
  /** Throws when the parts are not to be put together after all; is given their ETags. */
  readonly check?: ((etags: readonly string[]) => Promise<unknown>) | undefined
  /** What the whole is to be compared with, once all parts are made. */
  readonly checksums?: (() => UploadChecksums | undefined) | undefined
}

const ABORTS = 2

/** Makes all parts, some at a time; the first failure keeps further ones from being begun. */
async function makeParts(
  upload: Upload,
  { ranges, make }: PartPlan,
  concurrency: number,
): Promise<string[]> {
  const etags: string[] = []
  await inParallel(Array.from(ranges).entries(), concurrency, async ([at, range]) => {
    etags[at] = await make({ upload, number: at + 1 }, range)
  })
  return etags
}

/** The same failure, which also says that the parts of an upload stay and cost. */
function withLeftover(error: unknown, { code, message }: ServiceFailure): unknown {
  if (!(error instanceof Error) || error instanceof SyncError) return error
  const failed = serviceFailure(error)
  const text = `${shortened(failed.message, 250)} Its unfinished upload stays there: ${code}: ${message}`
  return new ServiceError(failed.code, text, { status: failed.status, cause: error })
}

/** Writes objects in parts. */
export class Uploads {
  readonly #deps: UploadDeps

  constructor(deps: UploadDeps) {
    this.#deps = deps
  }

  /**
   * Writes an object and gives its ETag; when that fails, the upload is aborted. `onRetry`: told why a request
   * of it is made again.
   */
  async write(
    write: ObjectWrite,
    plan: PartPlan,
    onRetry?: RequestLimit['onRetry'],
  ): Promise<string> {
    const { objects, concurrency, requestTimeoutMs, signal } = this.#deps
    const upload = await this.#begin(write, onRetry)
    try {
      const etags = await makeParts(upload, plan, concurrency)
      await plan.check?.(etags)
      // S3 may take minutes to put ten thousand parts together.
      const limit = { timeoutMs: requestTimeoutMs * 10, signal, onRetry }
      const checksums = plan.checksums?.()
      return await objects.completeUpload(upload, { etags, only: write.only, checksums }, limit)
    } catch (error) {
      const leftover = await this.#abort(upload)
      throw leftover ? withLeftover(error, leftover) : error
    }
  }

  /** Begins an upload. A cancel waits a moment for the answer, without which nobody could abort it. */
  async #begin(write: ObjectWrite, onRetry: RequestLimit['onRetry']): Promise<Upload> {
    const { objects, clock, signal, requestTimeoutMs } = this.#deps
    const late = new AbortController()
    const cancel = () => void clock.sleep(UPLOAD_END_MS.begin).then(() => late.abort(signal.reason))
    const limit = { timeoutMs: requestTimeoutMs, signal: late.signal, onRetry }
    signal.addEventListener('abort', cancel, { once: true })
    try {
      return await objects.startUpload(write, limit)
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  /**
   * Removes what an upload left; gives why something stays. Parts that were under way may arrive behind
   * an abort, so it is said twice.
   */
  async #abort(upload: Upload): Promise<ServiceFailure | undefined> {
    const { objects, clock } = this.#deps
    let problem: ServiceFailure | undefined
    for (let said = 0; said < ABORTS; said++) {
      if (said > 0) await clock.sleep(UPLOAD_END_MS.pause)
      problem = await objects.abortUpload(upload, { timeoutMs: UPLOAD_END_MS.abort }).then(
        () => undefined,
        (error: unknown) => serviceFailure(error),
      )
    }
    return problem
  }
}
