import type { Clock } from '../ports.ts'

/** How many objects an s5cmd process copies at a time; one that runs keeps its number for life. */
export interface WorkerCount {
  /** For a process that is started now. */
  count(): number
  /** The service asked for fewer requests. */
  throttled(): void
  /** An object was copied. */
  copied(): void
}

interface WorkerRules {
  readonly start: number
  /** Never more than this. */
  readonly most: number
  readonly clock: Pick<Clock, 'now'>
  /** Told when the number was lowered. */
  readonly onLowered: () => void
}

const CUT = 0.7
/** Requests of the old number are still refused for a while. */
const PAUSE_MS = 5000
const WINDOW_MS = 10_000
const RISE = 1.5
/** More workers that do not copy so much more only cost connections. */
const WORTH_IT = 1.1

/** A number that is lowered when the service asks for it, and raised as long as that pays. */
export function createWorkerCount({ start, most, clock, onLowered }: WorkerRules): WorkerCount {
  let count = Math.min(start, most)
  let windowAtMs = clock.now()
  let copies = 0
  let bestPerMs = 0
  let loweredAtMs = Number.NEGATIVE_INFINITY

  function closeWindow(nowMs: number): void {
    const perMs = copies / (nowMs - windowAtMs)
    const calm = nowMs - loweredAtMs >= WINDOW_MS
    if (calm && perMs > bestPerMs * WORTH_IT) {
      bestPerMs = perMs
      count = Math.min(most, Math.ceil(count * RISE))
    }
    windowAtMs = nowMs
    copies = 0
  }

  return {
    count: () => count,
    throttled: () => {
      const nowMs = clock.now()
      if (nowMs - loweredAtMs < PAUSE_MS) return
      count = Math.max(1, Math.floor(count * CUT))
      loweredAtMs = nowMs
      windowAtMs = nowMs
      copies = 0
      bestPerMs = 0
      onLowered()
    },
    copied: () => {
      copies++
      const nowMs = clock.now()
      if (nowMs - windowAtMs >= WINDOW_MS) closeWindow(nowMs)
    },
  }
}
