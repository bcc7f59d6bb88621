import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { startMoto } from '../../testkit/moto.ts'
import { startSeaweedFS } from '../../testkit/seaweedfs.ts'
import { startTestkit } from '../../testkit/testkit.ts'

/** A server that contracts are tested against, with the buckets `src` and `dst`. */
export interface TestService extends AsyncDisposable {
  readonly endpoint: string
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string }
  put(key: string, body: string, more?: object): Promise<void>
}

async function service(
  endpoint: string,
  keys: TestService['keys'],
  close: () => Promise<void>,
): Promise<TestService> {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: keys,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  return {
    endpoint,
    keys,
    put: async (Key, Body, more = {}) => {
      await client.send(new PutObjectCommand({ Bucket: 'src', Key, Body, ...more }))
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      await close()
    },
  }
}

async function testkit(): Promise<TestService> {
  const kit = await startTestkit({ pageKeys: 10 })
  for (const bucket of ['src', 'dst']) kit.store.createBucket(bucket)
  return service(kit.endpoint, kit.iam.admin, kit.close)
}

async function seaweedfs(): Promise<TestService> {
  const server = await startSeaweedFS({ buckets: ['src', 'dst'] })
  return service(server.endpoint, server.admin, () => server.close())
}

async function moto(): Promise<TestService> {
  const server = await startMoto()
  const keys = { accessKeyId: 'any', secretAccessKey: 'any' }
  const client = new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: keys,
  })
  for (const Bucket of ['src', 'dst']) await client.send(new CreateBucketCommand({ Bucket }))
  client.destroy()
  return service(server.endpoint, keys, () => server.close())
}

/** The servers by name, each ready to be started. */
export const SERVICES = { testkit, seaweedfs, moto } as const
