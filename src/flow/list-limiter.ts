import type { Clock, System } from '../ports.ts'

/** How many pages are asked for at a time: as many as the service answers gladly and this machine can read. */
export interface ListLimiter {
  /** Sends a request when its turn comes; what it gives says how many attempts it took. */
  send<T extends { readonly attempts: number }>(request: () => Promise<T>): Promise<T>
  /** Requests at a time, as things stand. */
  limit(): number
}

/** What it measures by. */
export interface ListLimiterPorts {
  readonly clock: Clock
  readonly system: Pick<System, 'busyPart'>
}

/** As many as a small place is cut into at once: more than one core reads of a near service, which it then tells. */
const FIRST = 32
const LEAST = 2
const LEAST_WHEN_BUSY = 4
const MOST = 48
const STEP = 4
const STEP_MS = 100
/** Beyond this part of its time, the process only queues what comes. */
const BUSY = 0.9
const CALM_MS = 1000

/** Grows as long as it pays; halves at most once a second when the service had to be asked again. */
export function openListLimiter({ clock, system }: ListLimiterPorts): ListLimiter {
  const queue: (() => void)[] = []
  let limit = FIRST
  let sent = 0
  let changedAtMs = clock.now()
  let throttledAtMs = Number.NEGATIVE_INFINITY

  function adapt(attempts: number): void {
    const nowMs = clock.now()
    if (attempts > 1 && nowMs - throttledAtMs >= CALM_MS) {
      limit = Math.max(LEAST, limit >> 1)
      throttledAtMs = nowMs
    }
    if (nowMs - throttledAtMs < CALM_MS || nowMs - changedAtMs < STEP_MS) return
    const busy = system.busyPart() > BUSY
    limit = busy ? Math.max(LEAST_WHEN_BUSY, limit - STEP) : Math.min(MOST, limit + STEP)
    changedAtMs = nowMs
  }

  async function send<T extends { readonly attempts: number }>(
    request: () => Promise<T>,
  ): Promise<T> {
    while (sent >= limit) await new Promise<void>((resolve) => queue.push(resolve))
    sent++
    try {
      const answer = await request()
      adapt(answer.attempts)
      return answer
    } finally {
      sent--
      // As many as there is room for now: the limit may have grown.
      for (let room = limit - sent; room > 0; room--) queue.shift()?.()
    }
  }

  return { send, limit: () => limit }
}
