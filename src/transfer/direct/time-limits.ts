import { copyLimitMs } from '../../flow/copy-limit.ts'
import type { RequestLimit } from '../../storage/store.ts'

/** How long the requests of a pass may take, and what ends them early. */
export class TimeLimits {
  readonly #requestTimeoutMs: number
  readonly #signal: AbortSignal

  constructor(requestTimeoutMs: number, signal: AbortSignal) {
    this.#requestTimeoutMs = requestTimeoutMs
    this.#signal = signal
  }

  /** Of a request that moves so many bytes; `onRetry`: told why it is made again. */
  of(bytes: number, onRetry: RequestLimit['onRetry']): RequestLimit {
    const timeoutMs = copyLimitMs(bytes, this.#requestTimeoutMs)
    return { timeoutMs, signal: this.#signal, onRetry }
  }
}
