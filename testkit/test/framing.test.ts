import { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startTestkit, type Testkit } from '../testkit.ts'
import { s3Client } from './clients.ts'
import { type RawRequest, refusal, sendRaw } from './raw.ts'

let kit: Testkit
beforeAll(async () => {
  kit = await startTestkit({ stallMs: 50 })
  kit.store.put('b', 'src', { body: 'source' })
})
afterAll(() => kit.close())

const copy = { 'x-amz-copy-source': 'b/src' }

/** Every PUT and POST of an object; what S3 says of them is on record in Automattic/knox#43 and boto/botocore#35. */
const WRITES: readonly [string, RawRequest][] = [
  ['PutObject', { method: 'PUT', path: '/b/k', body: 'body' }],
  ['an empty PutObject', { method: 'PUT', path: '/b/k' }],
  ['CopyObject', { method: 'PUT', path: '/b/k', headers: copy }],
  [
    'UploadPartCopy',
    { method: 'PUT', path: '/b/k', query: 'partNumber=1&uploadId=u', headers: copy },
  ],
  ['CreateMultipartUpload', { method: 'POST', path: '/b/k', query: 'uploads=' }],
  ['CompleteMultipartUpload', { method: 'POST', path: '/b/k', query: 'uploadId=u', body: '<x/>' }],
]

test.each(WRITES)('%s that comes chunked is not implemented', async (_what, request) => {
  expect(await refusal(kit, { ...request, framing: 'chunked' })).toBe(
    '501 NotImplemented Header=Transfer-Encoding',
  )
})

// AWS documents the code. That a length is wanted even of an empty request is on record for RGW (ceph/s3-tests#501) and for
// GCS (awslabs/aws-sdk-rust#715): at AWS only of content.
test.each(WRITES)('%s without a length is refused', async (_what, request) => {
  const { body: _, ...bodiless } = request
  expect(await refusal(kit, { ...bodiless, framing: 'nothing' })).toBe('411 MissingContentLength')
})

test('what has no content of its own needs no length where that is as at AWS', async () => {
  const aws = await startTestkit({ lengths: 'aws' })
  aws.store.put('b', 'src', { body: 'source' })
  const lengthless = { method: 'PUT', path: '/b/k', framing: 'nothing' } as const
  expect((await sendRaw(aws, { ...lengthless, headers: copy })).status).toBe(200)
  expect(aws.store.facts('b', 'k')?.size).toBe(6)
  expect(await refusal(aws, lengthless)).toBe('411 MissingContentLength')
  await aws.close()
})

test('a bucket is made without a length', async () => {
  const made = await sendRaw(kit, { method: 'PUT', path: '/made', framing: 'nothing' })
  expect(made.status).toBe(200)
})

test('a body that breaks off is incomplete', async () => {
  const cut: RawRequest = { method: 'PUT', path: '/b/cut', body: 'half', framing: { bytes: 8 } }
  expect(await refusal(kit, { ...cut, hangUp: true })).toBe('400 IncompleteBody')
  expect(kit.store.facts('b', 'cut')).toBeUndefined()
})

test('a body that stands still times out, and the connection closes', async () => {
  const late: RawRequest = { method: 'PUT', path: '/b/late', body: 'half', framing: { bytes: 8 } }
  const answer = await sendRaw(kit, late)
  expect(answer.status).toBe(400)
  expect(answer.body).toContain('<Code>RequestTimeout</Code>')
  expect(answer.headers.toLowerCase()).toContain('connection: close')
})

test('a longer body than was announced is not the one that was signed', async () => {
  const long: RawRequest = { method: 'PUT', path: '/b/long', body: 'whole', framing: { bytes: 3 } }
  expect(await refusal(kit, long)).toMatch(/^400 XAmzContentSHA256Mismatch /)
})

test('a body over 5 GiB is refused before it comes', async () => {
  const bytes = 5 * 1024 ** 3 + 1
  const huge: RawRequest = { method: 'PUT', path: '/b/huge', framing: { bytes } }
  const tooLarge = `400 EntityTooLarge ProposedSize=${bytes} MaxSizeAllowed=${bytes - 1}`
  expect(await refusal(kit, huge)).toBe(tooLarge)
  const part = { ...huge, query: 'partNumber=1&uploadId=u' }
  expect(await refusal(kit, part)).toBe(tooLarge)
})

test('a head over 8 KB is refused', async () => {
  const headers = { 'x-amz-meta-a': 'x'.repeat(8192) }
  expect(await refusal(kit, { method: 'PUT', path: '/b/k', headers })).toBe(
    '400 RequestHeaderSectionTooLarge MaxSizeAllowed=8192',
  )
})

test('what is no HTTP is refused as well', async () => {
  const unsigned = { 'content-length': 'many' }
  const bad: RawRequest = { method: 'PUT', path: '/b/k', framing: 'nothing', unsigned }
  expect((await sendRaw(kit, bad)).status).toBe(400)
})

test('the SDK frames every write as S3 wants it', async () => {
  const client = s3Client(kit)
  const place = { Bucket: 'b', Key: 'sdk' }
  using warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
  await client.send(new PutObjectCommand({ ...place, Body: 'body' }))
  await client.send(new PutObjectCommand({ ...place, Body: '' }))
  const stream = { Body: Readable.from(['body']), ContentLength: 4 }
  await client.send(new PutObjectCommand({ ...place, ...stream }))
  await client.send(new CopyObjectCommand({ ...place, CopySource: 'b/src' }))
  await client.send(new CreateMultipartUploadCommand(place))
  await client.send(new CreateBucketCommand({ Bucket: 'by-sdk' }))
  expect(kit.store.bytes('b', 'sdk')?.toString()).toBe('source')
  // It takes the empty text for a stream, as it gives neither a length, and sends it as S3 wants it all the same.
  expect(warned.mock.calls).toEqual([[expect.stringContaining('Stream of unknown length')]])
})
