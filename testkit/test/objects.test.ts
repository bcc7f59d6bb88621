import { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestkit, type Testkit } from '../testkit.ts'
import { failureOf, s3Client } from './clients.ts'

let kit: Testkit
beforeAll(async () => {
  kit = await startTestkit()
  kit.store.createBucket('b')
})
afterAll(() => kit.close())

const put = (input: Omit<PutObjectCommandInput, 'Bucket'>) =>
  s3Client(kit).send(new PutObjectCommand({ Bucket: 'b', ...input }))
const copy = (input: Omit<CopyObjectCommandInput, 'Bucket'>) =>
  s3Client(kit).send(new CopyObjectCommand({ Bucket: 'b', ...input }))
const head = (Key: string) => s3Client(kit).send(new HeadObjectCommand({ Bucket: 'b', Key }))

describe('PutObject and GetObject', () => {
  test.each([
    ['CRC32', 4],
    ['CRC32C', 4],
    ['CRC64NVME', 8],
    ['SHA1', 20],
    ['SHA256', 32],
  ] as const)('checks and returns %s', async (ChecksumAlgorithm, bytes) => {
    const name = `Checksum${ChecksumAlgorithm}` as const
    const zeros = Buffer.alloc(bytes).toString('base64')
    const wrong = put({ Key: 'sum', Body: 'x', [name]: zeros })
    expect(await failureOf(wrong)).toBe('BadDigest 400')
    if (ChecksumAlgorithm === 'CRC64NVME') return
    const reply = await put({ Key: 'sum', Body: 'hello', ChecksumAlgorithm })
    expect(reply[name]).toBeDefined()
    const get = { Bucket: 'b', Key: 'sum', ChecksumMode: 'ENABLED' } as const
    const { Body, ...rest } = await s3Client(kit).send(new GetObjectCommand(get))
    expect(await Body?.transformToString()).toBe('hello')
    expect(rest[name]).toBe(reply[name])
  })

  test('CRC64NVME has the published check value', async () => {
    await put({ Key: 'crc64', Body: '123456789', ChecksumCRC64NVME: 'rosUhgp5mIg=' })
  })

  test('decodes aws-chunked streams and answers ranges', async () => {
    const long = 'x'.repeat(9000)
    const body = Readable.from([long, 'three'])
    await put({ Key: 'stream', Body: body, ContentLength: 9005, ContentEncoding: 'gzip' })
    expect(kit.store.bytes('b', 'stream')?.toString()).toBe(`${long}three`)
    const get = { Bucket: 'b', Key: 'stream', Range: 'bytes=9000-9002' }
    const reply = await s3Client(kit).send(new GetObjectCommand(get))
    expect(await reply.Body?.transformToString()).toBe('thr')
    expect([reply.ContentRange, reply.ContentEncoding]).toEqual(['bytes 9000-9002/9005', 'gzip'])
    const beyond = s3Client(kit).send(new GetObjectCommand({ ...get, Range: 'bytes=9999-' }))
    expect(await failureOf(beyond)).toBe('InvalidRange 416')
  })

  test('conditions on writes and reads', async () => {
    const { ETag } = await put({ Key: 'cond', Body: '1' })
    expect(await failureOf(put({ Key: 'cond', Body: 'x', IfNoneMatch: '*' }))).toBe(
      'PreconditionFailed 412',
    )
    expect(await failureOf(put({ Key: 'cond', Body: 'x', IfMatch: '"0"' }))).toBe(
      'PreconditionFailed 412',
    )
    expect(await failureOf(put({ Key: 'absent', Body: 'x', IfMatch: '"0"' }))).toBe('NoSuchKey 404')
    await put({ Key: 'cond', Body: '1', IfMatch: ETag })
    const get = { Bucket: 'b', Key: 'cond', IfMatch: '"0"' }
    const read = s3Client(kit).send(new GetObjectCommand(get))
    expect(await failureOf(read)).toBe('PreconditionFailed 412')
  })

  test('large synthetic bodies are the same on every read and take no memory', async () => {
    kit.store.put('b', 'big', { size: 3_000_000, seed: 7 })
    const get = { Bucket: 'b', Key: 'big' }
    const { Body, ETag } = await s3Client(kit).send(new GetObjectCommand(get))
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? [])
    expect(bytes.equals(kit.store.bytes('b', 'big') ?? Buffer.alloc(0))).toBe(true)
    const part = await s3Client(kit).send(
      new GetObjectCommand({ ...get, Range: 'bytes=1234567-2234567' }),
    )
    const slice = Buffer.from((await part.Body?.transformToByteArray()) ?? [])
    expect(slice.equals(bytes.subarray(1234567, 2234568))).toBe(true)
    await put({ Key: 'big-real', Body: bytes })
    expect((await head('big-real')).ETag).toBe(ETag)
  })
})

