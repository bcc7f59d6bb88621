import type { Stopped } from '../model/engine.ts'
import { isDiskScarce, NO_DISK_BYTES, SCARCE_MEMORY } from '../model/scarcity.ts'
import { humanBytes } from '../model/units.ts'
import type { Clock, Files, Log, System } from '../ports.ts'

/** What is watched, and where. */
export interface ResourceWatch {
  readonly system: Pick<System, 'totalMemoryBytes' | 'availableMemoryBytes'>
  readonly files: Pick<Files, 'diskSpace'>
  /** On the disk that fills. */
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
  /** What is done with objects: of these it is fewer at a time. */
  readonly doing: 'copied' | 'deleted'
  /** Called again and again while memory or disk is scarce. */
  readonly lower: () => void
  /** Called when there is none left. */
  readonly stop: (why: Stopped) => void
}

const EVERY_MS = 5000
/** Beyond this the machine ends processes as it likes. */
const NO_MEMORY = 0.97

const outOf = (what: string): Stopped => ({
  status: 'failed',
  code: 'OutOfResources',
  message: `The machine ran out of ${what} before this object was started.`,
})

const percent = (part: number): string => `${Math.floor(part * 100)}%`

/** Looks after memory and disk until it is told to stop: warns, lowers the load, and ends the run in order. */
export function watchResources(watched: ResourceWatch): () => void {
  const { system, files, folder, clock, log, doing, lower, stop } = watched
  const over = new AbortController()
  const warned = new Set<string>()
  const warn = (what: string, text: string): void => {
    if (!warned.has(what)) log.line('warn', text)
    warned.add(what)
  }

  function lookAtMemory(): void {
    const available = system.availableMemoryBytes()
    if (available === undefined) return
    const used = 1 - available / system.totalMemoryBytes()
    if (used > NO_MEMORY) stop(outOf('memory'))
    if (used <= SCARCE_MEMORY) return
    warn(
      'memory',
      `${percent(used)} of the memory is in use: reducing the number of objects ${doing} in parallel.`,
    )
    lower()
  }

  async function lookAtDisk(): Promise<void> {
    const space = await files.diskSpace(folder)
    const { freeBytes, totalBytes } = space
    if (freeBytes < NO_DISK_BYTES) stop(outOf('disk space'))
    if (!isDiskScarce(space)) return
    const used = 1 - freeBytes / totalBytes
    warn('disk', `${percent(used)} of the disk is in use, ${humanBytes(freeBytes)} are free.`)
    lower()
  }

  async function watch(): Promise<void> {
    while (!over.signal.aborted) {
      lookAtMemory()
      // Who cannot tell how full the disk is will find out when it is.
      await lookAtDisk().catch(() => {})
      await clock.sleep(EVERY_MS, over.signal)
    }
  }
  void watch()
  return () => over.abort()
}
