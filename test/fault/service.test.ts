import { readFile } from 'node:fs/promises'
import {
  cap,
  cutBody,
  type Fault,
  fail,
  failIn200,
  loseReply,
  type RequestInfo,
  reset,
} from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { codesOf } from '../result-rows.ts'

let stage: Stage
afterEach(() => stage[Symbol.asyncDispose]())

const HOUR_AGO = Date.now() - 3_600_000
const COPY = { operation: 'CopyObject' }

/** Half of them with an older version at the destination. */
async function fill(count: number, options: Parameters<typeof openStage>[0] = {}): Promise<void> {
  stage = await openStage(options)
  for (let i = 0; i < count; i++) {
    const lastModifiedMs = HOUR_AGO
    stage.kit.store.put('src', `data/${i}`, { size: 100 + i, seed: i, lastModifiedMs })
    if (i % 2 === 0) stage.kit.store.put('dst', `copy/${i}`, { size: 5, lastModifiedMs })
  }
}

const reportOf = async ({ outputs }: StepResult): Promise<Report> =>
  JSON.parse(await readFile(outputs['report-path'] ?? '', 'utf8')) as Report

const isConditional = ({ operation, headers }: RequestInfo): boolean =>
  operation === 'CopyObject' &&
  (headers['if-none-match'] !== undefined || headers['if-match'] !== undefined)

describe.each([
  [501, 'NotSupportedHere'],
  [400, 'InvalidRequest'],
])(
  'a service that does not support conditional writes, and says so by HTTP %i %s,',
  (status, code) => {
    const refuse = () => stage.kit.faults.add({ match: isConditional, fault: fail(status, code) })

    it('is written to without them, and the run says so once', async () => {
      await fill(12)
      const refused = refuse()
      await using run = await stage.run({ engine: 'direct', numworkers: '4' })
      expect(run.outputs).toMatchObject({ result: 'success', copied: '12', failed: '0' })
      expect(stage.equal()).toBe(true)
      expect(refused()).toBeLessThanOrEqual(4)
      expect(run.log.match(/they are no longer used/g)?.length).toBe(1)
      const told = run.annotations.warnings.filter(({ message }) =>
        message.includes('does not support conditional writes'),
      )
      expect(told.length).toBe(1)
      expect(run.summary).toContain('does not support conditional writes')
      expect((await reportOf(run)).engine?.unconditional).toBe(true)
    })

    it('is not written to with overwrite: never, which is no promise there', async () => {
      stage = await openStage()
      for (const key of ['data/a', 'data/b']) stage.kit.store.put('src', key, { body: key })
      refuse()
      await using run = await stage.run({ overwrite: 'never' })
      expect(run.exitCode).toBe(1)
      expect(run.outputs).toMatchObject({ result: 'failed', copied: '0', failed: '2' })
      // By HTTP 400 it may as well say something else.
      const told = status === 501 ? 'NotImplemented' : code
      expect(await codesOf(run)).toEqual({ 'data/a': told, 'data/b': told })
      if (status === 501) expect(run.annotations.errors[0]?.message).toContain('overwrite: never')
      expect(stage.kit.store.keys('dst')).toEqual([])
    })
  },
)

it('a service that knows conditional writes is asked for them still when it refuses something else', async () => {
  await fill(4)
  const fault = fail(501, 'NotImplemented')
  stage.kit.faults.add({ match: ({ headers }) => headers['x-amz-acl'] !== undefined, fault })
  await using run = await stage.run({ engine: 'direct', acl: 'private' })
  expect(run.outputs).toMatchObject({ result: 'failed', failed: '4' })
  expect((await reportOf(run)).engine?.unconditional).toBe(false)
})

/** What happens to the copies of some objects each. */
const TROUBLES = [
  ['an error in a 200', failIn200('InternalError')],
  ['a slow down in a 200', failIn200('SlowDown')],
  ['an empty 200', () => ({ status: 200, headers: {}, body: '' })],
  ['a body that is cut off', cutBody(40)],
  ['a reset', reset],
  ['a lost answer', loseReply],
  ['an internal error', fail(500, 'InternalError')],
  ['a conflict of two writers', fail(409, 'ConditionalRequestConflict')],
  ['credentials that are refused as expired', fail(400, 'ExpiredToken')],
] satisfies [string, Fault][]

