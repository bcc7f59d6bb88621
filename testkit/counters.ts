/** What the server saw since the start or the last reset. */
export interface Counters {
  /** Requests by operation name (`ListObjectsV2`, `CopyObject`, `AssumeRole`, …), as a sorted copy. */
  readonly operations: () => Readonly<Record<string, number>>
  /** Error answers by code; HEAD answers without a body count too. */
  readonly errors: () => Readonly<Record<string, number>>
  /** Requests of one operation. */
  readonly of: (operation: string) => number
  readonly total: () => number
  /** TCP connections opened to the endpoint (not to the issuer). */
  readonly connections: () => number
  /** The most requests that were under way at one time. */
  readonly peakInFlight: () => number
  readonly reset: () => void
}

/** The side of the counters that the endpoint writes to. */
export interface CounterSink {
  readonly connection: () => void
  readonly begin: (operation: string) => void
  readonly end: (errorCode: string | undefined) => void
}

/** Counters at zero. */
export function createCounters(): Counters & CounterSink {
  const operations = new Map<string, number>()
  const errors = new Map<string, number>()
  const add = (counts: Map<string, number>, name: string) =>
    counts.set(name, (counts.get(name) ?? 0) + 1)
  const sorted = (counts: Map<string, number>) => Object.fromEntries([...counts].sort())
  let connections = 0
  let inFlight = 0
  let peak = 0
  return {
    operations: () => sorted(operations),
    errors: () => sorted(errors),
    of: (operation) => operations.get(operation) ?? 0,
    total: () => operations.values().reduce((sum, count) => sum + count, 0),
    connections: () => connections,
    peakInFlight: () => peak,
    reset: () => {
      operations.clear()
      errors.clear()
      connections = 0
      peak = inFlight
    },
    connection: () => {
      connections += 1
    },
    begin: (operation) => {
      add(operations, operation)
      inFlight += 1
      peak = Math.max(peak, inFlight)
    },
    end: (errorCode) => {
      inFlight -= 1
      if (errorCode !== undefined) add(errors, errorCode)
    },
  }
}
