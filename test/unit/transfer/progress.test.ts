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

  it('tells how long the bytes take where that is longer', () => {
    const goal = { planned: { objects: 10, bytes: 100 * MB }, skipped: 0 }
    expect(progressLine({ objects: 9, bytes: 10 * MB }, goal, 10)).toBe(
      '9 of 10 objects (90%), 10.0 MB of 100.0 MB, 0.9 objects/s, 1.0 MB/s, about 1 min 30 s left',
    )
  })

  it('tells of the bytes of an object under way, and of no rate that there never was', async () => {
    const clock = playedTime()
    const log = recordingLog()
    const goal = { planned: { objects: 1, bytes: 300 * MB }, skipped: 0 }
    const progress = startProgress(goal, clock, log)
    let moved = 77 * MB
    // What earlier waves moved is not told again.
    progress.follow(() => moved)
    await clock.play(
      (async () => {
        for (let i = 0; i < 30; i++) {
          await clock.sleep(1000)
          moved += 10 * MB
        }
        await clock.sleep(500)
        progress.settled(300 * MB, 'direct')
        await clock.sleep(10_000)
      })(),
    )
    progress.stop()
    expect(log.lines[0]).toMatch(/^info: 0 of 1 objects \(0%\), (90|100)\.0 MB of 300\.0 MB, /)
    expect(log.lines[0]).toMatch(/ 20\.0 s left|about 2\d\.\d s left/)
    expect(progress.peakBytesPerSecond() / MB).toBeCloseTo(10, 0)
  })

  it('adds bytes under way to what the other engine copied meanwhile', async () => {
    const clock = playedTime()
    const log = recordingLog()
    const goal = { planned: { objects: 3, bytes: 300 * MB }, skipped: 0 }
    const progress = startProgress(goal, clock, log)
    let moved = 0
    progress.follow(() => moved)
    moved = 80 * MB
    progress.settled(100 * MB, 's5cmd')
    await clock.play(clock.sleep(10_500))
    moved = 250 * MB
    progress.settled(100 * MB, 'direct')
    await clock.play(clock.sleep(10_000))
    progress.stop()
    expect(log.lines[0]).toContain('1 of 3 objects (33%), 180.0 MB of 300.0 MB')
    expect(log.lines[1]).toContain('2 of 3 objects (66%), 300.0 MB of 300.0 MB')
  })

  it('never tells of more bytes than there are, though some came twice', async () => {
    const clock = playedTime()
    const log = recordingLog()
    const goal = { planned: { objects: 1, bytes: 100 * MB }, skipped: 0 }
    const progress = startProgress(goal, clock, log)
    let moved = 0
    progress.follow(() => moved)
    moved = 150 * MB
    await clock.play(clock.sleep(15_000))
    progress.stop()
    expect(log.lines[0]).toContain('0 of 1 objects (0%), 100.0 MB of 100.0 MB')
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
          progress.settled(MB, 'direct')
        }
      })(),
    )
    progress.stop()
    expect(log.lines[0]).toMatch(/^info: (49|50) of 400 objects \(12%\).* left$/)
    expect(progress.peakBytesPerSecond() / MB).toBeCloseTo(5, 0)
  })
})
