import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fail } from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { type Job, openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf } from '../result-rows.ts'

let stage: Stage
let job: Job
/** The folder in the checkout that the step is told to report into. */
let report: string
/** What belongs to somebody else, beside the checkout. */
let victim: string

beforeEach(async () => {
  stage = await openStage()
  job = await openJob()
  report = join(job.workspace, 'report')
  victim = join(dirname(job.workspace), 'victim')
  for (const key of ['a.txt', 'b.txt']) stage.kit.store.put('src', `data/${key}`, { body: key })
  stage.kit.store.put('dst', 'copy/extra.txt', { body: 'extra' })
  await mkdir(victim, { recursive: true })
  await writeFile(join(victim, 'notes.txt'), 'mine')
  await writeFile(join(victim, 's5cmd_batch_20260301_120000_001.txt'), 'mine')
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  await job[Symbol.asyncDispose]()
})

/** Everything below a folder: texts by their hash, links by where they lead, folders. */
async function worldOf(folder: string): Promise<Record<string, string>> {
  const world: Record<string, string> = {}
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, name)
    const found = await lstat(path)
    if (found.isSymbolicLink()) world[name] = `-> ${await readlink(path)}`
    else if (found.isDirectory()) world[name] = 'folder'
    else
      world[name] = createHash('sha256')
        .update(await readFile(path))
        .digest('hex')
  }
  return world
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

const run = (inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> =>
  stage.run({ 'report-dir': 'report', ...inputs }, { job })

/** Runs, sees that nothing in the checkout nor beside it changed, and nothing at the destination, and gives the summary. */
async function refused(
  inputs: Readonly<Record<string, string>>,
  message: string | RegExp,
): Promise<string> {
  const before = [await worldOf(job.workspace), await worldOf(victim)]
  const requests = stage.kit.counters.total()
  const held = stage.kit.store.keys('dst')
  await using step = await run(inputs)
  expect(step.outputs).toMatchObject({
    result: 'failed',
    'failure-kind': 'inputs',
    'failure-message': expect.stringMatching(message),
    'report-dir': '',
    'report-path': '',
    'policy-path': '',
  })
  expect(step.exitCode).toBe(1)
  expect(step.annotations.errors[0]?.message).toContain('Nothing was touched.')
  expect([await worldOf(job.workspace), await worldOf(victim)]).toEqual(before)
  expect(stage.kit.store.keys('dst')).toEqual(held)
  expect(stage.kit.counters.total()).toBe(requests)
  return step.summary
}

/** What writes most, and what writes least. */
const SYNC_OR_NOT = [
  ['a sync', { delete: 'true' }],
  ['a dry run', { 'dry-run': 'true', delete: 'true' }],
] as const

const MODES: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ...SYNC_OR_NOT,
  ['a plan', { mode: 'plan' }],
  ['a check', { mode: 'check' }],
]

describe('links in report-dir', () => {
  it.each(SYNC_OR_NOT)('are left with what they lead to, and named: %s', async (_mode, inputs) => {
    const names = ['plan.ndjson', 'results.ndjson', 'failed.ndjson', 'report.json', 'policy.json']
    for (const name of names) {
      await mkdir(report, { recursive: true })
      await symlink(join(victim, 'notes.txt'), join(report, name))
    }
    await refused(inputs, /plan\.ndjson \(a link\).*report\.json \(a link\)/)
  })

  it.each(MODES)(
    'are not followed where its own names of before had them, its probe and its unfinished files: %s',
    async (_mode, inputs) => {
      await mkdir(report)
      await symlink(victim, join(report, '.s3-direct-sync'))
      for (const name of ['plan.ndjson.part', 'results.ndjson.part', 'report.json.part'])
        await symlink(join(victim, 'notes.txt'), join(report, name))
      const [theirs, links] = [await worldOf(victim), await worldOf(report)]
      await using step = await run(inputs)
      expect(step.outputs['report-dir']).toBe(report)
      expect(await worldOf(victim)).toEqual(theirs)
      expect(await worldOf(report)).toMatchObject(links)
    },
  )

  it('let no batch be removed or written through a folder that is one', async () => {
    await mkdir(report)
    await symlink(victim, join(report, 'batches'))
    await refused(
      { delete: 'true' },
      /^report-dir contains a batches \(a link\) that this action did not create\./,
    )
  })

  it('are followed to no such folder either where the runner works in a folder that is a link', async () => {
    const workspace = join(job.home, 'work')
    await symlink(job.workspace, workspace)
    await symlink(victim, report)
    await using step = await stage.run(
      { 'report-dir': 'report', delete: 'true' },
      { job, env: { ...stage.kit.idTokenEnv, GITHUB_WORKSPACE: workspace } },
    )
    expect(step.outputs['failure-message']).toMatch(
      /contains a symbolic link, which is not followed: /,
    )
    expect(Object.keys(await worldOf(victim)).sort()).toEqual([
      'notes.txt',
      's5cmd_batch_20260301_120000_001.txt',
    ])
  })

  it('are followed to no folder of the checkout', async () => {
    await symlink(victim, report)
    await refused(
      { delete: 'true' },
      /^report-dir contains a symbolic link, which is not followed: /,
    )
    await mkdir(join(job.workspace, 'deep'))
    await symlink(victim, join(job.workspace, 'deep/er'))
    await refused({ delete: 'true', 'report-dir': 'deep/er/report' }, /contains a symbolic link/)
  })
})

