import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serviceFailure } from '../../src/errors/service-failure.ts'
import { toText } from '../../src/model/key.ts'
import { serviceOf } from '../../src/model/service.ts'
import { firstKeys } from '../../src/storage/first-keys.ts'
import type { ObjectPage } from '../../src/storage/object-page.ts'
import { s3Store } from '../../src/storage/s3/s3-store.ts'
import type { ListQuery, Store } from '../../src/storage/store.ts'
import { unpacked } from '../unit/listing/listing.ts'
import { SERVICES, servers, type TestService } from './services.ts'

const codeOf = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt
    return 'none'
  } catch (error) {
    return serviceFailure(error).code
  }
}

const pace = async () => {}
const { signal } = new AbortController()

describe.each(servers('testkit', 'seaweedfs'))('the store on %s', (name) => {
  let service: TestService
  let store: Store
  const keys = Array.from({ length: 25 }, (_, i) => `list/${String(i).padStart(2, '0')} a+b&é`)

  beforeAll(async () => {
    service = await SERVICES[name]()
    store = s3Store({
      service: serviceOf({ endpoint: service.endpoint, region: 'us-east-1' }),
      credentials: async () => service.keys,
      onExpired: () => {},
      timeoutMs: 5000,
      maxAttempts: 2,
      maxSockets: 8,
    })
    for (const key of keys) await service.put(key, key)
  })
  afterAll(async () => {
    store.close()
    await service[Symbol.asyncDispose]()
  })

  const pageOf = (query: Partial<ListQuery>): Promise<ObjectPage> =>
    store.page({ bucket: 'src', prefix: '', ...query })

  const list = async (query: Partial<ListQuery>): Promise<string[]> => {
    const found: string[] = []
    for (let token: string | undefined; ; ) {
      const page = await pageOf({ ...query, token })
      for (const { key } of unpacked(page.objects))
        found.push(`${query.prefix ?? ''}${toText(key)}`)
      if (!page.truncated) return found
      token = page.nextToken
    }
  }

  it('lists all keys over several pages', async () => {
    expect(await list({ prefix: 'list/' })).toEqual(keys)
    expect(await list({ prefix: 'nothing/' })).toEqual([])
  })

  it('begins after any key, also one that does not exist', async () => {
    expect(await list({ prefix: 'list/', startAfter: keys[12] })).toEqual(keys.slice(13))
    expect(await list({ prefix: 'list/', startAfter: 'list/12' })).toEqual(keys.slice(12))
    expect(await list({ prefix: 'list/', startAfter: 'list/~' })).toEqual([])
  })

  it('folds keys into common prefixes', async () => {
    for (const key of ['fold/a/1', 'fold/a/2', 'fold/b é/1', 'fold/c']) await service.put(key, key)
    const page = await pageOf({ prefix: 'fold/', delimiter: '/' })
    expect(page.folders.map(toText)).toEqual(['a/', 'b é/'])
    expect(unpacked(page.objects).map(({ key }) => toText(key))).toEqual(['c'])
  })

  it('knows what is empty', async () => {
    expect(await firstKeys(store, 'src', 'list/')).toEqual(keys.slice(0, 3))
    expect(await firstKeys(store, 'src', 'nothing/')).toEqual([])
  })

  it('tells size, plain ETag and time', async () => {
    await service.put('told', 'hello')
    const page = await pageOf({ prefix: 'told' })
    const head = await store.head('src', 'told')
    expect(head).toMatchObject({ size: 5, etag: '5d41402abc4b2a76b9719d911017c592' })
    expect(unpacked(page.objects)).toMatchObject([{ key: '', size: 5, etag: head?.etag }])
    expect(Math.abs(Date.parse(head?.modified ?? '') - Date.now())).toBeLessThan(60_000)
  })

  it('knows no object where there is none', async () => {
    expect(await store.head('src', 'none')).toBeUndefined()
  })

  it('names what is missing', async () => {
    const { refusal } = await store.findBucket('no-such-bucket')
    expect(await codeOf(Promise.reject(refusal))).toMatch(/NoSuchBucket|NotFound/)
    expect(await codeOf(store.page({ bucket: 'no-such-bucket', prefix: '' }))).toBe('NoSuchBucket')
  })

  it('names a refusal', async () => {
    const stranger = s3Store({
      service: serviceOf({ endpoint: service.endpoint, region: 'us-east-1' }),
      credentials: async () => ({ ...service.keys, secretAccessKey: 'wrong' }),
      onExpired: () => {},
      timeoutMs: 5000,
      maxAttempts: 1,
      maxSockets: 1,
    })
    expect(await codeOf(stranger.page({ bucket: 'src', prefix: '' }))).toBe('SignatureDoesNotMatch')
    stranger.close()
  })

  it('deletes by name, and takes what is gone already for deleted', async () => {
    const some = ['delete/a b+ü', 'delete/<&">', "delete/'x'", 'delete/\u0001control', 'delete/\r']
    for (const key of some) await service.put(key, key)
    await service.put('delete/stays', 'x')
    const targets = await Promise.all(
      [...some, 'delete/none'].map(async (key) => ({
        key,
        etag: (await store.head('src', key))?.etag ?? 'a'.repeat(32),
      })),
    )
    const left = await store.deleteObjects('src', targets, { signal, pace })
    expect(left.filter(({ code }) => code !== 'NoSuchKey')).toEqual([])
    expect(await list({ prefix: 'delete/' })).toEqual(['delete/stays'])
  })

  it('leaves what was written again, also where the service ignores conditions', async () => {
    const keys = ['again/a', 'again/b', 'again/c\r']
    for (const key of keys) await service.put(key, key)
    const targets = await Promise.all(
      keys.map(async (key) => ({ key, etag: (await store.head('src', key))?.etag ?? '' })),
    )
    for (const key of keys.slice(1)) await service.put(key, 'fresh')
    const left = await store.deleteObjects('src', targets, { signal, pace })
    expect(left.map(({ key, code }) => [key, code]).sort()).toEqual(
      keys.slice(1).map((key) => [key, 'PreconditionFailed']),
    )
    expect(await list({ prefix: 'again/' })).toEqual(keys.slice(1))
  })

  it("follows the server's clock, never ahead of it", async () => {
    await store.head('src', 'none')
    const behindMs = Date.now() - (store.serverTimeMs() ?? 0)
    expect(behindMs).toBeGreaterThanOrEqual(-5)
    expect(behindMs).toBeLessThan(60_000)
  })

  it('ends at a cancel', async () => {
    const cancel = AbortSignal.abort()
    expect(await codeOf(store.page({ bucket: 'src', prefix: '', signal: cancel }))).toBe(
      'Cancelled',
    )
  })
})
