import {
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestkit, type Testkit } from '../testkit.ts'
import { s3Client } from './clients.ts'
import { type RawRequest, refusal, sendRaw } from './raw.ts'

let kit: Testkit
beforeAll(async () => {
  kit = await startTestkit()
  kit.store.put('b', 'k', { body: 'body' })
})
afterAll(() => kit.close())

const PUT: RawRequest = { method: 'PUT', path: '/b/k', body: 'body' }
const put = (headers: Readonly<Record<string, string>>) => refusal(kit, { ...PUT, headers })

test.each(['GET', 'PUT', 'DELETE'])('%s of a key over 1,024 bytes is refused', async (method) => {
  const over: RawRequest = { method, path: `/b/${'%C3%A9'.repeat(512)}e` }
  expect(await refusal(kit, over)).toBe('400 KeyTooLongError Size=1025 MaxSizeAllowed=1024')
})

test('user metadata over 2 KB is refused: names and values count, in bytes', async () => {
  const metadata = (bytes: number) => put({ 'x-amz-meta-name': 'v'.repeat(bytes - 4) })
  expect(await metadata(2049)).toBe('400 MetadataTooLarge Size=2049 MaxSizeAllowed=2048')
  expect(await metadata(2048)).toBe('200')
  const copy = {
    'x-amz-copy-source': 'b/k',
    'x-amz-metadata-directive': 'REPLACE',
    'x-amz-meta-name': 'v'.repeat(2045),
  }
  expect(await refusal(kit, { method: 'PUT', path: '/b/copy', headers: copy })).toMatch(
    /^400 MetadataTooLarge /,
  )
})

test('unknown storage classes, ways of encryption and canned ACLs are refused', async () => {
  expect(await put({ 'x-amz-storage-class': 'COLD' })).toBe(
    '400 InvalidStorageClass StorageClassRequested=COLD',
  )
  // The code is that of ceph/s3-tests; AWS's own list has InvalidEncryptionAlgorithmError for what was meant before KMS.
  const algorithm = 'x-amz-server-side-encryption'
  expect(await put({ [algorithm]: 'aes:kms' })).toBe(
    `400 InvalidArgument ArgumentName=${algorithm} ArgumentValue=aes:kms`,
  )
  const key = { [algorithm]: 'AES256', [`${algorithm}-aws-kms-key-id`]: 'key' }
  expect(await put(key)).toMatch(/^400 InvalidArgument /)
  expect(await put({ [algorithm]: 'aws:kms:dsse', 'x-amz-storage-class': 'GLACIER_IR' })).toBe(
    '200',
  )
  expect(await put({ 'x-amz-acl': 'public-ready' })).toMatch(/^400 InvalidArgument /)
  expect(await put({ 'x-amz-acl': 'bucket-owner-full-control' })).toBe('200')
})

test.each([
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-object-lock-mode',
  'x-amz-grant-read',
  'x-amz-expected-bucket-owner',
  'x-amz-if-match-size',
])('%s, which S3 heeds and this server does not, is not implemented', async (name) => {
  expect(await put({ [name]: 'value' })).toBe(`501 NotImplemented Header=${name}`)
})

describe('tags', () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => [`k${at}`, 'v'] as const)
  const inHeader = (tags: readonly (readonly [string, string])[]) =>
    put({ 'x-amz-tagging': tags.map((tag) => tag.map(encodeURIComponent).join('=')).join('&') })
  const inBody = (tags: readonly (readonly [string, string])[]) => {
    const set = tags.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`)
    const body = `<Tagging><TagSet>${set.join('')}</TagSet></Tagging>`
    return refusal(kit, { method: 'PUT', path: '/b/k', query: 'tagging=', body })
  }

  describe.each([
    ['in a header', inHeader],
    ['in a document', inBody],
  ])('%s', (_where, send) => {
    test('are ten at most', async () => {
      expect(await send(many(10))).toBe('200')
      expect(await send(many(11))).toBe('400 BadRequest')
    })

    test('have keys of 128 and values of 256 characters at most', async () => {
      const [key, value] = ['ü'.repeat(128), '日'.repeat(256)]
      expect(await send([[key, value]])).toBe('200')
      expect(await send([[`${key}x`, value]])).toBe(`400 InvalidTag TagKey=${key}x`)
      expect(await send([[key, `${value}x`]])).toMatch(/^400 InvalidTag TagKey=ü+ TagValue=日+x$/)
    })

    test('hold letters, numbers, blanks and + - = . _ : / @', async () => {
      expect(await send([['a +-=._:/@9', 'ß/ж']])).toBe('200')
      for (const text of ['a?', 'a(b)', 'a*', '#', 'a|b', '\u{1f600}']) {
        expect(await send([[text, '']])).toBe(`400 InvalidTag TagKey=${text}`)
        expect(await send([['k', text]])).toBe(`400 InvalidTag TagKey=k TagValue=${text}`)
      }
    })
  })

  test('are no twins and have a key', async () => {
    const twins = [
      ['a', '1'],
      ['a', '2'],
    ] as const
    expect(await inHeader(twins)).toBe(
      '400 InvalidArgument ArgumentName=x-amz-tagging ArgumentValue=a=1&amp;a=2',
    )
    expect(await inBody(twins)).toBe('400 InvalidTag')
    expect(await inBody([['', 'v']])).toBe('400 InvalidTag TagKey=')
    expect(await refusal(kit, { ...PUT, query: 'tagging=', body: '<Tags/>' })).toBe(
      '400 MalformedXML',
    )
  })

  test.each(['=', '=v', 'a%', 'a=%zz', 'a=1&=2'])('"%s" is no list of tags', async (header) => {
    expect(await put({ 'x-amz-tagging': header })).toMatch(
      /^400 InvalidArgument ArgumentName=x-amz-tagging /,
    )
  })

  test.each(['', '&', 'a', 'a&b=', 'a=b=c'])('"%s" is a list of tags', async (header) => {
    expect(await put({ 'x-amz-tagging': header })).toBe('200')
  })
})

test('the SDK writes what is just within every limit', async () => {
  const client = s3Client(kit)
  const place = { Bucket: 'b', Key: 'é'.repeat(512) }
  const Tagging = new URLSearchParams(
    Array.from({ length: 10 }, (_, at): [string, string] => [
      `${at}`.padEnd(128, 'k'),
      'v'.repeat(256),
    ]),
  ).toString()
  const Metadata = { name: 'v'.repeat(1020) }
  await client.send(new PutObjectCommand({ ...place, Body: 'body', Metadata, Tagging }))
  const { TagSet = [] } = await client.send(new GetObjectTaggingCommand(place))
  expect(TagSet).toHaveLength(10)
  await client.send(new PutObjectTaggingCommand({ ...place, Tagging: { TagSet } }))
  const { TagCount } = await client.send(new HeadObjectCommand(place))
  expect(TagCount).toBe(10)
  expect((await sendRaw(kit, { method: 'GET', path: '/b/k' })).status).toBe(200)
})