it('links in report-dir: an approved plan and the report that are one file are both left alone', async () => {
  await using planned = await run({ mode: 'plan' })
  const approved = join(victim, 'approved')
  await writeFile(approved, await readFile(planned.outputs['plan-path'] ?? '', 'utf8'))
  const other = join(job.workspace, 'other')
  await mkdir(other)
  for (const name of ['plan.ndjson', 'report.json']) await symlink(approved, join(other, name))
  await refused({ mode: 'execute', 'report-dir': 'other' }, /plan\.ndjson \(a link\), report\.json/)
})

describe("somebody else's files", () => {
  const MINE: Readonly<Record<string, string>> = {
    'policy.json': '{"Version":"2012-10-17","Statement":[]}\n',
    'report.json': '{"coverage":97}\n',
    'failed.ndjson': '{"id":1}\n',
    'uploads.ndjson': '{"id":2}\n',
    'results.ndjson/keep/me.txt': 'mine',
    'batches/mine.csv': 'mine',
  }

  it.each(SYNC_OR_NOT)(
    'in a repository that is the report folder itself stay: %s',
    async (_mode, inputs) => {
      for (const [name, text] of Object.entries(MINE)) await put(join(job.workspace, name), text)
      await refused(
        { ...inputs, 'report-dir': '.' },
        /results\.ndjson \(a folder\), failed\.ndjson, report\.json, policy\.json, uploads\.ndjson/,
      )
    },
  )

  it('are named when there is one alone, with a hint that can be copied from the summary', async () => {
    await put(join(report, 'report.json'), '{"mine":true}\n')
    const summary = await refused(
      {},
      /^report-dir contains a report\.json that this action did not create\./,
    )
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the workflow.
    expect(summary).toContain('`report-dir: ${{ runner.temp }}/report`')
  })

  it('stay when the inputs are wrong, and so do those of an earlier run', async () => {
    await using first = await run()
    expect(first.outputs['result']).toBe('success')
    await put(join(report, 'mine.txt'), 'mine')
    const before = await worldOf(job.workspace)
    await using second = await run({ numworkers: 'many', compare: 'all' })
    expect(second.outputs['failure-kind']).toBe('inputs')
    expect(second.annotations.errors[0]?.message).toContain('nothing was touched')
    expect(await worldOf(job.workspace)).toEqual(before)
  })

  it('stay beside ours, run after run, and a policy that was changed is theirs', async () => {
    await put(join(report, 'batches/mine.csv'), 'mine')
    await put(join(report, 'plan.ndjson.part'), 'mine')
    for (const result of ['success', 'nothing-to-do']) {
      await using step = await run()
      expect(step.outputs['result']).toBe(result)
    }
    for (const name of ['batches/mine.csv', 'plan.ndjson.part'])
      expect(await readFile(join(report, name), 'utf8')).toBe('mine')
    await writeFile(join(report, 'policy.json'), '{"Statement":"mine"}')
    await refused({}, /^report-dir contains a policy\.json that this action did not create\./)
  })

  it('stay where a source that does not exist ends the run', async () => {
    await put(join(report, 'keep/me.txt'), 'mine')
    await using step = await run({ source: 's3://no-such-bucket/x/' })
    expect(step.outputs['failure-kind']).toBe('preflight')
    expect(await readFile(join(report, 'keep/me.txt'), 'utf8')).toBe('mine')
  })
})

