import { createHash, hash } from 'node:crypto'
import {
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestkit, type Testkit } from '../testkit.ts'
import { failureOf, s3Client } from './clients.ts'
import { type RawRequest, refusal, sendRaw } from './raw.ts'

let kit: Testkit
let old: Testkit
beforeAll(async () => {
  kit = await startTestkit()
  old = await startTestkit({ checksums: 'md5-only' })
  for (const { store } of [kit, old]) {
    store.createBucket('b')
    store.createBucket('locked', { objectLock: true })
  }
})
afterAll(() => Promise.all([kit.close(), old.close()]))

const md5 = (text: string) => createHash('md5').update(text).digest('base64')
const xmlOf = (...keys: readonly string[]) =>
  `<Delete>${keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('')}</Delete>`
const deletes = (body: string, headers: RawRequest['headers'] = { 'content-md5': md5(body) }) =>
  ({ method: 'POST', path: '/b', query: 'delete=', body, headers }) satisfies RawRequest
const BODY = xmlOf('k')
const PUT: RawRequest = { method: 'PUT', path: '/b/k', body: 'body' }

describe('DeleteObjects', () => {
  test('wants a digest of its body', async () => {
    expect(await refusal(kit, deletes(BODY, {}))).toBe('400 InvalidRequest')
    const named = { 'x-amz-sdk-checksum-algorithm': 'CRC32' }
    expect(await refusal(kit, deletes(BODY, named))).toBe('400 InvalidRequest')
    expect((await sendRaw(kit, deletes(BODY))).status).toBe(200)
    const sha256 = { 'x-amz-checksum-sha256': hash('sha256', BODY, 'base64') }
    expect((await sendRaw(kit, deletes(BODY, sha256))).status).toBe(200)
  })

  test('wants Content-MD5 where services know no other digest', async () => {
    const sha256 = { 'x-amz-checksum-sha256': hash('sha256', BODY, 'base64') }
    expect(await refusal(old, deletes(BODY, sha256))).toBe('400 MissingContentMD5')
    expect((await sendRaw(old, deletes(BODY))).status).toBe(200)
  })

  test('takes up to 1,000 keys', async () => {
    const keys = Array.from({ length: 1001 }, (_, at) => `k${at}`)
    expect(await refusal(kit, deletes(xmlOf(...keys)))).toBe('400 MalformedXML')
    expect((await sendRaw(kit, deletes(xmlOf(...keys.slice(1))))).status).toBe(200)
  })

  // That control characters make the document malformed is on record in aws/aws-sdk-java#333 and boto/boto3#2005; that
  // an empty list does, in nothing that we know of but practice.
  test.each([
    ['no keys', xmlOf()],
    ['nothing', ''],
    ['another document', xmlOf('k').replaceAll('Delete', 'Remove')],
    ['an object without a key', '<Delete><Object></Object></Delete>'],
    ['no end', xmlOf('k').slice(0, -3)],
    ['a control character', xmlOf('\u0001')],
    ['a control character by number', xmlOf('&#x1;')],
    ['a bare ampersand', xmlOf('a&b')],
    ['an unknown entity', xmlOf('&nbsp;')],
  ])('calls %s malformed', async (_what, body) => {
    expect(await refusal(kit, deletes(body))).toBe('400 MalformedXML')
  })

  test('takes escaped characters, and names the key that is too long', async () => {
    const keys = ['&amp;&#38;', '&#13;&#x0A;', 'é', 'k'.repeat(1025)]
    const { status, body } = await sendRaw(kit, deletes(xmlOf(...keys)))
    expect(status).toBe(200)
    expect(body.match(/<Deleted>/g)).toHaveLength(3)
    expect(body).toContain('<Code>KeyTooLongError</Code>')
  })
})

