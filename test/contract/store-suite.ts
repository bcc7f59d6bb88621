import { hostileKeys } from 's3-direct-sync-testkit/fixtures.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serviceFailure } from '../../src/errors/service-failure.ts'
import { toText } from '../../src/model/key.ts'
import { firstKeys } from '../../src/storage/first-keys.ts'
import type { Lister, ListQuery, Objects, Store } from '../../src/storage/store.ts'
import { unpacked } from '../unit/listing/listing.ts'
import type { ServiceName, TestService } from './services.ts'

const MIB = 2 ** 20
const LIMIT = { timeoutMs: 10_000 }
const HELLO = '5d41402abc4b2a76b9719d911017c592'

/** The code that an attempt fails with; `none` where it succeeds. */
export const codeOf = (attempt: Promise<unknown>): Promise<string> =>
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

/** What services pass over: conditions on the source of a copy, those on a destination, and who signs. */
const UNHEEDED: Readonly<Record<'source' | 'destination' | 'signature', readonly ServiceName[]>> = {
  source: ['moto'],
  destination: ['moto', 'minio', 'versitygw'],
  signature: ['moto'],
}

const pace = async () => {}
const { signal } = new AbortController()

/** These begin a page with the last key of the one before, where that is written in another way in a URL. */
const REPEATING: readonly string[] = ['seaweedfs']

/** Full keys of all pages, a few at a time. */
async function list(lister: Lister, query: Partial<ListQuery>): Promise<string[]> {
  const found: string[] = []
  for (let token: string | undefined; ; ) {
    const page = await lister.page({ bucket: 'src', prefix: '', mostKeys: 10, ...query, token })
    for (const { key } of unpacked(page.objects)) found.push(`${query.prefix ?? ''}${toText(key)}`)
    if (!page.truncated) return found
    token = page.nextToken
  }
}

/** Something that lists the bucket `src`, and how keys come into it. */
export interface Listed extends AsyncDisposable {
  readonly lister: Lister
  put(key: string): Promise<void>
}

/** What holds of whatever gives keys in the order of their bytes. */
export function listerSuite(name: string, open: () => Promise<Listed>): void {
  describe(`the lister of ${name}`, () => {
    let listed: Listed
    let lister: Lister
    const keys = Array.from({ length: 25 }, (_, i) => `list/${String(i).padStart(2, '0')} a+b&é`)

    beforeAll(async () => {
      listed = await open()
      lister = listed.lister
      for (const key of keys) await listed.put(key)
    }, 60_000)
    afterAll(() => listed[Symbol.asyncDispose]())

    const allOf = async (query: Partial<ListQuery>): Promise<string[]> => {
      const found = await list(lister, query)
      return REPEATING.includes(name) ? [...new Set(found)] : found
    }

    it('lists all keys over several pages', async () => {
      expect(await allOf({ prefix: 'list/' })).toEqual(keys)
      expect(await allOf({ prefix: 'nothing/' })).toEqual([])
    })

    it('begins after any key, also one that does not exist', async () => {
      expect(await allOf({ prefix: 'list/', startAfter: keys[12] })).toEqual(keys.slice(13))
      expect(await allOf({ prefix: 'list/', startAfter: 'list/12' })).toEqual(keys.slice(12))
      expect(await allOf({ prefix: 'list/', startAfter: 'list/~' })).toEqual([])
    })

    it('folds keys into common prefixes', async () => {
      for (const key of ['fold/a/1', 'fold/a/2', 'fold/b é/1', 'fold/c']) await listed.put(key)
      const page = await lister.page({ bucket: 'src', prefix: 'fold/', delimiter: '/' })
      expect(page.folders.map(toText)).toEqual(['a/', 'b é/'])
      expect(unpacked(page.objects).map(({ key }) => toText(key))).toEqual(['c'])
    })

    it('knows what is empty', async () => {
      expect(await firstKeys(lister, 'src', 'list/')).toEqual(keys.slice(0, 3))
      expect(await firstKeys(lister, 'src', 'nothing/')).toEqual([])
    })

    it('gives no more keys at a time than were asked for, and the rest behind them', async () => {
      const first = await lister.page({ bucket: 'src', prefix: 'list/', mostKeys: 10 })
      expect(first).toMatchObject({ truncated: true, objects: { count: 10 } })
    })

    it('ends at a cancel', async () => {
      const cancel = AbortSignal.abort()
      const page = () => lister.page({ bucket: 'src', prefix: '', signal: cancel })
      // Who throws at once ends as well.
      expect(await codeOf(Promise.resolve().then(page))).toBe('Cancelled')
    })
  })
}

/** A store of a service, and the service itself. */
export interface Opened extends AsyncDisposable {
  readonly service: TestService
  readonly store: Store
  /** The same store, of somebody who signs with other keys. */
  stranger(): Store
}

