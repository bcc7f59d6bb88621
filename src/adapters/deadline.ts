import type { Limit } from '../model/limit.ts'

/** Aborts when a limit is reached; the reason is a TimeoutError or that of the limit's own signal. */
export function deadline({ timeoutMs, signal }: Limit): AbortSignal {
  const timeout = new AbortController()
  const seconds = timeoutMs / 1000
  const late = new DOMException(`It took longer than ${seconds} s.`, 'TimeoutError')
  setTimeout(() => timeout.abort(late), timeoutMs).unref()
  return signal ? AbortSignal.any([timeout.signal, signal]) : timeout.signal
}