describe('a service in trouble loses nothing, and hardly needs a second pass', () => {
  it('(each kind of trouble for some of the objects)', async () => {
    await fill(63)
    const kindOf = (key = '') => Number(key.split('/')[1]) % TROUBLES.length
    const struck = TROUBLES.map(([, fault], kind) => {
      const isHit = ({ operation, key }: RequestInfo) =>
        operation === 'CopyObject' && kindOf(key) === kind
      return stage.kit.faults.add({ match: isHit, times: 6, fault })
    })
    await using run = await stage.run({ engine: 'direct' })
    const failed = Object.entries(await codesOf(run))
    expect(failed.map(([key, code]) => [TROUBLES[kindOf(key)]?.[0], key, code])).toEqual([])
    expect(TROUBLES.map(([what], kind) => [what, struck[kind]?.()])).toEqual(
      TROUBLES.map(([what]) => [what, 6]),
    )
    expect(run.outputs).toMatchObject({ result: 'success', copied: '63', unknown: '0' })
    expect((await reportOf(run)).engine?.extraPasses).toBe(0)
    expect(stage.equal()).toBe(true)
  })

  it('(a burst of errors)', async () => {
    await fill(60)
    stage.kit.faults.add({ match: COPY, nth: 5, times: 30, fault: fail(500, 'InternalError') })
    await using run = await stage.run({ engine: 'direct' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '60', unknown: '0' })
    expect((await reportOf(run)).engine?.extraPasses).toBe(0)
  })

  it('(a clock that is twenty minutes off by now)', async () => {
    let offMs = 0
    await fill(60, { now: () => Date.now() + offMs })
    const jump: Fault = (_request, next) => {
      offMs = 20 * 60_000
      return next()
    }
    stage.kit.faults.add({ match: COPY, nth: 20, times: 1, fault: jump })
    await using run = await stage.run({ engine: 'direct', numworkers: '8' })
    expect(await codesOf(run)).toEqual({})
    expect(run.outputs).toMatchObject({ result: 'success', copied: '60' })
    expect(stage.kit.counters.errors()['RequestTimeTooSkewed']).toBeGreaterThan(0)
  })

  it('(as many requests a second as it bears, and no more)', async () => {
    await fill(600, { latencyMs: 5 })
    stage.kit.faults.add({ match: COPY, fault: cap(150, 15) })
    await using run = await stage.run({ engine: 'direct' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '600', failed: '0' })
    // A busy machine may need one for the last few.
    expect((await reportOf(run)).engine?.extraPasses).toBeLessThanOrEqual(1)
    // Most of them while the first second shows what it bears.
    expect(stage.kit.counters.errors()['SlowDown']).toBeLessThan(1500)
  })
})

describe('a service that takes every session for expired', () => {
  it.each(['s5cmd', 'direct'])('starts no storm at STS, and is named (%s)', async (engine) => {
    await fill(200)
    stage.kit.faults.add({ match: COPY, fault: fail(400, 'ExpiredToken') })
    await using run = await stage.run({ engine, 'retry-delay': '1s' })
    expect(run.outputs).toMatchObject({ result: 'failed', copied: '0' })
    expect(stage.kit.counters.of('AssumeRoleWithWebIdentity')).toBe(2)
    expect(new Set(Object.values(await codesOf(run)))).toContain('CredentialsLost')
    expect(run.annotations.errors[0]?.message).toMatch(/clock of the service|check its clock/)
  })

  it('is none where sessions last only for seconds, and run out in truth', async () => {
    await fill(300, { latencyMs: 20 })
    stage.kit.iam.sessionLifetimeMs = 1500
    await using run = await stage.run({ numworkers: '2', 'retry-delay': '50ms' })
    expect(run.outputs).toMatchObject({ result: 'success', failed: '0' })
    expect(stage.kit.counters.of('AssumeRoleWithWebIdentity')).toBeGreaterThan(2)
  })
})
