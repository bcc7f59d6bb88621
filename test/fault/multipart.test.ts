import { readFile } from 'node:fs/promises'
import {
  delay,
  fail,
  failIn200,
  loseReply,
  before as meanwhile,
  signalling,
  stall,
} from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { codesOf } from '../result-rows.ts'

const GIB = 2 ** 30
const HOUR_AGO = Date.now() - 3_600_000
const LARGE = {
  size: 1.5 * GIB,
  seed: 1,
  lastModifiedMs: HOUR_AGO,
  headers: {
    'content-type': 'application/x-parquet',
    'cache-control': 'max-age=60, must-revalidate',
    'content-disposition': 'attachment; filename="a b.parquet"',
    'content-encoding': 'gzip',
    'content-language': 'de, en',
    expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
  },
  metadata: { owner: 'a, b="c"; d', 'two-words': 'x  y' },
  tags: { 'a b': '1+2', ü: 'ö=/:' },
}

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
  stage.kit.store.put('src', 'data/large', LARGE)
})
afterEach(() => stage[Symbol.asyncDispose]())

const large = (more: object) => stage.kit.store.put('src', 'data/large', { ...LARGE, ...more })
const there = () => stage.kit.store.facts('dst', 'copy/large')
const calls = (operation: string) => stage.kit.counters.of(operation)

/** All but the ETag and the class is the source's; nothing is left behind. */
function expectWhole(): void {
  const source = stage.kit.store.facts('src', 'data/large')
  const { headers, metadata, tags, md5, size } = { ...source }
  expect(there()).toMatchObject({ headers, metadata, tags, md5, size })
  expect(stage.kit.store.uploads('dst')).toEqual([])
}

async function expectNothingToDo(inputs: Readonly<Record<string, string>>): Promise<void> {
  await using second = await stage.run(inputs)
  expect(second.outputs['result']).toBe('nothing-to-do')
}

describe('a large object', () => {
  it.each([
    [12, 'auto', {}],
    [1.5, 'direct', { sse: 'aws:kms', 'storage-class': 'STANDARD_IA' }],
  ])(
    'of %d GiB is copied in parts, with all that belongs to it (%s, %o)',
    async (gib, engine, more) => {
      large({ size: gib * GIB })
      stage.kit.faults.add({ match: { operation: 'UploadPartCopy' }, fault: delay(20) })
      const inputs = { engine, ...more }
      await using run = await stage.run(inputs)
      expect(run.outputs).toMatchObject({ result: 'success', copied: '1', engine: 'direct' })
      expectWhole()
      expect(calls('UploadPartCopy')).toBe(gib * 4)
      expect(calls('CopyObject') + calls('GetObject') + calls('PutObject')).toBe(0)
      expect(stage.kit.counters.peakInFlight()).toBe(5)
      const report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8')) as Report
      expect(report.verification).toMatchObject({ method: 'heads', checked: 1, mismatched: 0 })
      expect(report.peakMemoryBytes).toBeLessThan(200 * 2 ** 20)
      if (gib < 5) await expectNothingToDo(inputs)
    },
  )

  it('has as many parts under way as concurrency says', async () => {
    stage.kit.faults.add({ match: { operation: 'UploadPartCopy' }, fault: delay(50) })
    await using run = await stage.run({ engine: 'direct', concurrency: '2' })
    expect(run.outputs['result']).toBe('success')
    expect(stage.kit.counters.peakInFlight()).toBe(2)
  })

  it('is written under the metadata that was asked for, and keeps its tags', async () => {
    const replaced = {
      'metadata-directive': 'REPLACE',
      'content-type': 'text/x',
      headers: "- { files: ['*'], metadata: { a: 'b, c' } }",
    }
    await using run = await stage.run({ engine: 'direct', ...replaced })
    expect(run.outputs['result']).toBe('success')
    expect(there()).toMatchObject({ metadata: { a: 'b, c' }, tags: LARGE.tags })
    expect(there()?.headers).toEqual({ 'content-type': 'text/x' })
  })

  it('whose tags the role may not read is copied whole when it has none, and not copied without them or above 5 GiB', async () => {
    large({ tags: {} })
    stage.kit.store.put('src', 'data/tagged', LARGE)
    stage.kit.store.put('src', 'data/huge', { ...LARGE, size: 6 * GIB, tags: {} })
    const allow = (...Action: string[]) => ({ Effect: 'Allow', Action, Resource: '*' }) as const
    const write = ['s3:PutObject', 's3:AbortMultipartUpload']
    const Statement = allow('s3:ListBucket', 's3:GetObject', ...write)
    const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
    const blind = stage.kit.iam.addRole({ name: 'Blind', trust, policies: [{ Statement }] })
    await using run = await stage.run({ engine: 'direct', 'role-to-assume': blind })
    expect(await codesOf(run)).toEqual({
      'data/tagged': 'AccessDenied',
      'data/huge': 'AccessDenied',
    })
    expect(stage.kit.store.keys('dst')).toEqual(['copy/large'])
    expectWhole()
  })

  it('leaves nothing behind when its run is cancelled', async () => {
    large({ size: 12 * GIB })
    const { fault, endedBy } = signalling(stall)
    stage.kit.faults.add({ match: { operation: 'UploadPartCopy' }, nth: 7, fault })
    await using run = await stage.run({ engine: 'direct' }, { endedBy })
    expect(run.exitedWithinMs).toBeLessThan(6000)
    expect(run.outputs).toMatchObject({ result: 'cancelled', copied: '0', unknown: '1' })
    expect(stage.kit.store.uploads('dst')).toEqual([])
  })

  it('leaves nothing behind when its run is cancelled while the upload begins', async () => {
    const { fault, endedBy } = signalling(async (_request, next) => {
      const reply = await next()
      await new Promise((resolve) => setTimeout(resolve, 500))
      return reply
    })
    // The first one only asks whether it may be begun.
    const match = { operation: 'CreateMultipartUpload', key: 'copy/large' }
    stage.kit.faults.add({ match, nth: 2, fault })
    await using run = await stage.run({ engine: 'direct' }, { endedBy })
    expect(run.exitedWithinMs).toBeLessThan(6000)
    expect(run.outputs['result']).toBe('cancelled')
    expect(stage.kit.store.uploads('dst')).toEqual([])
  })

  it('that changes half-way is copied anew, one whose destination was written is not, and nothing is left of one whose part fails', async () => {
    const { store, faults } = stage.kit
    for (const name of ['written', 'failing']) store.put('src', `data/${name}`, LARGE)
    const halfWay = (name: string, act: () => void) =>
      faults.add({
        match: { operation: 'UploadPartCopy', key: `copy/${name}` },
        nth: 3,
        times: 1,
        fault: meanwhile(act),
      })
    halfWay('large', () => large({ seed: 2, size: 2 * GIB }))
    halfWay('written', () => store.put('dst', 'copy/written', { body: 'of somebody else' }))
    faults.add({
      match: ({ operation, key, query }) =>
        operation === 'UploadPartCopy' && key === 'copy/failing' && query.get('partNumber') === '4',
      fault: fail(403, 'AccessDenied'),
    })
    await using run = await stage.run({ engine: 'direct' })
    expect(await codesOf(run)).toEqual({
      'data/written': 'DestinationChanged',
      'data/failing': 'AccessDenied',
    })
    expectWhole()
    expect(there()?.size).toBe(2 * GIB)
    expect(store.facts('dst', 'copy/written')?.size).toBe(16)
    expect(store.facts('dst', 'copy/failing')).toBeUndefined()
  })
})

