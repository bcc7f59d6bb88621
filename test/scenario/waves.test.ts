import { readFile } from 'node:fs/promises'
import { fail, before as meanwhile, type Rule, signalling } from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import {
  earlyDeletes,
  type TimedRequest,
  type WavedCopy,
  watchOrder,
  waveBreaches,
} from 's3-direct-sync-testkit/wave-order.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CopyOp } from '../../src/model/op.ts'
import type { Report } from '../../src/model/report.ts'
import { codesOf } from '../result-rows.ts'

let stage: Stage
let requests: readonly TimedRequest[]
beforeEach(async () => {
  stage = await openStage()
  requests = watchOrder(stage.kit.faults, 'dst')
})
afterEach(() => stage[Symbol.asyncDispose]())

const DEBS = ['pool/main/a/app_1_amd64.deb', 'pool/main/b/bar_2_amd64.deb']
const LISTS = [
  'dists/stable/main/binary-amd64/Packages',
  'dists/stable/main/binary-amd64/Packages.gz',
]
const RELEASE = ['dists/stable/InRelease', 'dists/stable/Release', 'dists/stable/Release.gpg']
const REPOSITORY = [...DEBS, ...LISTS, ...RELEASE]

const put = (keys: readonly string[], body = 'new') => {
  for (const key of keys) stage.kit.store.put('src', `data/${key}`, { body: `${body} ${key}` })
}
const published = () => stage.kit.store.keys('dst', 'copy/').map((key) => key.slice('copy/'.length))

const linesOf = async <T>(path = ''): Promise<T[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)

const reportOf = async ({ outputs }: StepResult): Promise<Report> =>
  JSON.parse(await readFile(outputs['report-path'] ?? '', 'utf8')) as Report

/** The copies of a run's plan. Only an answer that the action itself saw may prove one. */
async function copiesOf({ outputs }: StepResult): Promise<readonly WavedCopy[]> {
  const lines = await linesOf<CopyOp>(outputs['plan-path'])
  return lines
    .filter(({ op }) => op === 'copy')
    .map(({ to, wave = 0 }) => ({ to, wave, answerProves: outputs['engine'] === 'direct' }))
}

/** Refuses what is done to some keys of the destination. */
const refuse = (suffix: string, rule: Partial<Rule> = {}) =>
  stage.kit.faults.add({
    match: ({ operation, bucket, key = '' }) =>
      operation === 'CopyObject' && bucket === 'dst' && key.endsWith(suffix),
    fault: fail(403, 'AccessDenied'),
    ...rule,
  })

const ENGINES = ['direct', 'auto'] as const

