import { CopyObjectCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as faults from '../faults.ts'
import { startTestkit, type Testkit } from '../testkit.ts'
import { failureOf, s3Client } from './clients.ts'

let kit: Testkit
beforeAll(async () => {
  kit = await startTestkit({ pageKeys: 3 })
  kit.store.createBucket('open', { public: true })
  for (const key of ['a', 'b', 'c', 'd d', 'e', 'f', 'g']) kit.store.put('open', key, { body: key })
})
beforeEach(() => {
  kit.faults.clear()
  kit.counters.reset()
})
afterAll(() => kit.close())

const copy = (client = s3Client(kit)) =>
  client.send(new CopyObjectCommand({ Bucket: 'open', Key: 'copy', CopySource: 'open/a' }))

describe('faults', () => {
  test('strike by operation and key, from the nth request on, a number of times', async () => {
    const match = { operation: 'CopyObject', bucket: 'open', key: 'copy' }
    const fault = faults.fail(503, 'SlowDown', { retryAfterSeconds: 1 })
    const struck = kit.faults.add({ match, nth: 2, times: 1, fault })
    await copy()
    expect(await failureOf(copy())).toBe('SlowDown 503')
    await copy()
    expect(struck()).toBe(1)
    expect(kit.counters.operations()).toEqual({ CopyObject: 3 })
    expect(kit.counters.errors()).toEqual({ SlowDown: 1 })
  })

  test('an error in a 200 is an error to the SDK', async () => {
    kit.faults.add({ match: { operation: 'CopyObject' }, fault: faults.failIn200('InternalError') })
    expect(await failureOf(copy())).toContain('InternalError')
  })

  test('a reset has no effect, a lost reply has', async () => {
    kit.store.delete('open', 'copy')
    const match = { operation: 'CopyObject' }
    kit.faults.add({ match, times: 1, fault: faults.reset })
    await expect(copy()).rejects.toThrow()
    expect(kit.store.facts('open', 'copy')).toBeUndefined()
    kit.faults.add({ match, times: 1, fault: faults.loseReply })
    await expect(copy()).rejects.toThrow()
    expect(kit.store.facts('open', 'copy')).toBeDefined()
  })

  test('a stalled request ends only with the client', async () => {
    kit.faults.add({ match: { operation: 'CopyObject' }, fault: faults.stall })
    const abortSignal = AbortSignal.timeout(50)
    const command = new CopyObjectCommand({ Bucket: 'open', Key: 'x', CopySource: 'open/a' })
    const call = s3Client(kit).send(command, { abortSignal })
    expect(await failureOf(call)).toContain('AbortError')
  })

  test('delays and changes behind the back of a request compose', async () => {
    const match = { operation: 'CopyObject' }
    kit.faults.add({ match, fault: faults.delay(40) })
    const change = () => kit.store.put('open', 'a', { body: 'changed' })
    kit.faults.add({ match, fault: faults.before(change) })
    const startedMs = performance.now()
    await copy()
    expect(performance.now() - startedMs).toBeGreaterThan(38)
    expect(kit.store.bytes('open', 'copy')?.toString()).toBe('changed')
  })

  test('a cut body breaks off', async () => {
    kit.store.put('open', 'long', { size: 10_000 })
    kit.faults.add({ match: { operation: 'GetObject' }, fault: faults.cutBody(100) })
    const get = new GetObjectCommand({ Bucket: 'open', Key: 'long' })
    const { Body } = await s3Client(kit).send(get)
    await expect(Body?.transformToByteArray()).rejects.toThrow()
    kit.store.delete('open', 'long')
  })
})

describe('wrong listings', () => {
  const list = async (anomaly: faults.ListAnomaly, query = '') => {
    kit.faults.add({ match: { operation: 'ListObjectsV2' }, fault: faults.wrongList(anomaly) })
    return (await fetch(`${kit.endpoint}/open?list-type=2&encoding-type=url${query}`)).text()
  }
  const keysOf = (xml: string) => Array.from(xml.matchAll(/<Key>([^<]*)/g), ([, key]) => key)

  test('each is wrong in its own way', async () => {
    expect(keysOf(await list('unordered'))).toEqual(['b', 'a', 'c'])
    kit.faults.clear()
    const dropped = await list('dropped-key')
    expect([keysOf(dropped), dropped.includes('<KeyCount>3<')]).toEqual([['b', 'c'], true])
    kit.faults.clear()
    expect(await list('bad-key-count')).toContain('<KeyCount>4</KeyCount>')
    kit.faults.clear()
    expect(await list('unclosed')).not.toContain('</ListBucketResult>')
    kit.faults.clear()
    expect(keysOf(await list('ignored-start-after', '&start-after=b'))).toEqual(['a', 'b', 'c'])
    kit.faults.clear()
    expect(keysOf(await list('ignored-encoding-type', '&start-after=c'))[1]).toBe('d d')
  })

  test('a repeated token never ends', async () => {
    const tokenOf = (xml: string) => /<NextContinuationToken>([^<]*)/.exec(xml)?.[1] ?? ''
    const first = tokenOf(await list('repeated-token'))
    const query = `&continuation-token=${encodeURIComponent(first)}`
    expect(tokenOf(await list('repeated-token', query))).toBe(first)
  })
})

test('latency is added without blocking, and connections and flights are counted', async () => {
  // So long that all ten are under way together on a busy machine too.
  const slow = await startTestkit({ latencyMs: 1000 })
  slow.store.put('b', 'a', { body: 'a' })
  const client = new S3Client({
    endpoint: slow.endpoint,
    region: 'us-east-1',
    credentials: slow.iam.admin,
    forcePathStyle: true,
  })
  const startedMs = performance.now()
  const get = () => client.send(new GetObjectCommand({ Bucket: 'b', Key: 'a' }))
  await Promise.all(Array.from({ length: 10 }, get))
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(999)
  expect([slow.counters.peakInFlight(), slow.counters.connections()]).toEqual([10, 10])
  await slow.close()
})
