import {
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
  UploadPartCopyCommand,
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

const MIB = 1024 * 1024
const NINE = { Body: '123456789' }
/** CRC64NVME and CRC32C of these nine digits, as they are published. */
const [CRC64, CRC32C] = ['rosUhgp5mIg=', '4waSgw==']

const client = () => s3Client(kit)
const put = (input: Omit<PutObjectCommandInput, 'Bucket'>, from = client()) =>
  from.send(new PutObjectCommand({ Bucket: 'b', ...input }))
/** What somebody sends who asks for no checksum. */
const plain = () => {
  const own = client()
  own.config.requestChecksumCalculation = async () => 'WHEN_REQUIRED'
  return own
}
const head = (Key: string, from = client()) =>
  from.send(new HeadObjectCommand({ Bucket: 'b', Key, ChecksumMode: 'ENABLED' }))
const listed = async (Prefix: string) => {
  const { Contents = [] } = await client().send(new ListObjectsV2Command({ Bucket: 'b', Prefix }))
  return Contents.map(({ ChecksumAlgorithm, ChecksumType }) => ({
    ChecksumAlgorithm,
    ChecksumType,
  }))
}

describe('a whole object', () => {
  test('has a CRC64NVME that nobody sent, and a listing names it', async () => {
    await put({ Key: 'plain', ...NINE }, plain())
    expect(await head('plain')).toMatchObject({
      ChecksumCRC64NVME: CRC64,
      ChecksumType: 'FULL_OBJECT',
    })
    expect(await listed('plain')).toEqual([
      { ChecksumAlgorithm: ['CRC64NVME'], ChecksumType: 'FULL_OBJECT' },
    ])
  })

  test('tells it to nobody who does not ask', async () => {
    await put({ Key: 'silent', ...NINE }, plain())
    const reply = await client().send(new HeadObjectCommand({ Bucket: 'b', Key: 'silent' }))
    expect([reply.ChecksumCRC64NVME, reply.ChecksumType]).toEqual([undefined, undefined])
  })

  test('has the checksum that was sent, and no other', async () => {
    await put({ Key: 'sent', ...NINE, ChecksumCRC32C: CRC32C })
    const reply = await head('sent')
    expect(reply).toMatchObject({ ChecksumCRC32C: CRC32C, ChecksumType: 'FULL_OBJECT' })
    expect(reply.ChecksumCRC64NVME).toBeUndefined()
  })

  test('of before that time has none, and no listing names one', async () => {
    kit.store.put('b', 'old', { body: '123456789' })
    expect((await head('old')).ChecksumType).toBeUndefined()
    expect(await listed('old')).toEqual([{}])
  })

  test('under KMS hides it from who may not use the key', async () => {
    const encryption = {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:us-east-1:123456789012:key/1',
    }
    kit.store.put('b', 'kms', { body: 'x', encryption, checksums: { crc64nvme: undefined } })
    const policy = { Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } } as const
    const user = kit.iam.addUser('reader', [policy])
    expect(await failureOf(head('kms', s3Client(kit, user)))).toBe('Unknown 403')
    expect((await head('kms')).ChecksumCRC64NVME).toBeDefined()
  })
})

describe('a copy', () => {
  const copy = (CopySource: string, Key: string, ChecksumAlgorithm?: 'CRC32C' | 'SHA256') =>
    client().send(
      new CopyObjectCommand({
        ...{ Bucket: 'b', Key, CopySource: `b/${CopySource}` },
        ...(ChecksumAlgorithm ? { ChecksumAlgorithm } : {}),
      }),
    )

  test('has the algorithm of its source, S3’s own where there is none, or the one that is asked for', async () => {
    await put({ Key: 'crc32c', ...NINE, ChecksumCRC32C: CRC32C })
    kit.store.put('b', 'bare', { body: '123456789' })
    await copy('crc32c', 'kept')
    await copy('bare', 'added')
    await copy('bare', 'asked', 'CRC32C')
    expect((await head('kept')).ChecksumCRC32C).toBe(CRC32C)
    expect((await head('added')).ChecksumCRC64NVME).toBe(CRC64)
    expect((await head('asked')).ChecksumCRC32C).toBe(CRC32C)
  })

  test('of what is composite is of the whole object', async () => {
    kit.store.put('b', 'composite', {
      ...{ body: '123456789', etag: `${'a'.repeat(32)}-2` },
      ...{ checksums: { crc32c: 'AAAAAA==-2' }, checksumType: 'COMPOSITE' },
    })
    expect(await head('composite')).toMatchObject({
      ...{ ChecksumCRC32C: 'AAAAAA==-2', ChecksumType: 'COMPOSITE' },
    })
    await copy('composite', 'whole')
    expect(await head('whole')).toMatchObject({
      ...{ ChecksumCRC32C: CRC32C, ChecksumType: 'FULL_OBJECT' },
    })
  })
})

