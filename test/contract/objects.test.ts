import { hostileKeys } from 's3-direct-sync-testkit/fixtures.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serviceFailure } from '../../src/errors/service-failure.ts'
import { serviceOf } from '../../src/model/service.ts'
import { s3Store } from '../../src/storage/s3/s3-store.ts'
import type { Objects, Store } from '../../src/storage/store.ts'
import { unpacked } from '../unit/listing/listing.ts'
import { SERVICES, type ServiceName, servers, type TestService } from './services.ts'

const MIB = 2 ** 20
const LIMIT = { timeoutMs: 10_000 }
const HELLO = '5d41402abc4b2a76b9719d911017c592'

const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'none',
    (error: unknown) => serviceFailure(error).code,
  )

const from = (key: string, etag = HELLO) => ({ bucket: 'src', key, etag, size: 5 })
const write = (key: string, more: object = {}) => ({
  to: { bucket: 'dst', key },
  only: undefined,
  headers: {},
  ...more,
})

// MinIO takes no other characters in tags than ASCII.
const ANY_TAGS = 'a=1%2B2&b%20c=%C3%BC'
const TAGGING: Readonly<Record<ServiceName, string>> = {
  testkit: ANY_TAGS,
  seaweedfs: ANY_TAGS,
  moto: ANY_TAGS,
  minio: 'a=1%2B2&b%20c=d',
  versitygw: ANY_TAGS,
}

/** What services copy whatever a condition says: of the source, and of the destination. */
const UNHEEDED: Readonly<Record<'source' | 'destination', readonly ServiceName[]>> = {
  source: ['moto'],
  destination: ['moto', 'minio', 'versitygw'],
}

