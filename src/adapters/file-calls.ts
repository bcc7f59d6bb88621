import { rename, rm, unlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { thisPlatform } from './platform.ts'

/** Calls of the file system that put a file in the place of another, or take one away. */
export interface FileCalls {
  rename(from: string, to: string): Promise<void>
  unlink(file: string): Promise<void>
  /** A folder with all in it; that there is none is no failure. */
  removeAll(path: string): Promise<void>
}

/** The calls as Node makes them. */
const NODE_CALLS: FileCalls = {
  rename,
  unlink,
  removeAll: (path) => rm(path, { recursive: true, force: true }),
}

/** What Windows says of a file that a virus scanner, an indexer or an editor has open. */
const HELD: ReadonlySet<string | undefined> = new Set(['EPERM', 'EACCES', 'EBUSY', 'ENOTEMPTY'])
/** Pauses between attempts, milliseconds: scanners let go within a second. */
const PAUSES_MS = [20, 50, 100, 200, 400, 800] as const

/** The machine that calls are made on. */
interface Machine {
  readonly platform: NodeJS.Platform
  readonly wait: (ms: number) => Promise<unknown>
}

/** Calls that on Windows are made again while somebody else holds the file for a moment; elsewhere nothing holds one. */
export function fileCalls(
  { platform, wait }: Machine = { platform: thisPlatform, wait: sleep },
  calls: FileCalls = NODE_CALLS,
): FileCalls {
  if (platform !== 'win32') return calls
  const patient = async (call: () => Promise<void>): Promise<void> => {
    for (const pauseMs of PAUSES_MS) {
      try {
        return await call()
      } catch (error) {
        if (!HELD.has((error as NodeJS.ErrnoException).code)) throw error
        await wait(pauseMs)
      }
    }
    return call()
  }
  return {
    rename: (from, to) => patient(() => calls.rename(from, to)),
    unlink: (file) => patient(() => calls.unlink(file)),
    removeAll: (path) => patient(() => calls.removeAll(path)),
  }
}
