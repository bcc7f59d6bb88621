import type { System } from '../ports.ts'

/** The machine this runs on. */
export const thisSystem: System = {
  platform: process.platform,
  arch: process.arch,
  peakMemoryBytes: () => process.resourceUsage().maxRSS * 1024,
}
