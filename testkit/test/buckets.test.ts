import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
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

test('buckets have a region, and a wrong one is told', async () => {
  kit.store.createBucket('eu', {
    region: 'eu-west-1',
    versioning: 'Enabled',
    encryption: 'aws:kms',
  })
  const Bucket = 'eu'
  const eu = s3Client(kit, kit.iam.admin, 'eu-west-1')
  expect((await eu.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe('eu-west-1')
  expect((await eu.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled')
  const { ServerSideEncryptionConfiguration: sse } = await eu.send(
    new GetBucketEncryptionCommand({ Bucket }),
  )
  expect(sse?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe('aws:kms')
  const us = s3Client(kit)
  const error = await us.send(new HeadBucketCommand({ Bucket })).catch((reason) => reason)
  expect(error.$metadata.httpStatusCode).toBe(301)
  expect(error.$response.headers['x-amz-bucket-region']).toBe('eu-west-1')
  const put = us.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
  expect(await failureOf(put)).toBe('AuthorizationHeaderMalformed 400')
  const asia = s3Client(kit, kit.iam.admin, 'ap-south-1')
  const other = asia.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
  expect(await failureOf(other)).toBe('PermanentRedirect 301')
  const location = await us.send(new GetBucketLocationCommand({ Bucket }))
  expect(location.LocationConstraint).toBe('eu-west-1')
  const { Buckets } = await us.send(new ListBucketsCommand({}))
  expect(Buckets?.map(({ Name }) => Name)).toEqual(['b', 'eu'])
})

test('buckets are created, and deleted only when empty', async () => {
  const client = s3Client(kit)
  const Bucket = 'new'
  const CreateBucketConfiguration = { LocationConstraint: 'us-west-2' } as const
  await client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }))
  const again = client.send(new CreateBucketCommand({ Bucket }))
  expect(await failureOf(again)).toBe('BucketAlreadyOwnedByYou 409')
  const west = s3Client(kit, kit.iam.admin, 'us-west-2')
  kit.store.put(Bucket, 'k', {})
  const full = west.send(new DeleteBucketCommand({ Bucket }))
  expect(await failureOf(full)).toBe('BucketNotEmpty 409')
  kit.store.delete(Bucket, 'k')
  await west.send(new DeleteBucketCommand({ Bucket }))
  expect(await failureOf(west.send(new HeadBucketCommand({ Bucket })))).toContain('404')
})
