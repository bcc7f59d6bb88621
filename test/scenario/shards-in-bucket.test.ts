import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  fail,
  loseReply,
  before as meanwhile,
  signalling,
  stall,
} from 's3-direct-sync-testkit/faults.ts'
import type { Step, StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Policy } from '../../src/preflight/policy.ts'
import { rowsOf } from './shard-stage.ts'

type Inputs = Readonly<Record<string, string>>

let stage: Stage
/** Objects by key: of the job's bucket behind its three shards, and of the destination. */
let jobs: ReadonlyMap<string, Buffer>
let copies: ReadonlyMap<string, Buffer>
let id: string

const PLAN = 's3://jobs/run 1+/plan/'
const SHARDS = 's3://jobs/run 1+/shards/'
const BOTH = { delete: 'true', 'max-delete': '100%', engine: 'direct' }

const plan = (inputs: Inputs = {}): Promise<StepResult> =>
  stage.run({ ...BOTH, mode: 'plan', shard: '3', 'plan-dir': PLAN, ...inputs })
const execute = (
  number: number,
  inputs: Inputs = {},
  step: Partial<Step> = {},
): Promise<StepResult> => {
  const own = { mode: 'execute', shard: `${number}/3`, 'plan-dir': PLAN, 'shards-dir': SHARDS }
  return stage.run({ ...BOTH, ...own, ...inputs }, step)
}
const finish = (inputs: Inputs = {}): Promise<StepResult> =>
  stage.run({ ...BOTH, mode: 'finish', 'plan-dir': PLAN, 'shards-dir': SHARDS, ...inputs })

const left = (folder = ''): string[] =>
  stage.kit.store.keys('jobs').filter((key) => key.startsWith(`run 1+/${folder}`))
const contentsOf = (bucket: string): ReadonlyMap<string, Buffer> =>
  new Map(
    stage.kit.store
      .keys(bucket)
      .map((key) => [key, Buffer.from(stage.kit.store.bytes(bucket, key) ?? '')]),
  )
const put = (names: string): void => {
  for (const name of names)
    stage.kit.store.put('src', `data/${name}`, {
      body: `body of ${name}`,
      lastModifiedMs: 10 ** 12,
    })
}
const clear = (): void => {
  stage.kit.faults.clear()
  for (const bucket of ['src', 'dst', 'jobs'])
    for (const key of stage.kit.store.keys(bucket)) stage.kit.store.delete(bucket, key)
  put('abcdef')
  stage.kit.store.put('dst', 'copy/old', { body: 'old' })
}

/** What stands there behind the plan and so many of its shards. */
function behind(...shards: readonly number[]): void {
  const isOf = (key: string): boolean => {
    const [, number] = /(?:shard|results)-00(\d)/.exec(key) ?? []
    return number === undefined || shards.includes(Number(number))
  }
  for (const [key, body] of jobs) if (isOf(key)) stage.kit.store.put('jobs', key, { body })
  const copied = shards.flatMap((number) => ['ab', 'cd', 'ef'][number - 1]?.split('') ?? [])
  for (const name of copied)
    stage.kit.store.put('dst', `copy/${name}`, { body: copies.get(`copy/${name}`) ?? '' })
}

beforeAll(async () => {
  stage = await openStage({ pageKeys: 3 })
  stage.kit.store.createBucket('jobs')
  clear()
  await using planned = await plan()
  expect(planned.exitCode, planned.stdout).toBe(0)
  id = planned.outputs['plan-id'] ?? ''
  for (const number of [1, 2, 3]) {
    await using ran = await execute(number, { 'plan-id': id })
    expect(ran.outputs, ran.stdout).toMatchObject({ result: 'success', copied: '2' })
  }
  jobs = contentsOf('jobs')
  copies = contentsOf('dst')
})
afterAll(() => stage[Symbol.asyncDispose]())
beforeEach(clear)

