import { describe, expect, it } from 'vitest'
import { clockCheck, diskCheck, memoryCheck } from '../../../src/preflight/machine.ts'
import { jumpingClock, scriptedStore } from '../../ports.ts'

const GB = 1e9
const disk = (freeBytes: number) => ({
  diskSpace: async () => ({ freeBytes, totalBytes: 10 * GB }),
})
const had = {
  toolchain: {
    path: '/s5cmd',
    version: '2.3.0',
    reported: 'v2.3.0',
    sha256: '',
    metadataDirective: true,
    origin: 'path',
  },
} as const

describe('before the start the machine', () => {
  it.each([
    [511e6, 'warn'],
    [512e6, 'pass'],
  ])('warns of little memory: %d bytes: %s', (bytes, status) => {
    expect(memoryCheck({ availableMemoryBytes: () => bytes }).check.status).toBe(status)
  })

  it.each([
    [2 * GB, 'pass'],
    [0.9 * GB, 'warn'],
    [20e6, 'fail'],
  ])('stops where the disk is full: %d bytes are free: %s', async (bytes, status) => {
    const { check, problem } = await diskCheck(disk(bytes), '/report')
    expect(check.status).toBe(status)
    expect(problem !== undefined).toBe(status === 'fail')
  })

  it('goes on where nobody can tell how full the disk is', async () => {
    const blind = { diskSpace: () => Promise.reject(new Error('ENOSYS')) }
    expect((await diskCheck(blind, '/report')).check.status).toBe('not-known')
  })

  it.each([
    [0, had, 'pass', undefined],
    [4, had, 'pass', undefined],
    [-6, had, 'warn', '6 min 0 s behind'],
    [6, had, 'warn', '6 min 0 s ahead of'],
    [16, had, 'fail', '16 min 0 s ahead of'],
    [16, {}, 'warn', '16 min 0 s ahead of'],
  ] as const)('compares its clock: %i minutes off, %j: %s', (minutes, tool, ...[status, words]) => {
    const clock = jumpingClock(100 * 60_000)
    const store = scriptedStore({ serverTimeMs: () => clock.now() - minutes * 60_000 })
    const { check, problem } = clockCheck(store, clock, tool)
    expect(check.status).toBe(status)
    if (words) expect(check.detail).toContain(words)
    expect(problem === undefined).toBe(status !== 'fail')
  })

  it('knows no clock of a service that does not tell its time', () => {
    const { check } = clockCheck(scriptedStore({}), jumpingClock(), had)
    expect(check.status).toBe('not-known')
  })
})
