import { describe, expect, it } from 'vitest'
import {
  lateness,
  looksLeftMs,
  SHUTDOWN_LIMIT_MS,
  SHUTDOWN_MS,
  UPLOAD_END_MS,
} from '../../../src/flow/shutdown.ts'

const sum = (shares: Readonly<Record<string, number>>): number =>
  Object.values(shares).reduce((all, share) => all + share, 0)

/** The last moment at which a share that begins then is not yet late. */
function lastOf(isIn: (ms: number) => boolean, fromMs: number): number {
  let ms = fromMs
  while (isIn(ms + 1)) ms++
  return ms
}

describe('the shares of a cancelled run', () => {
  it('end before the run has to be over, all at their longest', () => {
    expect(sum(SHUTDOWN_MS)).toBeLessThan(SHUTDOWN_LIMIT_MS)
  })

  it('are kept one after the other, however late the engines end', () => {
    let ms: number = SHUTDOWN_MS.engines
    const spend = (share: 'copyRows' | 'deleteRows' | 'amendedRows'): void => {
      const isLate = lateness(() => ms, share)
      ms = lastOf((at) => {
        ms = at
        return !isLate()
      }, ms)
    }
    spend('copyRows')
    ms += looksLeftMs(ms)
    spend('deleteRows')
    spend('amendedRows')
    expect(ms + SHUTDOWN_MS.report + SHUTDOWN_MS.exit).toBeLessThan(SHUTDOWN_LIMIT_MS)
  })

  it('leave an upload time to be aborted twice before the engines have to be gone', () => {
    const { begin, abort, pause } = UPLOAD_END_MS
    expect(begin + abort + pause + abort).toBeLessThanOrEqual(SHUTDOWN_MS.engines)
  })
})

describe('a cancelled run', () => {
  it.each([
    ['has three seconds for its rows', 0, [0, 1, 3000], 3001],
    ['has a quarter of a second for each kind, however late it is', 4200, [4200, 4450], 4451],
  ])('%s', (_what, begunMs, ...[inTime, lateMs]) => {
    let ms = begunMs
    const isLate = lateness(() => ms, 'copyRows')
    for (ms of inTime) expect(isLate()).toBe(false)
    ms = lateMs
    expect(isLate()).toBe(true)
  })

  it('is the only one that can be late', () => {
    expect(lateness(() => 0, 'amendedRows')()).toBe(false)
  })

  it('looks at its copies until 2.5 seconds are over, and for half a second in any case', () => {
    expect(looksLeftMs(500)).toBe(2000)
    expect(looksLeftMs(4300)).toBe(500)
  })
})