describe('an object in parts', () => {
  type Create = Omit<CreateMultipartUploadCommandInput, 'Bucket' | 'Key'>
  type Complete = Omit<CompleteMultipartUploadCommandInput, 'Bucket' | 'Key' | 'UploadId'>

  /** Put together from two parts of another object; gives what the answers name. */
  async function parted(Key: string, create: Create = {}, complete: Complete = {}) {
    const at = { Bucket: 'b', Key }
    kit.store.put('b', 'large', { size: 6 * MIB, seed: 7, checksums: { crc64nvme: undefined } })
    const { UploadId = '' } = await plain().send(
      new CreateMultipartUploadCommand({ ...at, ...create }),
    )
    const Parts = []
    for (const [index, range] of [`0-${5 * MIB - 1}`, `${5 * MIB}-${6 * MIB - 1}`].entries()) {
      const source = { CopySource: 'b/large', CopySourceRange: `bytes=${range}` }
      const part = { ...at, UploadId, PartNumber: index + 1, ...source }
      const { CopyPartResult } = await client().send(new UploadPartCopyCommand(part))
      Parts.push({ PartNumber: index + 1, ...CopyPartResult })
    }
    const MultipartUpload = {
      Parts: Parts.map(({ LastModified: _modified, ...part }) => part),
    }
    const end = { ...at, UploadId, MultipartUpload, ...complete }
    const reply = await client().send(new CompleteMultipartUploadCommand(end))
    return { Parts, reply }
  }

  test('has the checksum of its whole where none is asked for, or one of such a type', async () => {
    await parted('by-default')
    const { ChecksumCRC64NVME: value, ChecksumType } = await head('large')
    expect([ChecksumType, value]).toEqual(['FULL_OBJECT', expect.any(String)])
    expect(await head('by-default')).toMatchObject({ ChecksumCRC64NVME: value, ChecksumType })
    const full = { ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'FULL_OBJECT' } as const
    const { Parts, reply } = await parted('asked', full, { ChecksumType: 'FULL_OBJECT' })
    expect(reply).toMatchObject({ ChecksumCRC64NVME: value, ChecksumType })
    expect(Parts[0]?.ChecksumCRC64NVME).toEqual(expect.any(String))
  })

  test('has one of its parts’ checksums where that is the type', async () => {
    const { reply } = await parted('of-parts', { ChecksumAlgorithm: 'SHA256' })
    expect(reply).toMatchObject({
      ...{ ChecksumSHA256: expect.stringMatching(/=-2$/), ChecksumType: 'COMPOSITE' },
    })
    expect(await listed('of-parts')).toEqual([
      { ChecksumAlgorithm: ['SHA256'], ChecksumType: 'COMPOSITE' },
    ])
  })

  test.each([
    [{ ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' }],
    [{ ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' }],
    [{ ChecksumType: 'FULL_OBJECT' }],
  ] as const)('is not started with %j', async (create) => {
    expect(await failureOf(parted('refused', create))).toBe('InvalidRequest 400')
  })

  test('is not put together where another type or another checksum was meant', async () => {
    const full = { ChecksumAlgorithm: 'CRC32C', ChecksumType: 'FULL_OBJECT' } as const
    expect(await failureOf(parted('type', full, { ChecksumType: 'COMPOSITE' }))).toBe(
      'InvalidRequest 400',
    )
    expect(await failureOf(parted('algorithm', full, { ChecksumCRC32: 'AAAAAA==' }))).toBe(
      'InvalidRequest 400',
    )
    expect(await failureOf(parted('value', full, { ChecksumCRC32C: 'AAAAAA==' }))).toBe(
      'BadDigest 400',
    )
  })

  test('takes no part with another checksum than it was begun with', async () => {
    const at = { Bucket: 'b', Key: 'mixed' }
    const create = { ...at, ChecksumAlgorithm: 'CRC32C' } as const
    const { UploadId = '' } = await client().send(new CreateMultipartUploadCommand(create))
    const part = { ...at, UploadId, PartNumber: 1, Body: 'x' }
    const other = client().send(new UploadPartCommand({ ...part, ChecksumAlgorithm: 'SHA256' }))
    expect(await failureOf(other)).toBe('InvalidRequest 400')
  })
})

test('services that never heard of checksums have none and name none', async () => {
  await using old = await startTestkit({ checksums: 'md5-only' }).then((own) => ({
    ...own,
    [Symbol.asyncDispose]: own.close,
  }))
  old.store.createBucket('b')
  const own = s3Client(old)
  await own.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' }))
  const asked = new HeadObjectCommand({ Bucket: 'b', Key: 'k', ChecksumMode: 'ENABLED' })
  expect((await own.send(asked)).ChecksumType).toBeUndefined()
  const { Contents } = await own.send(new ListObjectsV2Command({ Bucket: 'b' }))
  expect(Contents?.[0]?.ChecksumAlgorithm).toBeUndefined()
})
