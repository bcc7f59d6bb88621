import { readFile } from 'node:fs/promises'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import type { Policy } from '../../src/preflight/policy.ts'

let stage: Stage
const HOUR_AGO = Date.now() - 3_600_000
const NAMES = ['a', 'b', 'sub/c', 'sub/d']

beforeEach(async () => {
  stage = await openStage()
  for (const name of NAMES) {
    put('src', `data/${name}`, `same ${name}`)
    put('dst', `copy/${name}`, `same ${name}`)
  }
})
afterEach(() => stage[Symbol.asyncDispose]())

const put = (bucket: string, key: string, body: string) =>
  stage.kit.store.put(bucket, key, { body, lastModifiedMs: HOUR_AGO })

/** Overwrites an object at the destination later than the source was written. */
const touch = (name: string) =>
  stage.kit.store.put('dst', `copy/${name}`, {
    body: `SAME ${name}`,
    lastModifiedMs: HOUR_AGO + 60_000,
  })

const check = (inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> =>
  stage.run({ mode: 'check', ...inputs })

/** The lines of the list, as `op key reason`. */
const differences = async ({ outputs }: StepResult): Promise<string[]> =>
  (await readFile(outputs['plan-path'] ?? '', 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .flatMap(({ op, key, reason }) => (op ? [`${op} ${key} ${reason}`] : []))

const reportOf = async ({ outputs }: StepResult): Promise<Report> =>
  JSON.parse(await readFile(outputs['report-path'] ?? '', 'utf8')) as Report

/** Changes the destination in every way there is. */
function disturb(): void {
  stage.kit.store.delete('dst', 'copy/a')
  put('dst', 'copy/b', 'longer than before')
  put('dst', 'copy/sub/c', 'SAME sub/c')
  touch('sub/d')
  put('dst', 'copy/extra', 'extra')
}

describe('mode: check', () => {
  it('finds nothing after a sync, and says that both places agree', async () => {
    disturb()
    const inputs = { delete: 'true', compare: 'etag' }
    await using synced = await stage.run(inputs)
    expect(synced.outputs).toMatchObject({ result: 'success', copied: '4', deleted: '1' })
    expect(synced.outputs['engine']).toBe('s5cmd')
    for (const more of [{}, { ...inputs, 'dry-run': 'true' }]) {
      await using run = await check(more)
      expect(run.exitCode).toBe(0)
      expect(run.outputs).toMatchObject({ result: 'nothing-to-do', skipped: '4' })
      expect(run.outputs).toMatchObject({ 'failure-kind': '', 'failure-message': '' })
      expect(run.summary).toContain('## ✅ Source and destination match: 4 objects compared\n')
      expect(run.annotations.errors).toEqual([])
      expect(await differences(run)).toEqual([])
    }
  })

  it('tells every difference everywhere, and changes nothing', async () => {
    disturb()
    const before = stage.kit.store.snapshot('dst', '')
    stage.kit.counters.reset()
    await using run = await check({ delete: 'true' })
    expect(stage.kit.store.snapshot('dst', '')).toEqual(before)
    expect(Object.keys(stage.kit.counters.operations())).toEqual([
      'AssumeRoleWithWebIdentity',
      'GetCallerIdentity',
      'HeadBucket',
      // Checksums, where ETags do not tell.
      'HeadObject',
      'ListObjectsV2',
    ])
    expect(run.exitCode).toBe(1)
    expect(await differences(run)).toEqual([
      'copy data/a missing',
      'copy data/b size-differs',
      'copy data/sub/c etag-differs',
      'delete copy/extra only-at-destination',
    ])
    expect(run.outputs).toMatchObject({
      result: 'drift',
      'planned-copies': '3',
      'planned-deletes': '1',
      copied: '0',
      deleted: '0',
      failed: '0',
      skipped: '1',
      'failure-kind': 'drift',
    })
    expect(run.annotations.errors).toHaveLength(1)
    expect(run.annotations.warnings).toEqual([])
    const [error] = run.annotations.errors
    expect(error?.title).toBe('Drift: 4 objects')
    expect(error?.message).toMatch(/missing at the destination: 1.*only at the destination: 1/)
    expect(error?.message).toMatch(/"data\/a".*Run with mode: sync/s)
    expect(error?.message).toContain('plan.ndjson (output plan-path)')
    expect(run.outputs['failure-message']).toContain('Run with mode: sync')
    expect(run.summary).toMatch(/^## ⚠️ Drift: 4 objects \(/)
    expect(run.summary).toContain('Different: size differs (1)')
    expect(run.summary).toContain('Not counted: same size, destination is newer (1)')
    expect(run.summary).toMatch(/\| \*\*delete\*\* +\| Only at the destination/)
    expect(run.log).toContain('Missing or different: 3 files')
    expect(await reportOf(run)).toMatchObject({ result: 'drift', exitCode: 1, mode: 'check' })
  })

  it('takes what a sync would leave for no difference, but counts it', async () => {
    put('dst', 'copy/extra', 'extra')
    touch('a')
    await using run = await check()
    expect(run.exitCode).toBe(0)
    expect(run.outputs).toMatchObject({ result: 'nothing-to-do', 'planned-deletes': '0' })
    expect(run.summary).toContain(
      '## ✅ Source and destination match: 4 objects compared (same size, destination is newer: 1; only at the destination: 1)',
    )
    expect((await reportOf(run)).reasons).toMatchObject({
      'differs-unproven': { objects: 1 },
      'only-at-destination': { objects: 1 },
    })
  })

  it.each([
    ['etag', ['a missing', 'b etag-differs', 'sub/c etag-differs', 'sub/d etag-differs']],
    ['newer', ['a missing']],
  ])('compares as asked: %s', async (compare, expected) => {
    disturb()
    await using run = await check({ compare })
    expect(run.outputs['result']).toBe('drift')
    expect(await differences(run)).toEqual(expected.map((line) => `copy data/${line}`))
  })

  it('keeps to the filters', async () => {
    disturb()
    await using run = await check({ exclude: 'a\nextra', include: 'a\nsub/**', delete: 'true' })
    expect(await differences(run)).toEqual(['copy data/sub/c etag-differs'])
    await using none = await check({ include: 'sub/d', delete: 'true' })
    expect(none.outputs['result']).toBe('nothing-to-do')
  })

  it('keeps to the rules for keys', async () => {
    const keys = { 'key-template': 'by-name/{name}', delete: 'true', 'max-delete': '100%' }
    await using before = await check(keys)
    expect(before.outputs).toMatchObject({ result: 'drift', 'planned-copies': '4' })
    await using synced = await stage.run(keys)
    expect(synced.outputs['result']).toBe('success')
    await using after = await check(keys)
    expect(after.outputs['result']).toBe('nothing-to-do')
  })

  it('finds an object in the way of overwrite: never, and says what to do about it', async () => {
    put('dst', 'copy/a', 'of somebody else')
    await using run = await check({ overwrite: 'never' })
    expect(run.exitCode).toBe(1)
    expect(await differences(run)).toEqual(['copy data/a destination-conflict'])
    expect(run.annotations.errors[0]?.message).toMatch(/overwrite: never.*Remove them/s)
  })

  it('is red or green as fail-on says', async () => {
    disturb()
    await using red = await check({ 'dry-run': 'true' })
    expect(red).toMatchObject({ exitCode: 1, outputs: { result: 'drift' } })
    await using run = await check({ 'fail-on': 'never' })
    expect(run.exitCode).toBe(0)
    expect(run.outputs['result']).toBe('drift')
    expect(run.annotations.errors).toEqual([])
    expect(run.annotations.warnings[0]?.title).toBe('Drift: 3 objects')
  })

  it('is stopped by no guard against deletes, but by an empty source', async () => {
    for (const name of NAMES) stage.kit.store.delete('src', `data/${name}`)
    put('src', 'data/other', 'other')
    const inputs = { delete: 'true', 'max-delete': '0' }
    await using drift = await check(inputs)
    expect(drift.outputs).toMatchObject({ result: 'drift', 'planned-deletes': '4' })
    stage.kit.store.delete('src', 'data/other')
    await using empty = await check(inputs)
    expect(empty.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    await using allowed = await check({ ...inputs, 'allow-empty-source': 'true' })
    expect(allowed.outputs).toMatchObject({ result: 'drift', 'planned-deletes': '4' })
  })

  it('needs to list and nothing else, and says so in policy.json', async () => {
    disturb()
    await using wide = await check({ delete: 'true', 'cloudwatch-metrics': 'true' })
    const policy: Policy = JSON.parse(await readFile(wide.outputs['policy-path'] ?? '', 'utf8'))
    const required = policy.Statement.filter(({ Sid }) => Sid.startsWith('Required'))
    expect(required.flatMap(({ Action }) => Action)).toEqual(['s3:ListBucket', 's3:ListBucket'])
    // To see checksums, without which times decide.
    const others = policy.Statement.filter((statement) => !required.includes(statement))
    expect(others.map(({ Sid, Action }) => [Sid, ...Action])).toEqual([
      ['OptionalSourceRead', 's3:GetObject'],
      ['OptionalDestinationRead', 's3:GetObject'],
    ])
    const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
    const policies = [{ Version: policy.Version, Statement: required }]
    const role = stage.kit.iam.addRole({ name: 'Checker', trust, policies })
    await using run = await check({ delete: 'true', 'role-to-assume': role })
    expect(run.outputs).toMatchObject({ result: 'drift', 'planned-copies': '3' })
    await using by = await check({ compare: 'checksum' })
    const asking: Policy = JSON.parse(await readFile(by.outputs['policy-path'] ?? '', 'utf8'))
    expect(asking.Statement.map(({ Sid }) => Sid)).toEqual([
      'RequiredSourceList',
      'RequiredSourceRead',
      'RequiredDestinationList',
      'RequiredDestinationRead',
    ])
  })

  it('needs no s5cmd, nor minds what that could not copy: nobody is to copy it', async () => {
    put('src', 'data/line\nend', 'new')
    await using run = await check({ engine: 's5cmd', 's5cmd-path': '/nowhere/s5cmd' })
    expect(run.outputs).toMatchObject({ result: 'drift', 'planned-copies': '1' })
    expect(run.outputs['s5cmd-path']).toBe('')
  })

  it('leaves a list that mode: execute can carry out', async () => {
    disturb()
    const inputs = { delete: 'true', compare: 'etag' }
    await using drift = await check(inputs)
    const execute = { ...inputs, mode: 'execute', 'plan-dir': drift.reportDir }
    await using run = await stage.run(execute, { job: drift.job })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '4', deleted: '1' })
    expect(stage.equal()).toBe(true)
  })
})
