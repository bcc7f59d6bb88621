import { readFile } from 'node:fs/promises'
import { fail, stall } from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Policy, Statement } from '../../src/preflight/policy.ts'

const ARN = 'arn:aws:kms:us-east-1:123456789012:key/'
const encrypted = (key: string) => ({
  'x-amz-server-side-encryption': 'aws:kms',
  'x-amz-server-side-encryption-aws-kms-key-id': ARN + key,
})

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
  for (const bucket of ['sealed-src', 'sealed-dst'])
    stage.kit.store.createBucket(bucket, { encryption: 'aws:kms', kmsKey: ARN + bucket })
})
afterAll(() => stage[Symbol.asyncDispose]())

/** Runs as somebody who may do this and nothing else. */
function runAs(policy: Policy, inputs: Readonly<Record<string, string>>): Promise<StepResult> {
  const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
  const role = stage.kit.iam.addRole({ name: 'Least', trust, policies: [policy] })
  return stage.run({ ...inputs, 'role-to-assume': role })
}

const policyOf = async (run: StepResult): Promise<Policy> =>
  JSON.parse(await readFile(run.outputs['policy-path'] ?? '', 'utf8'))

/** The policy without one action of one statement. */
const without = ({ Statement, ...rest }: Policy, sid: string, action: string): Policy => ({
  ...rest,
  Statement: Statement.flatMap((one): Statement[] => {
    if (one.Sid !== sid) return [one]
    const Action = one.Action.filter((name) => name !== action)
    return Action.length === 0 ? [] : [{ ...one, Action }]
  }),
})

const onlyRequired = ({ Statement, ...rest }: Policy): Policy => ({
  ...rest,
  Statement: Statement.filter(({ Sid }) => Sid.startsWith('Required')),
})

const requiredActions = ({ Statement }: Policy): string[] =>
  Statement.filter(({ Sid }) => Sid.startsWith('Required')).flatMap(({ Sid, Action }) =>
    Action.map((action) => `${Sid} ${action}`),
  )

/** Everything that a run told its user. */
const told = (run: StepResult): string =>
  run.summary + run.annotations.errors.map(({ message }) => message).join('\n') + run.log

interface Scenario {
  readonly what: string
  readonly inputs: Readonly<Record<string, string>>
  readonly fill: () => void
  /** What this scenario stands or falls with, as `Sid action`. */
  readonly needs: readonly string[]
  /** What it would need for other objects than its own, or what another scenario shows. */
  readonly spare: readonly string[]
}

const BASE = [
  'RequiredSourceList s3:ListBucket',
  'RequiredSourceRead s3:GetObject',
  'RequiredDestinationList s3:ListBucket',
  'RequiredDestinationWrite s3:PutObject',
]
/** What stands or falls with an upload in parts that fails. */
const ABORT = 'RequiredDestinationWrite s3:AbortMultipartUpload'

const SCENARIOS: readonly Scenario[] = [
  {
    what: 'tags, an ACL and deletes',
    inputs: { delete: 'true', acl: 'bucket-owner-full-control' },
    fill: () => {
      stage.kit.store.put('src', 'data/tagged', { body: 'x', tags: { a: 'b' } })
      stage.kit.store.put('src', 'data/a*?$é', { body: 'y' })
      stage.kit.store.put('dst', 'copy/extra', { body: 'z' })
      stage.kit.store.put('dst', 'copy/tagged', { body: 'old' })
    },
    needs: [
      ...BASE,
      'RequiredSourceTags s3:GetObjectTagging',
      'RequiredDestinationTags s3:PutObjectTagging',
      'RequiredDestinationAcl s3:PutObjectAcl',
      'RequiredDestinationRead s3:GetObject',
      'RequiredDestinationDelete s3:DeleteObject',
    ],
    spare: [ABORT],
  },
  {
    what: 'keys of KMS that the bucket and its objects have',
    inputs: {},
    fill: () => {
      stage.kit.store.put('sealed-src', 'data/a', {
        body: 'x',
        encryption: encrypted('sealed-src'),
      })
    },
    needs: [
      'RequiredSourceKey kms:Decrypt',
      'RequiredDestinationKey kms:GenerateDataKey',
      'RequiredDestinationKey kms:Decrypt',
    ],
    spare: [
      ...BASE,
      ABORT,
      'RequiredSourceTags s3:GetObjectTagging',
      'RequiredDestinationTags s3:PutObjectTagging',
      'RequiredDestinationRead s3:GetObject',
    ],
  },
]

