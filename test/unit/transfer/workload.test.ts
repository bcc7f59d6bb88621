import { expect, it } from 'vitest'
import { SyncError } from '../../../src/errors/sync-error.ts'
import type { CopyOp } from '../../../src/model/op.ts'
import type { TransferRequest } from '../../../src/model/request.ts'
import { type Survey, type SurveyInput, survey } from '../../../src/transfer/workload.ts'
import { copyOf, stream } from './copies.ts'

const MB = 1_000_000

function ground(more: Partial<TransferRequest> = {}, hasS5cmd = true): SurveyInput {
  const how: TransferRequest = {
    engine: 'auto',
    numworkers: 'auto',
    retryCount: 0,
    maxRetries: 0,
    retryDelayMs: 0,
    batchSize: 'auto',
    partBytes: 'auto',
    concurrency: 1,
    requestTimeoutMs: 1000,
    verify: 'auto',
    write: {},
    ...more,
  }
  const s5cmd = hasS5cmd ? { metadataDirective: true } : undefined
  const work = {
    averageBytes: 7,
    streamed: false,
    sameRegion: true,
    cores: 2,
    memoryBytes: 2 ** 30,
  }
  const destination = { prefix: '', single: false }
  return { transfer: how, routes: { transfer: how, s5cmd, destination, fewPorts: false }, work }
}

const surveyOf = (ops: readonly Partial<CopyOp>[], on = ground()): Promise<Survey> =>
  survey(stream([ops.map(copyOf)]), on)

const refusal = (ops: readonly Partial<CopyOp>[]): Promise<unknown> =>
  surveyOf(ops, ground({ engine: 's5cmd' })).catch((error: unknown) => error)

it('counts ops by engine, and sees what sizes there are', async () => {
  const seen = await surveyOf([
    { size: 50 * MB },
    { size: 51 * MB },
    { size: 200 * MB, key: 'in/a\nb' },
  ])
  expect(seen.ops).toEqual({ s5cmd: 2, direct: 1 })
  expect(seen.engines).toEqual(['s5cmd', 'direct'])
  expect(seen.work).toEqual({ ...ground().work, classes: new Set(['medium', 'large']) })
  expect(seen.s5cmdClasses).toEqual(new Set(['medium']))
  expect(seen.workers).toEqual({ value: 16, rule: 'size-class' })
  expect(seen.conflicts).toBe(0)
})

it.each<[string, Partial<CopyOp>[], boolean, string[]]>([
  ['no work needs no engine', [], true, []],
  ['ordinary work needs s5cmd alone', [{}], true, ['s5cmd']],
  ['what s5cmd cannot carry needs the direct engine alone', [{ key: 'in/a/' }], true, ['direct']],
  ['without s5cmd the direct engine does it all', [{}, {}], false, ['direct']],
])('%s', async (_what, ...[ops, hasS5cmd, engines]) => {
  expect((await surveyOf(ops, ground({}, hasS5cmd))).engines).toEqual(engines)
})

it('counts what overwrite: never leaves alone', async () => {
  const [blocked, fine] = [{ reason: 'destination-conflict' }, { reason: 'newer' }] as const
  expect((await surveyOf([blocked, fine, blocked])).conflicts).toBe(2)
})

it('takes the workers that were asked for', async () => {
  const asked = await surveyOf([{}], ground({ numworkers: 3 }))
  expect(asked.workers).toEqual({ value: 3, rule: 'asked-for' })
})

it('refuses a plan that s5cmd alone cannot carry, and names what and why', async () => {
  const error = await refusal([{}, { key: 'in/a\nb' }, { key: 'in/dir/', to: 'out/dir/' }])
  expect(error).toBeInstanceOf(SyncError)
  expect(error).toMatchObject({
    kind: 'guard',
    message:
      'The plan contains objects that s5cmd cannot copy:\n- "in/a\\nb" (newline-in-key)\n- "in/dir/" (trailing-slash)',
    hint: 'Set engine: auto: the direct engine copies these objects. Nothing was copied.',
  })
})

it('names five of them and counts the others', async () => {
  const stuck = (count: number) => Array.from({ length: count }, (_, i) => ({ key: `in/${i}/` }))
  const five = await refusal(stuck(5))
  expect((five as Error).message).toMatch(/\n- "in\/4\/" \(trailing-slash\)$/)
  const seven = await refusal(stuck(7))
  expect((seven as Error).message).toMatch(/\n- "in\/4\/" \(trailing-slash\)\nand 2 more$/)
})

it('does not refuse what nothing can carry: that fails by name', async () => {
  const hopeless = [{ unnameable: true }, { archived: true }, {}] as const
  const seen = await surveyOf(hopeless, ground({ engine: 's5cmd' }))
  expect(seen.ops).toEqual({ s5cmd: 1, direct: 2 })
})

it('refuses nothing where another engine was asked for', async () => {
  const seen = await surveyOf([{ key: 'in/dir/' }], ground({ engine: 'direct' }))
  expect(seen.ops).toEqual({ s5cmd: 0, direct: 1 })
})