describe('a plan in parts that lies in a bucket', () => {
  it('is carried out and ended from there, with no file handed over by hand', async () => {
    behind(1, 2, 3)
    expect(left('plan/')).toEqual(
      ['finish.ndjson', 'part-001.ndjson', 'part-002.ndjson', 'part-003.ndjson', 'plan.json'].map(
        (name) => `run 1+/plan/${name}`,
      ),
    )
    expect(left('shards/')).toEqual(
      [1, 2, 3]
        .flatMap((at) => [`results-00${at}.ndjson`, `shard-00${at}.json`])
        .toSorted()
        .map((name) => `run 1+/shards/${id}/${name}`),
    )
    await using ended = await finish({ 'plan-id': id })
    expect(ended.outputs, ended.stdout).toMatchObject({
      ...{ result: 'success', 'planned-copies': '6', copied: '6', deleted: '1' },
      ...{ failed: '0', unknown: '0', 'shard-count': '3' },
    })
    expect(stage.equal()).toBe(true)
    expect(Object.keys(await rowsOf(ended))).toHaveLength(7)
  })

  it('has its index written last, so that half of it is no plan', async () => {
    const written: string[] = []
    stage.kit.faults.add({
      match: ({ operation, bucket }) => operation === 'PutObject' && bucket === 'jobs',
      fault: meanwhile(({ key = '' }) => void written.push(key.replace(/.*\//, ''))),
    })
    await using _planned = await plan()
    expect(written.at(-1)).toBe('plan.json')
    expect(written).toHaveLength(5)
    clear()
    stage.kit.faults.add({
      match: { operation: 'PutObject', bucket: 'jobs', key: 'run 1+/plan/part-003.ndjson' },
      fault: fail(403, 'AccessDenied'),
    })
    await using half = await plan()
    expect(half.outputs, half.stdout).toMatchObject({ result: 'failed', 'failure-kind': 'plan' })
    expect(half.outputs['failure-message']).toContain('part-003.ndjson cannot be written: Access')
    expect(left('plan/plan.json')).toEqual([])
    await using shard = await execute(1)
    expect(shard.outputs['failure-message']).toContain('There is no plan.json in s3://jobs/run 1+/')
    await using ended = await finish()
    expect(ended.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
  })

  it('is left only by one of two jobs that write it at a time', async () => {
    stage.kit.faults.add({
      match: { operation: 'PutObject', bucket: 'jobs', key: 'run 1+/plan/plan.json' },
      times: 1,
      fault: meanwhile(() => stage.kit.store.put('jobs', 'run 1+/plan/plan.json', { body: '{}' })),
    })
    await using late = await plan()
    expect(late.outputs, late.stdout).toMatchObject({ result: 'failed', 'failure-kind': 'plan' })
    expect(late.outputs['failure-message']).toContain('Somebody else wrote s3://jobs/run 1+/plan/')
    expect(stage.kit.store.bytes('jobs', 'run 1+/plan/plan.json')?.toString()).toBe('{}')
    await using again = await plan()
    expect(again.outputs, again.stdout).toMatchObject({ result: 'planned' })
  })

  it('is whole where the answer to a write was lost', async () => {
    const struck = stage.kit.faults.add({
      match: ({ operation, bucket }) => operation === 'PutObject' && bucket === 'jobs',
      times: 2,
      fault: loseReply,
    })
    await using planned = await plan()
    expect(planned.outputs, planned.stdout).toMatchObject({ result: 'planned' })
    expect(struck()).toBe(2)
    expect(left('plan/')).toHaveLength(5)
  })

  it('is refused where a part of it was changed, by its address in the bucket', async () => {
    behind(1, 3)
    const key = 'run 1+/plan/part-002.ndjson'
    const text = stage.kit.store.bytes('jobs', key)?.toString() ?? ''
    stage.kit.store.put('jobs', key, { body: text.replace('missing', 'missinG') })
    for (const refused of [await execute(2), await finish()]) {
      await using run = refused
      expect(run.outputs, run.stdout).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
      expect(run.annotations.errors[0]?.message).toContain(`The plan s3://jobs/${key} cannot`)
    }
  })

  it('is refused where plan-id names another one', async () => {
    behind()
    await using shard = await execute(1, { 'plan-id': '0'.repeat(64) })
    expect(shard.outputs['failure-message']).toContain('not the plan that plan-id names')
    expect(left('shards/')).toEqual([])
    expect(stage.kit.store.keys('dst')).toEqual(['copy/old'])
  })

  it('names a shard that left nothing, deletes nothing, and heals by one more run of it', async () => {
    behind(1, 3)
    await using ended = await finish()
    expect(ended.outputs, ended.stdout).toMatchObject({
      ...{ result: 'partial', 'failure-kind': 'lost-shard', copied: '4', unknown: '2' },
      deleted: '0',
    })
    expect(ended.outputs['failure-message']).toContain('shard 2: its files were not found in s3://')
    await using _again = await execute(2)
    await using healed = await finish()
    expect(healed.outputs, healed.stdout).toMatchObject({ result: 'success', copied: '6' })
    expect(stage.equal()).toBe(true)
  })

  it('is not done by a shard that cannot leave its files: that job fails, and it is lost by name', async () => {
    behind(1, 3)
    stage.kit.faults.add({
      match: ({ operation, key }) =>
        operation === 'PutObject' && key?.endsWith('shard-002.json') === true,
      fault: fail(403, 'AccessDenied'),
    })
    await using shard = await execute(2)
    expect(shard.exitCode).toBe(1)
    expect(shard.outputs, shard.stdout).toMatchObject({ 'failure-kind': 'report', copied: '2' })
    expect(shard.annotations.errors[0]?.message).toContain('s3:PutObject')
    stage.kit.faults.clear()
    await using ended = await finish()
    expect(ended.outputs, ended.stdout).toMatchObject({
      ...{ result: 'partial', 'failure-kind': 'lost-shard', copied: '6', deleted: '0' },
    })
    expect(ended.outputs['failure-message']).toContain(
      'shard-002.json is missing, so its job did not finish',
    )
  })

  it('takes nothing that shards of another plan left, be it more of them', async () => {
    behind(1, 2, 3)
    put('xyz')
    await using planned = await plan({ shard: '2' })
    for (const number of [1, 2]) {
      await using ran = await execute(number, { shard: `${number}/2` })
      expect(ran.outputs, ran.stdout).toMatchObject({ 'failure-kind': '' })
    }
    await using ended = await finish({ 'plan-id': planned.outputs['plan-id'] ?? '' })
    expect(ended.outputs, ended.stdout).toMatchObject({ result: 'success', 'shard-count': '2' })
    expect(stage.equal()).toBe(true)
  })

  it('is not believed where files change while the last job reads them', async () => {
    behind(1, 2, 3)
    const key = `run 1+/shards/${id}/results-001.ndjson`
    let writes = 0
    stage.kit.faults.add({
      match: { operation: 'GetObject', bucket: 'jobs', key },
      fault: meanwhile(() => stage.kit.store.put('jobs', key, { body: `${writes++}` })),
    })
    await using ended = await finish()
    expect(ended.outputs, ended.stdout).toMatchObject({
      'failure-kind': 'lost-shard',
      deleted: '0',
    })
    expect(writes).toBeGreaterThan(1)
  })
})

describe('a shard that is cancelled', () => {
  it.each<[string, boolean]>([
    ['leaves what it did for the last job, which does not take it for all', false],
    ['ends in time though the bucket does not answer, and is lost', true],
  ])('%s', async (_what, isDeaf) => {
    behind(2, 3)
    const { fault, endedBy } = signalling(stall)
    stage.kit.faults.add({ match: { operation: 'CopyObject', key: 'copy/b' }, fault })
    const match = { operation: 'PutObject', bucket: 'jobs' }
    if (isDeaf) stage.kit.faults.add({ match, fault: stall })
    await using shard = await execute(1, {}, { endedBy })
    stage.kit.faults.clear()
    expect(shard, shard.log).toMatchObject({ signal: null, leftovers: [] })
    expect(shard.outputs, shard.log).toMatchObject({ result: 'cancelled' })
    await using ended = await finish()
    expect(ended.outputs, ended.log).toMatchObject({
      ...{ result: 'partial', unknown: '1', deleted: '0' },
      'failure-kind': isDeaf ? 'lost-shard' : 'copy',
    })
  })
})

it('a plan for a folder of the runner lies in a bucket of the source', async () => {
  const destination = await mkdtemp(path.join(tmpdir(), 'down-'))
  const given = { destination, 'plan-dir': PLAN, 'role-to-assume': stage.roleArn }
  await using planned = await stage.run({ ...given, mode: 'plan' })
  expect(planned.outputs, planned.stdout).toMatchObject({ result: 'planned' })
  await using ran = await stage.run({ ...given, mode: 'execute' })
  expect(ran.outputs, ran.stdout).toMatchObject({ result: 'success', copied: '6' })
  expect(await readFile(path.join(destination, 'a'), 'utf8')).toBe('body of a')
  await rm(destination, { recursive: true })
})

it('a plan that is one file is left in a bucket and carried out from there', async () => {
  await using planned = await stage.run({ ...BOTH, mode: 'plan', 'plan-dir': PLAN })
  expect(planned.outputs, planned.stdout).toMatchObject({ result: 'planned' })
  expect(left()).toEqual(['run 1+/plan/plan.ndjson'])
  expect(stage.kit.store.bytes('jobs', left()[0] ?? '')).toEqual(
    await readFile(planned.outputs['plan-path'] ?? ''),
  )
  await using ran = await stage.run({ ...BOTH, mode: 'execute', 'plan-dir': PLAN })
  expect(ran.outputs, ran.stdout).toMatchObject({ result: 'success', copied: '6', deleted: '1' })
  await using none = await stage.run({ ...BOTH, mode: 'execute', 'plan-dir': SHARDS })
  expect(none.outputs['failure-message']).toContain(`There is no plan at ${SHARDS}plan.ndjson`)
})

it('plans of several transfers are left when all of them are made, each in a prefix of its name', async () => {
  const given = (mode: string, second = 'src') => ({
    ...{ source: '', destination: '', mode, 'plan-dir': PLAN },
    transfers: `- { name: one, source: s3://src/data/, destination: s3://dst/one/ }
- { name: two, source: s3://${second}/data/, destination: s3://dst/two/ }`,
  })
  await using half = await stage.run(given('plan', 'gone'))
  expect(half.exitCode, half.stdout).toBe(1)
  expect(left()).toEqual([])
  await using planned = await stage.run(given('plan'))
  expect(planned.exitCode, planned.stdout).toBe(0)
  expect(left()).toEqual(['one', 'two'].map((name) => `run 1+/plan/${name}/plan.ndjson`))
  await using ran = await stage.run(given('execute'))
  expect(ran.outputs, ran.stdout).toMatchObject({ result: 'success', copied: '12' })
})

describe('the policy of a job', () => {
  type Job = (inputs: Inputs) => Promise<StepResult>
  const first: Job = (inputs) => execute(1, inputs)
  const OURS = /(PlanDir|ShardsDir)/
  const policies = new Map<Job, Policy>()

  async function policyOf(job: Job): Promise<Policy> {
    behind(1, 2, 3)
    await using run = await job({ 'role-to-assume': stage.roleArn })
    const policy: Policy = JSON.parse(await readFile(run.outputs['policy-path'] ?? '', 'utf8'))
    policies.set(job, policy)
    clear()
    return policy
  }

  /** Runs a job as somebody who may do what is required, but for one action on what jobs leave for one another. */
  async function asLeast(job: Job, without = ''): Promise<StepResult> {
    const policy = policies.get(job) ?? (await policyOf(job))
    const Statement = policy.Statement.filter(({ Sid }) => Sid.startsWith('Required')).flatMap(
      (one) => {
        const Action = one.Action.filter((action) => `${one.Sid} ${action}` !== without)
        return Action.length > 0 ? [{ ...one, Action }] : []
      },
    )
    const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
    const allowed = [{ ...policy, Statement }]
    const role = stage.kit.iam.addRole({ name: 'Jobs', trust, policies: allowed })
    behind(...(job === first ? [2, 3] : [1, 2, 3]))
    return job({ 'role-to-assume': role })
  }

  const ON_PLAN = 'arn:aws:s3:::jobs/run 1+/plan/*'
  const ON_SHARDS = 'arn:aws:s3:::jobs/run 1+/shards/*'
  const ON_BUCKET = 'arn:aws:s3:::jobs'
  const reads = { RequiredPlanDirRead: ['s3:GetObject', ON_PLAN] }
  const lists = { OptionalPlanDirList: ['s3:ListBucket', ON_BUCKET] }
  const writing = ['s3:PutObject', 's3:AbortMultipartUpload'] as const

  it.each<[string, Job, object]>([
    [
      'plans',
      plan,
      {
        ...reads,
        RequiredPlanDirList: ['s3:ListBucket', ON_BUCKET],
        RequiredPlanDirWrite: [...writing, ON_PLAN],
      },
    ],
    [
      'carries out a part',
      first,
      { ...reads, ...lists, RequiredShardsDirWrite: [...writing, ON_SHARDS] },
    ],
    [
      'ends it',
      finish,
      {
        ...reads,
        ...lists,
        RequiredShardsDirList: ['s3:ListBucket', ON_BUCKET],
        RequiredShardsDirRead: ['s3:GetObject', ON_SHARDS],
      },
    ],
  ])('that %s names what it does there, and suffices', async (_what, job, ours) => {
    await using run = await asLeast(job)
    expect(run.outputs, run.stdout).toMatchObject({ 'failure-kind': '', failed: '0' })
    const named = policies.get(job)?.Statement.filter(({ Sid }) => OURS.test(Sid)) ?? []
    expect(
      Object.fromEntries(named.map(({ Sid, Action, Resource }) => [Sid, [...Action, ...Resource]])),
    ).toEqual(ours)
    const prefixes = named.flatMap(
      ({ Condition }) => Condition?.['StringLike']?.['s3:prefix'] ?? [],
    )
    expect(prefixes.every((prefix) => prefix.startsWith('run 1+/'))).toBe(true)
  })

  it.each<[string, string, Job]>([
    ['to list', 'RequiredPlanDirList s3:ListBucket', plan],
    ['to write', 'RequiredPlanDirWrite s3:PutObject', plan],
    ['to read', 'RequiredPlanDirRead s3:GetObject', plan],
    ['to read the plan', 'RequiredPlanDirRead s3:GetObject', first],
    ['to leave a shard', 'RequiredShardsDirWrite s3:PutObject', first],
    ['to list shards', 'RequiredShardsDirList s3:ListBucket', finish],
    ['to read shards', 'RequiredShardsDirRead s3:GetObject', finish],
  ])('does not suffice without the right %s, and the run names it', async (_what, need, job) => {
    await using run = await asLeast(job, need)
    expect(run.exitCode, run.stdout).toBe(1)
    const [error] = run.annotations.errors
    expect(error?.message).toContain(need.split(' ')[1])
    expect(error?.message).toContain(ON_BUCKET)
  })
})
