import { setTimeout as after } from 'node:timers/promises'
import vm from 'node:vm'
import type { Clock } from '../ports.ts'

const TIMED_OUT = 'ERR_SCRIPT_EXECUTION_TIMEOUT'

/** Only work that a script begins can be stopped from outside. */
const room = vm.createContext({ work: undefined })
const doWork = new vm.Script('work()')

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  steadyMs: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await after(ms, undefined, signal ? { signal } : {})
    } catch {
      // An aborted sleep only ends early.
    }
  },
  random: () => Math.random(),
  within: (timeout, work) => {
    room['work'] = work
    try {
      return doWork.runInContext(room, { timeout })
    } catch (error) {
      // It is an error of that script's own world, and so no instance of this world's Error.
      if ((error as { code?: unknown }).code === TIMED_OUT) return undefined
      throw error
    }
  },
}
