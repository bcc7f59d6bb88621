import type { Clock } from '../ports.ts'
import { createRate, type Rate } from './rate.ts'

/** Lets requests through: so many at a time, and no more a second than the service bears. */
export interface Gate {
  /** Runs work when there is room for it. */
  pass<T>(work: () => Promise<T>): Promise<T>
  /** The service asked for fewer requests. */
  slower(): void
  /** Requests at a time, as things stand. */
  room(): number
}

interface GateRules {
  /** Requests at a time in the beginning. */
  readonly start: number
  /** Never more than this at a time. */
  readonly most: number
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  /** Nobody waits any more once it is aborted. */
  readonly signal: AbortSignal
}

const STEP_MS = 500

/** Lets in those who wait, one after the other. */
interface Queue {
  /** Resolves when it is the caller's turn. */
  enter(): Promise<void>
  leave(): void
  /** How many wait. */
  length(): number
}

function createQueue(rate: Rate, { clock, signal }: GateRules, limit: () => number): Queue {
  const waiting: (() => void)[] = []
  let inside = 0
  let asleep = false

  function letIn(): void {
    while (inside < limit() && waiting.length > 0 && !asleep) {
      const waitMs = signal.aborted ? 0 : rate.waitMs()
      if (waitMs > 0) {
        letInAfter(waitMs)
        return
      }
      rate.begun()
      inside++
      waiting.shift()?.()
    }
  }

  function letInAfter(ms: number): void {
    asleep = true
    void clock.sleep(ms, signal).then(() => {
      asleep = false
      letIn()
    })
  }

  return {
    enter: () =>
      new Promise((resolve) => {
        waiting.push(resolve)
        letIn()
      }),
    leave: () => {
      inside--
      letIn()
    },
    length: () => waiting.length,
  }
}

/**
 * A gate that doubles its room each half second until it is told to be slower. From then on it keeps
 * to a rate: room alone would not do, as a service that answers at once is flooded through the smallest.
 */
export function createGate(rules: GateRules): Gate {
  const { start, most, clock } = rules
  const rate = createRate(clock)
  const queue = createQueue(rate, rules, () => limit)
  let limit = Math.min(start, most)
  let changedAtMs = clock.now()

  function grow(): void {
    // Room that nobody needs says nothing about what the service can bear.
    if (queue.length() === 0 || clock.now() - changedAtMs < STEP_MS) return
    changedAtMs = clock.now()
    limit = Math.min(most, limit * 2)
    rate.rise()
  }

  return {
    pass: async (work) => {
      await queue.enter()
      try {
        const result = await work()
        rate.done()
        grow()
        return result
      } finally {
        queue.leave()
      }
    },
    slower: () => {
      changedAtMs = clock.now()
      if (rate.slower()) limit = most
    },
    room: () => limit,
  }
}
