import {
  type Fault,
  fail,
  failIn200,
  before as meanwhile,
  reset,
  stall,
} from 's3-direct-sync-testkit/faults.ts'
import { hostileKeys } from 's3-direct-sync-testkit/fixtures.ts'
import { startTestkit, type Testkit } from 's3-direct-sync-testkit/testkit.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { failureKind } from '../../src/errors/catalogue.ts'
import type { Credentials } from '../../src/model/credentials.ts'
import type { Ending } from '../../src/model/engine.ts'
import type { CopyOp } from '../../src/model/op.ts'
import type { Store } from '../../src/storage/store.ts'
import {
  carryAll,
  ENGINES,
  type KeyedEnding,
  type Stand,
  storeOf,
  WORKERS,
} from './engine-stand.ts'
import { SERVICES, servers, type TestService } from './services.ts'

const copyOf = (key: string, to: string, etag: string): CopyOp => ({
  op: 'copy',
  key,
  to,
  size: Buffer.byteLength(key),
  etag,
  lastModified: new Date(0).toISOString(),
  reason: 'missing',
})

const statuses = (endings: readonly KeyedEnding[]): Record<Ending['status'], number> => {
  const counts = { done: 0, failed: 0, unknown: 0 }
  for (const [, { status }] of endings) counts[status]++
  return counts
}

/** Keys that every engine carries on every service. */
const KEYS = hostileKeys()
  .filter(({ key, seaweedfs }) => seaweedfs && !/[\n ]|\/$|(^|\/)\.\.?(\/|$)/.test(key))
  .map(({ key }) => `keys/${key}`)

/** versitygw looks for a version of the source behind the escaped question mark, too. */
const VERSITYGW_KEYS = KEYS.filter((key) => !key.includes('?versionId='))

/** moto's server takes some bytes for other ones. */
const MOTO_KEYS = KEYS.filter((key) => !/\/\/|[\p{Cc}\ufffe\uffff]/u.test(key))

describe.each(servers('testkit', 'seaweedfs', 'moto'))('on %s', (server) => {
  const own = { moto: MOTO_KEYS, versitygw: VERSITYGW_KEYS }
  const keys = server === 'moto' || server === 'versitygw' ? own[server] : KEYS
  let service: TestService
  let stand: Stand
  let store: Store
  const etags = new Map<string, string>()

  beforeAll(async () => {
    service = await SERVICES[server]()
    stand = { endpoint: service.endpoint, keys: () => service.keys }
    store = storeOf(stand)
    for (const key of keys) {
      await service.put(key, key)
      etags.set(key, (await store.stat({ bucket: 'src', key }))?.etag ?? '')
    }
  }, 60_000)
  afterAll(async () => {
    store.close()
    await service[Symbol.asyncDispose]()
  })

  const opsOf = (engine: string, wanted: readonly string[]): CopyOp[] =>
    wanted.map((key) => copyOf(key, `${engine}/${key}`, etags.get(key) ?? 'a'.repeat(32)))

  describe.each(ENGINES)('the engine %s', (name) => {
    it('ends every op exactly once, in any order, and the copies are there', async () => {
      const endings = await carryAll(name, opsOf(name, keys), { stand })
      expect(endings.map(([key]) => key).sort()).toEqual([...keys].sort())
      expect(endings.filter(([, { status }]) => status !== 'done')).toEqual([])
      for (const key of keys)
        expect((await store.stat({ bucket: 'dst', key: `${name}/${key}` }))?.etag).toBe(
          etags.get(key),
        )
    })

    it('tells a missing object from the others', async () => {
      const some = [keys[0] ?? '', 'keys/gone', keys[1] ?? '']
      const endings = new Map(await carryAll(name, opsOf(`${name}-some`, some), { stand }))
      expect(endings.get('keys/gone')).toMatchObject({ status: 'failed', code: 'NoSuchKey' })
      expect([...endings.values()].filter(({ status }) => status === 'done').length).toBe(2)
    })

    it('leaves the ops of a cancelled run unknown', async () => {
      const signal = AbortSignal.abort()
      const endings = await carryAll(name, opsOf(name, keys), { stand, signal })
      expect(statuses(endings)).toEqual({ done: 0, failed: 0, unknown: keys.length })
    })
  })
})

