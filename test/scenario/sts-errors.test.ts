import { fail } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
  stage.kit.store.put('src', 'data/a', { body: 'a' })
})
afterEach(() => stage[Symbol.asyncDispose]())

const operation = 'AssumeRoleWithWebIdentity'

describe('what STS says when it is asked for a role', () => {
  it('is waited out where it passes by itself', async () => {
    const passing = [
      ['InvalidIdentityToken', "Couldn't retrieve verification key from your identity provider"],
      ['ThrottlingException', 'Rate exceeded'],
    ] as const
    const struck = passing.map(([code, message], at) =>
      stage.kit.faults.add({
        ...{ match: { operation }, nth: at + 1, times: 1 },
        fault: fail(400, code, { message }),
      }),
    )
    await using run = await stage.run()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(struck.map((count) => count())).toEqual([1, 1])
    expect(stage.kit.counters.of(operation)).toBe(3)
  })

  it.each([
    ['InvalidIdentityToken', 'No OpenIDConnect provider found in your account', /no OIDC identity/],
    ['PackedPolicyTooLarge', 'Packed policy consumes 105%', /Shorten inline-session-policy/],
  ])('is final where it is a refusal, and says what to change: %s', async (code, message, hint) => {
    const struck = stage.kit.faults.add({
      match: { operation },
      fault: fail(400, code, { message }),
    })
    await using run = await stage.run()
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
    expect(run.outputs['failure-message']).toMatch(hint)
    expect(struck()).toBe(1)
  })
})

it('a key that no request can hold is refused before one is made', async () => {
  const env = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE\u200b', AWS_SECRET_ACCESS_KEY: 'secret-of-mine' }
  await using run = await stage.run({ 'role-to-assume': '' }, { env })
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
  expect(run.outputs['failure-message']).toMatch(
    /access key id (.*) contains an invisible character/,
  )
  expect(run.log).not.toContain('secret-of-mine')
  expect(stage.kit.counters.of('GetCallerIdentity')).toBe(0)
})
