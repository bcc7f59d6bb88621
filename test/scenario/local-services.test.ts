import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { hostileKeys } from 's3-direct-sync-testkit/fixtures.ts'
import { startMoto } from 's3-direct-sync-testkit/moto.ts'
import { runAction } from 's3-direct-sync-testkit/runner.ts'
import { startSeaweedFS } from 's3-direct-sync-testkit/seaweedfs.ts'
import { startTestkit } from 's3-direct-sync-testkit/testkit.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Service {
  readonly endpoint: string
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string }
  close(): Promise<void>
}

const clientOf = ({ endpoint, keys }: Pick<Service, 'endpoint' | 'keys'>): S3Client =>
  new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: keys })

const SERVICES: Readonly<Record<string, () => Promise<Service>>> = {
  testkit: async () => {
    const kit = await startTestkit()
    kit.store.createBucket('dst')
    return { endpoint: kit.endpoint, keys: kit.iam.admin, close: kit.close }
  },
  SeaweedFS: async () => {
    const server = await startSeaweedFS({ buckets: ['dst'] })
    return { endpoint: server.endpoint, keys: server.admin, close: () => server.close() }
  },
  moto: async () => {
    const server = await startMoto()
    const keys = { accessKeyId: 'test', secretAccessKey: 'test' }
    const client = clientOf({ endpoint: server.endpoint, keys })
    await client.send(new CreateBucketCommand({ Bucket: 'dst' }))
    return { endpoint: server.endpoint, keys, close: () => server.close() }
  },
}

const MIB = 2 ** 20

/** Names that a disk and all of these services keep as they are, of which none stands for two. */
const names = hostileKeys()
  .filter(({ seaweedfs, key }) => seaweedfs && !/[\p{Cc}\ufffe\uffff]/u.test(key))
  .map(({ key }) => key)
  .filter((key) =>
    key.split('/').every((name) => /^(?!\.{0,2}$)/.test(name) && Buffer.byteLength(name) < 256),
  )
  .filter(
    (key, at, all) => all.findIndex((one) => one.normalize('NFC') === key.normalize('NFC')) === at,
  )
  .filter((key, _at, all) => !all.some((other) => other.startsWith(`${key}/`)))

let folder: string
const contents = new Map<string, Buffer>([
  ['large.bin', Buffer.alloc(17 * MIB + 5, 'not all parts are alike ')],
  ['empty', Buffer.alloc(0)],
  ...names.map((name) => [`hostile/${name}`, Buffer.from(name)] as const),
])

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'local-'))
  for (const [name, content] of contents) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), content)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

describe.each(Object.keys(SERVICES))('a folder of the runner, on %s', (name) => {
  it('arrives as it is under all names, its large files in parts with a checksum of the whole, once', async () => {
    const service = await SERVICES[name]?.()
    if (!service) throw new Error(name)
    const client = clientOf(service)
    const run = () =>
      runAction({
        inputs: {
          source: folder,
          destination: 's3://dst/copy/',
          'endpoint-url': service.endpoint,
          'aws-access-key-id': service.keys.accessKeyId,
          'aws-secret-access-key': service.keys.secretAccessKey,
          'aws-region': 'us-east-1',
        },
        env: {},
      })
    try {
      expect(names.length).toBeGreaterThan(100)
      await using first = await run()
      expect(first.outputs).toMatchObject({ result: 'success', copied: String(contents.size) })
      const stored = new Map<string, string>()
      for (const [key] of contents) {
        const { Body } = await client.send(
          new GetObjectCommand({ Bucket: 'dst', Key: `copy/${key}` }),
        )
        stored.set(key, md5((await Body?.transformToByteArray()) ?? new Uint8Array()))
      }
      expect(stored).toEqual(new Map([...contents].map(([key, bytes]) => [key, md5(bytes)])))
      const head = await client.send(
        new HeadObjectCommand({ Bucket: 'dst', Key: 'copy/large.bin', ChecksumMode: 'ENABLED' }),
      )
      expect(head.Metadata).toMatchObject({ 's3-direct-sync-part-size': String(8 * MIB) })
      for (const key of contents.keys()) await utimes(path.join(folder, key), 1, 1)
      await using second = await run()
      expect(second.outputs).toMatchObject({
        result: 'nothing-to-do',
        skipped: String(contents.size),
      })
      const { KeyCount } = await client.send(
        new ListObjectsV2Command({ Bucket: 'dst', Prefix: 'copy/', MaxKeys: 1000 }),
      )
      expect(KeyCount).toBe(contents.size)
    } finally {
      client.destroy()
      await service.close()
    }
  })
})
