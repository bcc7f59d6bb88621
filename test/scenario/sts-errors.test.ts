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
  it.each([
    ['IDPCommunicationError', 'An error occurred'],
    ['InvalidIdentityToken', "Couldn't retrieve verification key from your identity provider"],
    ['ThrottlingException', 'Rate exceeded'],
  ])('is waited out where it passes by itself: %s', async (code, message) => {
    const struck = stage.kit.faults.add({
      match: { operation },
      times: 2,
      fault: fail(400, code, { message }),
    })
    await using run = await stage.run()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(struck()).toBe(2)
  })

  it.each([
    ['InvalidIdentityToken', 'No OpenIDConnect provider found in your account', /no OIDC identity/],
    ['PackedPolicyTooLarge', 'Packed policy consumes 105%', /Shorten inline-session-policy/],
    ['MalformedPolicyDocument', 'Syntax errors in policy', /Check inline-session-policy/],
    ['IDPRejectedClaim', 'The token is too old', /fresh token/],
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

it.each([
  ['\n', /access key id (.*) ends with a line break/],
  ['\u200b', /access key id (.*) holds an invisible character/],
])('a key that no request can hold is refused before one is made: %j', async (end, why) => {
  const env = { AWS_ACCESS_KEY_ID: `AKIDEXAMPLE${end}`, AWS_SECRET_ACCESS_KEY: 'secret-of-mine' }
  await using run = await stage.run({ 'role-to-assume': '' }, { env })
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
  expect(run.outputs['failure-message']).toMatch(why)
  expect(run.log).not.toContain('secret-of-mine')
  expect(stage.kit.counters.of('GetCallerIdentity')).toBe(0)
})
