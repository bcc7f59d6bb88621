import { type Fault, fail, type RequestInfo } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { beforeEach, describe, expect, it } from 'vitest'

const MIB = 2 ** 20
/** Is copied in parts. */
const HUGE = 1100 * MIB

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
  return () => stage[Symbol.asyncDispose]()
})

/** Refuses what a service refuses that is less lenient than the testkit; gives the operations that it refused. */
function refuse(wrong: (request: RequestInfo) => boolean, refusal: Fault): string[] {
  const refused: string[] = []
  stage.kit.faults.add({
    match: wrong,
    fault: (request, next) => {
      refused.push(request.operation)
      return refusal(request, next)
    },
  })
  return refused
}

/** Bytes in chunks, other than those of S3's own that tell their length; or neither chunks nor a length. */
const isUnframed = ({ method, headers }: RequestInfo): boolean =>
  headers['transfer-encoding'] !== undefined
    ? headers['x-amz-decoded-content-length'] === undefined
    : /^P/.test(method) && headers['content-length'] === undefined

/** Whoever may only read, and whoever may only write: bytes pass through the runner. */
function twoUsers(): Readonly<Record<string, string>> {
  const user = (name: string, bucket: string, ...Action: readonly string[]) =>
    stage.kit.iam.addUser(name, [
      {
        Statement: {
          Effect: 'Allow',
          Action,
          Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
        },
      },
    ])
  const reader = user('reader', 'src', 's3:ListBucket', 's3:GetObject', 's3:GetObjectTagging')
  const writer = user('writer', 'dst', 's3:*')
  return {
    'role-to-assume': '',
    'source-aws-access-key-id': reader.accessKeyId,
    'source-aws-secret-access-key': reader.secretAccessKey,
    'aws-access-key-id': writer.accessKeyId,
    'aws-secret-access-key': writer.secretAccessKey,
  }
}

/** Objects that both sides have: so much may be deleted beside them. */
function keepSome(): void {
  for (const key of ['kept-1', 'kept-2']) {
    stage.kit.store.put('src', `data/${key}`, { body: key })
    stage.kit.store.put('dst', `copy/${key}`, { body: key })
  }
}

describe('a service that refuses what is sent in chunks', () => {
  let refused: string[]
  beforeEach(() => {
    refused = refuse(isUnframed, fail(501, 'NotImplemented'))
    const { store } = stage.kit
    for (const key of ['a', 'b c', 'folder/', 'two\nlines'])
      store.put('src', `data/${key}`, { body: key })
    store.put('src', 'data/empty', { body: '' })
    store.put('src', 'data/parts', { size: 9 * MIB })
    keepSome()
    store.put('dst', 'copy/extra', { body: 'x' })
    store.put('dst', 'copy/ext\x01ra', { body: 'x' })
  })

  it('takes all that the direct engine sends', async () => {
    stage.kit.store.put('src', 'data/huge', { size: HUGE })
    await using run = await stage.run({ engine: 'direct', delete: 'true' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '7', deleted: '2' })
    const operations = stage.kit.counters.operations()
    for (const operation of [
      ...['CopyObject', 'UploadPartCopy', 'CompleteMultipartUpload', 'CreateMultipartUpload'],
      ...['AbortMultipartUpload', 'DeleteObjects', 'DeleteObject'],
    ])
      expect(operations).toHaveProperty(operation)
    expect(refused).toEqual([])
  })

  it('takes what is published once', async () => {
    stage.kit.store.put('src', 'data/huge', { size: HUGE })
    await using run = await stage.run({ overwrite: 'never' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '7', engine: 'direct' })
    expect(stage.kit.counters.operations()).toHaveProperty('UploadPartCopy')
    expect(refused).toEqual([])
  })

  it('takes what s5cmd leaves to the direct engine', async () => {
    await using run = await stage.run()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '6', engine: 's5cmd,direct' })
    expect(refused).toEqual([])
  })

  it('takes what passes through the runner', async () => {
    await using run = await stage.run({ ...twoUsers(), 'part-size': '5MiB' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '6' })
    const operations = stage.kit.counters.operations()
    expect(operations).toMatchObject({ GetObject: 7, PutObject: 5, UploadPart: 2 })
    expect(refused).toEqual([])
  })
})

