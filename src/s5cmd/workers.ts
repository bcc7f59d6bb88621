import type { Clock } from '../ports.ts'

/** How many objects the s5cmd processes of an engine copy at a time; one that runs keeps its share for life. */
export interface WorkerCount {
  /** For all that are started now. */
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

/** Workers and copies that are worth a process of their own, and processes at a time at most. */
const WORKERS_OF_A_PROCESS = 12
const COPIES_OF_A_PROCESS = 250
const MOST_PROCESSES = 4

/**
 * Processes that so many workers are shared out to. s5cmd keeps two idle connections for a host, so most of its copies open
 * one of their own; several processes keep more (`npm run bench:s5cmd-processes`).
 */
export const processesFor = (workers: number, copies: number): number =>
  Math.max(
    1,
    Math.min(
      MOST_PROCESSES,
      Math.floor(workers / WORKERS_OF_A_PROCESS),
      Math.floor(copies / COPIES_OF_A_PROCESS),
    ),
  )

/** The workers of process `at` of `processes` that share `workers`. */
export const shareOf = (workers: number, at: number, processes: number): number =>
  Math.floor((workers + processes - 1 - at) / processes)

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
