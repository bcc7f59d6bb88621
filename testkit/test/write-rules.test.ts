import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestkit, type Testkit } from '../testkit.ts'
import { s3Client } from './clients.ts'
import { type RawRequest, refusal } from './raw.ts'

const MIB = 1024 ** 2
const GIB = 1024 ** 3

let kit: Testkit
beforeAll(async () => {
  kit = await startTestkit()
  kit.store.put('b', 'src', { body: 'source' })
  kit.store.put('b', '5 MiB', { size: 5 * MIB })
  kit.store.put('b', '6 MiB', { size: 6 * MIB, seed: 1 })
  kit.store.put('b', '12 GiB', { size: 12 * GIB, seed: 2 })
})
afterAll(() => kit.close())

async function begin(Key: string) {
  const { UploadId = '' } = await s3Client(kit).send(
    new CreateMultipartUploadCommand({ Bucket: 'b', Key }),
  )
  return { Bucket: 'b', Key, UploadId }
}

describe('uploads in parts', () => {
  test.each(['0', '10001', '-1', '1.5', 'one', ''])('have no part %s', async (number) => {
    const { UploadId } = await begin('numbers')
    const part = (headers: RawRequest['headers'] & object): RawRequest => ({
      method: 'PUT',
      path: '/b/numbers',
      query: `partNumber=${number}&uploadId=${UploadId}`,
      headers,
    })
    const expected = `400 InvalidArgument ArgumentName=partNumber ArgumentValue=${number}`
    expect(await refusal(kit, part({}))).toBe(expected)
    expect(await refusal(kit, part({ 'x-amz-copy-source': 'b/src' }))).toBe(expected)
  })

  test('are completed from a list that names the parts in order, and each as it was uploaded', async () => {
    const upload = await begin('list')
    const send = (PartNumber: number) =>
      s3Client(kit).send(new UploadPartCommand({ ...upload, PartNumber, Body: `${PartNumber}` }))
    const etags = [await send(1), await send(10_000)].map(({ ETag = '' }) => ETag.slice(1, -1))
    const [first = '', last = ''] = etags
    const complete = (parts: readonly (readonly [number | string, string])[], root = 'Upload') => {
      const rows = parts.map(
        ([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`,
      )
      const name = `CompleteMultipart${root}`
      return refusal(kit, {
        method: 'POST',
        path: '/b/list',
        query: `uploadId=${upload.UploadId}`,
        body: `<${name}>${rows.join('')}</${name}>`,
      })
    }
    expect(await complete([])).toBe('400 MalformedXML')
    expect(await complete([[1, first]], 'Thing')).toBe('400 MalformedXML')
    expect(
      await complete([
        [10_000, last],
        [1, first],
      ]),
    ).toBe('400 InvalidPartOrder')
    expect(
      await complete([
        [1, first],
        [1, first],
      ]),
    ).toBe('400 InvalidPartOrder')
    for (const number of [0, 10_001, 'one']) {
      expect(await complete([[number, first]])).toMatch(
        /^400 InvalidArgument ArgumentName=PartNumber /,
      )
    }
    expect(await complete([[2, first]])).toBe(
      `400 InvalidPart UploadId=${upload.UploadId} PartNumber=2 ETag=${first}`,
    )
    expect(await complete([[1, last]])).toMatch(/^400 InvalidPart /)
    expect(
      await complete([
        [1, first],
        [10_000, last],
      ]),
    ).toBe(`400 EntityTooSmall ProposedSize=1 MinSizeAllowed=${5 * MIB} PartNumber=1 ETag=${first}`)
    expect(await complete([[10_000, last]])).toMatch(/^200 /)
  })

  test('copy ranges of the form bytes=a-b, inside a source over 5 MiB, up to 5 GiB', async () => {
    const { UploadId } = await begin('ranges')
    const copy = (source: string, range: string) =>
      refusal(kit, {
        method: 'PUT',
        path: '/b/ranges',
        query: `partNumber=1&uploadId=${UploadId}`,
        headers: { 'x-amz-copy-source': `b/${source}`, 'x-amz-copy-source-range': range },
      })
    for (const range of ['0-2', 'bytes=0', 'bytes=-2', 'bytes=0-', 'bytes=2-1', 'bytes=0-2,3-5']) {
      expect(await copy('6%20MiB', range)).toBe(
        `400 InvalidArgument ArgumentName=x-amz-copy-source-range ArgumentValue=${range}`,
      )
    }
    expect(await copy('6%20MiB', `bytes=0-${6 * MIB}`)).toMatch(/^400 InvalidArgument /)
    expect(await copy('5%20MiB', 'bytes=0-0')).toBe('400 InvalidRequest')
    expect(await copy('12%20GiB', `bytes=0-${5 * GIB}`)).toBe('400 InvalidRequest')
    expect(await copy('12%20GiB', `bytes=0-${5 * GIB - 1}`)).toMatch(/^200 /)
    expect(await copy('6%20MiB', `bytes=0-${6 * MIB - 1}`)).toMatch(/^200 /)
  })

  test('are listed with escaped keys to those who ask so', async () => {
    await begin('a b&\u0001')
    const list = { Bucket: 'b', Prefix: 'a b', EncodingType: 'url' } as const
    const { Uploads } = await s3Client(kit).send(new ListMultipartUploadsCommand(list))
    expect(Uploads?.map(({ Key }) => Key)).toEqual(['a+b%26%01'])
  })

  test('pass by the SDK, the smallest parts there may be', async () => {
    const upload = await begin('sdk')
    const client = s3Client(kit)
    const CopySource = 'b/6%20MiB'
    const copy = { ...upload, CopySource, CopySourceRange: `bytes=0-${5 * MIB - 1}` }
    const first = await client.send(new UploadPartCopyCommand({ ...copy, PartNumber: 1 }))
    const last = await client.send(new UploadPartCommand({ ...upload, PartNumber: 2, Body: 'x' }))
    const Parts = [
      { PartNumber: 1, ETag: first.CopyPartResult?.ETag },
      { PartNumber: 2, ETag: last.ETag, ChecksumCRC32: last.ChecksumCRC32 },
    ]
    const complete = { ...upload, MultipartUpload: { Parts } }
    await client.send(new CompleteMultipartUploadCommand(complete))
    expect(kit.store.facts('b', 'sdk')?.size).toBe(5 * MIB + 1)
  })
})

describe('copies', () => {
  const copy = (headers: RawRequest['headers'] & object, key = 'to') =>
    refusal(kit, {
      method: 'PUT',
      path: `/b/${key}`,
      headers: { 'x-amz-copy-source': 'b/src', ...headers },
    })

  test.each(['b', 'b/', '/', '', 'b/%zz', 'b/100%', '%'])('have no source "%s"', async (source) => {
    expect(await copy({ 'x-amz-copy-source': source })).toBe(
      `400 InvalidArgument ArgumentName=x-amz-copy-source ArgumentValue=${source}`,
    )
  })

  test('know no versions but the one there is', async () => {
    expect(await copy({ 'x-amz-copy-source': 'b/src?versionId=null' })).toMatch(/^200 /)
    expect(await copy({ 'x-amz-copy-source': 'b/src?versionId=other' })).toMatch(/^501 /)
  })

  test.each(['x-amz-metadata-directive', 'x-amz-tagging-directive'])(
    'take COPY and REPLACE as %s',
    async (name) => {
      for (const value of ['COPY', 'REPLACE'])
        expect(await copy({ [name]: value })).toMatch(/^200 /)
      for (const value of ['copy', 'KEEP', '']) {
        expect(await copy({ [name]: value })).toBe(
          `400 InvalidArgument ArgumentName=${name} ArgumentValue=${value}`,
        )
      }
    },
  )

  test('onto itself have to change something', async () => {
    expect(await copy({}, 'src')).toBe('400 InvalidRequest')
    expect(await copy({ 'x-amz-tagging-directive': 'REPLACE' }, 'src')).toBe('400 InvalidRequest')
    for (const change of [
      { 'x-amz-metadata-directive': 'REPLACE' },
      { 'x-amz-storage-class': 'STANDARD_IA' },
      { 'x-amz-server-side-encryption': 'AES256' },
      { 'x-amz-website-redirect-location': '/elsewhere' },
      { 'x-amz-checksum-algorithm': 'SHA256' },
    ]) {
      expect(await copy(change, 'src')).toMatch(/^200 /)
    }
  })

  test('compute a checksum that S3 knows', async () => {
    const algorithm = (name: string) => copy({ 'x-amz-checksum-algorithm': name })
    expect(await algorithm('SHA256')).toMatch(/^200 /)
    expect(await algorithm('ADLER32')).toBe('400 InvalidRequest')
    expect(await algorithm('XXHASH64')).toMatch(/^501 NotImplemented /)
  })

  test('have no body', async () => {
    const headers = { 'x-amz-copy-source': 'b/src' }
    const full: RawRequest = { method: 'PUT', path: '/b/to', headers, body: 'body' }
    expect(await refusal(kit, full)).toBe('400 InvalidRequest')
    expect(await refusal(kit, { ...full, query: 'partNumber=1&uploadId=u' })).toBe(
      '400 InvalidRequest',
    )
  })

  test('heed dates of the source, and pass over what is none', async () => {
    const condition = (name: string, date: string) =>
      copy({ [`x-amz-copy-source-if-${name}`]: date })
    const past = 'Wed, 01 Jan 2020 00:00:00 GMT'
    expect(await condition('unmodified-since', past)).toBe(
      '412 PreconditionFailed Condition=x-amz-copy-source-If-Unmodified-Since',
    )
    expect(await condition('modified-since', past)).toMatch(/^200 /)
    for (const name of ['unmodified-since', 'modified-since']) {
      expect(await condition(name, 'yesterday')).toMatch(/^200 /)
      expect(await condition(name, 'Thu, 01 Jan 2099 00:00:00 GMT')).toMatch(/^200 /)
    }
  })

  test('pass by the SDK with all that they may change', async () => {
    const command = new CopyObjectCommand({
      Bucket: 'b',
      Key: 'src',
      CopySource: 'b/src',
      MetadataDirective: 'REPLACE',
      TaggingDirective: 'REPLACE',
      Metadata: { a: 'b' },
      Tagging: 'a=b',
      StorageClass: 'STANDARD_IA',
      CopySourceIfUnmodifiedSince: new Date(Date.now() + 60_000),
    })
    await s3Client(kit).send(command)
    expect(kit.store.facts('b', 'src')).toMatchObject({ metadata: { a: 'b' }, tags: { a: 'b' } })
  })
})

describe('conditions on a write', () => {
  const PUT: RawRequest = { method: 'PUT', path: '/b/src', body: 'body' }

  test('are one of If-Match and If-None-Match: *', async () => {
    expect(await refusal(kit, { ...PUT, headers: { 'if-none-match': '"etag"' } })).toBe(
      "501 NotImplemented Header=If-None-Match additionalMessage=We don't accept the provided value of If-None-Match header for this API",
    )
    expect(await refusal(kit, { ...PUT, headers: { 'if-none-match': '*', 'if-match': '*' } })).toBe(
      '501 NotImplemented Header=If-Match,If-None-Match additionalMessage=Multiple conditional request headers present in the request',
    )
    expect(await refusal(kit, { ...PUT, headers: { 'if-none-match': '*' } })).toMatch(/^412 /)
    expect(await refusal(kit, { ...PUT, headers: { 'if-match': '*' } })).toBe('200')
  })
})
