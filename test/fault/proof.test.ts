import { delay, type Fault, loseReply } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import type { ObjectSpec } from 's3-direct-sync-testkit/store.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { codesOf } from '../result-rows.ts'

let stage: Stage
const NAMES = ['a', 'b', 'c', 'd', 'e']
const BY_S5CMD = { engine: 's5cmd', 'max-retries': '0' }
const LONG_AGO = Date.now() - 3_600_000

/** Put together from parts, with a checksum of the whole. */
const PARTED = {
  ...{ etag: `${'a'.repeat(32)}-2`, checksums: { crc64nvme: 'AAAAAAAAAAA=' } },
  lastModifiedMs: LONG_AGO,
}

beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage[Symbol.asyncDispose]())

function fill(spec: Partial<ObjectSpec> = {}): void {
  for (const name of NAMES)
    stage.kit.store.put('src', `data/${name}`, {
      body: `text ${name}`,
      lastModifiedMs: LONG_AGO,
      ...spec,
    })
}

/** Somebody else writes as soon as an object is copied. */
function afterEachCopy(write: (key: string) => void): void {
  const fault: Fault = async (request, next) => {
    const reply = await next()
    write(request.key ?? '')
    return reply
  }
  stage.kit.faults.add({ match: { operation: 'CopyObject' }, fault })
}

const other = (key: string, spec: Partial<ObjectSpec> = {}): void =>
  stage.kit.store.put('dst', key, { body: `TEXT ${key.at(-1)}`, ...spec })

describe('a copy of s5cmd is verified only where something proves its content', () => {
  it('and bytes of somebody else of the same size are found, by ETag or by full-object checksum', async () => {
    fill()
    stage.kit.store.put('src', 'data/c', { ...PARTED, body: 'text c' })
    afterEachCopy((key) => {
      if (key.endsWith('b')) other(key)
      if (key.endsWith('c')) other(key, { checksums: { crc64nvme: 'BBBBBBBBBBA=' } })
    })
    await using run = await stage.run(BY_S5CMD)
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '3', failed: '2' })
    expect(await codesOf(run)).toEqual({ 'data/b': 'NotVerified', 'data/c': 'NotVerified' })
    expect(run.summary).not.toContain('verified,')
  })

  it('also in one listing', async () => {
    fill()
    afterEachCopy((key) => key.endsWith('b') && other(key))
    await using run = await stage.run({ ...BY_S5CMD, verify: 'listing' })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '4', failed: '1' })
    expect(await codesOf(run)).toEqual({ 'data/b': 'NotVerified' })
  })

  it('by its ETag, or by a full-object checksum where the source was a multipart upload', async () => {
    fill()
    stage.kit.store.put('src', 'data/c', { ...PARTED, body: 'text c' })
    await using run = await stage.run(BY_S5CMD)
    expect(run.summary).toContain('5 objects copied (30 B), verified')
  })

  it('and another full-object checksum of the same bytes proves nothing against them', async () => {
    fill(PARTED)
    afterEachCopy((key) =>
      other(key, { body: `text ${key.at(-1)}`, checksums: { crc64nvme: 'BBBBBBBBBBA=' } }),
    )
    await using run = await stage.run(BY_S5CMD)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '5' })
    expect(run.summary).toContain('checked by size and time')
  })

  it('and is told as checked by size and time where the source was a multipart upload, or is encrypted with SSE-KMS', async () => {
    fill({ etag: `${'a'.repeat(32)}-2` })
    const kms = { 'x-amz-server-side-encryption': 'aws:kms' }
    for (const name of ['a', 'b'])
      stage.kit.store.put('src', `data/${name}`, {
        ...{ body: `text ${name}`, lastModifiedMs: LONG_AGO },
        ...{ etag: 'a'.repeat(32), encryption: kms },
      })
    await using run = await stage.run(BY_S5CMD)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '5', failed: '0' })
    expect(run.summary).toContain('5 objects copied (30 B), checked by size and time')
  })

  it('and is told as checked by size and time where the destination is encrypted with SSE-KMS', async () => {
    fill()
    stage.kit.store.createBucket('kms', { encryption: 'aws:kms' })
    await using run = await stage.run({ ...BY_S5CMD, destination: 's3://kms/copy/' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '5', failed: '0' })
    expect(run.summary).toContain('5 objects copied (30 B), checked by size and time')
  })

  it('and an ETag that is no MD5 on this service proves nothing against it', async () => {
    fill()
    afterEachCopy((key) => other(key, { body: `text ${key.at(-1)}`, etag: 'b'.repeat(32) }))
    await using run = await stage.run(BY_S5CMD)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '5' })
    expect(run.summary).toContain('checked by size and time')
  })
})

it('what somebody else wrote behind a copy whose answer was lost is not taken for the copy', async () => {
  fill()
  stage.kit.faults.add({
    match: { operation: 'CopyObject', key: 'copy/a' },
    times: 1,
    fault: async (request, next) => {
      const lost = await loseReply(request, next)
      other('copy/a')
      return lost
    },
  })
  await using run = await stage.run({ engine: 's5cmd', 'retry-count': '0' })
  expect(run.outputs).toMatchObject({ result: 'success', copied: '5' })
  expect(stage.equal()).toBe(true)
})

it('a cancelled run keeps what was looked at in time', async () => {
  for (let i = 0; i < 1100; i++) stage.kit.store.put('src', `data/${i}`, { size: 10, seed: i })
  let pages = 0
  const stalled = delay(60_000)
  // Behind the copies, the second page never comes.
  const fault: Fault = (request, next) =>
    stage.kit.counters.of('CopyObject') > 0 && ++pages === 2 ? stalled(request, next) : next()
  stage.kit.faults.add({ match: { operation: 'HeadObject', bucket: 'dst' }, fault: stalled })
  stage.kit.faults.add({ match: { operation: 'ListObjectsV2', bucket: 'dst' }, fault })
  const signalAfter = (log: string) => log.includes('\ncopy: ')
  await using run = await stage.run({ engine: 's5cmd' }, { signalAfter })
  expect(run.exitedWithinMs).toBeLessThan(6000)
  expect(run.outputs).toMatchObject({ result: 'cancelled', copied: '1000', unknown: '100' })
})