describe('the answer to the end of an upload', () => {
  const endOf = (name: string) => ({
    operation: 'CompleteMultipartUpload',
    key: `copy/${name}`,
  })

  it('that is lost is found out, also where the service looks at the condition first; one that is an error in a 200 is asked for again; one that stays an error leaves nothing behind', async () => {
    const { store, faults } = stage.kit
    for (const name of ['condition', 'late', 'failing'])
      store.put('src', `data/${name}`, { ...LARGE, size: 1.25 * GIB })
    faults.add({ match: endOf('large'), times: 1, fault: loseReply })
    faults.add({
      match: endOf('condition'),
      nth: 2,
      fault: fail(412, 'PreconditionFailed'),
    })
    faults.add({ match: endOf('condition'), times: 1, fault: loseReply })
    const late = faults.add({ match: endOf('late'), times: 2, fault: failIn200('InternalError') })
    const asked = faults.add({ match: endOf('late'), fault: meanwhile(() => {}) })
    faults.add({ match: endOf('failing'), fault: fail(500, 'InternalError') })
    await using run = await stage.run({ engine: 'direct', 'retry-count': '2', 'max-retries': '1' })
    expect(await codesOf(run)).toEqual({ 'data/failing': 'InternalError' })
    expect([late(), asked()]).toEqual([2, 3])
    // Only what failed was begun again.
    expect(calls('UploadPartCopy')).toBe(6 + 4 * 5)
    for (const name of ['large', 'condition', 'late'])
      expect(store.facts('dst', `copy/${name}`)?.md5).toBe(store.facts('src', `data/${name}`)?.md5)
    expectWhole()
  })

  it('that is lost under KMS is found out', async () => {
    stage.kit.faults.add({ match: endOf('large'), times: 1, fault: loseReply })
    await using run = await stage.run({ engine: 'direct', sse: 'aws:kms' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(calls('UploadPartCopy')).toBe(6)
    expectWhole()
  })
})
