import { copyLimitMs } from '../flow/copy-limit.ts'
import type { Batch, RoutedOp } from '../model/batch.ts'
import type { Ended, Ending } from '../model/engine.ts'
import type { Clock } from '../ports.ts'

/** An op on its way through an s5cmd process. */
export interface Flight {
  readonly op: RoutedOp
  readonly batch: Batch
  /** `SOURCE DESTINATION`, as s5cmd echoes it. */
  readonly job: string
  /** The line that s5cmd is fed. */
  readonly line: string
}

/** The ops that one process was given and has not settled. */
export interface Flights {
  readonly size: () => number
  /** Settles when fewer than `window` ops are in flight, or at the next `wake`. */
  room(): Promise<void>
  /** Settles when none is in flight. */
  none(): Promise<void>
  /** Lets those who wait for room look again. */
  wake(): void
  /** False when an op with the same job is in flight: their endings could not be told apart. */
  add(flight: Flight): boolean
  /** False when no such op is in flight. */
  settle(job: string, ending: Ending): boolean
  /** Settles all that is left; gives how many. */
  settleAll(ending: Ending): number
  /** The longest time that one of them may take, milliseconds. */
  longestLimitMs(requestTimeoutMs: number): number
}

interface FlightRules {
  /** Flights at a time at most. */
  readonly window: number
  readonly clock: Clock
  readonly onEnded: (ended: Ended) => void
}

/** An empty table of flights. */
export function createFlights({ window, clock, onEnded }: FlightRules): Flights {
  const flights = new Map<string, Flight & { readonly sinceMs: number }>()
  let wake = () => {}
  const end = ({ op, batch, sinceMs }: Flight & { readonly sinceMs: number }, ending: Ending) =>
    onEnded({ op, batch, ending, tookMs: clock.now() - sinceMs })

  return {
    size: () => flights.size,
    room: async () => {
      if (flights.size < window) return
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    },
    none: async () => {
      while (flights.size > 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    },
    wake: () => wake(),
    add: (flight) => {
      if (flights.has(flight.job)) return false
      flights.set(flight.job, { ...flight, sinceMs: clock.now() })
      return true
    },
    settle: (job, ending) => {
      const flight = flights.get(job)
      if (!flight) return false
      flights.delete(job)
      end(flight, ending)
      wake()
      return true
    },
    settleAll: (ending) => {
      const left = flights.size
      for (const flight of flights.values()) end(flight, ending)
      flights.clear()
      wake()
      return left
    },
    longestLimitMs: (requestTimeoutMs) =>
      Math.max(
        0,
        ...[...flights.values()].map(({ op }) => copyLimitMs(op.op.size, requestTimeoutMs)),
      ),
  }
}
