import path from 'node:path'
import { Worker } from 'node:worker_threads'

/** What a thread handles lies outside of its heap. */
const HEAP_MB = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 } as const

/** Begins a thread of this action by the name of its first file; `start`: its `workerData`. Throws where it cannot be begun. */
export const beginThread = (
  name: 'receiver-thread' | 'small-file-thread',
  start: unknown,
): Worker =>
  new Worker(new URL(`./${name}${path.extname(import.meta.url)}`, import.meta.url), {
    workerData: start,
    execArgv: [],
    resourceLimits: HEAP_MB,
    // Files that it opens may be those of another thread.
    trackUnmanagedFds: false,
  })
