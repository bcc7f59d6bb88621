import { describe, expect, test } from 'vitest'
import { SyncError } from '../../../src/errors/sync-error.ts'
import { NOT_LOOKED_AT, type ResultRow } from '../../../src/model/outcome.ts'
import type { Cdn } from '../../../src/ports.ts'
import { publish } from '../../../src/report/publish.ts'
import { NOT_PROVEN, type Verification } from '../../../src/verify/findings.ts'
import {
  executionOf,
  planOf,
  preflightOf,
  requestOf,
  sessionsOf,
  stageOf,
  stepOf,
} from './stage.ts'

const RESULTS = '/r/results.ndjson'
const SIGNAL = new SyncError('cancelled', 'The run was ended by SIGINT.')

const rowOf = (over: Partial<ResultRow> = {}): string =>
  `${JSON.stringify({
    ...{ op: 'copy', key: 'a/x/k', to: 'b/x/k', size: 10, status: 'done' },
    ...{ engine: 'direct', attempts: 1, ...over },
  })}\n`

type Script = Parameters<typeof stageOf>[0]
type Inputs = Readonly<Record<string, string>>

const seen = (mismatches: Verification['mismatches'] = new Map()): Verification => ({
  method: 'heads',
  checked: 1,
  proven: NOT_PROVEN,
  mismatches,
})

/** A run that copied one object and looked at it again, and what was told of it. */
async function copied(script: Script = {}, inputs: Inputs = {}) {
  const stage = stageOf(script)
  const { record } = stage.run
  Object.assign(record.found, {
    inputs: await requestOf(inputs),
    credentials: sessionsOf({ account: '111122223333', source: 'oidc' }),
    preflight: preflightOf(),
    list: planOf({ copies: { objects: 1, bytes: 10 } }),
    copy: { ...executionOf(), claims: [{ path: '/t/claims', count: 1 }] },
    verify: seen(),
  })
  record.entered.add('copy')
  record.proofs.set(0, seen())
  await stage.put(RESULTS, rowOf(inputs['verify'] === 'outcomes' ? {} : NOT_LOOKED_AT))
  return stage
}

const reportIn = (texts: ReadonlyMap<string, string>): unknown =>
  JSON.parse(texts.get('/r/report.json') ?? '')

