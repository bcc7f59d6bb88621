import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostileKeys, marketArchive } from '../fixtures.ts'
import { startTestkit, type Testkit } from '../testkit.ts'
import { failureOf, s3Client } from './clients.ts'

let kit: Testkit
beforeAll(async () => {
  kit = await startTestkit()
})
afterAll(() => kit.close())

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
const decode = (key = '') => decodeURIComponent(key.replaceAll('+', ' '))

async function listAll(bucket: string, more: { Prefix?: string; MaxKeys?: number } = {}) {
  const keys: string[] = []
  const input = { Bucket: bucket, EncodingType: 'url', ...more } as const
  for await (const page of paginateListObjectsV2({ client: s3Client(kit) }, input)) {
    expect(page.KeyCount).toBe(page.Contents?.length ?? 0)
    keys.push(...(page.Contents ?? []).map(({ Key }) => decode(Key)))
  }
  return keys
}

test('pages through more than 1000 keys in byte order', async () => {
  for (const { key, sizeBytes, seed } of marketArchive(2345)) {
    kit.store.put('archive', key, { size: sizeBytes, seed })
  }
  kit.counters.reset()
  const keys = await listAll('archive')
  expect(keys).toEqual([...marketArchive(2345)].map(({ key }) => key).sort(byBytes))
  expect(kit.counters.operations()).toEqual({ ListObjectsV2: 3 })
})

test('every hostile key survives put, list, copy, head, get and delete', {
  timeout: 120_000,
}, async () => {
  const client = s3Client(kit)
  kit.store.createBucket('hostile')
  const keys = hostileKeys().map(({ key }) => `p/${key}`)
  for (const Key of keys) {
    await client.send(new PutObjectCommand({ Bucket: 'hostile', Key, Body: Key }))
    const source = encodeURIComponent(`hostile/${Key}`)
    const copy = { Bucket: 'hostile', Key: `c/${Key.slice(2)}`, CopySource: source }
    await client.send(new CopyObjectCommand(copy))
  }
  expect(kit.store.keys('hostile', 'p/')).toEqual(keys.toSorted(byBytes))
  expect(await listAll('hostile', { Prefix: 'p/', MaxKeys: 7 })).toEqual(keys.toSorted(byBytes))
  expect(kit.store.snapshot('hostile', 'c/')).toEqual(kit.store.snapshot('hostile', 'p/'))
  for (const Key of keys) {
    const place = { Bucket: 'hostile', Key }
    const { Body } = await client.send(new GetObjectCommand(place))
    expect(await Body?.transformToString()).toBe(Key)
    const { ContentLength } = await client.send(new HeadObjectCommand(place))
    expect(ContentLength).toBe(Buffer.byteLength(Key))
    await client.send(new DeleteObjectCommand(place))
  }
  expect(kit.store.keys('hostile', 'p/')).toEqual([])
})

test('a plain listing escapes what XML cannot hold', async () => {
  for (const key of ['a\u0001b', 'a\rb', '<&>"', 'ü']) kit.store.put('plain', key, { body: '' })
  const reply = await s3Client(kit).send(new ListObjectsV2Command({ Bucket: 'plain' }))
  expect(reply.Contents?.map(({ Key }) => Key)).toContain('<&>"')
  kit.store.createBucket('open', { public: true })
  kit.store.put('open', 'a\u0001\r"', { body: '' })
  kit.store.put('open', new Uint8Array([0x62, 0xff]), { body: '' })
  const plain = await (await fetch(`${kit.endpoint}/open?list-type=2`)).text()
  expect(plain).toContain('<Key>a&#x1;&#xd;&quot;</Key>')
  const encoded = await (await fetch(`${kit.endpoint}/open?list-type=2&encoding-type=url`)).text()
  expect(encoded).toContain('<Key>b%FF</Key>')
})

test('a delimiter folds keys, also across pages', async () => {
  for (const key of ['a', 'b/1', 'b/2', 'b/3', 'c/1', 'd']) kit.store.put('folds', key, {})
  const seen: (string | undefined)[] = []
  const input = { Bucket: 'folds', Delimiter: '/', MaxKeys: 1 }
  for await (const page of paginateListObjectsV2({ client: s3Client(kit) }, input)) {
    seen.push(...(page.Contents ?? []).map(({ Key }) => Key))
    seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix))
  }
  expect(seen).toEqual(['a', 'b/', 'c/', 'd'])
})

test('start-after, invented tokens and missing buckets', async () => {
  for (const key of ['a', 'b', 'c']) kit.store.put('starts', key, {})
  const client = s3Client(kit)
  const list = (more: object) =>
    client.send(new ListObjectsV2Command({ Bucket: 'starts', ...more }))
  const after = await list({ StartAfter: 'a5' })
  expect(after.Contents?.map(({ Key }) => Key)).toEqual(['b', 'c'])
  expect(await failureOf(list({ ContinuationToken: 'invented' }))).toBe('InvalidArgument 400')
  expect(await failureOf(list({ Bucket: 'nowhere' }))).toBe('NoSuchBucket 404')
  expect((await list({ MaxKeys: 0 })).IsTruncated).toBe(false)
})

test('folder-first order is that of SeaweedFS', async () => {
  const seaweed = await startTestkit({ listOrder: 'folder-first', pageKeys: 2 })
  for (const key of ['p/sub!', 'p/sub-1/x', 'p/sub/x', 'p/a b', 'p/a/b']) {
    seaweed.store.put('order', key, {})
  }
  const keys: (string | undefined)[] = []
  const pages = paginateListObjectsV2({ client: s3Client(seaweed) }, { Bucket: 'order' })
  for await (const page of pages) keys.push(...(page.Contents ?? []).map(({ Key }) => Key))
  expect(keys).toEqual(['p/a/b', 'p/a b', 'p/sub/x', 'p/sub!', 'p/sub-1/x'])
  await seaweed.close()
})

test('the index equals a set under any mix of writes, deletes and listings', () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom('put', 'delete', 'list'), fc.string({ unit: 'binary', maxLength: 2 })),
  )
  let runs = 0
  fc.assert(
    fc.property(steps, (script) => {
      runs += 1
      const bucket = `model-${runs}`
      kit.store.createBucket(bucket)
      const model = new Set<string>()
      for (const [step, key] of script) {
        if (step === 'put') {
          kit.store.put(bucket, key, {})
          model.add(key)
        }
        if (step === 'delete') expect(kit.store.delete(bucket, key)).toBe(model.delete(key))
        if (step === 'list') expect(kit.store.keys(bucket)).toEqual([...model].sort(byBytes))
      }
    }),
  )
})
