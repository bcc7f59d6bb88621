import { describe, expect, it } from 'vitest'
import { type Machine, systemOf, thisSystem } from '../../../src/adapters/system.ts'

const GIB = 2 ** 30

const machine = (facts: Partial<Machine>): Machine => ({
  platform: 'linux',
  arch: 'x64',
  totalMemory: () => 16 * GIB,
  availableMemory: () => 0.3 * GIB,
  constrainedMemory: () => 0,
  proc: (file) =>
    file === 'limits'
      ? 'Limit   Soft Limit   Hard Limit\nMax open files            4096      8192      files\n'
      : 'Name:\tnode\nVmPeak:\t 9000000 kB\nVmHWM:\t   42708 kB\n',
  highestMemory: () => 300e6,
  openFilesLimit: () => undefined,
  ...facts,
})

const noProc = () => {
  throw new Error('ENOENT: no such file or directory')
}

describe('memory', () => {
  it('at its highest is that of this process, not of the one that began it', () => {
    expect(systemOf(machine({})).peakMemoryBytes()).toBe(42708 * 1024)
    expect(systemOf(machine({ proc: noProc })).peakMemoryBytes()).toBe(300e6)
    expect(systemOf(machine({ proc: () => '' })).peakMemoryBytes()).toBe(300e6)
    expect(thisSystem.peakMemoryBytes()).toBeGreaterThan(20e6)
  })

  it('that a Mac calls available is not believed: nearly all of it is cache', () => {
    expect(systemOf(machine({ platform: 'darwin' })).availableMemoryBytes()).toBeUndefined()
    for (const platform of ['linux', 'win32'] as const)
      expect(systemOf(machine({ platform })).availableMemoryBytes()).toBe(0.3 * GIB)
  })

  it('is as much as the container may have', () => {
    expect(systemOf(machine({})).totalMemoryBytes()).toBe(16 * GIB)
    const held = machine({ constrainedMemory: () => 2 * GIB })
    expect(systemOf(held).totalMemoryBytes()).toBe(2 * GIB)
    // Without a limit some systems tell the largest number that they know.
    const endless = machine({ constrainedMemory: () => 2 ** 63 })
    expect(systemOf(endless).totalMemoryBytes()).toBe(16 * GIB)
  })
})

describe('files that a child may hold open', () => {
  it.each([
    ['with /proc', {}, 4096],
    ['without /proc, as on a Mac', { proc: noProc, openFilesLimit: () => 256 }, 256],
    ['without a limit', { proc: noProc, openFilesLimit: () => 'unlimited' }, undefined],
    ['on Windows', { proc: noProc }, undefined],
  ])('are known %s', (_where, facts, limit) => {
    expect(systemOf(machine(facts)).openFiles()).toBe(limit)
  })

  it.runIf(process.platform === 'linux')('are the same by both ways on this machine', () => {
    Object.assign(process.report, { excludeNetwork: true })
    const { userLimits } = process.report.getReport() as {
      userLimits: { open_files: { soft: number } }
    }
    expect(thisSystem.openFiles()).toBe(userLimits.open_files.soft)
  })
})
