import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'
import { Claims } from '../../src/lock/claims.ts'
import { HeldLock } from '../../src/lock/held.ts'
import { LockObject } from '../../src/lock/lock-object.ts'
import { takeLock } from '../../src/lock/take.ts'
import { serviceOf } from '../../src/model/service.ts'
import { s3Store } from '../../src/storage/s3/s3-store.ts'
import { recordingLog } from '../ports.ts'
import { SERVICES, servers, type TestService } from './services.ts'

const RUNS = 4
const lock = { bucket: 'dst', key: 'locks/one é+%', waitMs: 60_000, ttlMs: 60_000 }
/** Who waits for a lock asks more often than runs do. */
const clock = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 50), signal),
}

const storeOf = ({ endpoint, keys }: TestService) =>
  s3Store({
    service: serviceOf({ endpoint, region: 'us-east-1' }),
    credentials: async () => keys,
    onExpired: () => {},
    timeoutMs: 10_000,
    maxAttempts: 1,
    maxSockets: 8,
  })

async function take(object: LockObject, owner: string) {
  const claims = new Claims({ owner, ttlSeconds: 60, runUrl: '' }, clock)
  const { signal } = new AbortController()
  const common = { lock, object, claims, clock, log: recordingLog(), timeoutMs: 10_000 }
  const deps = { ...common, signal, deadline: signal }
  const taken = await takeLock(deps)
  return new HeldLock(taken, { lock, object, claims, clock: systemClock, heedsDeletes: false })
}

describe.each(servers('testkit', 'seaweedfs', 'moto'))('a lock in %s', (name) => {
  it('is one run after the other, of those that come at once', async () => {
    await using service = await SERVICES[name]()
    const store = storeOf(service)
    const object = new LockObject(store, lock, {})
    let holders = 0
    const most: number[] = []
    const run = async (owner: string) => {
      const held = await take(object, owner)
      most.push(++holders)
      await object.look({ timeoutMs: 10_000 })
      expect(held.lost.aborted).toBe(false)
      holders--
      return held.release(10_000)
    }
    const runs = Array.from({ length: RUNS }, (_, at) => run(`run-${at}`))
    expect(await Promise.all(runs)).toEqual(Array(RUNS).fill('released'))
    expect(most).toEqual(Array(RUNS).fill(1))
    const after = await object.look({ timeoutMs: 10_000 })
    expect(after === 'absent' || (typeof after === 'object' && after.body?.isReleased)).toBe(true)
    store.close()
  })
})