describe.each(servers('testkit', 'seaweedfs', 'moto'))('objects on %s', (name) => {
  let service: TestService
  let store: Store
  let objects: Objects

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
    objects = store.objects
    await service.put('hello', 'hello', {
      ContentType: 'text/x',
      CacheControl: 'max-age=60',
      Metadata: { k: 'v  w' },
      Tagging: TAGGING[name],
    })
  }, 60_000)
  afterAll(async () => {
    store.close()
    await service[Symbol.asyncDispose]()
  })

  const headersOf = async (key: string) =>
    (await objects.describe({ bucket: 'dst', key, etag: HELLO }, LIMIT)).headers

  it('copies with everything that belongs to the object, and gives the ETag', async () => {
    expect(await objects.copy(from('hello'), write('copy/x y+ü'), LIMIT)).toBe(HELLO)
    expect(await headersOf('copy/x y+ü')).toMatchObject({
      'content-type': 'text/x',
      'cache-control': 'max-age=60',
      'x-amz-meta-k': 'v  w',
    })
    const tags = await objects.tags({ bucket: 'dst', key: 'copy/x y+ü' }, LIMIT)
    expect([...new URLSearchParams(tags)].sort()).toEqual(
      [...new URLSearchParams(TAGGING[name])].sort(),
    )
  })

  it('finds an object as the store does, and none where there is none', async () => {
    for (const key of ['hello', 'odd/a b+ü&"x"']) {
      if (key !== 'hello') await service.put(key, 'hello')
      const { kmsKey: _kmsKey, ...told } = (await store.head('src', key)) ?? {}
      expect(await objects.find({ bucket: 'src', key }, LIMIT)).toEqual(told)
    }
    expect(await objects.find({ bucket: 'src', key: 'none' }, LIMIT)).toBeUndefined()
  })

  it('lists the keys that begin as one does', async () => {
    const key = 'under/a b+ü'
    for (const end of ['', '!', '/x']) await service.put(`${key}${end}`, 'hello').catch(() => {})
    const listed = async (prefix: string) =>
      unpacked((await objects.page({ bucket: 'src', prefix }, LIMIT)).objects).map(
        (object) => object.key,
      )
    expect(await listed(key)).toEqual(expect.arrayContaining(['', '!']))
    expect(await listed('under/none')).toEqual([])
  })

  it('refuses to copy an object that is another by now, or gone', async () => {
    const other = from('hello', 'a'.repeat(32))
    expect(await codeOf(objects.copy(from('gone'), write('gone'), LIMIT))).toBe('NoSuchKey')
    const code = await codeOf(objects.copy(other, write('changed'), LIMIT))
    const heeded = !UNHEEDED.source.includes(name)
    expect(code).toBe(heeded ? 'PreconditionFailed' : 'none')
    expect((await store.head('dst', 'changed'))?.etag).toBe(heeded ? undefined : HELLO)
  })

  it('writes only where the destination is as it was listed', async () => {
    const copy = (only: unknown) =>
      codeOf(objects.copy(from('hello'), write('once', { only }), LIMIT))
    expect(await copy('absent')).toBe('none')
    const refused = UNHEEDED.destination.includes(name) ? 'none' : 'PreconditionFailed'
    expect(await copy('absent')).toBe(refused)
    expect(await copy({ etag: HELLO })).toBe('none')
    expect(await copy({ etag: 'b'.repeat(32) })).toBe(refused)
  })

  it('replaces metadata where that is asked for', async () => {
    const headers = { 'x-amz-metadata-directive': 'REPLACE', 'content-type': 'text/y' }
    await objects.copy(from('hello'), write('replaced', { headers }), LIMIT)
    const found = await headersOf('replaced')
    expect(found['content-type']).toBe('text/y')
    expect(found['x-amz-meta-k']).toBeUndefined()
  })

  it('reads and writes bytes, whole or in part', async () => {
    const headers = { 'content-type': 'text/x', 'x-amz-meta-k': 'v' }
    const etag = await objects.put(write('put', { headers }), Buffer.from('hello'), LIMIT)
    expect(etag).toBe(HELLO)
    const at = { bucket: 'dst', key: 'put', etag }
    const whole = await objects.read(at, { bytes: 5 }, LIMIT)
    expect(Buffer.from(whole.bytes).toString()).toBe('hello')
    expect(whole).toMatchObject({ size: 5, etag, headers })
    const some = await objects.read(at, { bytes: 3, range: { first: 1, last: 3 } }, LIMIT)
    expect(Buffer.from(some.bytes).toString()).toBe('ell')
    expect(some.size).toBe(5)
    const wrong = objects.read({ ...at, etag: 'a'.repeat(32) }, { bytes: 5 }, LIMIT)
    expect(await codeOf(wrong)).toBe('PreconditionFailed')
  })

  it('keeps every byte of metadata that is not ASCII', async () => {
    // The last byte of an `à` is a blank to those who take it for latin1.
    const text = Buffer.from('Motörhead,  日本 voilà').toString('latin1')
    const headers = { 'x-amz-meta-band': text }
    const etag = await objects.put(write('latin', { headers }), Buffer.from('hello'), LIMIT)
    const found = await objects.describe({ bucket: 'dst', key: 'latin', etag }, LIMIT)
    expect(found.headers).toMatchObject(headers)
  })

  it('puts an object together from copied and from written parts', async () => {
    const bytes = Buffer.alloc(5 * MIB, 'x')
    const big = await objects.put(
      { ...write('big'), to: { bucket: 'src', key: 'big' } },
      Buffer.concat([bytes, Buffer.from('tail')]),
      LIMIT,
    )
    const headers = { 'content-type': 'text/x', 'x-amz-meta-k': 'v' }
    const upload = await objects.startUpload(write('parts', { headers }), LIMIT)
    const etags = [
      await objects.copyPart(
        { upload, number: 1 },
        { ...from('big', big), range: { first: 0, last: 5 * MIB - 1 } },
        LIMIT,
      ),
      await objects.putPart({ upload, number: 2 }, Buffer.from('tail'), LIMIT),
    ]
    const etag = await objects.completeUpload(upload, { etags, only: undefined }, LIMIT)
    expect(etag).toMatch(/^[0-9a-f]{32}-2$/)
    const found = await objects.describe({ bucket: 'dst', key: 'parts', etag }, LIMIT)
    expect(found).toMatchObject({ size: 5 * MIB + 4, headers })
  })

  it('aborts an upload, also one that is gone', async () => {
    const upload = await objects.startUpload(write('aborted'), LIMIT)
    await objects.abortUpload(upload, LIMIT)
    await objects.abortUpload(upload, LIMIT)
    expect(await store.head('dst', 'aborted')).toBeUndefined()
  })

  it('names every key byte by byte', async () => {
    const named = hostileKeys().filter(({ key, seaweedfs }) =>
      name === 'testkit' ? true : seaweedfs && !/(^|\/)\.\.?(\/|$)|\p{Cc}|\/\//u.test(key),
    )
    for (const { key } of named) {
      await objects.put(write(`h/${key}`), Buffer.from(key), LIMIT)
      const at = {
        bucket: 'dst',
        key: `h/${key}`,
        etag: (await store.head('dst', `h/${key}`))?.etag ?? '',
      }
      const { bytes } = await objects.read(at, { bytes: Buffer.byteLength(key) }, LIMIT)
      expect(Buffer.from(bytes).toString()).toBe(key)
    }
  })
})
