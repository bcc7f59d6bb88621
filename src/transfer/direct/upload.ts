import { ServiceError, shortened } from '../../errors/service-error.ts'
import { isPuzzled, type ServiceFailure, serviceFailure } from '../../errors/service-failure.ts'
import { SyncError } from '../../errors/sync-error.ts'
import { inParallel } from '../../flow/pool.ts'
import { UPLOAD_END_MS } from '../../flow/shutdown.ts'
import type { Clock } from '../../ports.ts'
import type { Capabilities } from '../../storage/capabilities.ts'
import type {
  ByteRange,
  Objects,
  ObjectWrite,
  PartedChecksum,
  RequestLimit,
  Upload,
  UploadPart,
} from '../../storage/store.ts'

/** What objects are written with in parts. */
export interface UploadDeps {
  readonly objects: Objects
  /** What is known of the service. */
  readonly capabilities: Capabilities
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
  /** Throws when the parts are not to be put together after all. */
  readonly check?: (() => Promise<unknown>) | undefined
  /** What the CRC-32 of the whole has to be, once all parts are made; undefined: whatever it is. */
  readonly crc32?: (() => string) | undefined
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
  const text = `${shortened(failed.message, 250)} Its unfinished multipart upload remains: ${code}: ${message}`
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
    const { concurrency } = this.#deps
    const { upload, whole } = await this.#beginKnown(write, onRetry)
    try {
      const etags = await makeParts(upload, plan, concurrency)
      await plan.check?.()
      const value = whole && plan.crc32?.()
      const proven = whole && value !== undefined ? { ...whole, value } : whole
      return await this.#complete(upload, { etags, only: write.only, whole: proven }, onRetry)
    } catch (error) {
      const leftover = await this.#abort(upload)
      throw leftover ? withLeftover(error, leftover) : error
    }
  }

  /** Begins an upload; a service that does not know the checksum that the object is to have is asked once. */
  async #beginKnown(
    write: ObjectWrite,
    onRetry: RequestLimit['onRetry'],
  ): Promise<{ readonly upload: Upload; readonly whole: PartedChecksum | undefined }> {
    const { capabilities } = this.#deps
    const whole = capabilities.wholeChecksums ? write.whole : undefined
    const plain = { to: write.to, only: write.only, headers: write.headers }
    if (!whole) return { upload: await this.#begin(plain, onRetry), whole }
    try {
      return { upload: await this.#begin(write, onRetry), whole }
    } catch (error) {
      if (!isPuzzled(serviceFailure(error))) throw error
      const upload = await this.#begin(plain, onRetry).catch(() => Promise.reject(error))
      capabilities.lacksWholeChecksums()
      return { upload, whole: undefined }
    }
  }

  /** Puts the parts together; where the service does not know there what it took before, without it. */
  async #complete(
    upload: Upload,
    parts: Parameters<Objects['completeUpload']>[1],
    onRetry: RequestLimit['onRetry'],
  ): Promise<string> {
    const { objects, capabilities, requestTimeoutMs, signal } = this.#deps
    // S3 may take minutes to put ten thousand parts together.
    const limit = { timeoutMs: requestTimeoutMs * 10, signal, onRetry }
    try {
      return await objects.completeUpload(upload, parts, limit)
    } catch (error) {
      const { etags, only, whole } = parts
      // Where a value was sent, a refusal may say that the copy is none.
      if (!whole || whole.value !== undefined || !isPuzzled(serviceFailure(error))) throw error
      const etag = await objects
        .completeUpload(upload, { etags, only }, limit)
        .catch(() => Promise.reject(error))
      capabilities.lacksWholeChecksums()
      return etag
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
