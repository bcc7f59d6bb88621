import type { Tally } from '../model/op.ts'
import type { EngineName } from '../model/outcome.ts'
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
  /** An op ended; so many bytes were copied by an engine. */
  settled(bytes: number, engine: EngineName): void
  /** Tells of the bytes of objects under way, too: `movedBytes` gives those that the direct engine moved so far, which only grow. */
  follow(movedBytes: () => number): void
  /** In the best ten seconds. */
  peakBytesPerSecond(): number
  /** Ends the lines. */
  stop(): void
}

/** How long the rest takes, as a part of a line; objects and bytes may come at paces that differ. */
function timeLeft(done: Tally, { planned }: Goal, seconds: number): string {
  const left = (['objects', 'bytes'] as const).map((of) => {
    const pace = perSecond(done[of], seconds)
    return pace > 0 ? (planned[of] - done[of]) / pace : 0
  })
  const most = Math.max(...left)
  return most > 0 ? `, about ${humanSeconds(most)} left` : ''
}

/** One line of progress: n of N, bytes, rates and the time left. */
export function progressLine(done: Tally, goal: Goal, seconds: number): string {
  const { planned, skipped } = goal
  const left = timeLeft(done, goal, seconds)
  const pace = humanPace(perSecond(done.objects, seconds))
  const all = planned.objects + skipped
  const percent = all > 0 ? Math.floor((100 * (done.objects + skipped)) / all) : 100
  const count = `${humanCount(done.objects)} of ${humanCount(planned.objects)} objects (${percent}%)`
  // Deletes move none.
  if (planned.bytes === 0) return `${count}, ${pace}${left}`
  const bytes = `${humanBytes(done.bytes)} of ${humanBytes(planned.bytes)}`
  return `${count}, ${bytes}, ${pace}, ${humanBytes(perSecond(done.bytes, seconds))}/s${left}`
}

/** Logs a line every 10 seconds until it is stopped. */
export function startProgress(goal: Goal, clock: Clock, log: Log): Progress {
  const startedMs = clock.now()
  const stopped = new AbortController()
  const { planned } = goal
  let objects = 0
  let settledBytes = 0
  let directBytes = 0
  let underWay = (): number => 0
  let peak = 0

  // What came twice, as it was damaged, is no more than what was planned.
  const bytesNow = (): number => {
    const others = settledBytes - directBytes
    return others + Math.max(directBytes, Math.min(underWay(), planned.bytes - others))
  }

  async function lines(): Promise<void> {
    for (let [lastMs, last] = [startedMs, 0]; ; ) {
      await clock.sleep(EVERY_MS, stopped.signal)
      if (stopped.signal.aborted) return
      const nowMs = clock.now()
      const bytes = bytesNow()
      peak = Math.max(peak, perSecond(bytes - last, (nowMs - lastMs) / 1000))
      lastMs = nowMs
      last = bytes
      log.line('info', progressLine({ objects, bytes }, goal, (nowMs - startedMs) / 1000))
    }
  }
  void lines()

  return {
    settled: (bytes, engine) => {
      objects++
      settledBytes += bytes
      if (engine === 'direct') directBytes += bytes
    },
    follow: (movedBytes) => {
      const before = movedBytes()
      underWay = () => movedBytes() - before
    },
    peakBytesPerSecond: () => peak,
    stop: () => stopped.abort(),
  }
}