describe.each(ENGINES)('waves (engine: %s)', (engine) => {
  it('begin when every copy before them is done and proven', async () => {
    put(REPOSITORY)
    await using run = await stage.run({ engine, waves: 'apt' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '7', failed: '0' })
    expect(stage.equal()).toBe(true)
    const copies = await copiesOf(run)
    expect(copies.map(({ wave }) => wave)).toEqual([3, 3, 3, 2, 2, 0, 0])
    expect(waveBreaches(copies, requests)).toEqual([])
    const { waves, engine: facts, stages } = await reportOf(run)
    expect(waves?.map(({ planned, done }) => [planned.objects, done.objects])).toEqual([
      [2, 2],
      [0, 0],
      [2, 2],
      [3, 3],
    ])
    // One process does for all waves of small objects.
    if (engine !== 'direct') expect(facts?.processes).toBe(1)
    expect(stages.map(({ stage: name }) => name)).toEqual([
      ...new Set(stages.map(({ stage: name }) => name)),
    ])
    expect(run.stdout).toContain('copy, wave 3: 3 objects copied by')
    expect(run.summary).toContain('### Waves')
  })

  it('are held back with all deletes when a copy before them fails', async () => {
    put(REPOSITORY)
    stage.kit.store.put('dst', 'copy/pool/old.deb', { body: 'old' })
    stage.kit.store.put('dst', 'copy/kept', { body: 'x' })
    put(['kept'])
    refuse('app_1_amd64.deb')
    await using run = await stage.run({ engine, waves: 'apt', delete: 'true' })
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({
      result: 'partial',
      copied: '2',
      deleted: '0',
      failed: '7',
      unknown: '0',
    })
    expect(await codesOf(run)).toEqual({
      'data/pool/main/a/app_1_amd64.deb': 'AccessDenied',
      ...Object.fromEntries([...LISTS, ...RELEASE].map((key) => [`data/${key}`, 'HeldBack'])),
      'copy/pool/old.deb': 'CopiesFailed',
    })
    const rows = await linesOf<{ attempts: number; code?: string }>(run.outputs['failed-path'])
    for (const row of rows) if (row.code === 'HeldBack') expect(row.attempts).toBe(0)
    expect(published().sort()).toEqual(['kept', 'pool/main/b/bar_2_amd64.deb', 'pool/old.deb'])
    expect(run.annotations.errors[0]?.title).toContain('AccessDenied')
    expect(run.summary).toContain('not started: wave')
    expect(run.summary).toContain('nothing was deleted either')
    stage.kit.faults.clear()
    await using again = await stage.run({ engine, waves: 'apt', delete: 'true' })
    expect(again.outputs).toMatchObject({ result: 'success', copied: '6', deleted: '1' })
    expect(stage.equal()).toBe(true)
  })

  it('wait for the passes that heal what fails before them', async () => {
    put(REPOSITORY)
    refuse('.deb', { fault: fail(500, 'InternalError'), times: 3 })
    await using run = await stage.run({ engine, waves: 'apt', 'retry-count': '0' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '7' })
    expect(waveBreaches(await copiesOf(run), requests)).toEqual([])
    expect((await reportOf(run)).engine?.extraPasses).toBeGreaterThan(0)
  })

  it('wait for a look that shows the copies before them, and are held back when it does not', async () => {
    put(REPOSITORY)
    // Somebody takes away what was just copied.
    stage.kit.faults.add({
      match: { operation: 'CopyObject', bucket: 'dst', key: `copy/${DEBS[0]}` },
      fault: async (_request, next) => {
        const reply = await next()
        stage.kit.store.delete('dst', `copy/${DEBS[0]}`)
        return reply
      },
    })
    await using run = await stage.run({ engine, waves: 'apt', verify: 'listing' })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', failed: '6' })
    expect(await codesOf(run)).toMatchObject({
      [`data/${DEBS[0]}`]: 'NotVerified',
      [`data/${RELEASE[0]}`]: 'HeldBack',
    })
    expect(published()).toEqual([DEBS[1]])
  })

  it('with copies come before the deletes, which come last', async () => {
    put(REPOSITORY)
    stage.kit.store.put('dst', 'copy/pool/old.deb', { body: 'old' })
    for (const key of DEBS) stage.kit.store.put('dst', `copy/${key}`, { body: `new ${key}` })
    await using run = await stage.run({ engine, waves: 'apt', delete: 'true' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '5', deleted: '1' })
    const copies = await copiesOf(run)
    expect(waveBreaches(copies, requests)).toEqual([])
    expect(earlyDeletes(copies, requests)).toEqual([])
  })

  it('that are cancelled leave the later ones untouched and unknown', async () => {
    put(REPOSITORY)
    const { fault, endedBy } = signalling(async (_request, next) => next())
    refuse('Packages', { fault })
    await using run = await stage.run({ engine, waves: 'apt' }, { endedBy })
    expect(run.outputs['result']).toBe('cancelled')
    expect(run.exitedWithinMs).toBeLessThan(6000)
    expect(published().filter((key) => RELEASE.includes(key))).toEqual([])
    const codes = await codesOf(run)
    for (const key of RELEASE) expect(codes[`data/${key}`]).toBe('Cancelled')
  })
})