describe('a service that wants the MD5 of a delete', () => {
  beforeEach(() => {
    stage.kit.store.put('src', 'data/a', { body: 'a' })
    keepSome()
    for (const key of ['x', 'y <&> "\'']) stage.kit.store.put('dst', `copy/${key}`, { body: key })
  })

  it('deletes, though it refuses checksums that it does not know', async () => {
    const refused = [
      refuse(
        ({ operation, headers }) =>
          operation === 'DeleteObjects' && headers['content-md5'] === undefined,
        fail(400, 'MissingContentMD5'),
      ),
      refuse(
        ({ headers }) =>
          Object.keys(headers).some((name) => /^x-amz-(checksum|sdk-checksum)/.test(name)),
        fail(400, 'InvalidArgument'),
      ),
    ]
    await using run = await stage.run({ engine: 'direct', delete: 'true' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1', deleted: '2' })
    expect(stage.kit.counters.of('DeleteObjects')).toBe(2)
    expect(refused).toEqual([[], []])
  })
})

describe('what is written with bytes of another place', () => {
  /** UTF-8 that services give back as it is; the last byte of an `à` is a blank in latin1. */
  const BAND = 'Motörhead,  日本 voilà'
  const REDIRECT = 'x-amz-website-redirect-location'
  const WRITES = ['PutObject', 'CreateMultipartUpload']

  /** What the writes of these objects said. */
  function written(): Map<string, RequestInfo['headers']> {
    const seen = new Map<string, RequestInfo['headers']>()
    const isWrite = ({ operation, key }: RequestInfo) =>
      WRITES.includes(operation) && key.startsWith('copy/')
    stage.kit.faults.add({
      match: isWrite,
      fault: (request, next) => {
        seen.set(request.key, request.headers)
        return next()
      },
    })
    return seen
  }

  function expectCarried(seen: ReturnType<typeof written>, key: string): void {
    const headers = seen.get(`copy/${key}`)
    const band = Buffer.from(BAND).toString('latin1')
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'x-amz-meta-band': band })
    expect(headers).not.toHaveProperty(REDIRECT)
    const { metadata } = { ...stage.kit.store.facts('src', `data/${key}`) }
    expect(stage.kit.store.facts('dst', `copy/${key}`)?.metadata).toEqual(metadata)
  }

  beforeEach(() => {
    const described = {
      headers: { 'content-encoding': 'aws-chunked, gzip', [REDIRECT]: '/elsewhere' },
      metadata: { band: BAND, words: '=?UTF-8?B?w4PChE3Dg8KE?=' },
    }
    const { store } = stage.kit
    store.put('src', 'data/small', { body: 'small', ...described })
    store.put('src', 'data/parts', { size: 9 * MIB, ...described })
    store.put('src', 'data/huge', { size: HUGE, ...described })
    store.put('src', 'data/framed', { body: 'x', headers: { 'content-encoding': 'aws-chunked' } })
  })

  it('keeps each byte of its metadata, and neither framing nor redirects', async () => {
    const seen = written()
    const inputs = { ...twoUsers(), 'part-size': '5MiB', exclude: 'huge' }
    await using run = await stage.run(inputs)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3' })
    for (const key of ['small', 'parts']) expectCarried(seen, key)
    expect(seen.get('copy/framed')).not.toHaveProperty('content-encoding')
  })

  it('keeps them as well where the service copies it in parts', async () => {
    const seen = written()
    await using run = await stage.run({ engine: 'direct', include: 'huge' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expectCarried(seen, 'huge')
  })
})