describe('CopyObject', () => {
  test('COPY keeps what describes the object, REPLACE takes what is given', async () => {
    await put({
      Key: 'src',
      Body: 'data',
      ContentType: 'text/csv',
      CacheControl: 'max-age=1',
      Metadata: { colour: 'blue' },
      Tagging: 'k=v%20w',
      StorageClass: 'STANDARD_IA',
    })
    await copy({ Key: 'kept', CopySource: 'b/src' })
    expect(kit.store.facts('b', 'kept')).toMatchObject({
      headers: expect.objectContaining({ 'content-type': 'text/csv' }),
      metadata: { colour: 'blue' },
      tags: { k: 'v w' },
      storageClass: 'STANDARD',
    })
    expect((await head('kept')).CacheControl).toBe('max-age=1')
    const replaced = await copy({
      Key: 'replaced',
      CopySource: 'b/src',
      MetadataDirective: 'REPLACE',
      TaggingDirective: 'REPLACE',
      Tagging: 'n=1',
      StorageClass: 'GLACIER_IR',
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: 'key-1',
    })
    expect(replaced).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'key-1' })
    const facts = kit.store.facts('b', 'replaced')
    expect(facts).toMatchObject({
      headers: expect.objectContaining({ 'content-type': 'binary/octet-stream' }),
      metadata: {},
      tags: { n: '1' },
      storageClass: 'GLACIER_IR',
    })
    expect(facts?.etag).not.toBe(facts?.md5)
  })

  test('conditions on both sides', async () => {
    const { ETag } = await put({ Key: 'c1', Body: 'c1' })
    const source = { Key: 'c2', CopySource: 'b/c1' }
    const failed = 'PreconditionFailed 412'
    expect(await failureOf(copy({ ...source, CopySourceIfMatch: '"0"' }))).toBe(failed)
    expect(await failureOf(copy({ ...source, CopySourceIfNoneMatch: ETag }))).toBe(failed)
    await copy({ ...source, CopySourceIfMatch: ETag, IfNoneMatch: '*' })
    expect(await failureOf(copy({ ...source, IfNoneMatch: '*' }))).toBe(failed)
    expect(await failureOf(copy({ ...source, IfMatch: '"0"' }))).toBe(failed)
    await copy({ ...source, IfMatch: ETag })
  })

  test('refusals: self copy, over 5 GiB, archived, absent', async () => {
    kit.store.put('b', 'huge', { size: 5 * 1024 ** 3 + 1, seed: 1 })
    kit.store.put('b', 'cold', { size: 1, storageClass: 'DEEP_ARCHIVE' })
    kit.store.put('b', 'self', { size: 1 })
    const failure = (CopySource: string) => failureOf(copy({ Key: 'self', CopySource }))
    expect(await failure('b/self')).toBe('InvalidRequest 400')
    expect(await failure('b/huge')).toBe('InvalidRequest 400')
    expect(await failure('b/cold')).toBe('InvalidObjectState 403')
    expect(await failure('b/absent')).toBe('NoSuchKey 404')
    await copy({ Key: 'self', CopySource: 'b/self', StorageClass: 'STANDARD_IA' })
  })

  test('a plus in the copy source is a space on AWS and itself elsewhere', async () => {
    kit.store.put('b', 'a b', { body: 'space' })
    kit.store.put('b', 'a+b', { body: 'plus' })
    await copy({ Key: 'aws', CopySource: 'b/a+b' })
    expect(kit.store.bytes('b', 'aws')?.toString()).toBe('space')
    const other = await startTestkit({ copySource: 'path' })
    other.store.put('b', 'a+b', { body: 'plus' })
    const command = new CopyObjectCommand({ Bucket: 'b', Key: 'x', CopySource: 'b/a+b' })
    await s3Client(other).send(command)
    expect(other.store.bytes('b', 'x')?.toString()).toBe('plus')
    await other.close()
  })

  test('a copied multipart object has a plain ETag', async () => {
    kit.store.put('b', 'multi', { body: 'multi', etag: '0123456789abcdef0123456789abcdef-3' })
    const { CopyObjectResult } = await copy({ Key: 'single', CopySource: 'b/multi' })
    expect(CopyObjectResult?.ETag).toBe(`"${kit.store.facts('b', 'multi')?.md5}"`)
  })
})

test('DeleteObjects judges every key: conditions, rights, quiet', async () => {
  for (const key of ['d1', 'd2', 'keep/d3', 'd4 <&>']) kit.store.put('b', key, { body: key })
  const user = kit.iam.addUser('deleter', [
    {
      Statement: {
        Effect: 'Allow',
        Action: ['s3:DeleteObject', 's3:GetObject'],
        Resource: 'arn:aws:s3:::b/d*',
      },
    },
  ])
  const remove = (Quiet: boolean) =>
    s3Client(kit, user).send(
      new DeleteObjectsCommand({
        Bucket: 'b',
        Delete: {
          Quiet,
          Objects: [
            { Key: 'd1' },
            { Key: 'd2', ETag: '"0"' },
            { Key: 'keep/d3' },
            { Key: 'd4 <&>' },
          ],
        },
      }),
    )
  const reply = await remove(false)
  expect(reply.Deleted?.map(({ Key }) => Key)).toEqual(['d1', 'd4 <&>'])
  expect(reply.Errors?.map(({ Key, Code }) => `${Key} ${Code}`)).toEqual([
    'd2 PreconditionFailed',
    'keep/d3 AccessDenied',
  ])
  expect((await remove(true)).Deleted).toBeUndefined()
  expect(kit.store.facts('b', 'keep/d3')).toBeDefined()
})

test('object tags can be put, read and deleted', async () => {
  const place = { Bucket: 'b', Key: 'tagged' }
  kit.store.put('b', 'tagged', { body: 'x' })
  const TagSet = [{ Key: 'ü +', Value: '日本=/@' }]
  await s3Client(kit).send(new PutObjectTaggingCommand({ ...place, Tagging: { TagSet } }))
  const reply = await s3Client(kit).send(new GetObjectTaggingCommand(place))
  expect(reply.TagSet).toEqual(TagSet)
  expect(kit.store.facts('b', 'tagged')?.tags).toEqual({ 'ü +': '日本=/@' })
  await s3Client(kit).send(new DeleteObjectTaggingCommand(place))
  expect(kit.store.facts('b', 'tagged')?.tags).toEqual({})
})
