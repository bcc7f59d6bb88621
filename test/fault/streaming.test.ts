import { hash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesBody, readBody } from 's3-direct-sync-testkit/body.ts'
import { type Fault, fail } from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { startTestkit, type Testkit } from 's3-direct-sync-testkit/testkit.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { codesOf, rowsOf } from '../result-rows.ts'

const MIB = 2 ** 20
const HOUR_AGO = Date.now() - 3_600_000
const NEW = Buffer.alloc(12 * MIB, 'B')

let stage: Stage
let far: Testkit

const run = (inputs: Readonly<Record<string, string>> = {}) =>
  stage.run({
    source: 's3://far/data/',
    'source-endpoint-url': far.endpoint,
    'source-no-sign-request': 'true',
    'part-size': '5MiB',
    'retry-count': '1',
    'max-retries': '0',
    ...inputs,
  })
const put = (key: string, body: Buffer, more = {}) =>
  far.store.put('far', `data/${key}`, { body, lastModifiedMs: HOUR_AGO, ...more })
const copied = (key: string) => stage.kit.store.bytes('dst', `copy/${key}`)

/** Bytes that all differ from their neighbours. */
const content = (bytes: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + (i >> 8)) & 255))

const flipped =
  (at: () => number): Fault =>
  async (_request, next) => {
    const reply = await next()
    if (typeof reply.body !== 'object') return reply
    const body = Buffer.concat([...readBody(reply.body)])
    const place = at() % body.length
    body[place] = (body[place] ?? 0) ^ 1
    return { ...reply, body: bytesBody(body) }
  }

beforeEach(async () => {
  stage = await openStage({ now: () => Date.now() + 2000 })
  far = await startTestkit()
  far.store.createBucket('far', { public: true })
})
afterEach(async () => {
  expect(stage.kit.store.uploads('dst')).toEqual([])
  await stage[Symbol.asyncDispose]()
  await far.close()
})

describe('an object that changes while it is streamed from a service that heeds no conditions', () => {
  it('is never put together from two', async () => {
    put('x', content(12 * MIB))
    let reads = 0
    far.faults.add({
      match: { operation: 'GetObject' },
      fault: (request, next) => {
        Reflect.deleteProperty(request.headers, 'if-match')
        if (++reads === 2) far.store.put('far', 'data/x', { body: NEW })
        return next()
      },
    })
    await using first = await run({ concurrency: '1' })
    expect(first.outputs['result']).toBe('success')
    expect(copied('x')?.equals(NEW)).toBe(true)
  })

  it('nor where the service itself copies the parts', async () => {
    const size = 1.25 * 1024 * MIB
    stage.kit.store.put('src', 'data/x', { size, seed: 1, lastModifiedMs: HOUR_AGO })
    const { etag = '' } = stage.kit.store.facts('src', 'data/x') ?? {}
    let parts = 0
    stage.kit.faults.add({
      match: { operation: 'UploadPartCopy' },
      fault: async (_request, next) => {
        if (++parts !== 2) return next()
        // As if the service did not look at the ETag that the part is bound to.
        stage.kit.store.put('src', 'data/x', { size, seed: 2, etag })
        const reply = await next()
        stage.kit.store.put('src', 'data/x', { size, seed: 2 })
        return reply
      },
    })
    await using once = await stage.run({ engine: 'direct', concurrency: '1', 'retry-delay': '0s' })
    expect(once.outputs['result']).toBe('success')
    const [from, to] = [
      stage.kit.store.facts('src', 'data/x'),
      stage.kit.store.facts('dst', 'copy/x'),
    ]
    expect(to?.md5).toBe(from?.md5)
  })
})

it('objects come with a digest, whole and in parts, as a bucket with Object Lock wants it', async () => {
  stage.kit.store.createBucket('locked', { objectLock: true })
  put('x', content(1000))
  put('y', content(12 * MIB))
  await using once = await run({ destination: 's3://locked/copy/' })
  expect(once.outputs).toMatchObject({ result: 'success', copied: '2' })
  expect(stage.kit.store.bytes('locked', 'copy/y')?.equals(content(12 * MIB))).toBe(true)
  expect(stage.kit.counters.of('UploadPart')).toBe(3)
})

