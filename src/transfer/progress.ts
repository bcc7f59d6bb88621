import type { Tally } from '../model/op.ts'
import { humanBytes, humanCount, humanPace, humanSeconds, perSecond } from '../model/units.ts'
import type { Clock, Log } from '../ports.ts'

const EVERY_MS = 10_000

/** What a plan is about: objects that stay as they are count as done from the start. */
export interface Goal {
  readonly planned: Tally
  /** Objects that are left as they are. */
  readonly skipped: number
}

/** Counts ops as they are settled and logs where the run stands. */
export interface Progress {
  /** An op ended; so many bytes were copied. */
  settled(bytes: number): void
  /** In the best ten seconds. */
  peakBytesPerSecond(): number
  /** Ends the lines. */
  stop(): void
}

/** One line of progress: n of N, bytes, rates and the time left. */
export function progressLine(done: Tally, { planned, skipped }: Goal, seconds: number): string {
  const pace = perSecond(done.objects, seconds)
  const left =
    pace > 0 ? `, about ${humanSeconds((planned.objects - done.objects) / pace)} left` : ''
  const all = planned.objects + skipped
  const percent = all > 0 ? Math.floor((100 * (done.objects + skipped)) / all) : 100
  const count = `${humanCount(done.objects)} of ${humanCount(planned.objects)} objects (${percent}%)`
  // Deletes move none.
  if (planned.bytes === 0) return `${count}, ${humanPace(pace)}${left}`
  return `${count}, ${humanBytes(done.bytes)}, ${humanPace(pace)}, ${humanBytes(perSecond(done.bytes, seconds))}/s${left}`
}

/** Logs a line every 10 seconds until it is stopped. */
export function startProgress(goal: Goal, clock: Clock, log: Log): Progress {
  const startedMs = clock.now()
  const stopped = new AbortController()
  let objects = 0
  let bytes = 0
  let turn = 0
  let inTurn = 0
  let peak = 0

  async function lines(): Promise<void> {
    for (;;) {
      await clock.sleep(EVERY_MS, stopped.signal)
      if (stopped.signal.aborted) return
      const seconds = (clock.now() - startedMs) / 1000
      log.line('info', progressLine({ objects, bytes }, goal, seconds))
    }
  }
  void lines()

  return {
    settled: (size) => {
      objects++
      bytes += size
      const now = Math.floor((clock.now() - startedMs) / EVERY_MS)
      if (now !== turn) inTurn = 0
      turn = now
      inTurn += size
      peak = Math.max(peak, inTurn)
    },
    peakBytesPerSecond: () => perSecond(peak, EVERY_MS / 1000),
    stop: () => stopped.abort(),
  }
}