beforeEach(() => {
  for (const bucket of ['src', 'dst', 'sealed-src', 'sealed-dst']) {
    for (const key of stage.kit.store.keys(bucket)) stage.kit.store.delete(bucket, key)
  }
})

describe.each(SCENARIOS)('the policy of a request with $what', ({ inputs, fill, needs, spare }) => {
  const places: Record<string, string> = needs.some((need) => need.includes('kms:'))
    ? { source: 's3://sealed-src/data/', destination: 's3://sealed-dst/copy/' }
    : {}
  const asked = { ...places, ...inputs, engine: 'direct' }
  let policy: Policy

  beforeAll(async () => {
    fill()
    await using run = await stage.run({ ...asked, mode: 'sync' })
    expect(run.outputs).toMatchObject({ result: 'success' })
    policy = await policyOf(run)
  })

  it('names every action that it stands or falls with, and suffices', async () => {
    expect(requiredActions(policy).sort()).toEqual([...needs, ...spare].sort())
    fill()
    await using run = await runAs(policy, asked)
    expect(run.outputs).toMatchObject({ result: 'success', failed: '0' })
    expect(run.summary).not.toContain('no permission to check')
  })

  it.each(['direct', 's5cmd'])('suffices without what is optional, by %s', async (engine) => {
    fill()
    await using run = await runAs(onlyRequired(policy), { ...asked, engine })
    expect(run.outputs).toMatchObject({ result: 'success', failed: '0' })
    expect(run.summary).toContain('no permission to check')
  })

  it.each(needs)('does not suffice without %s, and the run names it', async (need) => {
    const [sid = '', action = ''] = need.split(' ')
    fill()
    await using run = await runAs(without(policy, sid, action), asked)
    expect(run.exitCode).toBe(1)
    expect(told(run)).toContain(action)
    expect(told(run)).toMatch(/arn:aws:(s3|kms):/)
  })
})