describe('bytes of a source', () => {
  it('that come damaged are read again, and neither written when they always do nor when others were asked for', async () => {
    for (const key of ['once', 'ever']) put(key, content(100_000))
    for (const key of ['all', 'beside']) put(key, content(12 * MIB))
    const on = (key: string, fault: Fault, times?: number) => {
      const match = { operation: 'GetObject', key: `data/${key}` }
      far.faults.add({ match, fault, ...(times === undefined ? {} : { times }) })
    }
    let at = 0
    on(
      'once',
      flipped(() => 5),
      1,
    )
    on(
      'ever',
      flipped(() => at++),
    )
    const bent =
      (bend: (range: string) => string | undefined): Fault =>
      ({ headers }, next) => {
        Object.assign(headers, { range: bend(headers['range'] ?? '') })
        return next()
      }
    on(
      'all',
      bent(() => undefined),
    )
    on(
      'beside',
      bent((range) => range.replace('bytes=5242880-', 'bytes=5242879-')),
    )
    await using once = await run()
    expect(once.outputs).toMatchObject({ result: 'partial', copied: '1', failed: '3' })
    expect(await codesOf(once)).toEqual({
      'data/ever': 'BadDigest',
      'data/all': 'InvalidRange',
      'data/beside': 'InvalidRange',
    })
    expect(stage.kit.store.keys('dst')).toEqual(['copy/once'])
    expect(copied('once')?.equals(content(100_000))).toBe(true)
  })

  it('that a checksum is stored of are compared by it, and by the ETag where it says otherwise', async () => {
    const body = content(100_000)
    const kms = {
      etag: 'a'.repeat(32),
      encryption: { 'x-amz-server-side-encryption': 'aws:kms' },
    }
    const sum = (bytes: Buffer) => hash('sha256', bytes, 'base64')
    put('once', body, { ...kms, checksums: { sha256: sum(body) } })
    put('ever', body, { ...kms, checksums: { sha256: sum(NEW) } })
    put('lied', body, { checksums: { sha256: sum(NEW) } })
    const match = { operation: 'GetObject', key: 'data/once' }
    far.faults.add({ match, times: 1, fault: flipped(() => 5) })
    await using once = await run()
    expect(once.outputs, once.log).toMatchObject({ result: 'partial', copied: '2', failed: '1' })
    expect(await codesOf(once)).toEqual({ 'data/ever': 'BadDigest' })
    expect(stage.kit.store.keys('dst')).toEqual(['copy/lied', 'copy/once'])
    expect(copied('once')?.equals(body)).toBe(true)
  })

  it('are taken as they come where ETags are no digests', async () => {
    put('x', content(1000), { etag: 'a'.repeat(32) })
    put('y', content(2000), { etag: 'b'.repeat(32) })
    await using once = await run()
    expect(once.outputs).toMatchObject({ result: 'success', copied: '2' })
    expect(copied('y')?.equals(content(2000))).toBe(true)
  })
})

it('tags that nobody may read are missed aloud', async () => {
  put('x', content(10), { tags: { class: 'secret' } })
  put('y', content(6 * MIB), { tags: { class: 'secret' } })
  far.faults.add({
    match: ({ operation }) => /^(Get|Head)Object$/.test(operation),
    fault: async (_request, next) => {
      const reply = await next()
      const { 'x-amz-tagging-count': _count, ...headers } = reply.headers
      return { ...reply, headers }
    },
  })
  far.faults.add({ match: { operation: 'GetObjectTagging' }, fault: fail(403, 'AccessDenied') })
  await using once = await run()
  expect(once.outputs).toMatchObject({ result: 'success', copied: '2' })
  expect(once.annotations.warnings.map(({ message }) => message).join()).toContain(
    's3:GetObjectTagging',
  )
})

it('header values that are no ASCII arrive as they are', async () => {
  const headers = {
    'content-disposition': Buffer.from('attachment; filename="ü"').toString('latin1'),
  }
  put('x', content(10), { headers })
  await using once = await run()
  expect(once.outputs).toMatchObject({ result: 'success', copied: '1' })
  expect(stage.kit.store.facts('dst', 'copy/x')?.headers).toMatchObject(headers)
})

