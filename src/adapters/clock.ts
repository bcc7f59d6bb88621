import { setTimeout as after } from 'node:timers/promises'
import type { Clock } from '../ports.ts'

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await after(ms, undefined, signal ? { signal } : {})
    } catch {
      // An aborted sleep only ends early.
    }
  },
  random: () => Math.random(),
}
