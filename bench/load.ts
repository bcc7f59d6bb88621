import { marketArchive } from 's3-direct-sync-testkit/fixtures.ts'
import type { Job } from 's3-direct-sync-testkit/runner-job.ts'
import { startTestkit } from 's3-direct-sync-testkit/testkit.ts'
import type { Copier, Load } from './copiers.ts'
import type { Measured } from './measured.ts'

/** A request takes so long. */
export const LATENCY_MS = 20
/** Objects that are copied at a time. */
export const WORKERS = 128

/** How many objects there are to copy, and of which sizes. */
export interface LoadShape {
  readonly objects: number
  readonly sizeOf: (index: number) => number
}

/** What one copier took for a load. */
export interface Run extends Measured {
  readonly connections: number
  readonly requests: number
}

/** A server with the objects of a shape, over TLS unless that is left out; its kit is to be closed. */
export async function openLoad(
  job: Job,
  { objects, sizeOf }: LoadShape,
  tls = true,
): Promise<Load> {
  const kit = await startTestkit({ tls, latencyMs: LATENCY_MS, lengths: 'aws' })
  kit.store.createBucket('dst')
  const keys: string[] = []
  for (const { key, seed } of marketArchive(objects)) {
    kit.store.put('src', `data/${key}`, { size: sizeOf(keys.length), seed })
    keys.push(key)
  }
  return { kit, keys, workers: WORKERS, job }
}

/** Copies a load, sees that all of it is there, and takes it away again. */
export async function runOnce(copier: Copier, load: Load): Promise<Run> {
  const { counters, store } = load.kit
  counters.reset()
  const measured = await copier.run(load)
  const run = { ...measured, connections: counters.connections(), requests: counters.total() }
  for (const key of load.keys) {
    const size = store.facts('src', `data/${key}`)?.size
    if (store.facts('dst', `copy/${key}`)?.size !== size)
      throw new Error(`${copier.name} did not copy ${key}.`)
    store.delete('dst', `copy/${key}`)
  }
  console.error(
    `${load.keys.length} objects, ${copier.name}: ${run.seconds.toFixed(1)} s, CPU ${run.cpuSeconds.toFixed(1)} s, ${run.peakMegabytes.toFixed(0)} MB, ${run.connections} connections, ${run.requests} requests`,
  )
  return run
}