it('an upload that was put together behind a 500 or a 503 is done', async () => {
  for (const [key, status, code] of [
    ['x', 500, 'InternalError'],
    ['y', 503, 'SlowDown'],
  ] as const) {
    put(key, content(6 * MIB))
    const fault: Fault = async (request, next) => {
      await next()
      return fail(status, code)(request, next)
    }
    const match = { operation: 'CompleteMultipartUpload', key: `copy/${key}` }
    stage.kit.faults.add({ match, times: 1, fault })
  }
  await using once = await run({ 'retry-count': '3' })
  expect(once.outputs).toMatchObject({ result: 'success', copied: '2' })
})

it('one service by two spellings is one service', async () => {
  const upper = stage.kit.endpoint.replace('http:', 'HTTP:')
  stage.kit.store.put('src', 'data/in/x', { body: 'x' })
  await using same = await stage.run({
    source: 's3://src/data/in/',
    destination: 's3://src/data/',
    'source-endpoint-url': upper,
    delete: 'true',
    'max-delete': '100%',
  })
  expect(same.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
  expect(stage.kit.store.keys('src')).toEqual(['data/in/x'])
})

describe('a manifest that says the SHA-256 of what is streamed', () => {
  const files = { large: content(12 * MIB), small: Buffer.from('small'), none: Buffer.from('none') }
  const sha256 = (bytes: Uint8Array) => hash('sha256', bytes)
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sums-'))
    for (const [key, bytes] of Object.entries(files)) put(key, bytes)
    return () => rm(folder, { recursive: true })
  })

  /** Writes a list that says these digests, and runs it. */
  const runOf = async (sums: Readonly<Record<string, string>>, inputs = {}) => {
    const path = join(folder, 'list.ndjson')
    const rows = Object.keys(files).map((key) => ({ key, ...(sums[key] && { sha256: sums[key] }) }))
    await writeFile(path, rows.map((row) => JSON.stringify(row)).join('\n'))
    return run({ manifest: path, ...inputs })
  }
  const unproven = async (step: StepResult) => {
    const report = JSON.parse(await readFile(step.outputs['report-path'] ?? '', 'utf8')) as Report
    return report.manifest?.sha256Unproven
  }

  it('is proven by the bytes that pass, whole and in parts', async () => {
    const sums = { large: sha256(files.large), small: sha256(files.small) }
    await using planned = await runOf(sums, { mode: 'plan' })
    expect(await unproven(planned)).toBe(2)
    await using step = await runOf(sums)
    expect(step.outputs, step.log).toMatchObject({ result: 'success', copied: '3' })
    expect(await unproven(step)).toBe(0)
    const rows = await rowsOf(step, 'results')
    expect(rows.map(({ key, sha256: sum, sha256Proven }) => [key, sum, sha256Proven])).toEqual(
      expect.arrayContaining([
        ['data/large', sums.large, true],
        ['data/small', sums.small, true],
        ['data/none', undefined, undefined],
      ]),
    )
  })

  it('keeps from the destination what has another one, and the others are copied', async () => {
    const other = '0'.repeat(64)
    await using step = await runOf({ large: other, small: other, none: sha256(files.none) })
    expect(step.outputs, step.log).toMatchObject({ result: 'partial', copied: '1', failed: '2' })
    expect(await codesOf(step)).toEqual({
      'data/large': 'ChangedSinceManifest',
      'data/small': 'ChangedSinceManifest',
    })
    expect(stage.kit.store.keys('dst')).toEqual(['copy/none'])
    expect(await unproven(step)).toBe(2)
  })

  it('is heard of when a part is lost, instead of waited for', async () => {
    far.faults.add({
      match: (request) => request.headers['range']?.startsWith('bytes=5242880-') ?? false,
      fault: fail(403, 'AccessDenied'),
    })
    await using step = await runOf({ large: sha256(files.large) })
    expect(step.outputs, step.log).toMatchObject({ result: 'partial', copied: '2', failed: '1' })
    expect(await codesOf(step)).toEqual({ 'data/large': 'AccessDenied' })
  })
})
