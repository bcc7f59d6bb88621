import type { TransferRequest } from '../model/request.ts'
import type { Clock } from '../ports.ts'

/**
 * Resolves when one more request, which moves so many bytes, may begin; at once when the run is cancelled. undefined:
 * nothing was asked for, so that nobody waits.
 */
export type Throttle = (bytes: number) => Promise<void> | undefined

interface ThrottleDoors {
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  readonly signal: AbortSignal
}

/** What a timer came too late is made up for. */
const SLACK_MS = 50

/** Spreads amounts evenly over time: each begins when those before it have had theirs. */
function spread(perSecond: number, { clock, signal }: ThrottleDoors) {
  let nextAtMs = 0
  return async (amount: number): Promise<void> => {
    if (signal.aborted) return
    const nowMs = clock.now()
    const atMs = Math.max(nextAtMs, nowMs - SLACK_MS)
    nextAtMs = atMs + (amount * 1000) / perSecond
    if (atMs > nowMs) await clock.sleep(atMs - nowMs, signal)
  }
}

/** Keeps all copies of a run to the requests and bytes a second that were asked for. */
export function createThrottle(
  {
    bytesPerSecond,
    requestsPerSecond,
  }: Pick<TransferRequest, 'bytesPerSecond' | 'requestsPerSecond'>,
  doors: ThrottleDoors,
): Throttle {
  const requests = requestsPerSecond === undefined ? undefined : spread(requestsPerSecond, doors)
  const bytes = bytesPerSecond === undefined ? undefined : spread(bytesPerSecond, doors)
  if (!requests || !bytes) return requests ? () => requests(1) : (size) => bytes?.(size)
  return async (size) => {
    await Promise.all([requests(1), bytes(size)])
  }
}
