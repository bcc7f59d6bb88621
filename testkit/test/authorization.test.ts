import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestkit, type Testkit } from '../testkit.ts'
import { s3Client } from './clients.ts'
import { type RawRequest, refusal, sendRaw } from './raw.ts'

let kit: Testkit
beforeAll(async () => {
  kit = await startTestkit()
  kit.store.createBucket('b')
  kit.store.createBucket('far', { region: 'eu-west-1' })
  kit.store.createBucket('open', { public: true })
  kit.store.put('open', 'k', { body: 'for all' })
})
afterAll(() => kit.close())

const PUT: RawRequest = { method: 'PUT', path: '/b/k', body: 'body' }
const MINUTE_MS = 60_000

test('a proper request passes, raw and by the SDK, fourteen minutes late or early', async () => {
  const { status } = await sendRaw(kit, PUT)
  expect(status).toBe(200)
  for (const skewMs of [-14 * MINUTE_MS, 14 * MINUTE_MS]) {
    const signed = { nowMs: Date.now() + skewMs }
    expect((await sendRaw(kit, { ...PUT, signed })).status).toBe(200)
  }
  await s3Client(kit).send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'body' }))
})

test('headers of AWS and the host have to be signed', async () => {
  const unsigned = { 'x-amz-acl': 'private', 'x-amz-meta-a': 'b' }
  expect(await refusal(kit, { ...PUT, unsigned })).toBe(
    '403 AccessDenied HeadersNotSigned=x-amz-acl, x-amz-meta-a',
  )
  expect(await refusal(kit, { ...PUT, signed: { without: 'host' } })).toBe(
    '403 AccessDenied HeadersNotSigned=host',
  )
  const plain = { 'content-type': 'text/plain', 'cache-control': 'no-cache' }
  expect((await sendRaw(kit, { ...PUT, unsigned: plain })).status).toBe(200)
})

test('a clock that is sixteen minutes off is told', async () => {
  for (const skewMs of [-16 * MINUTE_MS, 16 * MINUTE_MS]) {
    const signed = { nowMs: Date.now() + skewMs }
    expect(await refusal(kit, { ...PUT, signed })).toMatch(
      /^403 RequestTimeTooSkewed RequestTime=\d{8}T\d{6}Z ServerTime=.* MaxAllowedSkewMilliseconds=900000$/,
    )
  }
})

test('a region or service that is wrong makes the header malformed', async () => {
  expect(await refusal(kit, { ...PUT, path: '/far/k' })).toBe(
    '400 AuthorizationHeaderMalformed Region=eu-west-1',
  )
  expect(
    (await sendRaw(kit, { ...PUT, path: '/far/k', signed: { region: 'eu-west-1' } })).status,
  ).toBe(200)
  expect(await refusal(kit, { ...PUT, signed: { service: 'sts' } })).toBe(
    '400 AuthorizationHeaderMalformed',
  )
})

test.each([
  ['AWS4-HMAC-SHA256 Credential=x', '400 AuthorizationHeaderMalformed'],
  ['AWS AKIA:signature', '400 InvalidRequest'],
  ['Bearer token', '400 InvalidArgument ArgumentName=Authorization ArgumentValue=Bearer token'],
  ['', '403 AccessDenied'],
])('the authorization "%s" is refused', async (authorization, expected) => {
  const unsigned = { authorization, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
  expect(await refusal(kit, { ...PUT, signed: 'anonymous', unsigned })).toBe(expected)
})

test('the hash of the body has to be there, be one, and be right', async () => {
  const sent = (payloadSha256: string) => refusal(kit, { ...PUT, signed: { payloadSha256 } })
  expect(await sent('0'.repeat(64))).toMatch(
    /^400 XAmzContentSHA256Mismatch ClientComputedContentSHA256=0+ S3ComputedContentSHA256=/,
  )
  expect(await sent('nonsense')).toBe(
    '400 InvalidArgument ArgumentName=x-amz-content-sha256 ArgumentValue=nonsense',
  )
  const headers = { 'x-amz-content-sha256': undefined }
  expect(await refusal(kit, { ...PUT, headers })).toBe('400 InvalidRequest')
  const signed = { payloadSha256: 'UNSIGNED-PAYLOAD' }
  expect((await sendRaw(kit, { ...PUT, signed })).status).toBe(200)
})

test('the hash is judged even where the operation has no body', async () => {
  const get: RawRequest = { method: 'GET', path: '/open/k' }
  const wrong = { ...get, signed: { payloadSha256: '0'.repeat(64) } }
  expect(await refusal(kit, wrong)).toMatch(/^400 XAmzContentSHA256Mismatch /)
  const stream = { ...get, signed: { payloadSha256: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' } }
  expect(await refusal(kit, stream)).toBe('400 InvalidRequest')
})

test('a stream has to say how long it is', async () => {
  const signed = { payloadSha256: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }
  const stream = { ...PUT, body: '4\r\nbody\r\n0\r\n\r\n', signed }
  expect(await refusal(kit, stream)).toBe('411 MissingContentLength')
  const long = { ...stream, headers: { 'x-amz-decoded-content-length': '5' } }
  expect(await refusal(kit, long)).toBe('400 IncompleteBody')
  const right = { ...stream, headers: { 'x-amz-decoded-content-length': '4' } }
  expect((await sendRaw(kit, right)).status).toBe(200)
})

test('only the last chunk of a stream may be small', async () => {
  const signed = { payloadSha256: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }
  const headers = { 'x-amz-decoded-content-length': '4' }
  const body = '2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n'
  expect(await refusal(kit, { ...PUT, body, headers, signed })).toBe(
    '400 InvalidChunkSizeError Chunk=2 BadChunkSize=2',
  )
})

test('nobody copies, uploads in parts or streams signed chunks without a signature', async () => {
  const anonymous = (request: Partial<RawRequest>) =>
    refusal(kit, { method: 'PUT', path: '/open/k', signed: 'anonymous', ...request })
  expect(await anonymous({ headers: { 'x-amz-copy-source': 'open/k' } })).toBe('403 AccessDenied')
  expect(await anonymous({ method: 'POST', query: 'uploads=' })).toBe('403 AccessDenied')
  const headers = { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }
  expect(await anonymous({ headers })).toBe('400 InvalidRequest')
  expect(await anonymous({ body: 'body' })).toBe('403 AccessDenied')
})

test('an anonymous read may bring headers of AWS', async () => {
  const headers = {
    'x-amz-checksum-mode': 'ENABLED',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    'x-amz-date': '20200101T000000Z',
  }
  const read: RawRequest = { method: 'GET', path: '/open/k', signed: 'anonymous', headers }
  expect(await sendRaw(kit, read)).toMatchObject({ status: 200, body: 'for all' })
})
