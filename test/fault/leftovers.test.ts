import { type Fault, fail, signalling, stall } from 's3-direct-sync-testkit/faults.ts'
import { runPost, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const GIB = 2 ** 30

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
  stage.kit.store.put('src', 'data/large', { size: 3 * GIB, seed: 1, tags: { a: 'b' } })
})
afterEach(() => stage[Symbol.asyncDispose]())

const uploads = () => stage.kit.store.uploads('dst')

/** A run that is killed while it uploads. */
async function killed(): Promise<StepResult> {
  const { promise: endedBy, resolve } = Promise.withResolvers<'SIGKILL'>()
  const fault: Fault = (request, next) => {
    resolve('SIGKILL')
    return stall(request, next)
  }
  stage.kit.faults.add({ match: { operation: 'UploadPartCopy' }, nth: 3, fault })
  const run = await stage.run({ engine: 'direct' }, { endedBy })
  stage.kit.faults.clear()
  expect(run.exitCode).not.toBe(0)
  expect(uploads().length).toBe(1)
  return run
}

describe('an upload that a killed run left', () => {
  it('is aborted by the post step, by the identity that began it', async () => {
    await using run = await killed()
    await using post = await runPost(run)
    expect(post.annotations.warnings.length).toBe(1)
    expect(uploads()).toEqual([])
  })

  it('is aborted by the next run, where the post step did not come to it', async () => {
    await using _run = await killed()
    await using next = await stage.run({ engine: 'direct' })
    expect(next.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(next.log).toContain('1 upload that an earlier run left unfinished: aborted')
    expect(uploads()).toEqual([])
    expect(stage.kit.store.facts('dst', 'copy/large')).toMatchObject({
      size: 3 * GIB,
      tags: { a: 'b' },
    })
  })

  it('stays where somebody else began it, or the identity may not look', async () => {
    await using _run = await killed()
    const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
    const all = { Effect: 'Allow', Action: '*', Resource: '*' } as const
    const other = stage.kit.iam.addRole({ name: 'Other', trust, policies: [{ Statement: all }] })
    await using run = await stage.run({ engine: 'direct', 'role-to-assume': other })
    expect(run.outputs).toMatchObject({ result: 'success' })
    expect(uploads().length).toBe(1)
    stage.kit.store.delete('dst', 'copy/large')
    const no = { Effect: 'Deny', Action: 's3:ListBucketMultipartUploads', Resource: '*' } as const
    stage.kit.iam.addRole({ name: 'Sync', trust, policies: [{ Statement: [all, no] }] })
    await using blind = await stage.run({ engine: 'direct' })
    expect(blind.outputs).toMatchObject({ result: 'success' })
    expect(uploads().length).toBe(1)
  })

  it('is told where the post step may not abort it', async () => {
    await using run = await killed()
    const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
    const none = { Effect: 'Deny', Action: '*', Resource: '*' } as const
    stage.kit.iam.addRole({ name: 'Sync', trust, policies: [{ Statement: none }] })
    await using post = await runPost(run)
    const [, left] = post.annotations.warnings
    expect(left?.message).toContain('1 upload')
    expect(left?.message).toContain('AbortMultipartUpload')
    expect(uploads().length).toBe(1)
  })
})

it.each(['AssumeRoleWithWebIdentity', 'AbortMultipartUpload'])(
  'a post step ends within 6 seconds of a cancel while %s hangs, and says what stays',
  async (operation) => {
    await using run = await killed()
    const { fault, endedBy } = signalling(stall)
    stage.kit.faults.add({ match: { operation }, fault })
    await using post = await runPost(run, { endedBy })
    expect(post.exitedWithinMs).toBeLessThan(6000)
    const [, left] = post.annotations.warnings
    expect(left?.message).toMatch(/^1 uploads? in parts could not be aborted, .*cancelled/)
  },
)

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

it('a run that ends in order leaves no book behind', async () => {
  await using run = await stage.run({ engine: 'direct' })
  expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
  await using post = await runPost(run)
  expect(post.log).toBe('')
  expect(post.annotations.warnings).toEqual([])
})
