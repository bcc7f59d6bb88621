import { describe, expect, it } from 'vitest'
import { lateness } from '../../../src/flow/lateness.ts'

describe('a cancelled run', () => {
  it.each([
    ['has three seconds for its rows', 0, [0, 1, 3000], 3001],
    ['has half a second in each room, however late it is', 4200, [4200, 4700], 4701],
  ])('%s', (_what, begunMs, ...[inTime, lateMs]) => {
    let ms = begunMs
    const isLate = lateness(() => ms)
    for (ms of inTime) expect(isLate()).toBe(false)
    ms = lateMs
    expect(isLate()).toBe(true)
  })

  it('is the only one that can be late', () => {
    expect(lateness(() => 0)()).toBe(false)
  })
})
