import type { Clock } from '../../ports.ts'

/** Lets so many requests through at a time: more while all goes well, fewer when the service asks for it. */
export interface Gate {
  /** Runs work when there is room for it. */
  pass<T>(work: () => Promise<T>): Promise<T>
  /** The service asked for fewer requests. */
  slower(): void
  /** Requests that are let through at a time now. */
  limit(): number
}

interface GateRules {
  readonly start: number
  /** Never more than this. */
  readonly most: number
  readonly clock: Pick<Clock, 'now'>
}

const STEP_MS = 500
const PAUSE_MS = 1000
const CUT = 0.7
const RISE = 4

/** A gate that doubles its limit each half second until it is first told to be slower, and then rises by steps. */
export function createGate({ start, most, clock }: GateRules): Gate {
  const waiting: (() => void)[] = []
  let limit = Math.min(start, most)
  let inside = 0
  let calm = true
  let changedAtMs = clock.now()

  function grow(): void {
    const nowMs = clock.now()
    // Room that nobody needs says nothing about what the service can bear.
    if (waiting.length === 0 || limit >= most || nowMs - changedAtMs < STEP_MS) return
    limit = Math.min(most, calm ? limit * 2 : limit + RISE)
    changedAtMs = nowMs
  }

  function letIn(): void {
    while (inside < limit && waiting.length > 0) {
      inside++
      waiting.shift()?.()
    }
  }

  return {
    pass: async (work) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
        letIn()
      })
      try {
        const done = await work()
        grow()
        return done
      } finally {
        inside--
        letIn()
      }
    },
    slower: () => {
      const nowMs = clock.now()
      // What was under way when the limit was cut will be refused as well.
      if (!calm && nowMs - changedAtMs < PAUSE_MS) return
      calm = false
      limit = Math.max(1, Math.floor(Math.min(limit, inside) * CUT))
      changedAtMs = nowMs
    },
    limit: () => limit,
  }
}