describe('the report folder that nobody names', () => {
  it('is another one for each step, also for those of one name in one job', async () => {
    await using first = await stage.run({}, { job })
    await using second = await stage.run({}, { job })
    const [one, other] = [first.outputs['report-dir'] ?? '', second.outputs['report-dir'] ?? '']
    for (const folder of [one, other])
      expect(dirname(folder)).toBe(join(job.runnerTemp, 's3-direct-sync'))
    expect(one).not.toBe(other)
    expect(await readdir(one)).toContain('plan.ndjson')
  })
})

// biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the workflow.
const TEMP = '`${{ runner.temp }}`'

describe('the path of the report folder', () => {
  it('is below the home where it begins with ~/, and makes no folder of that name', async () => {
    const env = { ...stage.kit.idTokenEnv, HOME: victim }
    await using step = await stage.run({ 'report-dir': '~/rep' }, { job, env })
    expect(step.outputs['report-path']).toBe(join(victim, 'rep/report.json'))
    expect(await readdir(job.workspace)).not.toContain('~')
  })

  it('with a variable in it is refused, with what to write', async () => {
    await using step = await run({ 'report-dir': '$RUNNER_TEMP/rep' })
    expect(step.outputs['failure-kind']).toBe('inputs')
    // One code span, so that it can be copied from the summary as well.
    expect(step.outputs['failure-message']).toContain(TEMP)
    expect(step.summary).toContain(TEMP)
    expect(await readdir(job.workspace)).toEqual([])
  })

  it.each([
    ['a\nb', 'a line break or another invisible character'],
    ['rep\u200bort', 'a line break or another invisible character'],
    ['~other/report', 'only ~/ is expanded'],
  ])('that no output could name, or that means another, is refused: %j', async (path, why) => {
    await using step = await run({ 'report-dir': path })
    expect(step.outputs['failure-kind']).toBe('inputs')
    expect(step.outputs['failure-message']).toContain(why)
    expect(await readdir(job.workspace)).toEqual([])
  })
})

it.runIf(process.platform === 'linux')(
  'a report folder where nobody can make one is refused at once',
  async () => {
    await using step = await stage.run(
      { 'report-dir': '/proc/report/a' },
      { job, timeoutMs: 20_000 },
    )
    expect(step.outputs['failure-kind']).toBe('inputs')
    expect(step.outputs['failure-message']).toMatch(/^report-dir cannot be written: /)
  },
)

it('mode: execute wants to be told where the plan is', async () => {
  await using step = await stage.run({ mode: 'execute' }, { job })
  expect(step.outputs['failure-message']).toContain('plan-dir: is required with mode: execute')
})

it('the files of a run show what nobody would see in a key, and programs read the same', async () => {
  const keys = ['right\u202eleft', 'control\u009b31m', 'delete\u007f', 'zero\u200bwidth', 'é❤️']
  for (const key of keys) stage.kit.store.put('src', `data/${key}`, { body: key })
  stage.kit.store.put('dst', 'copy/gone\u2066', { body: 'x' })
  const match = { operation: 'CopyObject' }
  stage.kit.faults.add({ match, fault: fail(403, 'AccessDenied') })
  await using step = await run({ delete: 'true', engine: 'direct', 'max-delete': '100%' })
  const names = ['plan.ndjson', 'results.ndjson', 'failed.ndjson', 'report.json', 'policy.json']
  for (const name of names) {
    const text = await readFile(join(report, name), 'utf8')
    expect([name, /[\p{Cf}\x7f-\x9f]/u.exec(text)]).toEqual([name, null])
  }
  const told = (await rowsOf(step, 'failed')).map(({ key }) => key)
  for (const key of keys) expect(told).toContain(`data/${key}`)
  expect(told).toContain('copy/gone\u2066')
  stage.kit.faults.clear()
  await using planned = await run({ mode: 'plan', delete: 'true', 'max-delete': '100%' })
  expect(planned.outputs['result']).toBe('planned')
  await using done = await run({ mode: 'execute', delete: 'true', 'max-delete': '100%' })
  expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '7', deleted: '2' })
})
