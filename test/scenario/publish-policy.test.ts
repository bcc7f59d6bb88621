import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Policy } from '../../src/preflight/policy.ts'
import { EXTRAS_LIST, extrasListOf } from '../extras-list.ts'

const HOUR_MS = 3_600_000
const before = (hours: number): number => Date.now() - hours * HOUR_MS

let stage: Stage
let folder: string
beforeAll(async () => {
  stage = await openStage()
  folder = await mkdtemp(path.join(tmpdir(), 'site-'))
  for (const name of ['index.html', 'new.js']) await writeFile(path.join(folder, name), name)
})
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** A destination where one file is to be overwritten, one to be added, and what is extra has waited long enough. */
beforeEach(() => {
  const { store } = stage.kit
  for (const key of store.keys('dst')) store.delete('dst', key)
  for (const name of ['index.html', 'old.js', 'SHA256SUMS'])
    store.put('dst', `copy/${name}`, { body: `old ${name}`, lastModifiedMs: before(3) })
  const since = new Date(before(2)).toISOString()
  store.put('dst', EXTRAS_LIST, { body: extrasListOf(stage, { 'old.js': since }) })
})

type Inputs = Readonly<Record<string, string>>

const run = (inputs: Inputs, more: Inputs = {}): Promise<StepResult> =>
  stage.run({ source: folder, ...inputs, ...more })

/** Runs as somebody who may do this and nothing else. */
function runAs(policy: Policy, inputs: Inputs): Promise<StepResult> {
  const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
  const role = stage.kit.iam.addRole({ name: 'Publisher', trust, policies: [policy] })
  return run(inputs, { 'role-to-assume': role })
}

/** What a policy says that a run cannot do without, and without one of its statements. */
function required({ Statement, ...rest }: Policy, sid?: string): Policy {
  const kept = Statement.filter(({ Sid }) => Sid.startsWith('Required') && Sid !== sid)
  return { ...rest, Statement: kept }
}

async function policyOf(inputs: Inputs): Promise<Policy> {
  await using dry = await run(inputs, { 'dry-run': 'true' })
  return JSON.parse(await readFile(dry.outputs['policy-path'] ?? '', 'utf8'))
}

const namesOf = (policy: Policy): string[] =>
  policy.Statement.flatMap(({ Sid, Action }) => Action.map((action) => `${Sid} ${action}`))

/** Everything that a run told its user. */
const told = ({ summary, annotations, log }: StepResult): string =>
  summary + annotations.errors.map(({ message }) => message).join('\n') + log

const PUBLISHED = {
  sha256sums: 'upload',
  delete: 'true',
  'delete-after': '1h',
  headers: "- { files: ['*.html'], tags: { kind: page } }",
} as const
const NEEDS = {
  RequiredDestinationList: 's3:ListBucket',
  RequiredDestinationWrite: 's3:PutObject',
  RequiredDestinationTags: 's3:PutObjectTagging',
  RequiredDestinationRead: 's3:GetObject',
  RequiredDestinationDelete: 's3:DeleteObject',
} as const

describe('the policy of a folder that is published with tags, SHA256SUMS and delete-after', () => {
  let policy: Policy
  beforeAll(async () => {
    policy = await policyOf(PUBLISHED)
  })

  it('suffices by what it says is required, which is on the destination alone', async () => {
    const needed = required(policy)
    expect(namesOf(needed).sort()).toEqual(
      [
        ...Object.entries(NEEDS).map(([sid, action]) => `${sid} ${action}`),
        'RequiredDestinationWrite s3:AbortMultipartUpload',
      ].sort(),
    )
    for (const { Resource } of policy.Statement)
      for (const on of Resource) expect(on).toMatch(/^arn:aws:s3:::dst(\/copy\/\*)?$/)
    await using done = await runAs(needed, PUBLISHED)
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '2', deleted: '1' })
    expect(stage.kit.store.keys('dst', 'copy/').sort()).toEqual(
      [EXTRAS_LIST, 'copy/SHA256SUMS', 'copy/index.html', 'copy/new.js'].sort(),
    )
  })

  it('suffices where nothing was ever published, of which S3 does not say to everybody that it is missing', async () => {
    for (const key of stage.kit.store.keys('dst')) stage.kit.store.delete('dst', key)
    await using done = await runAs(required(policy), PUBLISHED)
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '2', deleted: '0' })
    expect(stage.kit.store.keys('dst', 'copy/')).toContain('copy/SHA256SUMS')
  })

  it.each(Object.entries(NEEDS))(
    'does not suffice without %s, and the run names what is missing',
    async (sid, action) => {
      await using done = await runAs(required(policy, sid), PUBLISHED)
      expect(done.exitCode, done.log).toBe(1)
      expect(told(done)).toContain(action)
    },
  )
})

describe('the policy of a folder that is published', () => {
  it('has no tags in it where no rule sets any, and suffices', async () => {
    const inputs = { sha256sums: 'upload', headers: "- { files: ['*.html'], tags: {} }" }
    const needed = required(await policyOf(inputs))
    expect(namesOf(needed).sort()).toEqual([
      'RequiredDestinationList s3:ListBucket',
      'RequiredDestinationRead s3:GetObject',
      'RequiredDestinationWrite s3:AbortMultipartUpload',
      'RequiredDestinationWrite s3:PutObject',
    ])
    await using done = await runAs(needed, inputs)
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '2' })
    expect(stage.kit.store.bytes('dst', 'copy/SHA256SUMS')?.toString()).toContain('new.js')
  })

  it.each([
    ['upload', 'arn:aws:s3:::dst/copy/SHA256SUMS'],
    ['upload,read', 'arn:aws:s3:::dst/copy/*'],
  ])(
    'where nothing else reads what is there lets SHA256SUMS do so (%s), and does not suffice without',
    async (sha256sums, on) => {
      stage.kit.store.delete('dst', 'copy/SHA256SUMS')
      const inputs = { sha256sums, overwrite: 'never', exclude: 'index.html' }
      const policy = await policyOf(inputs)
      const needed = required(policy)
      const reads = needed.Statement.filter(({ Action }) => Action.includes('s3:GetObject'))
      expect(reads).toMatchObject([{ Sid: 'RequiredSha256Sums', Resource: [on] }])
      await using first = await runAs(needed, inputs)
      expect(first.exitCode, first.log).toBe(0)
      expect(stage.kit.store.bytes('dst', 'copy/SHA256SUMS')?.toString()).toContain('new.js')
      await using refused = await runAs(required(policy, 'RequiredSha256Sums'), inputs)
      expect(refused.exitCode, refused.log).toBe(1)
      await using again = await runAs(needed, inputs)
      expect(again.exitCode, again.log).toBe(0)
    },
  )

  it('of a check reads since when extras wait, and does not suffice without', async () => {
    const inputs = { mode: 'check', delete: 'true', 'delete-after': '1h' }
    const policy = await policyOf(inputs)
    const needed = required(policy)
    expect(namesOf(needed).sort()).toEqual([
      'RequiredDestinationList s3:ListBucket',
      'RequiredExtrasList s3:GetObject',
    ])
    await using done = await runAs(needed, inputs)
    expect(done.outputs, done.log).toMatchObject({ result: 'drift', 'planned-deletes': '1' })
    await using refused = await runAs(required(policy, 'RequiredExtrasList'), inputs)
    expect(refused.exitCode).toBe(1)
    expect(refused.outputs['result']).toBe('failed')
    expect(told(refused)).toContain('s3:GetObject')
  })
})
