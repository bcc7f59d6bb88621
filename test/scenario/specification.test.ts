import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, fail } from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'

const MB = 1_000_000
const KLINES = 'data/klines'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage[Symbol.asyncDispose]())

const put = (key: string, size = 10) => stage.kit.store.put('src', `data/${key}`, { size, seed: 1 })
const fill = (objects: number, size?: number, name = 'k') => {
  for (let at = 0; at < objects; at++) put(`${name}${String(at).padStart(4, '0')}`, size)
}
const reportOf = async (run: StepResult): Promise<Report> =>
  JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8')) as Report

/** Lines of each batch file, in their order. */
async function batchesOf(run: StepResult): Promise<string[][]> {
  const folder = run.outputs['batch-dir'] ?? ''
  const names = (await readdir(folder)).sort()
  return Promise.all(
    names.map(async (name) => (await readFile(join(folder, name), 'utf8')).trim().split('\n')),
  )
}

describe('the specification, section by section, with the real s5cmd:', () => {
  it('1 tool overview: many transfers at a time, told in numbers', async () => {
    fill(60)
    let begun = 0
    const many = Promise.withResolvers<void>()
    stage.kit.faults.add({
      match: { operation: 'CopyObject' },
      // None is answered before more than twenty are under way.
      fault: async (_request, next) => {
        if (++begun > 20) many.resolve()
        await many.promise
        return next()
      },
    })
    await using run = await stage.run({ engine: 's5cmd' })
    expect(run.outputs).toMatchObject({ result: 'success', engine: 's5cmd', copied: '60' })
    expect(Number(run.outputs['objects-per-second'])).toBeGreaterThan(0)
  })

  it('2 installation: the version that runs is proven and told, and one that loses data is refused', async () => {
    put('a')
    await using run = await stage.run()
    expect(run.outputs['s5cmd-version']).toBe('2.3.0')
    expect(run.summary).toMatch(/s5cmd is usable +\| ✅ pass/)
    await using old = await stage.run({ 's5cmd-path': '', 's5cmd-version': '2.2.0' })
    expect(old.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'install' })
    expect(old.outputs['failure-message']).toContain('2.2.2')
  })

  it('3 configuration: keys, region, endpoint, dry run, JSON and log level by inputs', async () => {
    put('a')
    const { accessKeyId, secretAccessKey } = stage.kit.iam.admin
    const keys = { 'aws-access-key-id': accessKeyId, 'aws-secret-access-key': secretAccessKey }
    const inputs = { ...keys, 'role-to-assume': '', json: 'true' }
    await using dry = await stage.run({ ...inputs, 'dry-run': 'true' })
    expect(dry.outputs).toMatchObject({ result: 'planned', 'planned-copies': '1' })
    expect(stage.kit.store.keys('dst')).toEqual([])
    const lines = dry.log.split('\n').filter((line) => line.startsWith('{'))
    expect(lines.map((line) => JSON.parse(line).level)).toContain('info')
    await using run = await stage.run({ ...inputs, 'log-level': 'error' })
    expect(run.log).not.toContain('"level":"info"')
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
  })

  it('4 commands: copy if sizes differ, exclude, storage class, encryption and workers', async () => {
    for (const name of ['new', 'longer', 'same', 'x.tmp', 'x.log']) put(name, 20)
    stage.kit.store.put('dst', 'copy/longer', { size: 10 })
    stage.kit.store.put('dst', 'copy/same', { size: 20, seed: 2 })
    await using run = await stage.run({
      compare: 'size',
      exclude: '*.tmp\n*.log',
      'storage-class': 'STANDARD_IA',
      sse: 'AES256',
      numworkers: '4',
      'retry-count': '3',
      'part-size': '50MB',
    })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2', skipped: '3' })
    expect(stage.kit.store.keys('dst')).toEqual(['copy/longer', 'copy/new', 'copy/same'])
    expect(stage.kit.store.facts('dst', 'copy/new')?.storageClass).toBe('STANDARD_IA')
    expect((await batchesOf(run)).flat()[0]).toMatch(
      /^cp .*--storage-class STANDARD_IA --sse AES256 /,
    )
  })

  it('5 batch files: by size class, with the sizes of the tables, and organised target paths', async () => {
    fill(120, 10, 'small/')
    fill(60, 120 * MB, 'large/')
    put('klines/BTCUSDT/1m/BTCUSDT-1m-2025-07-15.zip')
    await using run = await stage.run({ 'key-template': 'kline-archive' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '181' })
    const lines = await batchesOf(run)
    expect(lines.map(({ length }) => length).sort((a, b) => a - b)).toEqual([10, 21, 50, 100])
    for (const batch of lines)
      expect(new Set(batch.map((line) => line.includes('/large/'))).size).toBe(1)
    expect(stage.kit.store.keys('dst')).toContain(
      `copy/${KLINES.slice(5)}/symbol=BTCUSDT/interval=1m/date=2025-07-15/BTCUSDT-1m-2025-07-15.zip`,
    )
  })

  it.each([
    ['small', 10, 50],
    ['large', 120 * MB, 10],
  ])(
    '6 performance: workers for %s objects, and no more than one pace allows',
    async (_name, size, workers) => {
      fill(4, size)
      await using run = await stage.run({ 'rate-limit': '10GB/s' })
      const { engine } = await reportOf(run)
      expect(engine).toMatchObject({ numworkers: workers, workersRule: 'size-class' })
    },
  )

  it('7 errors: what failed is retried and else named with its remedy, and all else is done', async () => {
    fill(20)
    const match = (key: string) => ({ operation: 'CopyObject', key: `copy/${key}` })
    stage.kit.faults.add({ match: match('k0003'), fault: fail(403, 'AccessDenied') })
    stage.kit.faults.add({ match: match('k0005'), times: 2, fault: fail(503, 'SlowDown') })
    await using run = await stage.run({ 'retry-count': '1' })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '19', failed: '1' })
    const [group] = (await reportOf(run)).errors
    expect(group).toMatchObject({ code: 'AccessDenied', objects: 1 })
    expect(group?.help).toBe('docs/troubleshooting.md#accessdenied')
    stage.kit.faults.clear()
    await using next = await stage.run()
    expect(next.outputs).toMatchObject({ result: 'success', copied: '1' })
  })

  it('7 fallback: without s5cmd the direct engine copies everything and says so', async () => {
    fill(3)
    await using run = await stage.run({ 's5cmd-path': '/nowhere/s5cmd' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', engine: 'direct' })
    expect(run.annotations.warnings.map(({ message }) => message).join()).toContain('s5cmd')
  })

  it('8 security: encryption and versioning of the destination are looked at, the policy is least', async () => {
    put('a')
    await using run = await stage.run()
    expect(run.summary).toMatch(/Destination encryption +\| ✅ pass +\| `AES256`/)
    expect(run.summary).toMatch(/Destination versioning +\| ⚠️ warning/)
    const policy = await readFile(run.outputs['policy-path'] ?? '', 'utf8')
    expect(policy).toContain('"s3:prefix"')
    expect(policy).not.toContain('s3:*')
  })

  it('9 monitoring: the closing lines are those that the log analysis of the specification reads', async () => {
    fill(8, MB)
    stage.kit.faults.add({
      match: { operation: 'CopyObject', key: 'copy/k0003' },
      fault: fail(403, 'AccessDenied'),
    })
    await using run = await stage.run()
    const read = (pattern: RegExp) => Number(pattern.exec(run.log)?.[1])
    expect(read(/Average speed: ([\d.]+) MB\/s/)).toBeGreaterThan(0)
    expect(read(/Copied: (\d+) files/)).toBe(7)
    expect(read(/Skipped: (\d+) files/)).toBe(0)
    expect(read(/Failed: (\d+) files/)).toBe(1)
    expect(read(/Total time: ([\d.]+)s/)).toBeGreaterThan(0)
  })

  it('10 best practices: the checks of the start, a preset, and progress that counts skips', async () => {
    fill(30)
    await using first = await stage.run({ include: 'k000*', preset: 'staging' })
    expect((await reportOf(first)).engine).toMatchObject({
      numworkers: 8,
      workersRule: 'asked-for',
    })
    stage.kit.faults.add({
      match: { operation: 'CopyObject' },
      fault: before(() => new Promise((resolve) => setTimeout(resolve, 600))),
    })
    await using run = await stage.run({ numworkers: '1', engine: 'direct' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '20', skipped: '10' })
    expect(run.log).toMatch(/of 20 objects \((3[3-9]|[4-9]\d)%\)/)
    const names = (await reportOf(run)).checks.map(({ name }) => name)
    for (const name of ['s5cmd', 'identity', 'destination-writing', 'source-reading', 'clock'])
      expect(names).toContain(name)
  })
})
