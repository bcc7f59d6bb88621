import { systemClock } from './adapters/clock.ts'
import { localFiles } from './adapters/files.ts'
import { openFolder } from './adapters/folder.ts'
import { childProcesses } from './adapters/processes.ts'
import { openWritable } from './adapters/small-files.ts'
import { thisSystem } from './adapters/system.ts'
import { runnerTools } from './adapters/tools.ts'
import type { Host, Ports } from './ports.ts'

/** All doors, onto the real world. The AWS SDK is loaded when the first of its doors is opened. */
export const openPorts = (host: Host): Ports => ({
  host,
  tools: runnerTools(),
  identity: async (address) => (await import('./adapters/identity.ts')).stsIdentity(address),
  store: async (address) => (await import('./storage/s3/s3-store.ts')).s3Store(address),
  metrics: async (address) => (await import('./adapters/cloudwatch.ts')).cloudWatch(address),
  cdn: async (address) => (await import('./adapters/cloudfront.ts')).cloudFront(address),
  processes: childProcesses,
  files: localFiles,
  folder: openFolder,
  writableFolder: openWritable,
  system: thisSystem,
  clock: systemClock,
})
