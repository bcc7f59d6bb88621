import type { Quirk } from 's3-direct-sync-testkit/quirks/quirk.ts'
import { QUIRKS } from 's3-direct-sync-testkit/quirks.ts'
import { startTestkit } from 's3-direct-sync-testkit/testkit.ts'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'
import { SyncError } from '../../src/errors/sync-error.ts'
import { readLock } from '../../src/lock/body.ts'
import { Claims } from '../../src/lock/claims.ts'
import { HeldLock } from '../../src/lock/held.ts'
import { LockObject } from '../../src/lock/lock-object.ts'
import { releaseUnproven } from '../../src/lock/release.ts'
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

const storeOf = ({ endpoint, keys }: Pick<TestService, 'endpoint' | 'keys'>) =>
  s3Store({
    service: serviceOf({ endpoint, region: 'us-east-1' }),
    credentials: async () => keys,
    onExpired: () => {},
    timeoutMs: 10_000,
    maxAttempts: 1,
    maxSockets: 8,
  })

const claimsOf = (owner: string) => new Claims({ owner, ttlSeconds: 60, runUrl: '' }, clock)

async function take(object: LockObject, claims: Claims, waitMs = lock.waitMs) {
  const { signal } = new AbortController()
  const common = {
    lock: { ...lock, waitMs },
    object,
    claims,
    clock,
    log: recordingLog(),
    timeoutMs: 10_000,
  }
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
      const held = await take(object, claimsOf(owner))
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

/** Services on which a lock is refused, by words of why. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'conditions on writes: 501 NotImplemented': /does not support conditional writes/,
  'conditions on writes: 400 InvalidArgument': /does not support conditional writes/,
  'conditions on writes: 400 UnsupportedHeader': /does not support conditional writes/,
  'conditions on writes: 405 MethodNotAllowed': /does not support conditional writes/,
  'conditions on writes: 403 SignatureDoesNotMatch': /does not support conditional writes/,
  'conditions on writes: 403 with a page': /check endpoint-url, the network, and proxies/,
  'conditions on writes: 412 whatever stands there': /although there is no lock/,
  'conditions and tags on writes: 400 InvalidArgument': /does not support conditional writes/,
  'conditions: passed over': /ignores If-None-Match/,
  'told ETags: none': /does not tell its ETag/,
  'a HEAD: no size and no time': /check endpoint-url, and any proxy/,
}

describe('a lock in a service', () => {
  it.each(Object.entries(QUIRKS))(
    'with %s is had and given back, or refused',
    async (name, quirk) => {
      await using kit = await openQuirk(quirk)
      const store = storeOf({ endpoint: kit.endpoint, keys: kit.iam.admin })
      const object = new LockObject(store, lock, {})
      const why = REFUSED[name]
      for (const owner of ['one', 'two']) {
        const claims = claimsOf(owner)
        const end = await take(object, claims, 0).then(
          (held) => held.release(10_000),
          (error: unknown) => error,
        )
        if (why === undefined) expect(end).toBe('released')
        else {
          expect(end).toBeInstanceOf(SyncError)
          const { message, hint } = end as SyncError
          expect(`${message} ${hint}`).toMatch(why)
          await releaseUnproven(claims, { object, clock, heedsDeletes: false, withinMs: 10_000 })
        }
        const text = kit.store.bytes('dst', lock.key)?.toString()
        expect(text === undefined || readLock(text)?.isReleased === true).toBe(true)
      }
      store.close()
    },
  )
})

async function openQuirk({ options = {}, buckets = {}, rules = [] }: Quirk) {
  const kit = await startTestkit(options)
  kit.store.createBucket('dst', buckets)
  for (const rule of rules) kit.faults.add(rule)
  return Object.assign(kit, { [Symbol.asyncDispose]: () => kit.close() })
}
