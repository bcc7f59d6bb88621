import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  delay,
  fail,
  before as meanwhile,
  signalling,
  stall,
} from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { codesOf } from '../result-rows.ts'

type Inputs = Readonly<Record<string, string>>
type Step = Parameters<Stage['run']>[1]

/** What the output `transfers` says of one of them. */
interface Told {
  readonly name: string
  readonly result: string
  readonly copied: number
  readonly deleted: number
  readonly 'report-path': string
  readonly 'failed-path': string
}

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage[Symbol.asyncDispose]())

const put = (bucket: string, ...keys: readonly string[]) => {
  // The same body under every prefix, so that copies are told from originals by nothing.
  for (const key of keys)
    stage.kit.store.put(bucket, key, { body: `body of ${key.split('/').at(-1)}` })
}
const held = (prefix = '') => stage.kit.store.keys('dst').filter((key) => key.startsWith(prefix))

const MIRRORS = `
- { name: eu, destination: s3://dst/eu/ }
- { name: us, destination: s3://dst/us/ }
- { name: ap, destination: s3://dst/ap/ }
`

/** Runs a step with a list of transfers; `source` is that of the stage unless it is given. */
const run = (transfers: string, inputs: Inputs = {}, step?: Step): Promise<StepResult> =>
  stage.run({ destination: '', transfers, ...inputs }, step)

const toldOf = ({ outputs }: StepResult): readonly Told[] => JSON.parse(outputs['transfers'] ?? '')
const results = (step: StepResult) =>
  Object.fromEntries(toldOf(step).map(({ name, result }) => [name, result]))
const reportAt = async (path: string | undefined): Promise<Report> =>
  JSON.parse(await readFile(path ?? '', 'utf8'))

/** Codes of what was not done, by transfer and key. */
async function codes(step: StepResult): Promise<Readonly<Record<string, Inputs>>> {
  const rows = toldOf(step).map(async ({ name, 'report-path': path }) => {
    const of = await codesOf({ outputs: { 'report-path': path } })
    return [name, of] as const
  })
  return Object.fromEntries(await Promise.all(rows))
}

const WRITES = ['CopyObject', 'PutObject', 'DeleteObject', 'DeleteObjects', 'CreateMultipartUpload']
const writes = () => WRITES.reduce((sum, name) => sum + stage.kit.counters.of(name), 0)

