import type { Clock } from '../ports.ts'

/** Counts what happens. */
export interface Meter {
  count(): void
  /** How much happened in the last second. */
  perSecond(): number
}

const SECOND_MS = 1000

/** A meter that knows the second that runs and the one before, and takes the latter as even. */
export function createMeter(clock: Pick<Clock, 'now'>): Meter {
  let beganMs = clock.now()
  let before = 0
  let running = 0

  function turn(): void {
    const seconds = Math.floor((clock.now() - beganMs) / SECOND_MS)
    if (seconds < 1) return
    before = seconds === 1 ? running : 0
    running = 0
    beganMs += seconds * SECOND_MS
  }

  return {
    count: () => {
      turn()
      running++
    },
    perSecond: () => {
      turn()
      return running + before * (1 - (clock.now() - beganMs) / SECOND_MS)
    },
  }
}
