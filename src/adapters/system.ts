import { performance } from 'node:perf_hooks'
import type { System } from '../ports.ts'
import { growYoungMemory } from './memory.ts'

let measured = performance.eventLoopUtilization()

function busyPart(): number {
  const now = performance.eventLoopUtilization()
  const { utilization } = performance.eventLoopUtilization(now, measured)
  measured = now
  return utilization
}

/** The machine this runs on. */
export const thisSystem: System = {
  platform: process.platform,
  arch: process.arch,
  peakMemoryBytes: () => process.resourceUsage().maxRSS * 1024,
  busyPart,
  growYoungMemory,
}
