import { availableParallelism } from 'node:os'
import type { System } from '../ports.ts'

/** The machine this runs on. */
export const thisSystem: System = {
  platform: process.platform,
  arch: process.arch,
  cpus: availableParallelism(),
  peakMemoryBytes: () => process.resourceUsage().maxRSS * 1024,
}
