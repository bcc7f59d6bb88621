import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import {
  before,
  delay,
  type Fault,
  fail,
  failIn200,
  loseReply,
  reset,
} from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { earlyDeletes, watchOrder, waveBreaches } from 's3-direct-sync-testkit/wave-order.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { CopyOp } from '../../src/model/op.ts'
import { rowsOf } from '../result-rows.ts'
import { runs } from '../runs.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage[Symbol.asyncDispose]())

/** What breaks at a request for an object. */
const BREAKS: Readonly<Record<string, Fault>> = {
  'it fails for now': fail(500, 'InternalError'),
  'it is too much for now': fail(503, 'SlowDown'),
  'it fails within its answer': failIn200('InternalError'),
  'it is refused': fail(403, 'AccessDenied'),
  'it is late': delay(60),
  'it is lost': reset,
  'its answer is lost': loseReply,
  'somebody removes what it wrote': async ({ key = '' }, next) => {
    const reply = await next()
    stage.kit.store.delete('dst', key)
    return reply
  },
  'its source changes': before(({ key = '' }) => {
    stage.kit.store.put('src', key.replace('copy/', 'data/'), { body: `later ${key}` })
  }),
}

const copy = fc.record({
  wave: fc.integer({ min: 0, max: 3 }),
  /** Whether it is copied in parts. */
  large: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  broken: fc.option(
    fc.record({
      how: fc.constantFrom(...Object.keys(BREAKS)),
      at: fc.constantFrom('CopyObject', 'CopyObject', 'CopyObject', 'HeadObject'),
      times: fc.integer({ min: 1, max: 3 }),
    }),
    { freq: 3, nil: undefined },
  ),
})
const schedule = fc.record({
  copies: fc.array(copy, { minLength: 2, maxLength: 12 }),
  engine: fc.constantFrom('direct', 's5cmd', 'auto'),
  inputs: fc.record({
    verify: fc.constantFrom('auto', 'auto', 'outcomes', 'listing'),
    numworkers: fc.constantFrom('1', '3', '16'),
    'retry-count': fc.constantFrom('0', '1'),
    'max-retries': fc.constantFrom('0', '1', '2'),
    delete: fc.constantFrom('true', 'false'),
  }),
})

const WAVES = 'w1/**\n---\nw2/**\n---\nw3/**'

const linesOf = async (path = ''): Promise<CopyOp[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .slice(1, -2)
    .map((line) => JSON.parse(line))
    .filter(({ op }) => op === 'copy')

it('the first write of a wave comes behind the proof of every copy before it, as the server sees it, whatever breaks', async () => {
  const { store, faults } = stage.kit
  const begun = { direct: 0, s5cmd: 0, auto: 0 }
  await fc.assert(
    fc.asyncProperty(schedule, async ({ copies, engine, inputs }) => {
      faults.clear()
      for (const bucket of ['src', 'dst'])
        for (const key of store.keys(bucket)) store.delete(bucket, key)
      const seen = watchOrder(faults, 'dst')
      for (const [at, { wave, large, broken }] of copies.entries()) {
        const key = `w${wave}/${at}`
        const big = { size: 6 * 2 ** 30, etag: `${'b'.repeat(32)}-2` }
        store.put('src', `data/${key}`, large ? big : { body: `body of ${key}` })
        if (!broken) continue
        const { at: operation, how, times } = broken
        const match = { operation, bucket: 'dst', key: `copy/${key}` }
        faults.add({ match, times, fault: BREAKS[how] as Fault })
      }
      store.put('dst', 'copy/old', { body: 'old' })
      // So that no limit of deletes is met.
      for (const bucket of ['src/data', 'dst/copy']) {
        const [name = '', prefix] = bucket.split('/')
        store.put(name, `${prefix}/kept`, { body: 'kept' })
      }
      await using run = await stage.run({
        ...{ engine, waves: WAVES, 'retry-delay': '10ms', 'max-delete': '100%' },
        ...inputs,
      })
      const proofs = new Map((await rowsOf(run, 'results')).map(({ to, proof }) => [to, proof]))
      const planned = (await linesOf(run.outputs['plan-path'])).map(({ to, wave = 0 }) => ({
        to,
        wave,
        // What s5cmd was told nobody here saw; what its own engine was told may prove a copy.
        answerProves: inputs.verify === 'outcomes' || proofs.get(to) === 'etag',
      }))
      expect(planned.length, run.log).toBeGreaterThan(0)
      expect(waveBreaches(planned, seen), run.log).toEqual([])
      expect(earlyDeletes(planned, seen), run.log).toEqual([])
      const later = planned.filter(({ wave }) => wave > 0)
      if (later.some(({ to }) => store.facts('dst', to))) begun[engine]++
    }),
    { ...runs(8), endOnFailure: true },
  )
  if (runs(8).numRuns >= 100)
    for (const count of Object.values(begun)) expect(count).toBeGreaterThan(9)
}, 7_200_000)
