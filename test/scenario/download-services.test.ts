import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import {
  ChecksumAlgorithm as ChecksumAlgorithms,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { hostileKeys } from 's3-direct-sync-testkit/fixtures.ts'
import { startMoto } from 's3-direct-sync-testkit/moto.ts'
import { runAction } from 's3-direct-sync-testkit/runner.ts'
import { startSeaweedFS } from 's3-direct-sync-testkit/seaweedfs.ts'
import { describe, expect, it } from 'vitest'
import { whyNoFile } from '../../src/model/file-names.ts'
import { filesBelow } from '../download-stage.ts'

interface Service {
  readonly endpoint: string
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string }
  close(): Promise<void>
}

const SERVICES: Readonly<Record<string, () => Promise<Service>>> = {
  SeaweedFS: async () => {
    const server = await startSeaweedFS({ buckets: ['src', 'dst'] })
    return { endpoint: server.endpoint, keys: server.admin, close: () => server.close() }
  },
  moto: async () => {
    const server = await startMoto()
    const keys = { accessKeyId: 'test', secretAccessKey: 'test' }
    return { endpoint: server.endpoint, keys, close: () => server.close() }
  },
}

const MIB = 2 ** 20
/** moto does not tell how an object was cut: there only the usual size is tried. */
const PART_BYTES: Readonly<Record<string, number>> = { SeaweedFS: 5 * MIB, moto: 8 * MIB }
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

/** Names that a disk and both services keep as they are, of which none stands in the way of another. */
const NAMES = hostileKeys()
  .filter(({ seaweedfs, key }) => seaweedfs && !/[\p{Cc}\ufffe\uffff]/u.test(key))
  .map(({ key }) => key)
  .filter((key) => {
    const rules = { platform: 'linux', ignoresCase: false, rootBytes: 60 }
    return whyNoFile(key, rules) === undefined
  })
  .filter((key, _at, all) => !all.some((other) => other.startsWith(`${key}/`)))
  // Names that are one in another Unicode form are not published back.
  .filter(
    (key, at, all) => all.findIndex((one) => one.normalize('NFC') === key.normalize('NFC')) === at,
  )

/** The key of an object, and the checksum that it is to be stored with, which that says. */
function stored(Key: string) {
  const [, algorithm] = Key.split('/')
  const ChecksumAlgorithm = Object.values(ChecksumAlgorithms).find((name) => name === algorithm)
  return ChecksumAlgorithm ? { Key, ChecksumAlgorithm } : { Key }
}

async function putInParts(client: S3Client, Key: string, body: Buffer, partBytes: number) {
  const at = { Bucket: 'src', Key }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at))
  const Parts = []
  for (let first = 0, PartNumber = 1; first < body.length; first += partBytes, PartNumber++) {
    const Body = body.subarray(first, first + partBytes)
    const part = new UploadPartCommand({ ...at, UploadId, PartNumber, Body })
    Parts.push({ PartNumber, ETag: (await client.send(part)).ETag })
  }
  const all = { ...at, UploadId, MultipartUpload: { Parts } }
  await client.send(new CompleteMultipartUploadCommand(all))
}

describe.each(Object.keys(SERVICES))('a bucket of %s', (name) => {
  it('becomes files of all its names, each proven, once, and is published back the same', async () => {
    const service = await SERVICES[name]?.()
    if (!service) throw new Error(name)
    const { endpoint, keys } = service
    const client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: keys,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    })
    const around = await mkdtemp(path.join(os.tmpdir(), 'services-'))
    const out = path.join(around, 'out')
    try {
      for (const Bucket of name === 'moto' ? ['src', 'dst'] : [])
        await client.send(new CreateBucketCommand({ Bucket }))
      const contents = new Map<string, Buffer>([
        ['large.bin', Buffer.alloc(17 * MIB + 5, 'in one piece ')],
        ['parts.bin', Buffer.alloc(13 * MIB + 7, 'in parts ')],
        ['one-part.bin', Buffer.alloc(300_000, 'an upload of parts that has one ')],
        ['empty', Buffer.alloc(0)],
        ...['none', 'CRC32', 'CRC32C', 'SHA1', 'SHA256'].flatMap((algorithm) =>
          [1000, MIB].map(
            (size) => [`sum/${algorithm}/${size}`, Buffer.alloc(size, 'summed ')] as const,
          ),
        ),
        ...NAMES.map((key) => [`hostile/${key}`, Buffer.from(key)] as const),
      ])
      for (const [key, Body] of contents)
        if (/parts?\.bin$/.test(key)) await putInParts(client, key, Body, PART_BYTES[name] ?? 0)
        else await client.send(new PutObjectCommand({ ...stored(key), Bucket: 'src', Body }))
      const run = (inputs: Readonly<Record<string, string>>) =>
        runAction({
          inputs: {
            source: 's3://src/',
            destination: out,
            'endpoint-url': endpoint,
            'aws-access-key-id': keys.accessKeyId,
            'aws-secret-access-key': keys.secretAccessKey,
            'aws-region': 'us-east-1',
            'retry-delay': '50ms',
            ...inputs,
          },
        })
      await using first = await run({})
      expect(first.outputs, first.log).toMatchObject({
        result: 'success',
        copied: `${contents.size}`,
      })
      const results = await readFile(
        path.join(first.outputs['report-dir'] ?? '', 'results.ndjson'),
        'utf8',
      )
      const unproven = results
        .split('\n')
        .filter((line) => line !== '' && JSON.parse(line).proof === undefined)
      expect(unproven).toEqual([])
      expect(new Set(await filesBelow(around))).toEqual(
        new Set([...contents.keys()].map((key) => `out/${key}`)),
      )
      for (const [key, content] of contents)
        expect(md5(await readFile(path.join(out, key))), key).toBe(md5(content))
      await using again = await run({})
      expect(again.outputs, again.log).toMatchObject({ result: 'nothing-to-do' })
      await using back = await run({ source: out, destination: 's3://dst/' })
      expect(back.outputs, back.log).toMatchObject({ result: 'success' })
      for (const [key, content] of contents) {
        const head = await client.send(new HeadObjectCommand({ Bucket: 'dst', Key: key }))
        expect(head.ContentLength, key).toBe(content.length)
      }
      await using check = await run({ source: 's3://dst/', mode: 'check' })
      expect(check.outputs, check.log).toMatchObject({ result: 'nothing-to-do' })
    } finally {
      client.destroy()
      await service.close()
      await rm(around, { recursive: true, force: true })
    }
  }, 240_000)
})
