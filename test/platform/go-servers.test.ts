import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { type GoServer, hasGoServer, startGoServer } from 's3-direct-sync-testkit/go-servers.ts'
import { hostileKeys } from 's3-direct-sync-testkit/hostile-keys.ts'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { runAction } from 's3-direct-sync-testkit/runner.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const asked = process.env['TEST_PLATFORMS'] !== undefined
const PLAIN = Array.from({ length: 300 }, (_, i) => `plain/${i % 7}/object ${i}.bin`)
const PUTS_AT_ONCE = 16

/** Keys that a folder of files can hold as well, as both servers keep objects; one of them reads `?versionId=`. */
const ODD = hostileKeys()
  .map(({ key }) => key)
  .filter((key) => !/\/\/|^\/|\/$|(^|\/)\.\.?(\/|$)|\p{Cc}|[\\?:*"<>|\ufffe\uffff]/u.test(key))
  .filter((key) => Buffer.byteLength(key) < 200)
  .map((key) => `odd/${key}`)

for (const name of ['minio', 'versitygw'] as const)
  describe.skipIf(!asked || !hasGoServer(name))(`a mirror on ${name}`, () => {
    let server: GoServer
    let client: S3Client

    const inputs = (more: Readonly<Record<string, string>>) => ({
      source: 's3://src/data/',
      destination: 's3://dst/copy/',
      'endpoint-url': server.endpoint,
      'aws-region': 'us-east-1',
      'aws-access-key-id': server.admin.accessKeyId,
      'aws-secret-access-key': server.admin.secretAccessKey,
      's5cmd-path': parts().s5cmd,
      'retry-delay': '50ms',
      ...more,
    })

    async function etags(Bucket: string, Prefix: string): Promise<Map<string, string>> {
      const found = new Map<string, string>()
      for (let token: string | undefined; ; ) {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken: token }),
        )
        for (const { Key = '', ETag = '' } of page.Contents ?? [])
          found.set(Key.slice(Prefix.length), ETag)
        if (!page.IsTruncated) return found
        token = page.NextContinuationToken
      }
    }

    const put = (Bucket: string, Key: string, more: object = {}) =>
      client.send(new PutObjectCommand({ Bucket, Key, Body: `body of ${Key}`, ...more }))

    beforeAll(async () => {
      server = await startGoServer(name)
      client = new S3Client({
        endpoint: server.endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: server.admin,
      })
      for (const Bucket of ['src', 'dst']) await client.send(new CreateBucketCommand({ Bucket }))
      const keys = [...PLAIN, ...ODD].values()
      const work = async () => {
        for (const key of keys) await put('src', `data/${key}`)
      }
      await Promise.all(Array.from({ length: PUTS_AT_ONCE }, work))
      await put('src', 'data/described', {
        ContentType: 'text/x',
        CacheControl: 'max-age=60',
        Metadata: { origin: 'exchange' },
        Tagging: 'kind=kline',
      })
      await put('src', 'data/large', { Body: Buffer.alloc(12 * 2 ** 20, 'x') })
    }, 120_000)

    afterAll(async () => {
      client?.destroy()
      await server?.close()
    })

    it.each(['auto', 'direct'])(
      'by engine %s copies, deletes extras, and has nothing to do then',
      async (engine) => {
        const destination = `s3://dst/${engine}/`
        for (const key of ['extra', 'plain/extra', 'described'])
          await put('dst', `${engine}/${key}`, { Body: 'older' })
        await using first = await runAction({
          inputs: inputs({ destination, engine, delete: 'true' }),
          timeoutMs: 120_000,
        })
        expect(first.outputs).toMatchObject({ result: 'success', deleted: '2', failed: '0' })
        expect(await etags('dst', `${engine}/`)).toEqual(await etags('src', 'data/'))
        const Key = `${engine}/described`
        const head = await client.send(new HeadObjectCommand({ Bucket: 'dst', Key }))
        expect(head).toMatchObject({
          ContentType: 'text/x',
          CacheControl: 'max-age=60',
          Metadata: { origin: 'exchange' },
        })
        const tagging = await client.send(new GetObjectTaggingCommand({ Bucket: 'dst', Key }))
        expect(tagging.TagSet).toEqual([{ Key: 'kind', Value: 'kline' }])
        await using second = await runAction({
          inputs: inputs({ destination, engine, delete: 'true' }),
        })
        expect(second.outputs['result']).toBe('nothing-to-do')
      },
      180_000,
    )

    it('carries out a plan that was approved', async () => {
      const destination = 's3://dst/planned/'
      await using planned = await runAction({ inputs: inputs({ destination, mode: 'plan' }) })
      expect(planned.outputs['result']).toBe('planned')
      const plan = {
        mode: 'execute',
        'plan-dir': planned.outputs['plan-path']?.replace(/[^/]+$/, '') ?? '',
      }
      await using executed = await runAction({
        inputs: inputs({ destination, ...plan }),
        timeoutMs: 120_000,
      })
      expect(executed.outputs).toMatchObject({ result: 'success', failed: '0' })
    }, 180_000)

    const action = (more: Readonly<Record<string, string>>) =>
      runAction({ inputs: inputs(more), timeoutMs: 120_000 })

    it.each(['auto', 'direct'])(
      'copies exactly what a list names, by engine %s',
      async (engine) => {
        const folder = await mkdtemp(join(tmpdir(), 'manifest-'))
        const keys = [...ODD, 'large', ...PLAIN.slice(0, 50)]
        const path = join(folder, 'list.ndjson')
        const rows = keys.map((key) => ({
          source_url: `s3://src/data/${key}`,
          target_path: `t/${key}`,
        }))
        await writeFile(path, rows.map((row) => JSON.stringify(row)).join('\n'))
        const list = { source: '', destination: `s3://dst/list-${engine}/`, manifest: path, engine }
        await using run = await action(list)
        expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: `${keys.length}` })
        const there = await etags('dst', `list-${engine}/t/`)
        expect([...there.keys()].sort()).toEqual(keys.toSorted())
        await using again = await action(list)
        expect(again.outputs['result'], again.log).toBe('nothing-to-do')
        const gone = join(folder, 'list.txt')
        await writeFile(gone, 's3://src/data/large\ns3://src/data/gone\n')
        await using refused = await action({ ...list, manifest: gone })
        expect(refused.outputs, refused.log).toMatchObject({ 'failure-kind': 'guard', copied: '0' })
        await rm(folder, { recursive: true })
      },
      180_000,
    )

    it('finds by checksums that a copy of what came in parts is the same', async () => {
      const at = { Bucket: 'src', Key: 'parts/big', ChecksumAlgorithm: 'CRC32' } as const
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ ...at, ChecksumType: 'FULL_OBJECT' }),
      )
      const Parts = []
      for (const PartNumber of [1, 2]) {
        const Body = Buffer.alloc(6 * 2 ** 20, `${PartNumber}`)
        const part = { Bucket: at.Bucket, Key: at.Key, UploadId, PartNumber, Body }
        const { ETag, ChecksumCRC32 } = await client.send(
          new UploadPartCommand({ ...part, ChecksumAlgorithm: 'CRC32' }),
        )
        Parts.push({ ETag, ChecksumCRC32, PartNumber })
      }
      await client.send(
        new CompleteMultipartUploadCommand({
          ...{ Bucket: at.Bucket, Key: at.Key, UploadId, MultipartUpload: { Parts } },
          ChecksumType: 'FULL_OBJECT',
        }),
      )
      const asked = { source: 's3://src/parts/', destination: 's3://dst/parts/' }
      await using first = await action({ ...asked, compare: 'checksum' })
      expect(first.outputs, first.log).toMatchObject({ result: 'success', copied: '1' })
      await using second = await action({ ...asked, compare: 'checksum' })
      expect(second.outputs, second.log).toMatchObject({ result: 'nothing-to-do', skipped: '1' })
    }, 180_000)

    it('copies waves one after the other, to several places in one step', async () => {
      const transfers = `
- { name: one, destination: s3://dst/one/ }
- { name: two, destination: s3://dst/two/, exclude: 'plain/**' }`
      const asked = { destination: '', transfers, waves: 'large\n---\ndescribed' }
      await using run = await action(asked)
      expect(run.outputs, run.log).toMatchObject({ result: 'success', failed: '0' })
      expect(await etags('dst', 'one/')).toEqual(await etags('src', 'data/'))
      expect((await etags('dst', 'two/')).size).toBe(ODD.length + 2)
      await using again = await action(asked)
      expect(again.outputs['result'], again.log).toBe('nothing-to-do')
    }, 180_000)
  })
