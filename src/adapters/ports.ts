import type { Host, Ports } from '../ports.ts'
import { systemClock } from './clock.ts'
import { localFiles } from './files.ts'
import { childProcesses } from './processes.ts'
import { thisSystem } from './system.ts'
import { runnerTools } from './tools.ts'

/** All doors, onto the real world. The AWS SDK is loaded when the first of its doors is opened. */
export const openPorts = (host: Host): Ports => ({
  host,
  tools: runnerTools(),
  identity: async (address) => (await import('./identity.ts')).stsIdentity(address),
  store: async (address) => (await import('./store.ts')).s3Store(address),
  metrics: async (address) => (await import('./cloudwatch.ts')).cloudWatch(address),
  processes: childProcesses,
  files: localFiles,
  system: thisSystem,
  clock: systemClock,
})