describe('waves', () => {
  it('that cost nothing are those without copies', async () => {
    put(REPOSITORY)
    await using first = await stage.run({ engine: 'direct', waves: 'apt' })
    expect(first.outputs['result']).toBe('success')
    put(['dists/stable/InRelease'], 'newer')
    const from = requests.length
    await using run = await stage.run({ engine: 'direct', waves: 'apt' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(requests.slice(from).filter(({ operation }) => operation === 'HeadObject')).toEqual([])
    expect(run.stdout).toContain('copy, wave 3: 1 object copied by the direct engine')
    expect(run.stdout).not.toContain('copy, wave 0')
    await using none = await stage.run({ engine: 'direct', waves: 'apt' })
    expect(none.outputs['result']).toBe('nothing-to-do')
    expect(none.annotations.warnings).toEqual([])
  })

  it('are shown by a plan, carried out by another step, and found by a check', async () => {
    put(REPOSITORY)
    const waves = 'Packages*\n---\n\n---\nRelease\nInRelease\nRelease.gpg\n---\n'
    const plan = await stage.run({ waves, mode: 'plan' })
    expect(plan.outputs).toMatchObject({ result: 'planned', 'planned-copies': '7' })
    expect(plan.summary).toContain('### Waves')
    expect((await copiesOf(plan)).map(({ wave }) => wave)).toEqual([2, 2, 2, 1, 1, 0, 0])
    const [, , trailer] = [
      0,
      0,
      (await linesOf<{ waves?: unknown }>(plan.outputs['plan-path'])).at(-1),
    ]
    expect(trailer?.waves).toMatchObject([{ objects: 2 }, { objects: 2 }, { objects: 3 }])
    const inputs = { mode: 'execute', 'plan-dir': plan.reportDir }
    const other = await stage.run({ ...inputs, waves: 'apt' }, { job: plan.job })
    expect(other.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(published()).toEqual([])
    await using check = await stage.run({ waves, mode: 'check' })
    expect(check.outputs).toMatchObject({ result: 'drift', 'planned-copies': '7' })
    await using run = await stage.run({ ...inputs, waves }, { job: plan.job })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '7' })
    expect(waveBreaches(await copiesOf(run), requests)).toEqual([])
  })

  it('go by the keys of the destination, where these are organised anew', async () => {
    put(['a.html', 'b.js'])
    await using run = await stage.run({
      engine: 'direct',
      waves: 'site/a.html',
      'key-template': 'site/{name}',
    })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2' })
    const copies = await copiesOf(run)
    expect(copies.map(({ to, wave }) => [to, wave])).toEqual([
      ['copy/site/a.html', 1],
      ['copy/site/b.js', 0],
    ])
    expect(waveBreaches(copies, requests)).toEqual([])
  })

  it('are held back when an approved copy before them cannot be carried out any more', async () => {
    put(REPOSITORY)
    const plan = await stage.run({ waves: 'apt', mode: 'plan' })
    put([DEBS[0] ?? ''], 'changed')
    await using run = await stage.run(
      { waves: 'apt', mode: 'execute', 'plan-dir': plan.reportDir },
      { job: plan.job },
    )
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', failed: '6' })
    expect(await codesOf(run)).toMatchObject({
      [`data/${DEBS[0]}`]: 'SourceChanged',
      [`data/${RELEASE[0]}`]: 'HeldBack',
    })
  })

  it('that max-duration ends leave the rest for the next run', async () => {
    put(REPOSITORY)
    stage.kit.faults.add({
      match: { operation: 'CopyObject', key: `copy/${DEBS[1]}` },
      times: 1,
      fault: async (_request, next) => {
        await new Promise((resolve) => setTimeout(resolve, 4000))
        return next()
      },
    })
    await using run = await stage.run({ engine: 'direct', waves: 'apt', 'max-duration': '4s' })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '2', failed: '5' })
    expect(new Set(Object.values(await codesOf(run)))).toEqual(new Set(['MaxDuration']))
    await using again = await stage.run({ engine: 'direct', waves: 'apt' })
    expect(again.outputs).toMatchObject({ result: 'success', copied: '5' })
  })

  it('hold nothing back that overwrite: never forbids: that holds back everything', async () => {
    put(REPOSITORY)
    stage.kit.store.put('dst', `copy/${RELEASE[0]}`, { body: 'other' })
    await using run = await stage.run({ waves: 'apt', overwrite: 'never' })
    expect(run.outputs).toMatchObject({ result: 'failed', copied: '0', failed: '7' })
    expect(await codesOf(run)).toMatchObject({
      [`data/${RELEASE[0]}`]: 'DestinationExists',
      [`data/${DEBS[0]}`]: 'HeldBack',
    })
  })

  it('warn of a glob that matched nothing, and of what is left unproven before them', async () => {
    put(REPOSITORY)
    stage.kit.store.put('dst', `copy/${DEBS[0]}`, {
      body: `old ${DEBS[0]}`,
      lastModifiedMs: Date.now() + 60_000,
    })
    await using run = await stage.run({
      engine: 'direct',
      waves: 'Packages*\n---\nRelaese\nInRelease',
    })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '6' })
    const warnings = run.annotations.warnings.map(({ message }) => message).join('\n')
    expect(warnings).toContain('waves "Relaese" matched nothing')
    expect(warnings).toContain('1 object of earlier waves is left unchanged')
  })

  it('are refused where they cannot be read, before anything is done', async () => {
    put(['a'])
    await using run = await stage.run({ waves: 'apt\n---\nRelease' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.annotations.errors[0]?.message).toContain(
      'apt is a recipe name and must be the only line',
    )
    expect(requests).toEqual([])
  })

  it('are all looked at by the one listing that verify: listing asks for, behind the last of them', async () => {
    put(REPOSITORY)
    // Somebody takes away what was proven, while a later wave is copied.
    stage.kit.faults.add({
      match: { operation: 'CopyObject', key: `copy/${RELEASE[0]}` },
      times: 1,
      fault: meanwhile(() => {
        stage.kit.store.delete('dst', `copy/${DEBS[0]}`)
      }),
    })
    await using run = await stage.run({ engine: 'direct', waves: 'apt', verify: 'listing' })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '6', failed: '1' })
    expect(await codesOf(run)).toEqual({ [`data/${DEBS[0]}`]: 'NotVerified' })
    expect((await reportOf(run)).verification).toMatchObject({ method: 'listing', checked: 7 })
  })

  it('keep their order where the source changes meanwhile', async () => {
    put(REPOSITORY)
    // The source gets a package anew while it is copied: its wave is proven by what is there.
    stage.kit.faults.add({
      match: { operation: 'CopyObject', key: `copy/${DEBS[0]}` },
      times: 1,
      fault: meanwhile(() => put([DEBS[0] ?? ''], 'later')),
    })
    await using run = await stage.run({ engine: 'direct', waves: 'apt' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '7' })
    expect(waveBreaches(await copiesOf(run), requests)).toEqual([])
  })
})
