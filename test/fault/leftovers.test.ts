import { type Fault, fail, loseReply, signalling, stall } from 's3-direct-sync-testkit/faults.ts'
import type { Statement } from 's3-direct-sync-testkit/iam/policy.ts'
import { type Annotation, runPost, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const GIB = 2 ** 30

let stage: Stage
async function open(): Promise<void> {
  stage = await openStage()
  stage.kit.store.put('src', 'data/large', { size: 3 * GIB, seed: 1, tags: { a: 'b' } })
}
const close = () => stage[Symbol.asyncDispose]()

const uploads = () => stage.kit.store.uploads('dst')

/** A run that is killed while it uploads. */
async function killed(inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> {
  const { promise: endedBy, resolve } = Promise.withResolvers<'SIGKILL'>()
  const fault: Fault = (request, next) => {
    resolve('SIGKILL')
    return stall(request, next)
  }
  stage.kit.faults.add({ match: { operation: 'UploadPartCopy' }, nth: 3, fault })
  const run = await stage.run({ engine: 'direct', ...inputs }, { endedBy })
  stage.kit.faults.clear()
  expect(run.exitCode).not.toBe(0)
  expect(uploads().length).toBe(1)
  return run
}

const ALL = { Effect: 'Allow', Action: '*', Resource: '*' } as const

/** From now on the role of the job, or another one, may do this. */
function allow(statements: readonly Statement[], name = 'Sync'): string {
  const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
  return stage.kit.iam.addRole({ name, trust, policies: [{ Statement: statements }] })
}

/** What a post step tells behind the warning that the run was killed. */
const told = ({ annotations }: StepResult): Annotation | undefined => annotations.warnings[1]

// In this order: only the last post step aborts it.
describe('an upload that a killed run left', () => {
  let run: StepResult
  beforeAll(async () => {
    await open()
    run = await killed()
  })
  afterEach(() => stage.kit.faults.clear())
  afterAll(async () => {
    await run.cleanup()
    await close()
  })

  it('is not looked for where the state cannot be read, which one annotation tells', async () => {
    await using post = await runPost({ ...run, state: { ...run.state, uploads: '{' } })
    expect(post).toMatchObject({ exitCode: 0, stderr: '' })
    expect(told(post)?.title).toBe('Unfinished multipart uploads were not checked')
    expect(uploads().length).toBe(1)
  })

  it('is told where the post step may not abort it', async () => {
    allow([{ ...ALL, Effect: 'Deny' }])
    await using post = await runPost(run)
    expect(told(post)?.message).toContain('1 unfinished multipart upload ')
    expect(told(post)?.message).toContain('AbortMultipartUpload')
    expect(told(post)?.message).not.toContain('bug in the action')
    expect(uploads().length).toBe(1)
    allow([ALL])
  })

  it.each(['AssumeRoleWithWebIdentity', 'AbortMultipartUpload'])(
    'is told by a post step that ends within 6 seconds of a cancel while %s hangs',
    async (operation) => {
      const { fault, endedBy } = signalling(stall)
      stage.kit.faults.add({ match: { operation }, fault })
      await using post = await runPost(run, { endedBy })
      expect(post.exitedWithinMs).toBeLessThan(6000)
      expect(told(post)?.message).toMatch(
        /^1 unfinished multipart upload could not be aborted, .*cancelled/,
      )
    },
  )

  it('is aborted by a post step that has no inputs, as inside of composite actions', async () => {
    const { step, ...rest } = run
    await using post = await runPost({ ...rest, step: { ...step, inputs: {} } })
    expect(post.annotations.warnings.length).toBe(1)
    expect(uploads()).toEqual([])
  })
})

// In this order: only the last run aborts it.
describe('an upload that a killed run left, and no post step came to,', () => {
  let run: StepResult
  beforeAll(async () => {
    await open()
    run = await killed()
  })
  afterEach(() => stage.kit.store.delete('dst', 'copy/large'))
  afterAll(async () => {
    await run.cleanup()
    await close()
  })

  it('stays where somebody else began it', async () => {
    await using next = await stage.run({
      engine: 'direct',
      'role-to-assume': allow([ALL], 'Other'),
    })
    expect(next.outputs).toMatchObject({ result: 'success' })
    expect(uploads().length).toBe(1)
  })

  it('stays where the identity may not look', async () => {
    allow([ALL, { Effect: 'Deny', Action: 's3:ListBucketMultipartUploads', Resource: '*' }])
    await using blind = await stage.run({ engine: 'direct' })
    expect(blind.outputs).toMatchObject({ result: 'success' })
    expect(uploads().length).toBe(1)
    allow([ALL])
  })

  it('is aborted by the next run', async () => {
    await using next = await stage.run({ engine: 'direct' })
    expect(next.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(next.log).toContain('1 upload left unfinished by an earlier run: aborted')
    expect(uploads()).toEqual([])
    expect(stage.kit.store.facts('dst', 'copy/large')).toMatchObject({
      size: 3 * GIB,
      tags: { a: 'b' },
    })
  })
})

describe('on a stage of its own', () => {
  beforeEach(open)
  afterEach(close)

  it('an upload is told where it was begun by keys that do not reach the post step, and no secret is in its state', async () => {
    const { accessKeyId, secretAccessKey } = stage.kit.iam.addUser('writer', [{ Statement: ALL }])
    await using run = await killed({
      'role-to-assume': '',
      'aws-access-key-id': accessKeyId,
      'aws-secret-access-key': secretAccessKey,
    })
    expect(JSON.stringify(run.state)).not.toContain(secretAccessKey)
    const { step, ...rest } = run
    await using post = await runPost({ ...rest, step: { ...step, inputs: {} } })
    expect(told(post)?.message).toContain('does not pass the access keys to the post step')
    expect(post).toMatchObject({ exitCode: 0, stderr: '' })
    // By the identity that began it.
    await using whole = await runPost(run)
    expect(whole.annotations.warnings.length).toBe(1)
    expect(uploads()).toEqual([])
  })

  it('uploads of several transfers of a killed step are aborted, each by the keys that began it', async () => {
    const { accessKeyId, secretAccessKey } = stage.kit.iam.addUser('writer', [{ Statement: ALL }])
    stage.kit.store.put('src', 'data/small', { body: 'small' })
    const keys = `aws-access-key-id: ${accessKeyId}, aws-secret-access-key: '${secretAccessKey}'`
    const transfers = [
      `- { name: first, destination: s3://dst/first/, include: small, role-to-assume: '${stage.roleArn}' }`,
      `- { name: second, destination: s3://dst/copy/, ${keys} }`,
    ].join('\n')
    await using run = await killed({ destination: '', 'role-to-assume': '', transfers })
    expect(JSON.stringify(run.state)).not.toContain(secretAccessKey)
    await using post = await runPost(run)
    expect(post.annotations.warnings.length).toBe(1)
    expect(uploads()).toEqual([])
  })

  it('the upload of a probe that could not be aborted is aborted by the next run that copies its object', async () => {
    stage.kit.store.delete('src', 'data/large')
    for (const key of ['a', 'b']) stage.kit.store.put('src', `data/${key}`, { body: key })
    const match = { operation: 'AbortMultipartUpload' }
    stage.kit.faults.add({ match, fault: fail(403, 'AccessDenied') })
    await using run = await stage.run({ include: 'a' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(uploads().length).toBe(1)
    stage.kit.faults.clear()
    stage.kit.store.put('src', 'data/a', { body: 'another' })
    await using next = await stage.run({ engine: 's5cmd' })
    expect(next.outputs).toMatchObject({ result: 'success', copied: '2' })
    expect(uploads()).toEqual([])
  })

  // The first one is begun by a probe.
  const begin = { match: { operation: 'CreateMultipartUpload' }, nth: 2 } as const

  it('an upload whose response is lost is begun anew, and the one that nobody knows is aborted', async () => {
    stage.kit.faults.add({ ...begin, times: 1, fault: loseReply })
    await using run = await stage.run({ engine: 'direct' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(run.log).toContain('1 unfinished upload whose CreateMultipartUpload response was lost')
    expect(uploads()).toEqual([])
    await using post = await runPost(run)
    expect(post.log).toBe('')
  })

  it('uploads of a copy that failed because every response was lost are aborted', async () => {
    const lost = stage.kit.faults.add({ ...begin, fault: loseReply })
    await using run = await stage.run({ engine: 'direct', 'retry-delay': '1ms' })
    expect(run.outputs).toMatchObject({ result: 'failed', copied: '0' })
    expect(lost()).toBeGreaterThan(1)
    expect(uploads()).toEqual([])
  })

  it('an upload whose response was on its way when the run was killed is aborted by the post step', async () => {
    const { promise: endedBy, resolve } = Promise.withResolvers<'SIGKILL'>()
    const fault: Fault = async (request, next) => {
      await next()
      resolve('SIGKILL')
      return stall(request, next)
    }
    stage.kit.faults.add({ ...begin, fault })
    await using run = await stage.run({ engine: 'direct' }, { endedBy })
    expect(uploads().length).toBe(1)
    await using post = await runPost(run)
    expect(post.annotations.warnings.length).toBe(1)
    expect(uploads()).toEqual([])
  })

  it('an upload whose response is lost stays where nobody may look for it, which the post step tells', async () => {
    allow([ALL, { Effect: 'Deny', Action: 's3:ListBucketMultipartUploads', Resource: '*' }])
    stage.kit.faults.add({ ...begin, times: 1, fault: loseReply })
    await using run = await stage.run({ engine: 'direct' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(uploads().length).toBe(1)
    await using post = await runPost(run)
    expect(post.log).toContain('An unfinished multipart upload may remain at copy/large')
    expect(post.log).toContain('AccessDenied')
  })

  it('a run that ends in order leaves no book behind', async () => {
    await using run = await stage.run({ engine: 'direct' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    await using post = await runPost(run)
    expect(post.log).toBe('')
    expect(post.annotations.warnings).toEqual([])
  })
})
