import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { startMoto } from '../moto.ts'

test('moto starts, keeps what it is given and is gone when closed', {
  timeout: 20_000,
}, async () => {
  const moto = await startMoto()
  const s3 = new S3Client({
    endpoint: moto.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  })
  await s3.send(new CreateBucketCommand({ Bucket: 'src' }))
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}))
  expect(Buckets.map(({ Name }) => Name)).toEqual(['src'])
  await moto.close()
  await expect(fetch(moto.endpoint)).rejects.toThrow('fetch failed')
})
