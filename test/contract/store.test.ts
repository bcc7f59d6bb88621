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

const storeOf = (endpoint: string, keys: TestService['keys']): Store =>
  s3Store({
    service: serviceOf({ endpoint, region: 'us-east-1' }),
    credentials: async () => keys,
    onExpired: () => {},
    timeoutMs: 5000,
    maxAttempts: 2,
    maxSockets: 8,
  })

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

describe('a look at one object', () => {
  async function looking(options: Parameters<typeof startTestkit>[0], faults: number) {
    const kit = await startTestkit(options)
    kit.store.createBucket('src')
    const fault = fail(503, 'SlowDown')
    if (faults > 0) kit.faults.add({ match: { operation: 'HeadObject' }, times: faults, fault })
    const store = storeOf(kit.endpoint, kit.iam.admin)
    try {
      return await codeOf(store.stat({ bucket: 'src', key: 'none' }))
    } finally {
      store.close()
      await kit.close()
    }
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
        message: expect.stringMatching(/leads to https:\/\/s3\.example\.com\.$/),
      })
    } finally {
      store.close()
      await kit.close()
    }
  })
})
