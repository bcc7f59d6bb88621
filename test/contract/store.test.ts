import { fail } from 's3-direct-sync-testkit/faults.ts'
import { startTestkit } from 's3-direct-sync-testkit/testkit.ts'
import { describe, expect, it } from 'vitest'
import { ServiceError } from '../../src/errors/service-error.ts'
import { serviceOf } from '../../src/model/service.ts'
import { s3Store } from '../../src/storage/s3/s3-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { type ListedObject, listedStore } from '../listed-store.ts'
import { SERVICES, type ServiceName, servers, type TestService } from './services.ts'
import { codeOf, type Listed, listerSuite, type Opened, storeSuite } from './store-suite.ts'

const storeOf = (
  endpoint: string,
  keys: TestService['keys'],
  { region = 'us-east-1', renewed = keys }: { region?: string; renewed?: typeof keys } = {},
): Store => {
  let held = keys
  return s3Store({
    service: serviceOf({ endpoint, region }),
    credentials: async () => held,
    onExpired: () => {
      held = renewed
    },
    timeoutMs: 5000,
    maxAttempts: 2,
    maxSockets: 8,
  })
}

async function open(name: ServiceName): Promise<Opened> {
  const service = await SERVICES[name]()
  const { endpoint, keys } = service
  const store = storeOf(endpoint, keys)
  return {
    service,
    store,
    stranger: () => storeOf(endpoint, { ...keys, secretAccessKey: 'wrong' }),
    [Symbol.asyncDispose]: async () => {
      store.close()
      await service[Symbol.asyncDispose]()
    },
  }
}

async function openLister(name: ServiceName): Promise<Listed> {
  const opened = await open(name)
  const { service, store } = opened
  return {
    lister: store,
    put: (key) => service.put(key, key),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

for (const name of servers('testkit', 'seaweedfs', 'moto')) {
  listerSuite(name, () => openLister(name))
  storeSuite(name, () => open(name))
}

// What planners are tested with is held to the same.
listerSuite('a test, in memory', async () => {
  const objects = new Map<string, ListedObject>()
  return {
    lister: listedStore({ objects, pageKeys: 10 }),
    put: async (key) => {
      objects.set(key, { size: key.length, etag: 'e', second: 1 })
    },
    [Symbol.asyncDispose]: async () => {},
  }
})

/** A server of the tests with a bucket, until it is disposed of. */
async function kitOf(options: Parameters<typeof startTestkit>[0] = {}, bucketRegion?: string) {
  const kit = await startTestkit(options)
  kit.store.createBucket('src', bucketRegion === undefined ? {} : { region: bucketRegion })
  const stores: Store[] = []
  return {
    kit,
    open: (keys = kit.iam.admin, more?: Parameters<typeof storeOf>[2]): Store => {
      const store = storeOf(kit.endpoint, keys, more)
      stores.push(store)
      return store
    },
    [Symbol.asyncDispose]: async () => {
      for (const store of stores) store.close()
      await kit.close()
    },
  }
}

describe('a page of a listing', () => {
  const first = { bucket: 'src', prefix: '' }

  it.each(['us-east-1', 'ap-south-1'])(
    'is had from the region that the service names, which is asked from then on: %s',
    async (region) => {
      await using service = await kitOf({}, 'eu-west-1')
      const { kit } = service
      const store = service.open(kit.iam.admin, { region })
      const pages = Array.from({ length: 3 }, () => store.page(first))
      for (const { attempts } of await Promise.all(pages)) expect(attempts).toBe(1)
      expect(kit.counters.of('ListObjectsV2')).toBe(6)
      await store.page(first)
      expect(kit.counters.of('ListObjectsV2')).toBe(7)
    },
  )

  it('tells how many requests it took', async () => {
    await using service = await kitOf()
    const { kit } = service
    const store = service.open()
    const fault = fail(503, 'SlowDown')
    kit.faults.add({ match: { operation: 'ListObjectsV2' }, times: 1, fault })
    expect((await store.page(first)).attempts).toBe(2)
    kit.faults.add({ match: { operation: 'ListObjectsV2' }, times: 2, fault })
    expect(await codeOf(store.page(first))).toBe('SlowDown')
  })

  it('comes where the clock of the runner is twenty minutes off, and tells that of the service', async () => {
    for (const minutes of [-20, 20]) {
      const now = () => Date.now() + minutes * 60_000
      await using service = await kitOf({ now })
      const store = service.open()
      expect((await store.page(first)).attempts).toBe(1)
      expect(service.kit.counters.of('ListObjectsV2')).toBe(2)
      expect(Math.abs((store.serverTimeMs() ?? 0) - now())).toBeLessThan(60_000)
      await store.page(first)
      expect(service.kit.counters.of('ListObjectsV2')).toBe(3)
    }
  })

  it('comes with new credentials where the service calls the old ones expired', async () => {
    await using service = await kitOf()
    const { kit } = service
    const old = { ...kit.iam.admin, secretAccessKey: 'old' }
    const store = service.open(old, { renewed: kit.iam.admin })
    const fault = fail(400, 'ExpiredToken')
    kit.faults.add({ match: { operation: 'ListObjectsV2' }, times: 1, fault })
    expect((await store.page(first)).attempts).toBe(2)
  })
})

describe('a look at one object', () => {
  async function looking(options: Parameters<typeof startTestkit>[0], faults: number) {
    await using service = await kitOf(options)
    const fault = fail(503, 'SlowDown')
    if (faults > 0)
      service.kit.faults.add({ match: { operation: 'HeadObject' }, times: faults, fault })
    return await codeOf(service.open().stat({ bucket: 'src', key: 'none' }))
  }

  it('succeeds where the clock of the runner is twenty minutes off', async () => {
    for (const minutes of [-20, 20])
      expect(await looking({ now: () => Date.now() + minutes * 60_000 }, 0)).toBe('none')
  })

  it('is made again as often as the store was told, and no more', async () => {
    expect(await looking({}, 1)).toBe('none')
    expect(await looking({}, 2)).toMatch(/SlowDown|ServiceUnavailable/)
  })
})

describe('a compatible service', () => {
  it('is not told the names of operations, which some do not sign', async () => {
    const kit = await startTestkit()
    const store = storeOf(kit.endpoint, kit.iam.admin)
    const named: string[] = []
    kit.store.createBucket('src')
    kit.store.put('src', 'a\r', { body: 'a' })
    kit.faults.add({
      match: () => true,
      fault: (request, next) => {
        if (request.query.has('x-id')) named.push(request.operation)
        return next()
      },
    })
    try {
      const target = { key: 'a\r', etag: '' }
      const { signal } = new AbortController()
      const failures = await store.deleteObjects('src', [target], { signal, pace: async () => {} })
      await store.refusalOf(
        { bucket: 'src', key: 'a' },
        new ServiceError('x', 'x', { status: 403 }),
      )
      expect([failures, kit.store.keys('src'), named]).toEqual([[], [], []])
    } finally {
      store.close()
      await kit.close()
    }
  })

  it('that sends elsewhere without a region is told by where it leads, without the path', async () => {
    const kit = await startTestkit()
    const store = storeOf(kit.endpoint, kit.iam.admin)
    const headers = { location: 'https://s3.example.com/src?token=secret' }
    kit.faults.add({
      match: () => true,
      fault: () => ({ status: 301, headers, body: undefined }),
    })
    try {
      await expect(store.findBucket('src')).rejects.toMatchObject({
        code: 'Redirected',
        message: expect.stringMatching(/redirect to https:\/\/s3\.example\.com\.$/),
      })
    } finally {
      store.close()
      await kit.close()
    }
  })
})
