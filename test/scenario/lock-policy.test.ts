import { readFile } from 'node:fs/promises'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Policy } from '../../src/preflight/policy.ts'

const KEY = 'locks/one'
const inputs = { lock: `s3://dst/${KEY},wait=0s`, engine: 'direct' }

let stage: Stage
let policy: Policy

beforeAll(async () => {
  stage = await openStage()
  stage.kit.store.put('src', 'data/a', { body: 'x' })
  await using run = await stage.run(inputs)
  expect(run.outputs).toMatchObject({ result: 'success' })
  const { Statement, ...rest } = JSON.parse(
    await readFile(run.outputs['policy-path'] ?? '', 'utf8'),
  )
  const required = Statement.filter(({ Sid }: { Sid: string }) => Sid.startsWith('Required'))
  policy = { ...rest, Statement: required }
})
afterAll(() => stage[Symbol.asyncDispose]())
beforeEach(() => {
  for (const key of stage.kit.store.keys('dst')) stage.kit.store.delete('dst', key)
})

/** What the lock says; where a service may ignore conditions on deletes, and no other key may be asked, it stays. */
const standing = () => JSON.parse(stage.kit.store.bytes('dst', KEY)?.toString() ?? '{}')

/** Runs as somebody who may do what is required, without one action on the lock. */
function runWithout(action: string): Promise<StepResult> {
  const Statement = policy.Statement.flatMap((one) => {
    if (one.Sid !== 'RequiredLock') return [one]
    return [{ ...one, Action: one.Action.filter((name) => name !== action) }]
  })
  const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
  const policies = [{ ...policy, Statement }]
  const role = stage.kit.iam.addRole({ name: 'Locks', trust, policies })
  return stage.run({ ...inputs, 'role-to-assume': role })
}

it('a lock needs three actions on its one object, and these suffice', async () => {
  expect(policy.Statement.find(({ Sid }) => Sid === 'RequiredLock')).toMatchObject({
    Action: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'],
    Resource: [`arn:aws:s3:::dst/${KEY}`],
  })
  await using run = await runWithout('none')
  expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
  expect(standing()).toMatchObject({ released: true })
})

it.each(['s3:PutObject', 's3:GetObject'])(
  'who may not %s on the lock is told so, and nothing is touched',
  async (action) => {
    await using run = await runWithout(action)
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'lock', copied: '0' })
    const [error] = run.annotations.errors
    expect(error?.message).toContain(action)
    expect(error?.message).toContain(`s3://dst/${KEY}`)
    expect(stage.kit.store.keys('dst')).not.toContain('copy/a')
  },
)

it('who may not delete the lock gives it back all the same: another run has it at once', async () => {
  for (const _run of [1, 2]) {
    await using run = await runWithout('s3:DeleteObject')
    expect(run.outputs['failure-kind']).toBe('')
  }
  expect(standing()).toMatchObject({ released: true })
})
