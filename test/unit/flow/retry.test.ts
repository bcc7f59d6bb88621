import { expect, it } from 'vitest'
import { ServiceError } from '../../../src/errors/service-error.ts'
import { withRetry } from '../../../src/flow/retry.ts'
import { playedTime } from './played-time.ts'

it('what is asked for again waits as long as the service said, within reason', async () => {
  const clock = { ...playedTime(), now: () => 0, random: () => 0.5 }
  const later = (retryAfterMs: number | undefined) =>
    new ServiceError('Throttling', 'later', { status: 400, retryAfterMs })
  const failures = [later(undefined), later(3000), later(10 ** 9), later(0)]
  const waits: number[] = []
  const attempt = async () => {
    const failure = failures.shift()
    if (failure) throw failure
    return 'done'
  }
  const result = await clock.play(withRetry(clock, attempt, (_failure, ms) => waits.push(ms)))
  expect([result, waits]).toEqual(['done', [500, 3000, 20_000, 4000]])
})
