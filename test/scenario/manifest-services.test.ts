import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { startMoto } from 's3-direct-sync-testkit/moto.ts'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { runAction, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import { startSeaweedFS } from 's3-direct-sync-testkit/seaweedfs.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

type Inputs = Readonly<Record<string, string>>

interface Service {
  readonly client: S3Client
  readonly inputs: Inputs
  close(): Promise<void>
}

function serviceAt(
  endpoint: string,
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string },
  close: () => Promise<void>,
): Service {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: keys,
  })
  const inputs = {
    source: 's3://src/data/',
    destination: 's3://dst/copy/',
    'endpoint-url': endpoint,
    'sts-endpoint': endpoint,
    'aws-access-key-id': keys.accessKeyId,
    'aws-secret-access-key': keys.secretAccessKey,
    'aws-region': 'us-east-1',
    's5cmd-path': parts().s5cmd,
  }
  return { client, inputs, close }
}

const OPEN = {
  moto: async (): Promise<Service> => {
    const server = await startMoto()
    const keys = { accessKeyId: 'test', secretAccessKey: 'test' }
    const service = serviceAt(server.endpoint, keys, () => server.close())
    for (const Bucket of ['src', 'dst'])
      await service.client.send(new CreateBucketCommand({ Bucket }))
    return service
  },
  SeaweedFS: async (): Promise<Service> => {
    const server = await startSeaweedFS({ buckets: ['src', 'dst'] })
    return serviceAt(server.endpoint, server.admin, () => server.close())
  },
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'manifest-'))
})
afterAll(() => rm(folder, { recursive: true }))

const list = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

async function keysOf({ client }: Service, Bucket: string): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }))
  return Contents.map(({ Key = '' }) => Key).sort()
}

const bodyOf = async ({ client }: Service, Key: string): Promise<string> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'dst', Key }))
  return (await Body?.transformToString()) ?? ''
}

const SERVICES = Object.keys(OPEN) as (keyof typeof OPEN)[]

describe.each(SERVICES)('a manifest on %s', (name) => {
  let service: Service
  beforeAll(async () => {
    service = await OPEN[name]()
  }, 60_000)
  afterAll(async () => {
    service.client.destroy()
    await service.close()
  })

  it('copies what it names, and a second run has nothing to do', async () => {
    const keys = ['sub/x', 'sub!', 'ä b+c', 'plain']
    for (const key of [...keys, 'not-this'])
      await service.client.send(
        new PutObjectCommand({ Bucket: 'src', Key: `data/${key}`, Body: `body of ${key}` }),
      )
    const manifest = await list(`${name}.txt`, keys.join('\n'))
    await using run = await runAction({ inputs: { ...service.inputs, manifest } })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '4' })
    expect(await keysOf(service, 'dst')).toEqual(keys.map((key) => `copy/${key}`).sort())
    await using again = await runAction({ inputs: { ...service.inputs, manifest } })
    expect(again.outputs, again.log).toMatchObject({ result: 'nothing-to-do', skipped: '4' })
    const missing = await list(`${name}-missing.txt`, [...keys, 'gone'].join('\n'))
    await using refused = await runAction({ inputs: { ...service.inputs, manifest: missing } })
    expect(refused.outputs, refused.log).toMatchObject({ 'failure-kind': 'guard', failed: '1' })
  })
})

describe.each(SERVICES)('versions, on %s', (name) => {
  let service: Service
  let ids: readonly string[]
  const run = (inputs: Inputs): Promise<StepResult> =>
    runAction({ inputs: { ...service.inputs, ...inputs } })

  beforeAll(async () => {
    service = await OPEN[name]()
    const { client } = service
    await client.send(new PutObjectCommand({ Bucket: 'src', Key: 'data/old', Body: 'before' }))
    const VersioningConfiguration = { Status: 'Enabled' } as const
    await client.send(new PutBucketVersioningCommand({ Bucket: 'src', VersioningConfiguration }))
    const put = async (Body: string) => {
      const answer = await client.send(new PutObjectCommand({ Bucket: 'src', Key: 'data/a', Body }))
      return answer.VersionId ?? ''
    }
    ids = [await put('first'), await put('second'), await put('third')]
    await client.send(new DeleteObjectCommand({ Bucket: 'src', Key: 'data/a' }))
    await client.send(new PutObjectCommand({ Bucket: 'src', Key: 'data/old', Body: 'behind' }))
  }, 60_000)
  afterAll(async () => {
    service.client.destroy()
    await service.close()
  })

  it.each(['direct', 's5cmd'])('%s copies the version that a row names', async (engine) => {
    const row = (at: number) =>
      JSON.stringify({ key: 'a', version_id: ids[at], target_path: `${engine}-${at}` })
    const manifest = await list(`${engine}.ndjson`, `${row(0)}\n${row(1)}\n`)
    await using done = await run({ manifest, engine })
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '2', engine })
    expect(await bodyOf(service, `copy/${engine}-0`)).toBe('first')
    expect(await bodyOf(service, `copy/${engine}-1`)).toBe('second')
    await using again = await run({ manifest, engine })
    expect(again.outputs, again.log).toMatchObject({ result: 'nothing-to-do' })
    await using summed = await run({ manifest, engine, compare: 'checksum' })
    expect(summed.outputs, summed.log).toMatchObject({ result: 'nothing-to-do' })
    const { reasons } = JSON.parse(await readFile(summed.outputs['report-path'] ?? '', 'utf8'))
    expect(reasons).toEqual({ 'same-checksum': { objects: 2, bytes: 11 } })
  })

  it('what was written before there were versions has the version null', async () => {
    const manifest = await list('null.ndjson', '{"key":"old","version_id":"null"}')
    await using done = await run({ manifest })
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '1' })
    expect(await bodyOf(service, 'copy/old')).toBe('before')
  })

  it('a version that is gone refuses the run, also with skip', async () => {
    const rows = [
      { key: 'a', version_id: ids[0] },
      { key: 'a', version_id: 'nosuchversion', target_path: 'x' },
    ]
    const manifest = await list('gone.ndjson', rows.map((row) => JSON.stringify(row)).join('\n'))
    await using refused = await run({ manifest, 'manifest-missing': 'skip' })
    expect(refused.outputs, refused.log).toMatchObject({ 'failure-kind': 'guard', failed: '1' })
    expect(refused.outputs['failure-message']).toContain('this version does not exist')
    expect(await keysOf(service, 'dst')).not.toContain('copy/x')
  })
})
