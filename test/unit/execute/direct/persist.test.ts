import { describe, expect, it } from 'vitest'
import type { ServiceFailure } from '../../../../src/errors/service-failure.ts'
import { persist, type RequestGround } from '../../../../src/execute/direct/persist.ts'
import { refusal, silence } from './failing.ts'
import { playedTime } from './played-time.ts'

/** A request that fails so often before it succeeds, and what was seen of it. */
function scene(failures: readonly Error[], own: Partial<RequestGround> = {}) {
  const clock = { ...playedTime(), random: () => 1 }
  const seen = { attempts: [] as number[], retries: [] as ServiceFailure[], slower: 0 }
  const ground: RequestGround = {
    gate: {
      pass: (work) => work(),
      room: () => 1,
      slower: () => {
        seen.slower++
      },
    },
    clock,
    retryCount: 5,
    throttle: async () => {},
    onRetry: (failure) => seen.retries.push(failure),
    signal: new AbortController().signal,
    ...own,
  }
  const request = async (): Promise<string> => {
    const failure = failures[seen.attempts.length]
    seen.attempts.push(clock.now())
    if (failure) throw failure
    return 'done'
  }
  return { ...seen, seen, run: () => clock.play(persist(request, ground)) }
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

describe('a request is made again', () => {
  it('after ever longer waits', async () => {
    const { run, attempts } = scene(times(5, refusal('InternalError', 500)))
    expect(await run()).toBe('done')
    expect(attempts).toEqual([0, 50, 150, 350, 750, 1550])
  })

  it('after waits of some seconds at most where the gate keeps the pace', async () => {
    const { run, attempts, seen } = scene(times(5, refusal('SlowDown', 503)))
    expect(await run()).toBe('done')
    expect(attempts).toEqual([0, 1000, 3000, 7000, 11_000, 15_000])
    expect(seen.slower).toBe(5)
  })

  it.each([
    refusal('InternalError', 500),
    refusal('SlowDown', 503),
    refusal('Unknown', 502),
    refusal('ConditionalRequestConflict', 409),
    refusal('ExpiredToken', 400),
    refusal('RequestTimeTooSkewed', 403),
    silence(),
    Object.assign(new Error('late'), { name: 'TimeoutError' }),
  ])('after %s', async (failure) => {
    const { run, retries } = scene([failure])
    expect(await run()).toBe('done')
    expect(retries.length).toBe(1)
  })

  it.each([
    refusal('AccessDenied', 403),
    refusal('PreconditionFailed', 412),
    refusal('NoSuchKey', 404),
    refusal('NotImplemented', 501),
    refusal('InvalidRequest', 400),
  ])('but not after %s', async (failure) => {
    const { run, attempts } = scene([failure])
    await expect(run()).rejects.toBe(failure)
    expect(attempts.length).toBe(1)
  })

  it('no more often than asked, and then the last failure is told', async () => {
    const last = refusal('InternalError', 500)
    const { run, attempts } = scene([silence(), silence(), last], { retryCount: 2 })
    await expect(run()).rejects.toBe(last)
    expect(attempts.length).toBe(3)
  })

  it('never in a run that is cancelled', async () => {
    const signal = AbortSignal.abort(new Error('cancelled'))
    const { run, attempts } = scene([], { signal })
    await expect(run()).rejects.toThrow('cancelled')
    expect(attempts).toEqual([])
  })
})