describe('a result is told', () => {
  test('by the report file, the outputs, the summary and the log, all of one mind', async () => {
    const { run, texts, told } = await copied()
    const report = await publish(stepOf(run))
    expect(report).toMatchObject({ result: 'success', exitCode: 0 })
    expect(texts.get('/r/report.json')).toBe(`${JSON.stringify(report, undefined, 2)}\n`)
    expect(told.outputs).toMatchObject({
      result: 'success',
      copied: '1',
      'report-path': '/r/report.json',
      'policy-path': '/r/policy.json',
    })
    expect(told.summaries).toEqual([
      expect.stringMatching(/^## ✅ 1 object copied \(10 B\), verified\n/),
    ])
    expect(told.annotations).toEqual([])
    expect(told.lines).toEqual([
      'info: Copied: 1 files, 10 B',
      'info: Skipped: 0 files',
      'info: Failed: 0 files',
      'info: Total time: 0.0s',
      'info: Result: success',
      'info: Report: /r/report.json',
    ])
  })

  test('by an annotation where it is not what was wanted', async () => {
    const { run, put, told } = await copied()
    await put(RESULTS, rowOf({ status: 'failed', code: 'AccessDenied', message: 'no' }))
    await publish(stepOf(run))
    expect(told.annotations).toEqual([
      expect.stringMatching(
        /^error AccessDenied: 1 of 1 object not copied: The identity .*\nAccessDenied \(1 object\): no\.\n/,
      ),
    ])
  })

  test('with the trace of an error for those who debug', async () => {
    const { run, told } = await copied()
    run.record.failure = SIGNAL
    await publish(stepOf(run))
    expect(told.lines[0]).toMatch(/^debug: SyncError: The run was ended by SIGINT\.\n {4}at /)
  })

  test('without a summary where none is wanted', async () => {
    const { run, told } = await copied({}, { 'job-summary': 'false' })
    await publish(stepOf(run))
    expect(told.summaries).toEqual([])
    expect(told.outputs['result']).toBe('success')
  })
})

describe('a run whose inputs are refused', () => {
  test('has no files, but its summary, outputs and annotation', async () => {
    const { run, told, texts } = stageOf()
    run.record.failure = new SyncError('inputs', 'source is required')
    const { files } = await publish(stepOf(run))
    expect(files).toEqual({ report: '' })
    expect([...texts.keys()]).toEqual([])
    expect(told.outputs).toMatchObject({ result: 'failed', 'report-path': '', 'policy-path': '' })
    expect(told.summaries).toHaveLength(1)
    expect(told.annotations).toEqual(['error source is required: source is required'])
    expect(told.lines.filter((line) => line.startsWith('error'))).toEqual([])
  })

  test('has no summary either where the raw input says so', async () => {
    const { run, told } = stageOf({ inputs: { 'job-summary': 'false' } })
    await publish(stepOf(run))
    expect(told.summaries).toEqual([])
  })
})

describe('everywhere', () => {
  test('a secret that a service sent back is left out, whatever is cut off', async () => {
    const { run, ports, told, texts } = stageOf()
    ports.host.mask('s3cr3t-t0ken')
    const sent = `You sent ${'x'.repeat(2000)} s3cr3t-t0ken`
    run.record.failure = new SyncError('credentials', sent, { hint: 'Not s3cr3t-t0ken.' })
    const report = await publish(stepOf(run))
    expect(report.failure?.text).toContain(`xx ***\nNot ***.`)
    const { lines: _hiddenByTheRunner, ...read } = told
    for (const text of [...Object.values(read), [...texts], report].map((one) =>
      JSON.stringify(one),
    ))
      expect(text.includes('s3cr3t')).toBe(false)
  })

  test('what looks like a secret is left alone where it is no text', async () => {
    const { run, ports, told } = await copied()
    ports.host.mask('12345678')
    run.record.found.list = planOf({ copies: { objects: 1, bytes: 12345678 } })
    const report = await publish(stepOf(run))
    expect(report.totals.planned.bytes).toBe(12345678)
    expect(told.outputs['result']).toBe('success')
  })

  test('a short secret is left out of what others say, and no word of our own is', async () => {
    const { run, ports, told } = await copied()
    ports.host.mask('1')
    run.record.failure = new SyncError('credentials', 'You sent 1.', { hint: 'Not 1.' })
    const report = await publish(stepOf(run))
    expect(report.failure?.text).toBe('You sent ***.\nNot ***.')
    expect(report.startedAt).toContain('1')
    expect(told.outputs['destination-region']).toContain('1')
  })

  test('that it came to its end is kept for the post step, last', async () => {
    const kept: string[] = []
    const saveState = (name: string, value: string) => {
      kept.push(`${name}=${value}`)
    }
    const { run, told } = stageOf({ host: { saveState } })
    await publish(stepOf(run))
    expect(kept).toEqual(['finished=true'])
    expect(told.outputs['result']).toBe('nothing-to-do')
  })

  test('that the end cannot be kept is said, and changes nothing', async () => {
    const saveState = () => {
      throw Object.assign(new Error('EMFILE: no'), { code: 'EMFILE', syscall: 'open' })
    }
    const { run, told } = stageOf({ host: { saveState } })
    const { exitCode } = await publish(stepOf(run))
    expect(exitCode).toBe(0)
    expect(told.lines.at(-1)).toMatch(/^error: Could not write the state for the post step: /)
  })
})

describe('rows', () => {
  test('that were not looked at again are unknown', async () => {
    const { run, told } = await copied()
    delete run.record.found.verify
    run.record.proofs.clear()
    await publish(stepOf(run))
    expect(told.outputs).toMatchObject({ copied: '0', unknown: '1', result: 'failed' })
    expect(told.outputs['failure-message']).toMatch(/ NotVerified \(1 object\): /)
  })

  test('of a cancelled run that nobody looked at again are unknown, too', async () => {
    const { run, told } = await copied({ cancelled: AbortSignal.abort(SIGNAL) })
    delete run.record.found.verify
    run.record.proofs.clear()
    await publish(stepOf(run))
    expect(told.outputs).toMatchObject({ copied: '0', unknown: '1', result: 'cancelled' })
  })

  test('of a cancelled run are as the engines reported them, where that is to be believed', async () => {
    const cancelled = AbortSignal.abort(SIGNAL)
    const { run, told } = await copied({ cancelled }, { verify: 'outcomes' })
    delete run.record.found.verify
    run.record.proofs.clear()
    await publish(stepOf(run))
    expect(told.outputs).toMatchObject({ copied: '1', unknown: '0', result: 'cancelled' })
  })

  test('of a cancelled run that was looked at again are judged by that', async () => {
    const { run, told } = await copied({ cancelled: AbortSignal.abort(SIGNAL) })
    const mismatches = new Map([['b/x/k', 'gone']])
    run.record.found.verify = seen(mismatches)
    run.record.proofs.set(0, seen(mismatches))
    await publish(stepOf(run))
    expect(told.outputs).toMatchObject({ copied: '0', failed: '1' })
  })

  test('are told by their folder below the source', async () => {
    const { run } = await copied()
    const report = await publish(stepOf(run))
    expect(report.folders.map(({ folder }) => folder)).toEqual(['x/'])
  })

  test('are left alone where nothing was written in this run', async () => {
    const { run, told, texts } = await copied()
    run.record.entered.clear()
    delete run.record.found.verify
    run.record.proofs.clear()
    const { files } = await publish(stepOf(run))
    expect(texts.get(RESULTS)).toBe(rowOf(NOT_LOOKED_AT))
    expect(texts.has('/r/failed.ndjson')).toBe(false)
    expect(files).toEqual({
      folder: '/r',
      report: '/r/report.json',
      plan: '/r/plan.ndjson',
      policy: '/r/policy.json',
      summary: '/r/summary.md',
    })
    expect(told.outputs).toMatchObject({ copied: '0', unknown: '0' })
  })

  test('of deletes alone are closed, too', async () => {
    const { run, put, told } = await copied()
    run.record.entered.clear()
    run.record.entered.add('delete')
    run.record.found.list = planOf({ deletes: { objects: 1, bytes: 10 } })
    await put(RESULTS, rowOf({ op: 'delete' }))
    await publish(stepOf(run))
    expect(told.outputs).toMatchObject({ deleted: '1', result: 'success' })
  })

  test('that cannot be read are the failure of the run', async () => {
    const { run, put, told } = await copied()
    await put(RESULTS, '{"op":\n')
    await publish(stepOf(run))
    expect(run.record.failure).toBeInstanceOf(SyntaxError)
    expect(told.outputs).toMatchObject({ 'failure-kind': 'internal', copied: '0', unknown: '1' })
  })

  test('that cannot be read do not hide what went wrong before', async () => {
    const { run, put, told } = await copied()
    run.record.failure = new SyncError('copy', 'The disk is full.')
    await put(RESULTS, '{"op":\n')
    await publish(stepOf(run))
    expect(told.outputs['failure-message']).toBe('The disk is full.')
  })
})

test('A cancelled run that has no time to read its rows has CloudFront fetch anything anew', async () => {
  const asked: (readonly string[])[] = []
  const cdn: Cdn = {
    invalidate: async ({ paths }) => {
      asked.push(paths)
      return 'I1'
    },
  }
  const elapsed = [0, 3001]
  const cancelledForMs = () => elapsed.shift() ?? 3001
  const host = { cancelled: AbortSignal.abort(SIGNAL), cancelledForMs }
  const script: Script = { host, ports: { cdn: async () => cdn } }
  const { run } = await copied(script, { cloudfront: 'E2ABCDEF' })
  await publish(stepOf(run))
  expect(asked).toEqual([['/*']])
})

describe('files', () => {
  test('are named where they were written', async () => {
    const { run, put } = await copied()
    await put('/r/batches/s5cmd_batch_20260301_120000_001.txt', '')
    expect((await publish(stepOf(run))).files).toEqual({
      folder: '/r',
      changed: '/r/changed-paths.txt',
      report: '/r/report.json',
      plan: '/r/plan.ndjson',
      results: RESULTS,
      failed: '/r/failed.ndjson',
      batches: '/r/batches',
      policy: '/r/policy.json',
      summary: '/r/summary.md',
    })
  })

  test('are not named where they were not', async () => {
    const { run, ports } = await copied()
    await ports.files.remove(RESULTS)
    const { files } = await publish(stepOf(run))
    for (const name of ['results', 'failed', 'batches'] as const)
      expect(files[name]).toBeUndefined()
  })

  test('hold the smallest policy for this request, in characters that IAM takes', async () => {
    const source = { ...preflightOf().facts?.source, prefix: 'ä/日/' }
    const { run, texts } = await copied({}, { source: 's3://src/ä/日/' })
    const preflight = preflightOf()
    Object.assign(run.record.found, {
      preflight: { ...preflight, facts: { ...preflight.facts, source } },
    })
    await publish(stepOf(run))
    const text = texts.get('/r/policy.json') ?? ''
    expect(text).toContain('arn:aws:s3:::src/\\u00e4/\\u65e5/*')
    expect(text).toMatch(/^[\x20-\x7e\n]*\n$/)
    expect(JSON.parse(text)).toMatchObject({ Version: '2012-10-17' })
  })

  test('hold a policy before anything was found out, too', async () => {
    const { run, texts } = stageOf()
    run.record.found.inputs = await requestOf()
    await publish(stepOf(run))
    expect(texts.get('/r/policy.json')).toContain('arn:aws:s3:::src/a/*')
  })
})

describe('what cannot be told in one place', () => {
  test('is told in the others: a report file that cannot be written is a warning, and no path', async () => {
    const { run, ports, texts, told } = await copied()
    const { writeText } = ports.files
    Object.assign(ports.files, {
      writeText: (path: string, text: string) =>
        path === '/r/report.json'
          ? Promise.reject(new Error('ENOSPC: no space left'))
          : writeText(path, text),
    })
    const report = await publish(stepOf(run))
    const warning =
      'report.json could not be written: ENOSPC: no space left. The result is in the outputs and the job summary.'
    expect(report.warnings).toEqual([warning])
    expect(report.files).toMatchObject({ report: '', results: RESULTS })
    expect(told.outputs).toMatchObject({ result: 'success', 'report-path': '' })
    expect(told.annotations).toEqual([`warning report.json could not be written: ${warning}`])
    expect(texts.has('/r/policy.json')).toBe(true)
  })

  test('says why, whatever was thrown', async () => {
    const { run, ports } = await copied()
    Object.assign(ports.files, { writeText: () => Promise.reject('no stage') })
    const { warnings } = await publish(stepOf(run))
    expect(warnings[0]).toMatch(/^report\.json could not be written: no stage\. /)
  })

  const broken = () => {
    throw new Error('The pipe is gone.')
  }
  test.each<[string, Script]>([
    ['the job summary', { host: { summary: async () => broken() } }],
    ['the outputs', { host: { output: broken } }],
    ['the annotations', { host: { annotate: broken } }],
  ])('says so in the log, and tells the rest: %s', async (name, script) => {
    const { run, put, told } = await copied(script)
    await put(RESULTS, rowOf({ status: 'failed', code: 'AccessDenied' }))
    await publish(stepOf(run))
    expect(told.lines).toContain(`error: Could not write ${name}: The pipe is gone.`)
    expect(told.lines).toContain('info: Failed: 1 files, 10 B')
  })

  test('says so of a policy', async () => {
    const { run, ports, told } = await copied()
    const { writeText } = ports.files
    Object.assign(ports.files, {
      writeText: (path: string, text: string) =>
        path === '/r/policy.json' ? Promise.reject(new Error('EROFS')) : writeText(path, text),
    })
    await publish(stepOf(run))
    expect(told.lines).toContain('error: Could not write policy.json: EROFS')
    expect(told.outputs['result']).toBe('success')
  })
})

describe('metrics', () => {
  const asked = { 'cloudwatch-metrics': 'true' }

  test('that could not be sent are one more warning, and no other result', async () => {
    const put = () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
    const { run, texts } = await copied({ ports: { metrics: async () => ({ put }) } }, asked)
    run.record.found.install = { toolchainProblem: 'offline' }
    const report = await publish(stepOf(run))
    expect(report.result).toBe('success')
    expect(report.warnings).toEqual([
      'offline',
      expect.stringMatching(/^Metrics could not be sent to CloudWatch: RequestError/),
    ])
    expect(reportIn(texts)).toMatchObject({ warnings: report.warnings })
  })

  test('that were sent are no news', async () => {
    const { run } = await copied(
      { ports: { metrics: async () => ({ put: async () => {} }) } },
      asked,
    )
    expect((await publish(stepOf(run))).warnings).toEqual([])
  })
})
