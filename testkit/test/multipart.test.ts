import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestkit, type Testkit } from '../testkit.ts'
import { failureOf, s3Client } from './clients.ts'

let kit: Testkit
beforeAll(async () => {
  kit = await startTestkit()
  kit.store.createBucket('b')
})
afterAll(() => kit.close())

const MIB = 1024 * 1024
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest()

async function begin(Key: string) {
  const create = new CreateMultipartUploadCommand({
    Bucket: 'b',
    Key,
    ContentType: 'text/plain',
    Metadata: { a: 'b' },
  })
  const { UploadId = '' } = await s3Client(kit).send(create)
  return { Bucket: 'b', Key, UploadId }
}

test('uploads parts and gives the MD5 of MD5s', async () => {
  const client = s3Client(kit)
  const upload = await begin('parts')
  const parts = [Buffer.alloc(5 * MIB, 'a'), Buffer.from('tail')]
  const Parts = []
  for (const [index, Body] of parts.entries()) {
    const PartNumber = index + 1
    const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body }))
    Parts.push({ PartNumber, ETag })
  }
  const listed = await client.send(new ListPartsCommand({ ...upload, MaxParts: 1 }))
  expect(listed).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '1' })
  const complete = { ...upload, MultipartUpload: { Parts } }
  const reply = await client.send(new CompleteMultipartUploadCommand(complete))
  expect(reply.ETag).toBe(`"${md5(Buffer.concat(parts.map(md5))).toString('hex')}-2"`)
  expect(kit.store.facts('b', 'parts')).toMatchObject({
    size: 5 * MIB + 4,
    md5: md5(Buffer.concat(parts)).toString('hex'),
    headers: { 'content-type': 'text/plain' },
    metadata: { a: 'b' },
  })
  expect(kit.store.uploads('b')).toEqual([])
})

test('copies 12 GiB by parts and keeps the content', async () => {
  const client = s3Client(kit)
  const GIB = 1024 * MIB
  kit.store.put('b', 'huge', { size: 12 * GIB, seed: 3 })
  const upload = await begin('huge-copy')
  const Parts = []
  for (const PartNumber of [1, 2, 3, 4]) {
    const start = (PartNumber - 1) * 3 * GIB
    const CopySourceRange = `bytes=${start}-${start + 3 * GIB - 1}`
    const input = { ...upload, PartNumber, CopySource: 'b/huge', CopySourceRange }
    const { CopyPartResult } = await client.send(new UploadPartCopyCommand(input))
    Parts.push({ PartNumber, ETag: CopyPartResult?.ETag })
  }
  const complete = { ...upload, MultipartUpload: { Parts } }
  await client.send(new CompleteMultipartUploadCommand(complete))
  expect(kit.store.facts('b', 'huge-copy')?.md5).toBe(kit.store.facts('b', 'huge')?.md5)
  expect(kit.store.facts('b', 'huge-copy')?.etag).toMatch(/-4$/)
})

test('refuses what S3 refuses', async () => {
  const client = s3Client(kit)
  const upload = await begin('bad')
  kit.store.put('b', 'small', { size: 100 })
  const range = { ...upload, PartNumber: 1, CopySource: 'b/small', CopySourceRange: 'bytes=0-100' }
  const beyond = client.send(new UploadPartCopyCommand(range))
  expect(await failureOf(beyond)).toBe('InvalidArgument 400')
  const send = (PartNumber: number) =>
    client.send(new UploadPartCommand({ ...upload, PartNumber, Body: `part ${PartNumber}` }))
  const [one, two] = [await send(1), await send(2)]
  const complete = (Parts: { PartNumber: number; ETag: string | undefined }[]) =>
    failureOf(
      client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } })),
    )
  const first = { PartNumber: 1, ETag: one.ETag }
  const second = { PartNumber: 2, ETag: two.ETag }
  expect(await complete([first, second])).toBe('EntityTooSmall 400')
  expect(await complete([second, first])).toBe('InvalidPartOrder 400')
  expect(await complete([{ ...first, ETag: '"0"' }])).toBe('InvalidPart 400')
  const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'b' }))
  expect(Uploads?.map(({ Key }) => Key)).toEqual(['bad'])
  await client.send(new AbortMultipartUploadCommand(upload))
  expect(await complete([first])).toBe('NoSuchUpload 404')
})
