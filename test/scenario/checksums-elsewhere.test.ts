import { readFile } from 'node:fs/promises'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { type Moto, startMoto } from 's3-direct-sync-testkit/moto.ts'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { runAction, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { openSeaweedStage, type SeaweedStage } from './seaweed-stage.ts'

const PART_BYTES = 5 * 2 ** 20
const CRC32C = { ChecksumAlgorithm: 'CRC32C' } as const

/** Bytes that two letters tell apart at their very end. */
const contentOf = (last: string): Buffer =>
  Buffer.concat([Buffer.alloc(PART_BYTES, 'a'), Buffer.from(`tail ${last}`)])

/** Puts an object together from two parts, with a checksum of its whole. */
async function putInParts(client: S3Client, at: { Bucket: string; Key: string }, content: Buffer) {
  const begin = { ...at, ...CRC32C, ChecksumType: 'FULL_OBJECT' } as const
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(begin))
  const Parts = []
  for (const [index, Body] of [
    content.subarray(0, PART_BYTES),
    content.subarray(PART_BYTES),
  ].entries()) {
    const part = { ...at, UploadId, PartNumber: index + 1, Body, ...CRC32C }
    const { ETag, ChecksumCRC32C } = await client.send(new UploadPartCommand(part))
    Parts.push({ ETag, PartNumber: index + 1, ChecksumCRC32C })
  }
  const end = { ...at, UploadId, MultipartUpload: { Parts }, ChecksumType: 'FULL_OBJECT' } as const
  await client.send(new CompleteMultipartUploadCommand(end))
}

const putWhole = (client: S3Client, at: { Bucket: string; Key: string }, Body: Buffer) =>
  client.send(new PutObjectCommand({ ...at, Body, ...CRC32C }))

async function reasonsOf({ outputs }: StepResult): Promise<Record<string, number>> {
  const report = JSON.parse(await readFile(outputs['report-path'] ?? '', 'utf8')) as Report
  return Object.fromEntries(
    Object.entries(report.reasons).map(([name, { objects }]) => [name, objects]),
  )
}

describe('on SeaweedFS, whose listings name no checksums', () => {
  let stage: SeaweedStage
  beforeAll(async () => {
    stage = await openSeaweedStage()
  }, 60_000)
  afterAll(() => stage?.[Symbol.asyncDispose]())

  const run = (prefix: string, more: Record<string, string>) =>
    runAction({ env: stage.issuer.env, inputs: stage.inputs(prefix, more) })

  it('objects that were cut otherwise are compared by what they hold', async () => {
    const { admin } = stage
    for (const [name, content] of [
      ['same', contentOf('x')],
      ['other', contentOf('y')],
    ] as const) {
      await putWhole(admin, { Bucket: 'dst', Key: `cut/${name}` }, content)
      await putInParts(admin, { Bucket: 'src', Key: `cut/${name}` }, contentOf('x'))
    }
    await using auto = await run('cut', { 'dry-run': 'true' })
    expect(await reasonsOf(auto)).toEqual({ 'same-checksum': 1, 'checksum-differs': 1 })
    await using first = await run('cut', { compare: 'checksum' })
    expect(first.outputs).toMatchObject({ result: 'success', copied: '1', skipped: '1' })
    await using second = await run('cut', { compare: 'checksum' })
    expect(second.outputs).toMatchObject({ result: 'nothing-to-do' })
    expect(await reasonsOf(second)).toEqual({ 'same-checksum': 2 })
  })
})

describe('on moto, which makes checksums of its own of what is put together from parts', () => {
  let moto: Moto
  let client: S3Client
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' }
  beforeAll(async () => {
    moto = await startMoto()
    const { endpoint } = moto
    const where = { endpoint, region: 'us-east-1', forcePathStyle: true, credentials }
    client = new S3Client({ ...where, requestChecksumCalculation: 'WHEN_REQUIRED' })
    for (const Bucket of ['src', 'dst']) await client.send(new CreateBucketCommand({ Bucket }))
  }, 60_000)
  afterAll(() => moto?.close())

  const run = (more: Record<string, string>) =>
    runAction({
      inputs: {
        source: 's3://src/data/',
        destination: 's3://dst/copy/',
        'endpoint-url': moto.endpoint,
        'sts-endpoint': moto.endpoint,
        'aws-region': 'us-east-1',
        'aws-access-key-id': credentials.accessKeyId,
        'aws-secret-access-key': credentials.secretAccessKey,
        's5cmd-path': parts().s5cmd,
        ...more,
      },
    })

  it('other contents are copied, and a second run finds nothing to do', async () => {
    for (const name of ['same', 'other'])
      await putInParts(client, { Bucket: 'src', Key: `data/${name}` }, contentOf('x'))
    await putWhole(client, { Bucket: 'dst', Key: 'copy/same' }, contentOf('x'))
    await putWhole(client, { Bucket: 'dst', Key: 'copy/other' }, contentOf('y'))
    await using first = await run({ compare: 'checksum' })
    expect(first.outputs['result']).toBe('success')
    expect((await reasonsOf(first))['same-checksum'] ?? 0).toBeLessThan(2)
    await using second = await run({ compare: 'checksum' })
    expect(await reasonsOf(second)).toEqual({ 'same-checksum': 2 })
    expect(second.outputs['result']).toBe('nothing-to-do')
  })
})