describe('the policy', () => {
  it('of a plan is that of the real run, which the plan itself needs the half of', async () => {
    stage.kit.store.put('src', 'data/a', { body: 'x' })
    await using run = await stage.run({ mode: 'plan', delete: 'true' })
    const policy = await policyOf(run)
    const lists = {
      ...policy,
      Statement: policy.Statement.filter(({ Sid }) => /^Required.*List$/.test(Sid)),
    }
    await using again = await runAs(lists, { mode: 'plan', delete: 'true' })
    expect(again.outputs).toMatchObject({ result: 'planned', 'planned-copies': '1' })
    await using real = await runAs(onlyRequired(policy), { delete: 'true' })
    expect(real.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(await policyOf(again)).toEqual(policy)
    expect(await policyOf(real)).toEqual(policy)
  })

  it('of a plan names the key that objects of the source are encrypted with', async () => {
    stage.kit.store.put('src', 'data/a', { body: 'x', encryption: encrypted('of-the-object') })
    await using plan = await stage.run({ 'dry-run': 'true' })
    const key = (policy: Policy) =>
      policy.Statement.find(({ Sid }) => Sid === 'RequiredSourceKey')?.Resource
    expect(key(await policyOf(plan))).toEqual([`${ARN}of-the-object`])
    await using real = await stage.run({ 'role-to-assume': stage.roleArn })
    expect(await policyOf(plan)).toEqual(await policyOf(real))
  })

  it('lets an upload that fails be taken back, and the run says what stays without it', async () => {
    stage.kit.store.put('src', 'data/large', { size: 1.5 * 2 ** 30, seed: 1 })
    stage.kit.faults.add({ match: { operation: 'UploadPartCopy' }, nth: 2, fault: fail(500, 'X') })
    const inputs = { engine: 'direct', 'retry-count': '0', 'max-retries': '0' }
    await using run = await stage.run({ ...inputs, 'role-to-assume': stage.roleArn })
    const policy = await policyOf(run)
    await using whole = await runAs(policy, inputs)
    expect(whole.outputs).toMatchObject({ result: 'failed', failed: '1' })
    expect(stage.kit.store.uploads('dst')).toEqual([])
    const [sid = '', action = ''] = ABORT.split(' ')
    await using half = await runAs(without(policy, sid, action), inputs)
    stage.kit.faults.clear()
    expect(half.outputs).toMatchObject({ result: 'failed', failed: '1' })
    expect(half.outputs['failure-message']).toContain('s3:AbortMultipartUpload')
    expect(half.summary).toMatch(/Destination can be written: .*AbortMultipartUpload/)
    expect(stage.kit.store.uploads('dst').length).toBe(2)
  })

  it("of the specification's least privilege copies what has no tags", async () => {
    stage.kit.store.put('src', 'data/a', { body: 'x' })
    const allow = (Sid: string, Action: readonly string[], ...names: string[]) =>
      ({
        Sid,
        Effect: 'Allow',
        Action,
        Resource: names.map((name) => `arn:aws:s3:::${name}`),
      }) as const
    const Statement = [
      allow('Read', ['s3:GetObject'], 'src/*'),
      allow('Write', ['s3:PutObject', 's3:GetObject'], 'dst/*'),
      allow('List', ['s3:ListBucket'], 'src', 'dst'),
    ]
    await using run = await runAs({ Version: '2012-10-17', Statement }, {})
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
  })

  it('of places with any characters suffices, and IAM takes it', async () => {
    const place = 'é 日本/$ ?'.replace('?', '+')
    stage.kit.store.put('src', `${place}/a`, { body: 'x' })
    const inputs = { source: `s3://src/${place}/`, destination: `s3://dst/${place}/` }
    await using run = await stage.run(inputs)
    const text = await readFile(run.outputs['policy-path'] ?? '', 'utf8')
    expect(text).toMatch(/^[\x20-\x7e\n]+$/)
    stage.kit.store.delete('dst', `${place}/a`)
    await using again = await runAs(onlyRequired(JSON.parse(text)), inputs)
    expect(again.outputs).toMatchObject({ result: 'success', copied: '1' })
  })

  it('of a single object names that object', async () => {
    stage.kit.store.put('src', 'data/a', { body: 'x' })
    const inputs = { source: 's3://src/data/a', destination: 's3://dst/copy/b' }
    await using run = await stage.run(inputs)
    const policy = await policyOf(run)
    const of = (sid: string) => policy.Statement.find(({ Sid }) => Sid === sid)?.Resource
    expect(of('RequiredSourceRead')).toEqual(['arn:aws:s3:::src/data/a'])
    expect(of('RequiredDestinationWrite')).toEqual(['arn:aws:s3:::dst/copy/b'])
    stage.kit.store.delete('dst', 'copy/b')
    await using again = await runAs(onlyRequired(policy), inputs)
    expect(again.outputs).toMatchObject({ result: 'success', copied: '1' })
  })

  it('of a public source that is read unsigned suffices, tags of its objects included', async () => {
    stage.kit.store.createBucket('open', { public: true })
    stage.kit.store.put('open', 'data/a', { body: 'x', tags: { a: 'b' } })
    const inputs = { source: 's3://open/data/', 'source-no-sign-request': 'true' }
    await using first = await stage.run(inputs)
    const policy = await policyOf(first)
    stage.kit.store.delete('dst', 'copy/a')
    await using run = await runAs(onlyRequired(policy), inputs)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(stage.kit.store.facts('dst', 'copy/a')).toMatchObject({ tags: { a: 'b' } })
    stage.kit.store.delete('dst', 'copy/a')
    const untagged = without(policy, 'RequiredSourceRead', 's3:GetObjectTagging')
    await using refused = await runAs(untagged, inputs)
    expect(refused.outputs).toMatchObject({ result: 'failed', failed: '1' })
    expect(told(refused)).toContain('s3:GetObjectTagging')
  })

  it('is written though the run may do nothing at all, and every problem is told at once', async () => {
    await using run = await runAs({ Version: '2012-10-17', Statement: [] }, {})
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'list' })
    expect(requiredActions(await policyOf(run))).toContain('RequiredDestinationWrite s3:PutObject')
  })
})

