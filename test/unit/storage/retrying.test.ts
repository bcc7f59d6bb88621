import { describe, expect, it } from 'vitest'
import { ServiceError } from '../../../src/errors/service-error.ts'
import type { ServiceFailure } from '../../../src/errors/service-failure.ts'
import { limited, type RequestLimits } from '../../../src/storage/limited.ts'
import { type RetryRules, retrying } from '../../../src/storage/retrying.ts'
import type { Described, Objects } from '../../../src/storage/store.ts'
import { scriptedObjects } from '../../ports.ts'
import { playedTime } from '../flow/played-time.ts'
import { refusal, silence } from '../transfer/direct/failing.ts'

const LIMIT = { timeoutMs: 1000 }
const OBJECT = { bucket: 'b', key: 'k', etag: 'e' }
const DONE: Described = { size: 1, etag: 'e', headers: {} }

interface Own extends Partial<Pick<RetryRules, 'retryCount'>> {
  readonly signal?: AbortSignal
}

/** A request that fails so often before it succeeds, and what was seen of it. */
function scene(failures: readonly Error[], { retryCount = 5, signal: own }: Own = {}) {
  const clock = { ...playedTime(), random: () => 1 }
  const signal = own ?? new AbortController().signal
  const seen = { attempts: [] as number[], slower: 0 }
  const [retries, told]: [ServiceFailure[], ServiceFailure[]] = [[], []]
  const limits: RequestLimits = {
    limit: {
      pass: (work) => work(),
      slower: () => {
        seen.slower++
      },
    },
    throttle: async () => {},
    signal,
  }
  const describe = async (): Promise<Described> => {
    const failure = failures[seen.attempts.length]
    seen.attempts.push(clock.now())
    if (failure) throw failure
    return DONE
  }
  const objects = retrying(limited(scriptedObjects({ describe }), limits), {
    clock,
    retryCount,
    onRetry: (failure) => retries.push(failure),
    signal,
  })
  const limit = { ...LIMIT, onRetry: (failure: ServiceFailure) => void told.push(failure) }
  const { attempts } = seen
  return { attempts, retries, told, seen, run: () => clock.play(objects.describe(OBJECT, limit)) }
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

describe('a request is made again', () => {
  it('after ever longer waits', async () => {
    const { run, attempts } = scene(times(5, refusal('InternalError', 500)))
    expect(await run()).toBe(DONE)
    expect(attempts).toEqual([0, 50, 150, 350, 750, 1550])
  })

  it('after waits of some seconds at most where the gate keeps the pace', async () => {
    const { run, attempts, seen } = scene(times(5, refusal('SlowDown', 503)))
    expect(await run()).toBe(DONE)
    expect(attempts).toEqual([0, 1000, 3000, 7000, 11_000, 15_000])
    expect(seen.slower).toBe(5)
  })

  it('no sooner than the service said, but for a time that is none to wait for', async () => {
    const later = (retryAfterMs: number) =>
      new ServiceError('InternalError', 'later', { status: 500, retryAfterMs })
    const { run, attempts } = scene([later(3000), later(0), later(10 ** 9)])
    expect(await run()).toBe(DONE)
    expect(attempts).toEqual([0, 3000, 3100, 23_100])
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
    const { run, retries, told } = scene([failure])
    expect(await run()).toBe(DONE)
    expect(retries.length).toBe(1)
    expect(told).toEqual(retries)
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

describe('a request that waits for its turn', () => {
  const upload = { bucket: 'b', key: 'k', uploadId: 'u' }
  const range = { first: 10, last: 29 }
  const write = { to: OBJECT, only: undefined, headers: {} }

  it.each<[string, number, (objects: Objects) => Promise<unknown>]>([
    ['a copy', 7, (objects) => objects.copy({ ...OBJECT, size: 7 }, write, LIMIT)],
    [
      'a copy of a part',
      20,
      (objects) => objects.copyPart({ upload, number: 1 }, { ...OBJECT, range }, LIMIT),
    ],
    ['a read', 20, (objects) => objects.read(OBJECT, { bytes: 20, range }, LIMIT)],
    ['a write of what was read', 0, (objects) => objects.put(write, new Uint8Array(9), LIMIT)],
    ['a look', 0, (objects) => objects.describe(OBJECT, LIMIT)],
  ])('tells the bytes that it moves: %s', async (_what, bytes, ask) => {
    const moved: number[] = []
    const inner = scriptedObjects({
      copy: async () => 'e',
      copyPart: async () => 'e',
      read: async () => ({ ...DONE, bytes: new Uint8Array(20) }),
      put: async () => 'e',
      describe: async () => DONE,
    })
    const throttle = async (amount: number): Promise<void> => {
      moved.push(amount)
    }
    const limit = { pass: <T>(work: () => Promise<T>) => work(), slower: () => {} }
    await ask(limited(inner, { limit, throttle, signal: new AbortController().signal }))
    expect(moved).toEqual([bytes])
  })

  it('is never an abort of an upload: that is the last word of a run which is over', async () => {
    const aborted: string[] = []
    const inner = scriptedObjects({
      abortUpload: async ({ uploadId }) => {
        aborted.push(uploadId)
      },
    })
    const signal = AbortSignal.abort(new Error('cancelled'))
    const limit = { pass: () => new Promise<never>(() => {}), slower: () => {} }
    const limits = { limit, throttle: () => new Promise<never>(() => {}), signal }
    await limited(inner, limits).abortUpload(upload, LIMIT)
    expect(aborted).toEqual(['u'])
  })
})
