import { ServiceError } from '../errors/service-error.ts'
import type { Limit } from '../model/limit.ts'

/** Ends a request for this reason. */
export type End = (reason: unknown) => void

/** The requests that end with a signal: one listener for all of them. */
const underWay = new WeakMap<AbortSignal, Set<End>>()

function endedBy(signal: AbortSignal): Set<End> {
  const known = underWay.get(signal)
  if (known) return known
  const ends = new Set<End>()
  underWay.set(signal, ends)
  const endAll = () => {
    for (const end of ends) end(signal.reason)
  }
  signal.addEventListener('abort', endAll, { once: true })
  return ends
}

/** Ends a request when its time is up or its signal is aborted; gives what takes the watch off again. */
export function watch(end: End, { timeoutMs, signal }: Limit): () => void {
  const late = () =>
    end(new ServiceError('RequestTimeout', `Timeout: no complete response within ${timeoutMs} ms.`))
  const timer = setTimeout(late, timeoutMs)
  const others = signal && endedBy(signal)
  others?.add(end)
  return () => {
    clearTimeout(timer)
    others?.delete(end)
  }
}