describe('before the start', () => {
  it('every problem is told at once', async () => {
    stage.kit.store.put('src', 'data/a', { body: 'x' })
    stage.kit.counters.reset()
    const Statement = [
      { Sid: 'Lists', Effect: 'Allow', Action: ['s3:ListBucket'], Resource: ['*'] },
    ] as const
    await using run = await runAs({ Version: '2012-10-17', Statement }, {})
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'preflight' })
    const [error] = run.annotations.errors
    expect(error?.message).toMatch(
      /^Allow s3:GetObject on arn:aws:s3:::src\/data\/\* to role Least: /,
    )
    expect(run.summary).toMatch(/Source can be read +\| ❌ fail/)
    expect(stage.kit.counters.of('CopyObject')).toBe(0)
  })

  it('a write that is refused is told by the first planned key, before the first copy', async () => {
    for (const name of ['a', 'b']) stage.kit.store.put('src', `data/${name}`, { body: 'x' })
    const Statement = [
      {
        Sid: 'Reads',
        Effect: 'Allow',
        Action: ['s3:ListBucket', 's3:GetObject*'],
        Resource: ['*'],
      },
    ] as const
    await using run = await runAs({ Version: '2012-10-17', Statement }, {})
    expect(run.outputs).toMatchObject({
      result: 'failed',
      'failure-kind': 'preflight',
      'planned-copies': '2',
    })
    expect(run.annotations.errors[0]?.message).toMatch(
      /^Allow s3:PutObject on arn:aws:s3:::dst\/copy\/\* to role Least: .*"arn:aws:s3:::dst\/copy\/a"/s,
    )
    expect(run.summary).toMatch(/Destination can be written +\| ❌ fail/)
    expect(stage.kit.counters.of('CopyObject')).toBe(0)
  })

  it('who may write no other keys than the planned ones is not refused', async () => {
    stage.kit.store.put('src', 'data/a', { body: 'x' })
    const Statement = [
      {
        Sid: 'Reads',
        Effect: 'Allow',
        Action: ['s3:ListBucket', 's3:GetObject*'],
        Resource: ['*'],
      },
      {
        Sid: 'Writes',
        Effect: 'Allow',
        Action: ['s3:PutObject*', 's3:AbortMultipartUpload'],
        Resource: ['arn:aws:s3:::dst/copy/a'],
      },
    ] as const
    await using run = await runAs({ Version: '2012-10-17', Statement }, {})
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(run.summary).toMatch(/Destination can be written +\| ✅ pass/)
  })

  it('an unversioned bucket is told where something is taken away', async () => {
    stage.kit.store.createBucket('kept', { versioning: 'Enabled' })
    stage.kit.store.put('src', 'data/a', { body: 'new' })
    for (const bucket of ['dst', 'kept']) stage.kit.store.put(bucket, 'copy/a', { body: 'older' })
    await using run = await stage.run({ 'dry-run': 'true' })
    expect(run.annotations.warnings[0]?.message).toContain('not versioned')
    expect(run.summary).toMatch(/Destination versioning +\| ⚠️ warning/)
    await using kept = await stage.run({ destination: 's3://kept/copy/' })
    expect(kept.annotations.warnings).toEqual([])
    expect(kept.summary).toMatch(/Destination versioning +\| ✅ pass/)
  })

  it('what can be done without is not waited for', async () => {
    stage.kit.store.put('src', 'data/a', { body: 'x' })
    const match = ({ operation }: { operation: string }) => operation.startsWith('GetBucket')
    stage.kit.faults.add({ match, fault: stall })
    stage.kit.faults.add({
      match: { operation: 'AbortMultipartUpload' },
      times: 1,
      fault: fail(503, 'SlowDown'),
    })
    await using run = await stage.run()
    stage.kit.faults.clear()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(Number(run.outputs['duration-seconds'])).toBeLessThan(30)
    expect(run.summary).toMatch(
      /Destination versioning +\| ➖ unknown +\| `the request to the service timed out/,
    )
    expect(run.summary).toMatch(/Destination can be written +\| ✅ pass/)
  })

  it('a dry run writes nothing, not even to see whether it can', async () => {
    stage.kit.store.put('src', 'data/a', { body: 'x' })
    stage.kit.counters.reset()
    await using run = await stage.run({ 'dry-run': 'true' })
    expect(run.outputs).toMatchObject({ result: 'planned' })
    expect(stage.kit.counters.of('CreateMultipartUpload')).toBe(0)
    expect(run.summary).toMatch(/Destination can be written +\| ➖ not needed/)
  })
})
