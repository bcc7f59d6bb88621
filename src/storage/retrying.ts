import { isExpiry, isThrottling } from '../errors/catalogue.ts'
import { askedWaitMs } from '../errors/service-error.ts'
import { isTransient, type ServiceFailure, serviceFailure } from '../errors/service-failure.ts'
import { compositeEtag } from '../model/etag.ts'
import type { Clock } from '../ports.ts'
import { type Around, aroundEach } from './each-request.ts'
import type { Objects, RequestLimit, Upload } from './store.ts'

/** How requests are made again. */
export interface RetryRules {
  readonly clock: Pick<Clock, 'sleep' | 'random'>
  /** Further attempts at one request. */
  readonly retryCount: number
  /** Told why a request is made again, beside who asked for it. */
  readonly onRetry?: (failure: ServiceFailure) => void
  /** Nothing is made again once it is aborted; undefined: once the request's own signal is. */
  readonly signal?: AbortSignal
}

/** The first wait at most, and any wait at most. */
const WAIT_MS = { first: 50, any: 20_000 }
/** Where the service is overloaded a moment does not help, and who limits requests keeps to what it bears. */
const THROTTLED_WAIT_MS = { first: 1000, any: 4000 }

/** Exponential, with full jitter. */
function backoffMs(attempt: number, throttled: boolean, { clock }: RetryRules): number {
  const { first, any } = throttled ? THROTTLED_WAIT_MS : WAIT_MS
  return Math.round(clock.random() * Math.min(any, first * 2 ** attempt))
}

/** Makes a request again and again while that may help. Throws what the last attempt threw. */
export const persisting =
  (rules: RetryRules): Around =>
  async (request, limit) => {
    const { clock, retryCount, onRetry, signal = limit.signal } = rules
    for (let attempt = 0; ; attempt++) {
      try {
        return await request()
      } catch (error) {
        const failure = serviceFailure(error)
        const { code } = failure
        // The next attempt has new credentials.
        const worthIt = isTransient(failure) || isExpiry(code)
        if (signal?.aborted || attempt >= retryCount || !worthIt) throw error
        onRetry?.(failure)
        limit.onRetry?.(failure)
        const ms = backoffMs(attempt, isThrottling(code), rules)
        await clock.sleep(Math.max(ms, askedWaitMs(failure)), signal)
      }
    }
  }

/**
 * One attempt to put an upload together. An answer that was lost may have been a success: then the upload is gone, and
 * the object stands there.
 */
function completing(
  objects: Objects,
  upload: Upload,
  parts: Parameters<Objects['completeUpload']>[1],
  limit: RequestLimit,
): () => Promise<string> {
  let unheard: unknown
  return async () => {
    try {
      return await objects.completeUpload(upload, parts, limit)
    } catch (error) {
      const { code, status } = serviceFailure(error)
      if (status === undefined || status >= 500) unheard = error
      if (code !== 'NoSuchUpload' || !unheard) throw error
      return objects.describe({ ...upload, etag: compositeEtag(parts.etags) }, limit).then(
        ({ etag }) => etag,
        () => Promise.reject(unheard),
      )
    }
  }
}

/** The same objects, whose requests are made again while that may help; an abort of an upload is not. */
export function retrying(objects: Objects, rules: RetryRules): Objects {
  const persist = persisting(rules)
  return {
    ...aroundEach(objects, persist),
    completeUpload: (upload, parts, limit) =>
      persist(completing(objects, upload, parts, limit), limit, 0),
  }
}
