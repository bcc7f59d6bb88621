import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { type GoServerName, hasGoServer, startGoServer } from 's3-direct-sync-testkit/go-servers.ts'
import { startMoto } from 's3-direct-sync-testkit/moto.ts'
import { startSeaweedFS } from 's3-direct-sync-testkit/seaweedfs.ts'
import { startTestkit } from 's3-direct-sync-testkit/testkit.ts'

/** A server that contracts are tested against, with the buckets `src` and `dst`. */
export interface TestService extends AsyncDisposable {
  readonly endpoint: string
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string }
  put(key: string, body: string, more?: object): Promise<void>
}

/** Inputs of a step that syncs `data/` of `src` to `copy/` of `dst` with this action's own engine. */
export const stepInputs = ({ endpoint, keys }: Pick<TestService, 'endpoint' | 'keys'>) => ({
  source: 's3://src/data/',
  destination: 's3://dst/copy/',
  'endpoint-url': endpoint,
  'sts-endpoint': endpoint,
  'aws-access-key-id': keys.accessKeyId,
  'aws-secret-access-key': keys.secretAccessKey,
  'aws-region': 'us-east-1',
  engine: 'direct',
})

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
  await createBuckets(server.endpoint, keys)
  return service(server.endpoint, keys, () => server.close())
}

async function createBuckets(endpoint: string, credentials: TestService['keys']): Promise<void> {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
  for (const Bucket of ['src', 'dst']) await client.send(new CreateBucketCommand({ Bucket }))
  client.destroy()
}

const goServer = (name: GoServerName) => async (): Promise<TestService> => {
  const server = await startGoServer(name)
  await createBuckets(server.endpoint, server.admin)
  return service(server.endpoint, server.admin, () => server.close())
}

/** The servers by name, each ready to be started. */
export const SERVICES = {
  testkit,
  seaweedfs,
  moto,
  minio: goServer('minio'),
  versitygw: goServer('versitygw'),
} as const

export type ServiceName = keyof typeof SERVICES

const GO_SERVERS = ['minio', 'versitygw'] as const

/** These servers, and those that Go builds, where `npm run test:platforms` asks for them and they are installed. */
export function servers<Name extends ServiceName>(
  ...names: Name[]
): readonly (Name | GoServerName)[] {
  if (!process.env['TEST_PLATFORMS']) return names
  for (const name of GO_SERVERS)
    if (!hasGoServer(name))
      console.log(`Skipped: ${name} is not installed (npm run parts -- platforms)`)
  return [...names, ...GO_SERVERS.filter(hasGoServer)]
}
