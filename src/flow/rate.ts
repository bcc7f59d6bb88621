import type { Clock } from '../ports.ts'
import { createMeter } from './meter.ts'

/** How many requests a second are let through. */
export interface Rate {
  /** How long the next one has to wait, milliseconds. */
  waitMs(): number
  /** One is let through. */
  begun(): void
  /** One went well. */
  done(): void
  /** It may be more by now. */
  rise(): void
  /** The service asked for fewer; gives whether that is followed now. */
  slower(): boolean
}

const SECOND_MS = 1000
/** As much of all is refused where the rate is right: less would be too little. */
const FAIR_SHARE = 0.1
/** Doubled with each step that goes well: near what the service bears by little, far from it fast. */
const FIRST_RISE = 0.02
const LEAST_PER_SECOND = 10
/** What a timer or a busy moment came too late is made up for. */
const SLACK_MS = 50

/** As fast as can be until too much is refused; then what the service just bore, and slowly more. */
export function createRate(clock: Pick<Clock, 'now'>): Rate {
  const done = createMeter(clock)
  const refused = createMeter(clock)
  let perSecond = Number.POSITIVE_INFINITY
  let rise = FIRST_RISE
  let nextAtMs = 0
  let refusedSinceMs = clock.now()
  return {
    waitMs: () => nextAtMs - clock.now(),
    begun: () => {
      nextAtMs = Math.max(nextAtMs, clock.now() - SLACK_MS) + 1000 / perSecond
    },
    done: done.count,
    rise: () => {
      perSecond *= 1 + rise
      rise = Math.min(1, rise * 2)
    },
    slower: () => {
      const nowMs = clock.now()
      if (refused.perSecond() === 0) refusedSinceMs = nowMs
      refused.count()
      rise = FIRST_RISE
      const share = refused.perSecond() / (refused.perSecond() + done.perSecond())
      // What a service bears shows in a second of refusals, not before.
      if (share < FAIR_SHARE || nowMs - refusedSinceMs < SECOND_MS) return false
      refusedSinceMs = nowMs
      // A moment in which we were busy ourselves tells little of the service.
      const least = perSecond === Number.POSITIVE_INFINITY ? LEAST_PER_SECOND : perSecond / 2
      perSecond = Math.max(LEAST_PER_SECOND, least, Math.min(perSecond, done.perSecond()))
      return true
    },
  }
}
