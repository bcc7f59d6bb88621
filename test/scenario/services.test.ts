import { readFile } from 'node:fs/promises'
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { hostileKeys } from 's3-direct-sync-testkit/fixtures.ts'
import { startMoto } from 's3-direct-sync-testkit/moto.ts'
import { runAction, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import { startSeaweedFS } from 's3-direct-sync-testkit/seaweedfs.ts'
import { startTestkit } from 's3-direct-sync-testkit/testkit.ts'
import { describe, expect, it } from 'vitest'
import { stepInputs } from '../contract/services.ts'

interface Service {
  readonly endpoint: string
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string }
  close(): Promise<void>
}

const BUCKETS = ['src', 'dst']

const SERVICES: Readonly<Record<string, () => Promise<Service>>> = {
  testkit: async () => {
    const kit = await startTestkit({ pageKeys: 50 })
    for (const bucket of BUCKETS) kit.store.createBucket(bucket)
    return { endpoint: kit.endpoint, keys: kit.iam.admin, close: kit.close }
  },
  SeaweedFS: async () => {
    const server = await startSeaweedFS({ buckets: BUCKETS })
    return { endpoint: server.endpoint, keys: server.admin, close: () => server.close() }
  },
  moto: async () => {
    const server = await startMoto()
    const keys = { accessKeyId: 'test', secretAccessKey: 'test' }
    const client = clientOf({ endpoint: server.endpoint, keys })
    for (const Bucket of BUCKETS) await client.send(new CreateBucketCommand({ Bucket }))
    return { endpoint: server.endpoint, keys, close: () => server.close() }
  },
}

const clientOf = ({ endpoint, keys }: Pick<Service, 'endpoint' | 'keys'>): S3Client =>
  new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: keys })

/** Both sides share most objects; some differ, some are only on one side. */
async function fill(client: S3Client): Promise<void> {
  const names = [
    ...Array.from({ length: 120 }, (_, i) => `year=2026/part-${String(i).padStart(3, '0')}`),
    'sub/x',
    'sub!',
    ...hostileKeys()
      .filter(({ seaweedfs, key }) => seaweedfs && !/[\p{Cc}\ufffe\uffff]/u.test(key))
      .map(({ key }) => `hostile/${key}`),
  ]
  const put = (Bucket: string, Key: string, Body: string) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body }))
  for (const [i, name] of names.entries()) {
    if (i % 7 !== 0) await put('src', `data/${name}`, `body ${i}`)
    if (i % 5 !== 0)
      await put('dst', `copy/${name}`, i % 11 === 0 ? 'longer than the source' : `body ${i}`)
  }
}

async function keysOf(client: S3Client, Bucket: string, Prefix: string): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }))
  return Contents.map(({ Key = '' }) => Key.slice(Prefix.length)).sort()
}

/** What a plan file says, without what is the service's own. */
async function opsOf(run: StepResult): Promise<unknown[]> {
  const lines = (await readFile(run.outputs['plan-path'] ?? '', 'utf8')).trimEnd().split('\n')
  return lines.slice(1, -1).map((line) => {
    const { op, key, to, size, etag, reason } = JSON.parse(line)
    return { op, key, to, size, etag, reason }
  })
}

const plans = new Map<string, unknown[]>()

describe.each(Object.keys(SERVICES))('%s', (name) => {
  it('has the plan that all services have, in the end the source without the rest, and mirrors', async () => {
    const service = await SERVICES[name]?.()
    if (!service) throw new Error('There is no such service.')
    const client = clientOf(service)
    try {
      await fill(client)
      const inputs = {
        ...stepInputs(service),
        delete: 'true',
      }
      await using planned = await runAction({ inputs: { ...inputs, mode: 'plan' } })
      expect(planned.outputs['result'], planned.log).toBe('planned')
      plans.set(name, await opsOf(planned))
      await using run = await runAction({ inputs })
      expect(run.outputs, run.log).toMatchObject({ result: 'success' })
      expect(Number(run.outputs['deleted'])).toBeGreaterThan(10)
      expect(await keysOf(client, 'dst', 'copy/')).toEqual(await keysOf(client, 'src', 'data/'))
      await using again = await runAction({ inputs })
      expect(again.outputs).toMatchObject({ result: 'nothing-to-do' })
      const transfers = `
- { name: same, destination: s3://dst/copy/ }
- { name: new, destination: s3://dst/mirror/, include: 'year=2026/' }
- { name: back, source: s3://src/data/sub/, destination: s3://src/back/ }
`
      await using mirrored = await runAction({ inputs: { ...inputs, destination: '', transfers } })
      expect(mirrored.outputs, mirrored.log).toMatchObject({ result: 'success', failed: '0' })
      const results = JSON.parse(mirrored.outputs['transfers'] ?? '').map(
        ({ result }: { result: string }) => result,
      )
      expect(results).toEqual(['nothing-to-do', 'success', 'success'])
      expect(await keysOf(client, 'dst', 'mirror/year')).toEqual(
        await keysOf(client, 'src', 'data/year'),
      )
      expect(await keysOf(client, 'src', 'back/')).toEqual(['x'])
    } finally {
      client.destroy()
      await service.close()
    }
  })
})

it('all services have the same plan', () => {
  const [first, ...others] = plans.values()
  expect(plans.size).toBe(3)
  expect(first?.length).toBeGreaterThan(30)
  for (const other of others) expect(other).toEqual(first)
})
