import { readFileSync } from 'node:fs'
import os from 'node:os'
import { performance } from 'node:perf_hooks'
import type { System } from '../ports.ts'
import { growYoungMemory } from './memory.ts'
import { thisPlatform } from './platform.ts'

/** What Node tells of the machine and of this process. */
export interface Machine {
  readonly platform: NodeJS.Platform
  readonly arch: string
  totalMemory(): number
  availableMemory(): number
  /** 0 where this process may have all. */
  constrainedMemory(): number
  /** What `/proc/self` tells. Throws where there is none. */
  proc(file: 'limits' | 'status'): string
  /** Highest resident memory as the system counts it of a process and what began it, bytes. */
  highestMemory(): number
  /** The soft limit of open files as the system calls tell it, or `unlimited`; undefined where there is none. */
  openFilesLimit(): unknown
}

let measured = performance.eventLoopUtilization()

function busyPart(): number {
  const now = performance.eventLoopUtilization()
  const { utilization } = performance.eventLoopUtilization(now, measured)
  measured = now
  return utilization
}

/**
 * Linux counts what a process had before it became this program, too: begun by a runner of 300 MB, it would have had as much
 * at least.
 */
function peakMemoryBytes({ proc, highestMemory }: Machine): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(proc('status')) ?? []
    return kilobytes === undefined ? highestMemory() : Number(kilobytes) * 1024
  } catch {
    return highestMemory()
  }
}

/** Node has raised its own limit to the highest by then, and hands it on to its children. */
function openFiles({ proc, openFilesLimit }: Machine): number | undefined {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(proc('limits')) ?? []
    return limit === undefined ? undefined : Number(limit)
  } catch {
    const limit = openFilesLimit()
    return typeof limit === 'number' ? limit : undefined
  }
}

function totalMemoryBytes({ constrainedMemory, totalMemory }: Machine): number {
  const allowed = constrainedMemory()
  return allowed > 0 ? Math.min(allowed, totalMemory()) : totalMemory()
}

/** A machine as a port. */
export const systemOf = (machine: Machine): System => ({
  platform: machine.platform,
  arch: machine.arch,
  peakMemoryBytes: () => peakMemoryBytes(machine),
  busyPart,
  cores: os.availableParallelism,
  totalMemoryBytes: () => totalMemoryBytes(machine),
  // A Mac keeps nearly all its memory as cache, and Node tells what is left of it: a few hundred megabytes on any.
  availableMemoryBytes: () =>
    machine.platform === 'darwin' ? undefined : machine.availableMemory(),
  openFiles: () => openFiles(machine),
  growYoungMemory,
})

/** The machine this runs on. */
export const thisSystem: System = systemOf({
  platform: thisPlatform,
  arch: process.arch,
  totalMemory: os.totalmem,
  availableMemory: () => process.availableMemory(),
  constrainedMemory: () => process.constrainedMemory(),
  proc: (file) => readFileSync(`/proc/self/${file}`, 'utf8'),
  highestMemory: () => process.resourceUsage().maxRSS * 1024,
  openFilesLimit: () => {
    // Else it would look up the name of every address of the machine.
    Object.assign(process.report, { excludeNetwork: true })
    const { userLimits } = process.report.getReport() as {
      readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } }
    }
    return userLimits?.open_files?.soft
  },
})
