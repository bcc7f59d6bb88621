import { readFileSync } from 'node:fs'
import os from 'node:os'
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

/** Linux alone tells. Node has raised its own limit to the highest by then, and hands it on to its children. */
function openFiles(): number | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8')
    const [, limit] = /^Max open files +(\d+)/m.exec(limits) ?? []
    return limit === undefined ? undefined : Number(limit)
  } catch {
    return undefined
  }
}

function totalMemoryBytes(): number {
  const allowed = process.constrainedMemory()
  return allowed > 0 ? Math.min(allowed, os.totalmem()) : os.totalmem()
}

/** The machine this runs on. */
export const thisSystem: System = {
  platform: process.platform,
  arch: process.arch,
  peakMemoryBytes: () => process.resourceUsage().maxRSS * 1024,
  busyPart,
  cores: os.availableParallelism,
  totalMemoryBytes,
  availableMemoryBytes: () => process.availableMemory(),
  openFiles,
  growYoungMemory,
}
