import { describe, expect, it } from 'vitest'
import { progressLine, startProgress } from '../../../src/transfer/progress.ts'
import { recordingLog } from '../../ports.ts'
import { playedTime } from '../flow/played-time.ts'

const MB = 1_000_000

describe('progress', () => {
  it('counts what stays as it is as done', () => {
    const goal = { planned: { objects: 100, bytes: 100 }, skipped: 300 }
    expect(progressLine({ objects: 20, bytes: 20 }, goal, 10)).toContain('20 of 100 objects (80%)')
    expect(progressLine({ objects: 0, bytes: 0 }, { ...goal, skipped: 0 }, 10)).toContain('(0%)')
    const empty = { planned: { objects: 0, bytes: 0 }, skipped: 0 }
    expect(progressLine({ objects: 0, bytes: 0 }, empty, 1)).toContain('(100%)')
  })

  it('speaks of no bytes where none are moved', () => {
    const goal = { planned: { objects: 100, bytes: 0 }, skipped: 0 }
    const line = progressLine({ objects: 20, bytes: 0 }, goal, 10)
    expect(line).toBe('20 of 100 objects (20%), 2.0 objects/s, about 40.0 s left')
  })

  it('tells how long the rest takes, every ten seconds, and the best of them', async () => {
    const clock = playedTime()
    const log = recordingLog()
    const goal = { planned: { objects: 400, bytes: 400 * MB }, skipped: 0 }
    const progress = startProgress(goal, clock, log)
    await clock.play(
      (async () => {
        for (let i = 0; i < 100; i++) {
          await clock.sleep(i < 50 ? 200 : 100)
          progress.settled(MB)
        }
      })(),
    )
    progress.stop()
    expect(log.lines[0]).toMatch(/^info: (49|50) of 400 objects \(12%\).* left$/)
    expect(progress.peakBytesPerSecond() / MB).toBeCloseTo(5, 0)
  })
})