describe('three mirrors in one step', () => {
  beforeEach(() => put('src', 'data/a', 'data/b', 'data/sub/c'))

  it.each(['s5cmd', 'direct'])('all get what the source has (%s)', async (engine) => {
    put('dst', 'us/a', 'us/b', 'us/old')
    await using step = await run(MIRRORS, { engine, delete: 'true' })
    expect(step.exitCode).toBe(0)
    for (const name of ['eu', 'us', 'ap'])
      expect(held(`${name}/`)).toEqual([`${name}/a`, `${name}/b`, `${name}/sub/c`])
    expect(step.outputs).toMatchObject({
      ...{ result: 'success', 'planned-copies': '7', copied: '7', deleted: '1', skipped: '2' },
      ...{ engine, failed: '0', 'failed-path': '', 'plan-path': step.reportDir },
    })
    expect(results(step)).toEqual({ eu: 'success', us: 'success', ap: 'success' })
    expect(toldOf(step)[1]).toMatchObject({ name: 'us', copied: 1, deleted: 1, skipped: 2 })
  })

  it('take one login, one look at the source and one summary', async () => {
    await using step = await run(MIRRORS)
    const of = (operation: string) => stage.kit.counters.of(operation)
    expect(of('AssumeRoleWithWebIdentity')).toBe(1)
    expect(of('GetCallerIdentity')).toBe(1)
    // The source and the three destinations, which are in one bucket.
    expect(of('HeadBucket')).toBe(4)
    expect(of('GetBucketVersioning')).toBe(3)
    expect(of('GetBucketEncryption')).toBe(4)
    expect(step.log.match(/^install: /gm)).toHaveLength(1)
    expect(step.summary.match(/^## /gm)).toEqual(['## '])
    expect(step.summary).toMatch(/^## ✅ 9 objects copied \(\d+ B\), verified\n\n3 transfers in /)
    expect(step.summary.indexOf('| `us`')).toBeLessThan(step.summary.indexOf('<details>'))
    expect(step.summary).toContain('<details><summary>us: success</summary>')
    expect(step.annotations).toEqual({ errors: [], warnings: [], notices: [] })
  })

  it('each have their files in a folder of their own, and the step one report and one policy', async () => {
    await using step = await run(MIRRORS)
    const top = await reportAt(step.outputs['report-path'])
    expect(top).toMatchObject({
      schema: 's3-direct-sync/report/1',
      result: 'success',
      totals: { copied: { objects: 9 } },
      source: { bucket: 'src', prefix: 'data/' },
      transfers: [{ name: 'eu' }, { name: 'us', result: 'success' }, { name: 'ap' }],
    })
    expect(top.settings[0]).toEqual({ name: 'transfers', value: 'eu, us, ap', origin: 'input' })
    for (const { name, 'report-path': path } of toldOf(step)) {
      expect(path).toBe(join(step.reportDir, name, 'report.json'))
      const report = await reportAt(path)
      expect(report).toMatchObject({ result: 'success', destination: { prefix: `${name}/` } })
      expect(report.settings).toContainEqual({
        name: 'destination',
        value: `s3://dst/${name}/`,
        origin: 'transfer',
      })
      expect(await readFile(join(step.reportDir, name, 'results.ndjson'), 'utf8')).not.toBe('')
    }
    const policy = JSON.parse(await readFile(step.outputs['policy-path'] ?? '', 'utf8'))
    const sids: string[] = policy.Statement.map(({ Sid }: { Sid: string }) => Sid)
    expect(new Set(sids).size).toBe(sids.length)
    expect(policy.Statement).toContainEqual({
      Sid: 'RequiredDestinationWrite',
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:AbortMultipartUpload'],
      Resource: ['eu', 'us', 'ap'].map((name) => `arn:aws:s3:::dst/${name}/*`),
    })
  })

  it('have nothing to do a second time, also in the same folder', async () => {
    await using first = await run(MIRRORS, { 'report-dir': 'report' })
    await using again = await run(MIRRORS, { 'report-dir': 'report' }, { job: first.job })
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do', copied: '0', skipped: '9' })
    expect(results(again)).toEqual({
      eu: 'nothing-to-do',
      us: 'nothing-to-do',
      ap: 'nothing-to-do',
    })
  })
})

const TWO_SOURCES = `
- { name: packages, source: s3://src/pkg/, destination: s3://dst/pkg/, overwrite: never }
- { name: docs, source: s3://src/docs/, destination: s3://dst/docs/, delete: true, max-delete: 1 }
`

describe('transfers of a step', () => {
  it('go their own ways, each by its own settings before those of the step', async () => {
    put('src', 'pkg/a', 'pkg/b.tmp', 'docs/a', 'docs/b.tmp')
    put('dst', 'docs/a', 'docs/old', 'pkg/old')
    const list = `
- { name: packages, source: s3://src/pkg/, destination: s3://dst/pkg/, overwrite: never }
- name: docs
  source: s3://src/docs/
  destination: s3://dst/docs/
  delete: true
  exclude:
    - none
`
    await using step = await run(list, { source: '', exclude: '*.tmp' })
    expect(step.outputs).toMatchObject({ result: 'success' })
    expect(held()).toEqual(['docs/a', 'docs/b.tmp', 'pkg/a', 'pkg/old'])
    const [packages, docs] = await Promise.all(
      toldOf(step).map((told) => reportAt(told['report-path'])),
    )
    expect(packages?.routes).toEqual({ 'overwrite-never': 1 })
    expect(packages?.settings).toContainEqual({ name: 'exclude', value: '*.tmp', origin: 'input' })
    expect(docs?.settings).toContainEqual({ name: 'exclude', value: 'none', origin: 'transfer' })
  })

  it('write nothing when a guard refuses the last of them', async () => {
    put('src', 'pkg/a', 'docs/a')
    put('dst', 'docs/a', 'docs/old', 'docs/older', 'docs/oldest')
    await using step = await run(TWO_SOURCES, { source: '' })
    expect(step.exitCode).toBe(1)
    expect(writes()).toBe(0)
    expect(results(step)).toEqual({ packages: 'failed', docs: 'failed' })
    expect(step.outputs).toMatchObject({
      ...{ result: 'failed', 'failure-kind': 'guard', copied: '0', failed: '0' },
      ...{ 'planned-copies': '1', 'planned-deletes': '3' },
    })
    const [error, ...others] = step.annotations.errors
    expect(others).toEqual([])
    expect(error?.title).toBe('docs: 3 deletes, max-delete is 1')
    expect(error?.message).toContain('Would be deleted: "docs/old", "docs/older", "docs/oldest"')
    expect(step.summary).toContain('### What `docs` would delete (3)')
    expect(step.summary).toContain('Not started, because the transfer docs could not start')
  })

  it('write nothing when one of them would overwrite what was published', async () => {
    put('src', 'pkg/a', 'docs/a')
    stage.kit.store.put('dst', 'pkg/a', { body: 'another' })
    const list = TWO_SOURCES.trim().split('\n').reverse().join('\n')
    await using step = await run(list, { source: '' })
    expect(held()).toEqual(['pkg/a'])
    expect(step.outputs).toMatchObject({ result: 'failed', copied: '0', failed: '2' })
    expect(await codes(step)).toEqual({
      docs: { 'docs/a': 'HeldBack' },
      packages: { 'pkg/a': 'DestinationExists' },
    })
  })

  it('write nothing when one of them may not be written', async () => {
    put('src', 'data/a')
    const match = { operation: 'CreateMultipartUpload', key: 'ap/a' }
    stage.kit.faults.add({ match, fault: fail(403, 'AccessDenied') })
    await using step = await run(MIRRORS, { engine: 'direct' })
    expect(held()).toEqual([])
    expect(step.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'preflight' })
    expect(step.annotations.errors[0]?.title).toMatch(/^ap: /)
    expect(results(step)).toEqual({ eu: 'failed', us: 'failed', ap: 'failed' })
  })

  it('write nothing when one of them has no bucket', async () => {
    put('src', 'data/a')
    const list = `${MIRRORS}- { name: gone, destination: s3://nowhere/x/ }\n`
    await using step = await run(list)
    expect(writes()).toBe(0)
    expect(step.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'preflight' })
    expect(step.annotations.errors[0]?.title).toBe(
      'gone: The destination bucket nowhere does not exist',
    )
    expect(step.annotations.errors).toHaveLength(1)
  })

  it('hold back what comes behind a failed one, and all deletes', async () => {
    put('src', 'data/a', 'data/b')
    put('dst', 'eu/a', 'eu/b', 'eu/old', 'us/old', 'us/a', 'ap/a', 'ap/old')
    stage.kit.faults.add({
      match: { operation: 'CopyObject', key: 'us/b' },
      fault: fail(403, 'AccessDenied'),
    })
    await using step = await run(MIRRORS, { engine: 'direct', delete: 'true' })
    expect(step.exitCode).toBe(1)
    expect(results(step)).toEqual({ eu: 'failed', us: 'failed', ap: 'failed' })
    expect(await codes(step)).toEqual({
      eu: { 'eu/old': 'CopiesFailed' },
      us: { 'data/b': 'AccessDenied', 'us/old': 'CopiesFailed' },
      ap: { 'data/b': 'HeldBack', 'ap/old': 'CopiesFailed' },
    })
    expect(held()).toEqual(['ap/a', 'ap/old', 'eu/a', 'eu/b', 'eu/old', 'us/a', 'us/old'])
    expect(step.outputs).toMatchObject({ result: 'failed', failed: '5', 'failure-kind': 'copy' })
    expect(step.annotations.errors).toHaveLength(1)
    expect(step.annotations.errors[0]?.message).toContain('failed.ndjson of its transfer')
  })

  it('are partial together when some are done, and the rest follows in the next run', async () => {
    put('src', 'data/a')
    stage.kit.faults.add({
      match: { operation: 'CopyObject', key: 'us/a' },
      fault: fail(403, 'AccessDenied'),
    })
    await using step = await run(MIRRORS, { engine: 'direct' })
    expect(step.outputs).toMatchObject({ result: 'partial', copied: '1', failed: '2' })
    expect(results(step)).toEqual({ eu: 'success', us: 'failed', ap: 'failed' })
    stage.kit.faults.clear()
    await using next = await run(MIRRORS, { engine: 'direct' })
    expect(results(next)).toEqual({ eu: 'nothing-to-do', us: 'success', ap: 'success' })
  })

  it('delete nothing before all of them have copied', async () => {
    put('src', 'data/a', 'data/b')
    put('dst', 'eu/a', 'eu/old', 'us/a', 'us/old', 'ap/a', 'ap/old')
    const seen: string[] = []
    stage.kit.faults.add({
      match: ({ operation }) => operation === 'CopyObject' || operation === 'DeleteObjects',
      fault: meanwhile(({ operation, key }) => void seen.push(operation ?? key ?? '')),
    })
    await using step = await run(MIRRORS, { engine: 'direct', delete: 'true' })
    expect(step.outputs).toMatchObject({ result: 'success', copied: '3', deleted: '3' })
    expect(seen.lastIndexOf('CopyObject')).toBe(2)
    expect(seen.indexOf('DeleteObjects')).toBe(3)
  })

  it.each(['s5cmd', 'direct'])('keep to one rate together (%s)', async (engine) => {
    stage.kit.store.put('src', 'data/a', { body: Buffer.alloc(800_000) })
    const begunMs: number[] = []
    stage.kit.faults.add({
      match: { operation: 'CopyObject' },
      fault: meanwhile(() => void begunMs.push(performance.now())),
    })
    await using step = await run(MIRRORS, { engine, 'rate-limit': '1MB/s' })
    expect(step.outputs).toMatchObject({ result: 'success', copied: '3' })
    const gaps = begunMs.slice(1).map((ms, at) => ms - (begunMs[at] ?? 0))
    expect(gaps).toHaveLength(2)
    for (const gap of gaps) expect(gap).toBeGreaterThan(500)
  })

  it('have waves of their own, and a wave that fails holds back later transfers as well', async () => {
    put('src', 'data/a', 'data/index')
    const match = { operation: 'CopyObject', key: 'us/a' }
    stage.kit.faults.add({ match, fault: fail(403, 'AccessDenied') })
    await using step = await run(MIRRORS, { engine: 'direct', waves: 'index' })
    expect(results(step)).toEqual({ eu: 'success', us: 'failed', ap: 'failed' })
    expect(await codes(step)).toEqual({
      eu: {},
      us: { 'data/a': 'AccessDenied', 'data/index': 'HeldBack' },
      ap: { 'data/a': 'HeldBack', 'data/index': 'HeldBack' },
    })
  })

  it('may be only one, with a name', async () => {
    put('src', 'data/a')
    await using step = await run('- { name: only, destination: s3://dst/x/ }')
    expect(step.outputs['result']).toBe('success')
    expect(toldOf(step)).toMatchObject([{ name: 'only', copied: 1 }])
    expect(toldOf(step)[0]?.['report-path']).toBe(join(step.reportDir, 'only', 'report.json'))
  })
})

describe('every mode goes through the list:', () => {
  beforeEach(() => put('src', 'data/a', 'data/b'))

  it('a dry run writes nothing, and tells what each would do', async () => {
    await using step = await run(MIRRORS, { 'dry-run': 'true' })
    expect(writes()).toBe(0)
    expect(step.outputs).toMatchObject({ result: 'planned', 'planned-copies': '6' })
    expect(results(step)).toEqual({ eu: 'planned', us: 'planned', ap: 'planned' })
  })

  it('a dry run goes on where guards would refuse, and says of which', async () => {
    put('dst', 'us/a', 'us/b', 'us/1', 'us/2')
    const inputs = { 'dry-run': 'true', delete: 'true', 'max-delete': '1' }
    await using step = await run(MIRRORS, inputs)
    expect(step.exitCode).toBe(0)
    expect(step.outputs).toMatchObject({ result: 'planned', 'failure-kind': 'guard' })
    expect(step.annotations.warnings[0]?.title).toBe(
      'A real run would be refused: us: 2 deletes, max-delete is 1',
    )
  })

  it('plan and execute, by the folder that the plans lie in', async () => {
    await using plan = await run(MIRRORS, { mode: 'plan', 'report-dir': 'plans' })
    expect(plan.outputs).toMatchObject({ result: 'planned', 'plan-path': plan.reportDir })
    put('src', 'data/later')
    const inputs = { mode: 'execute', 'plan-dir': 'plans' }
    await using step = await run(MIRRORS, inputs, { job: plan.job })
    expect(step.outputs).toMatchObject({ result: 'success', copied: '6' })
    expect(held('eu/')).toEqual(['eu/a', 'eu/b'])
  })

  it('execute refuses all where one has no plan', async () => {
    const two = MIRRORS.trim().split('\n').slice(0, 2).join('\n')
    await using plan = await run(two, { mode: 'plan', 'report-dir': 'plans' })
    const inputs = { mode: 'execute', 'plan-dir': 'plans' }
    await using step = await run(MIRRORS, inputs, { job: plan.job })
    expect(step.outputs['result']).toBe('failed')
    expect(step.outputs['failure-message']).toMatch(/^ap: There is no plan at .*ap.plan\.ndjson/)
    expect(held()).toEqual([])
  })

  it('execute refuses all where there is a plan of one that is not in the list', async () => {
    await using plan = await run(MIRRORS, { mode: 'plan', 'report-dir': 'plans' })
    const two = MIRRORS.trim().split('\n').slice(0, 2).join('\n')
    const inputs = { mode: 'execute', 'plan-dir': 'plans' }
    await using step = await run(two, inputs, { job: plan.job })
    expect(step.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(step.outputs['failure-message']).toMatch(
      /^plan-dir has a plan of "ap", which is not in transfers: /,
    )
    expect(held()).toEqual([])
  })

  it('a check finds drift where one mirror has it', async () => {
    put('dst', 'eu/a', 'eu/b', 'us/a', 'ap/a', 'ap/b')
    await using step = await run(MIRRORS, { mode: 'check' })
    expect(step.exitCode).toBe(1)
    expect(step.outputs).toMatchObject({ result: 'drift', 'planned-copies': '1' })
    expect(results(step)).toEqual({ eu: 'nothing-to-do', us: 'drift', ap: 'nothing-to-do' })
  })
})

describe('an end before the end', () => {
  it('leaves a transfer that is done as it is, when the step is cancelled in the next', async () => {
    put('src', 'data/a', 'data/b')
    const { fault, endedBy } = signalling(stall)
    stage.kit.faults.add({ match: { operation: 'CopyObject', key: 'us/a' }, fault })
    await using step = await run(MIRRORS, { engine: 'direct', numworkers: '1' }, { endedBy })
    expect(step.exitedWithinMs).toBeLessThan(6000)
    expect(step.leftovers).toEqual([])
    expect(step.outputs).toMatchObject({ result: 'cancelled', copied: '2', unknown: '4' })
    expect(await codes(step)).toMatchObject({
      ap: { 'data/a': 'Cancelled', 'data/b': 'Cancelled' },
    })
    expect(results(step)).toEqual({ eu: 'success', us: 'cancelled', ap: 'cancelled' })
    expect(step.summary).toContain('🛑 Cancelled: 2 of 6 objects copied')
  })

  it('by max-duration is that of all transfers together', async () => {
    put('src', 'data/a', 'data/b')
    stage.kit.faults.add({ match: { operation: 'CopyObject', key: 'us/a' }, fault: delay(6500) })
    const inputs = { engine: 'direct', numworkers: '1', 'max-duration': '6s' }
    await using step = await run(MIRRORS, inputs)
    expect(step.outputs).toMatchObject({ result: 'partial', copied: '3', failed: '3' })
    expect(results(step)).toEqual({ eu: 'success', us: 'partial', ap: 'failed' })
    expect(await codes(step)).toEqual({
      eu: {},
      us: { 'data/b': 'MaxDuration' },
      ap: { 'data/a': 'MaxDuration', 'data/b': 'MaxDuration' },
    })
  })
})