describe('digests', () => {
  test('a Content-MD5 has to be one, and be right', async () => {
    const put = (digest: string) => refusal(kit, { ...PUT, headers: { 'content-md5': digest } })
    for (const digest of ['nonsense', '', 'AAAA', `${md5('body')}x`]) {
      expect(await put(digest)).toBe(`400 InvalidDigest Content-MD5=${digest}`)
    }
    expect(await put(md5('other'))).toBe(
      `400 BadDigest ExpectedDigest=${md5('other')} CalculatedDigest=${md5('body')}`,
    )
    expect(await put(md5('body'))).toBe('200')
  })

  test('a checksum has to be one, be known, be right and be alone', async () => {
    const put = (headers: RawRequest['headers'] & object) => refusal(kit, { ...PUT, headers })
    const right = hash('sha256', 'body', 'base64')
    expect(await put({ 'x-amz-checksum-sha256': right })).toBe('200')
    expect(await put({ 'x-amz-checksum-sha256': hash('sha256', 'other', 'base64') })).toBe(
      '400 BadDigest',
    )
    const invalid = [
      { 'x-amz-checksum-sha256': 'AAAA' },
      { 'x-amz-checksum-adler32': 'AAAAAA==' },
      { 'x-amz-checksum-sha256': right, 'x-amz-checksum-crc32': 'AAAAAA==' },
      { 'x-amz-checksum-sha256': right, 'x-amz-sdk-checksum-algorithm': 'CRC32' },
    ]
    for (const headers of invalid) expect(await put(headers)).toBe('400 InvalidRequest')
    const unknownHere = 'x-amz-checksum-xxhash64'
    expect(await put({ [unknownHere]: 'AAAAAAAAAAA=' })).toBe(
      `501 NotImplemented Header=${unknownHere}`,
    )
  })

  test('a trailer has to be one that was announced, and be right', async () => {
    const stream = (trailer: string, announced: string) =>
      refusal(kit, {
        ...PUT,
        body: `4\r\nbody\r\n0\r\n${trailer}\r\n\r\n`,
        headers: { 'x-amz-decoded-content-length': '4', 'x-amz-trailer': announced },
        signed: { payloadSha256: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' },
      })
    const name = 'x-amz-checksum-sha256'
    expect(await stream(`${name}:${hash('sha256', 'body', 'base64')}`, name)).toBe('200')
    expect(await stream(`${name}:${hash('sha256', 'x', 'base64')}`, name)).toBe('400 BadDigest')
    expect(await stream('', name)).toBe('400 MalformedTrailerError')
    expect(await stream('', 'x-amz-meta-a')).toBe('400 InvalidRequest')
  })

  test('what Object Lock retains comes with a digest, whole or in parts', async () => {
    const put: RawRequest = { ...PUT, path: '/locked/k' }
    expect(await refusal(kit, put)).toBe('400 InvalidRequest')
    expect(await refusal(old, put)).toBe('400 MissingContentMD5')
    const headers = { 'content-md5': md5('body') }
    for (const server of [kit, old]) {
      expect((await sendRaw(server, { ...put, headers })).status).toBe(200)
    }
    const place = { Bucket: 'locked', Key: 'parts' }
    const { UploadId } = await s3Client(kit).send(new CreateMultipartUploadCommand(place))
    const part = { ...put, path: '/locked/parts', query: `partNumber=1&uploadId=${UploadId}` }
    expect(await refusal(kit, part)).toBe('400 InvalidRequest')
    expect((await sendRaw(kit, { ...part, headers })).status).toBe(200)
  })

  // AWS's model of the SDK asks for one, AWS's answers do not: versity/versitygw#1662.
  test('tags come without a digest, and one that is wrong is told', async () => {
    kit.store.put('b', 'tagged', { body: 'x' })
    const body = '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>'
    const put: RawRequest = { method: 'PUT', path: '/b/tagged', query: 'tagging=', body }
    expect((await sendRaw(kit, put)).status).toBe(200)
    const headers = { 'content-md5': md5('other') }
    expect(await refusal(kit, { ...put, headers })).toMatch(/^400 BadDigest /)
  })

  test('the SDK proves what it sends, and cannot where Content-MD5 is wanted', async () => {
    const gone = new DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects: [{ Key: 'k' }] } })
    await s3Client(kit).send(gone)
    expect(await failureOf(s3Client(old).send(gone))).toBe('MissingContentMD5 400')
    const client = s3Client(kit)
    const place = { Bucket: 'locked', Key: 'sdk' }
    await client.send(new PutObjectCommand({ ...place, Body: 'body' }))
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(place))
    await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber: 1, Body: 'body' }))
    await s3Client(old).send(new PutObjectCommand({ Bucket: 'b', Key: 'sdk', Body: 'body' }))
  })
})
