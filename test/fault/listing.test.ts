import { cutBody, fail, reset, wrongList } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage
const KEYS = Array.from({ length: 25 }, (_, i) => `k${String(i).padStart(2, '0')}`)

beforeAll(async () => {
  stage = await openStage({ pageKeys: 10 })
  for (const key of KEYS) stage.kit.store.put('src', `data/${key}`, { body: key })
})
beforeEach(() => stage.kit.faults.clear())
afterAll(() => stage[Symbol.asyncDispose]())

const LISTS = { operation: 'ListObjectsV2', bucket: 'src' }
const copies = () => stage.kit.counters.of('CopyObject')

// Which pages are not complete is told by the tests of the scan; here, what becomes of a run that gets one.
describe('a listing that is not complete never becomes a plan', () => {
  it.each([
    ['the same page twice', wrongList('repeated-token')],
    ['loses a key', wrongList('dropped-key')],
    ['is cut off', cutBody(300)],
    ['is refused half-way', fail(403, 'AccessDenied')],
  ])('that %s', async (_what, fault) => {
    stage.kit.counters.reset()
    stage.kit.faults.add({ match: LISTS, nth: 2, fault })
    await using run = await stage.run({ 'retry-count': '0' })
    expect(run.outputs).toMatchObject({
      result: 'failed',
      'failure-kind': 'list',
      'plan-path': '',
    })
    expect(copies()).toBe(0)
  })
})

describe('a listing that is complete is used', () => {
  it('after errors that heal', async () => {
    stage.kit.faults.add({ match: LISTS, nth: 2, times: 2, fault: fail(503, 'SlowDown') })
    stage.kit.faults.add({ match: LISTS, nth: 4, times: 1, fault: reset })
    await using run = await stage.run({ destination: 's3://dst/healed/' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '25' })
  })

  it('in whatever order it comes, and with keys that are not encoded', async () => {
    stage.kit.faults.add({ match: LISTS, fault: wrongList('unordered') })
    stage.kit.faults.add({
      match: { operation: 'ListObjectsV2' },
      fault: wrongList('ignored-encoding-type'),
    })
    const inputs = { destination: 's3://dst/unordered/' }
    await using first = await stage.run(inputs)
    expect(first.outputs).toMatchObject({ result: 'success', copied: '25' })
    await using second = await stage.run(inputs)
    expect(second.outputs).toMatchObject({ result: 'nothing-to-do', skipped: '25' })
  })
})

it('a source that cannot be looked at when an approved plan is taken over is named', async () => {
  stage.kit.faults.clear()
  const inputs = { destination: 's3://dst/approved/', engine: 'direct' }
  await using planned = await stage.run({ ...inputs, mode: 'plan' })
  // The preflight looks as well: what is refused is the look at the source behind it.
  const fault = fail(400, 'AuthorizationHeaderMalformed')
  stage.kit.faults.add({ match: LISTS, nth: 2, fault })
  const planDir = { 'plan-dir': planned.reportDir }
  const step = { job: planned.job }
  await using run = await stage.run({ ...inputs, ...planDir, mode: 'execute' }, step)
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'list', copied: '0' })
  expect(run.annotations.errors[0]?.message).not.toContain('open an issue')
})

describe('a listing that is refused says what to do about the reason', () => {
  it.each([
    [
      'a secret that is another',
      fail(403, 'SignatureDoesNotMatch'),
      'The secret key does not belong to the access key: paste both again',
    ],
    ['no answer in time', () => new Promise<never>(() => undefined), 'raise request-timeout.'],
    ['a reason that nobody knows', fail(400, 'Whatever'), 'Run again, or check the service.'],
  ])('%s', async (_what, fault, remedy) => {
    stage.kit.faults.add({ match: LISTS, fault })
    await using run = await stage.run({ 'retry-count': '0', 'request-timeout': '2s' })
    expect(run.outputs['failure-kind']).toBe('list')
    expect(run.outputs['failure-message']).toContain('Nothing was touched.')
    expect(run.outputs['failure-message']).toContain(remedy)
  })
})

describe('a service that gives no answer', () => {
  it.each(['HeadBucket', 'AssumeRoleWithWebIdentity'])(
    'is told apart from one that cannot be reached: %s',
    async (operation) => {
      stage.kit.faults.add({ match: { operation }, fault: () => new Promise(() => undefined) })
      await using run = await stage.run({ 'retry-count': '0', 'request-timeout': '1s' })
      expect(run.outputs['result']).toBe('failed')
      expect(run.outputs['failure-message']).toContain(
        'The request timed out: check endpoint-url, the network and proxies; if the service only needs more time, raise request-timeout.',
      )
    },
  )

  it('in https is told by what it speaks', async () => {
    const url = stage.kit.endpoint.replace('http:', 'https:')
    await using run = await stage.run({ 'endpoint-url': url, 'retry-count': '0' })
    expect(run.outputs['failure-message']).toContain('The server does not support https')
    expect(run.outputs['failure-message']).not.toContain('openssl')
  })
})