describe.each(ENGINES)('the engine %s', (name) => {
  const COUNT = 120
  const COPY = { operation: 'CopyObject' }
  let kit: Testkit
  let stand: Stand

  beforeEach(async () => {
    kit = await startTestkit()
    for (const bucket of ['src', 'dst']) kit.store.createBucket(bucket)
    for (let i = 0; i < COUNT; i++) kit.store.put('src', `k${i}`, { body: `k${i}` })
    stand = { endpoint: kit.endpoint, keys: () => kit.iam.admin }
  })
  afterEach(() => kit.close())

  const ops = () =>
    Array.from({ length: COUNT }, (_, i) =>
      copyOf(`k${i}`, `k${i}`, kit.store.facts('src', `k${i}`)?.etag ?? ''),
    )
  const expectAllOnce = (endings: readonly KeyedEnding[]): void => {
    expect(endings.length).toBe(COUNT)
    expect(new Set(endings.map(([key]) => key)).size).toBe(COUNT)
  }

  it('tells of each copy what another attempt may heal', async () => {
    const faults = [
      ['AccessDenied', false, fail(403, 'AccessDenied')],
      ['InvalidObjectState', false, fail(403, 'InvalidObjectState')],
      ['InternalError', true, fail(500, 'InternalError')],
      ['InternalError in a 200', true, failIn200('InternalError')],
      ['SlowDown', true, fail(503, 'SlowDown')],
      ['a reset', true, reset],
    ] satisfies [string, boolean, Fault][]
    for (const [at, [, , fault]] of faults.entries())
      kit.faults.add({ match: { ...COPY, key: `k${at}` }, fault })
    const endings = await carryAll(name, ops(), { stand })
    expectAllOnce(endings)
    expect(statuses(endings).done).toBe(COUNT - faults.length)
    const told = new Map(endings)
    const heals = faults.map(([what], at) => {
      const ending = told.get(`k${at}`)
      expect([what, ending?.status]).not.toEqual([what, 'done'])
      const code = ending && 'code' in ending ? ending.code : undefined
      return [what, failureKind(code).retryable]
    })
    expect(heals).toEqual(faults.map(([what, heals]) => [what, heals]))
    expect(kit.store.keys('dst').length).toBe(COUNT - faults.length)
  })

  it('heals by itself what passes at once', async () => {
    for (const key of ['k50', 'k51', 'k52'])
      kit.faults.add({ match: { ...COPY, key }, times: 1, fault: fail(500, 'InternalError') })
    const endings = await carryAll(name, ops(), { stand })
    expectAllOnce(endings)
    expect(statuses(endings).done).toBe(COUNT)
  })

  it('is cancelled in the middle: what it calls done stands there, the rest is unknown', async () => {
    const cancel = new AbortController()
    const abort = meanwhile(() => cancel.abort())
    kit.faults.add({ match: COPY, nth: 60 + WORKERS / 2, times: 1, fault: abort })
    kit.faults.add({ match: COPY, nth: 60, fault: stall })
    const endings = await carryAll(name, ops(), { stand, signal: cancel.signal })
    expectAllOnce(endings)
    const { done, failed, unknown } = statuses(endings)
    expect(failed).toBe(0)
    expect(done).toBeGreaterThan(0)
    expect(unknown).toBeGreaterThan(0)
    for (const [key, { status }] of endings)
      if (status === 'done') expect(kit.store.bytes('dst', key)?.toString()).toBe(key)
  })

  it('goes on with new keys when the old ones run out', async () => {
    const renewed = kit.iam.addUser('renewed', [
      { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
    ])
    const first: Credentials = { ...kit.iam.admin, expiresAtMs: Date.now() + 3_600_000 }
    let keys = first
    const refused: Credentials[] = []
    const renewing: Stand = {
      ...stand,
      keys: () => keys,
      onExpired: (held) => {
        refused.push(held)
        keys = renewed
      },
    }
    kit.faults.add({
      match: ({ operation, headers }) =>
        operation === 'CopyObject' &&
        (headers['authorization'] ?? '').includes(first.accessKeyId) &&
        kit.counters.of('CopyObject') > 50,
      fault: fail(400, 'ExpiredToken'),
    })
    const endings = await carryAll(name, ops(), { stand: renewing })
    expectAllOnce(endings)
    expect(refused.length).toBeGreaterThan(0)
    const { done, unknown } = statuses(endings)
    expect(unknown).toBe(0)
    // What was under way with the old keys may need another pass.
    expect(done).toBeGreaterThan(50)
    for (const [, ending] of endings)
      if (ending.status === 'failed') expect(ending.code).toBe('ExpiredToken')
    const left = ops().filter(({ key }) => new Map(endings).get(key)?.status !== 'done')
    expect(statuses(await carryAll(name, left, { stand: renewing })).done).toBe(left.length)
    expect(kit.store.keys('dst').length).toBe(COUNT)
  })
})