/** What holds of every store, and where a service is known to do otherwise. */
export function storeSuite(name: ServiceName, open: () => Promise<Opened>): void {
  describe(`the store of ${name}`, () => {
    let opened: Opened
    let service: TestService
    let store: Store
    let objects: Objects

    beforeAll(async () => {
      opened = await open()
      service = opened.service
      store = opened.store
      objects = store.objects
      await service.put('hello', 'hello', {
        ContentType: 'text/x',
        CacheControl: 'max-age=60',
        Metadata: { k: 'v  w' },
        Tagging: TAGGING[name],
      })
    }, 60_000)
    afterAll(() => opened[Symbol.asyncDispose]())

    it('tells size, plain ETag and time', async () => {
      await service.put('told', 'hello')
      const page = await store.page({ bucket: 'src', prefix: 'told' })
      const head = await store.stat({ bucket: 'src', key: 'told' })
      expect(head).toMatchObject({ size: 5, etag: '5d41402abc4b2a76b9719d911017c592' })
      expect(unpacked(page.objects)).toMatchObject([{ key: '', size: 5, etag: head?.etag }])
      expect(Math.abs(Date.parse(head?.modified ?? '') - Date.now())).toBeLessThan(60_000)
    })

    it('knows no object where there is none', async () => {
      expect(await store.stat({ bucket: 'src', key: 'none' })).toBeUndefined()
    })

    it('names what is missing', async () => {
      const { refusal } = await store.findBucket('no-such-bucket')
      expect(await codeOf(Promise.reject(refusal))).toMatch(/NoSuchBucket|NotFound/)
      expect(await codeOf(store.page({ bucket: 'no-such-bucket', prefix: '' }))).toBe(
        'NoSuchBucket',
      )
    })

    it('names a refusal', async () => {
      const stranger = opened.stranger()
      expect(await codeOf(stranger.page({ bucket: 'src', prefix: '' }))).toBe(
        UNHEEDED.signature.includes(name) ? 'none' : 'SignatureDoesNotMatch',
      )
      stranger.close()
    })

    it('deletes by name, and takes what is gone already for deleted', async () => {
      const some = [
        'delete/a b+ü',
        'delete/<&">',
        "delete/'x'",
        'delete/\u0001control',
        'delete/\r',
      ]
      for (const key of some) await service.put(key, key)
      await service.put('delete/stays', 'x')
      const targets = await Promise.all(
        [...some, 'delete/none'].map(async (key) => ({
          key,
          etag: (await store.stat({ bucket: 'src', key }))?.etag ?? 'a'.repeat(32),
        })),
      )
      const left = await store.deleteObjects('src', targets, { signal, pace })
      expect(left.filter(({ code }) => code !== 'NoSuchKey')).toEqual([])
      expect(await list(store, { prefix: 'delete/' })).toEqual(['delete/stays'])
    })

    it('leaves what was written again, also where the service ignores conditions', async () => {
      const keys = ['again/a', 'again/b', 'again/c\r']
      for (const key of keys) await service.put(key, key)
      const targets = await Promise.all(
        keys.map(async (key) => ({
          key,
          etag: (await store.stat({ bucket: 'src', key }))?.etag ?? '',
        })),
      )
      for (const key of keys.slice(1)) await service.put(key, 'fresh')
      const left = await store.deleteObjects('src', targets, { signal, pace })
      expect(left.map(({ key, code }) => [key, code]).sort()).toEqual(
        keys.slice(1).map((key) => [key, 'PreconditionFailed']),
      )
      expect(await list(store, { prefix: 'again/' })).toEqual(keys.slice(1))
    })

    it("follows the server's clock, never ahead of it", async () => {
      await store.stat({ bucket: 'src', key: 'none' })
      const behindMs = Date.now() - (store.serverTimeMs() ?? 0)
      expect(behindMs).toBeGreaterThanOrEqual(-5)
      expect(behindMs).toBeLessThan(60_000)
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

    it('tells of an object what it is, and nothing where there is none', async () => {
      for (const key of ['hello', 'odd/a b+ü&"x"']) {
        if (key !== 'hello') await service.put(key, 'hello')
        const told = await objects.stat({ bucket: 'src', key }, LIMIT)
        expect(told).toMatchObject({ size: 5, etag: HELLO, restored: false, etagIsMd5: true })
        expect(Math.abs(Date.parse(told?.modified ?? '') - Date.now())).toBeLessThan(60_000)
        expect(await store.stat({ bucket: 'src', key })).toEqual(told)
      }
      expect(await objects.stat({ bucket: 'src', key: 'none' }, LIMIT)).toBeUndefined()
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
      expect((await store.stat({ bucket: 'dst', key: 'changed' }))?.etag).toBe(
        heeded ? undefined : HELLO,
      )
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
      expect(await store.stat({ bucket: 'dst', key: 'aborted' })).toBeUndefined()
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
          etag: (await store.stat({ bucket: 'dst', key: `h/${key}` }))?.etag ?? '',
        }
        const { bytes } = await objects.read(at, { bytes: Buffer.byteLength(key) }, LIMIT)
        expect(Buffer.from(bytes).toString()).toBe(key)
      }
    })
  })
}
