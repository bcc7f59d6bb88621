import type { Tally } from '../model/op.ts'
import { humanBytes, humanCount, humanPace, humanSeconds, perSecond } from '../model/units.ts'
import type { Clock, Log } from '../ports.ts'

const EVERY_MS = 10_000

/** Counts ops as they are settled and logs where the run stands. */
export interface Progress {
  settled(bytes: number): void
  /** Ends the lines. */
  stop(): void
}

/** One line of progress: n of N, bytes, rates and the time left. */
export function progressLine(done: Tally, planned: Tally, seconds: number): string {
  const pace = perSecond(done.objects, seconds)
  const left =
    pace > 0 ? `, about ${humanSeconds((planned.objects - done.objects) / pace)} left` : ''
  const percent = planned.objects > 0 ? Math.floor((100 * done.objects) / planned.objects) : 100
  return `${humanCount(done.objects)} of ${humanCount(planned.objects)} objects (${percent}%), ${humanBytes(done.bytes)}, ${humanPace(pace)}, ${humanBytes(perSecond(done.bytes, seconds))}/s${left}`
}

/** Logs a line every 10 seconds until it is stopped. */
export function startProgress(planned: Tally, clock: Clock, log: Log): Progress {
  const startedMs = clock.now()
  const stopped = new AbortController()
  let objects = 0
  let bytes = 0

  async function lines(): Promise<void> {
    for (;;) {
      await clock.sleep(EVERY_MS, stopped.signal)
      if (stopped.signal.aborted) return
      const seconds = (clock.now() - startedMs) / 1000
      log.line('info', progressLine({ objects, bytes }, planned, seconds))
    }
  }
  void lines()

  return {
    settled: (size) => {
      objects++
      bytes += size
    },
    stop: () => stopped.abort(),
  }
}
