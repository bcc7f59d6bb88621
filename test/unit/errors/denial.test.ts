import { describe, expect, it } from 'vitest'
import { adviceOf, bareMessage, denialIn, titleOfDenial } from '../../../src/errors/denial.ts'

const ROLE = 'arn:aws:sts::123456789012:assumed-role/Deploy/GitHubActions'
const OBJECT = 'arn:aws:s3:::dst/copy/a b.csv'
const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/1234'
const said = (rest: string, action = 's3:PutObject', resource = `"${OBJECT}"`) =>
  `User: ${ROLE} is not authorized to perform: ${action} on resource: ${resource} ${rest}`
const adviceFor = (message: string, on?: string) => {
  const denial = denialIn(message)
  return denial && adviceOf(denial, on)
}

describe('what AWS says of a refusal becomes what to do, and why', () => {
  it.each([
    [
      'because no identity-based policy allows the s3:PutObject action',
      `Allow s3:PutObject on ${OBJECT} to role Deploy: no identity-based policy allows it.`,
    ],
    [
      'because no resource-based policy allows the s3:PutObject action',
      `Allow s3:PutObject on ${OBJECT} to role Deploy in the policy of the bucket: no resource-based policy allows it.`,
    ],
    [
      'because no VPC endpoint policy allows the s3:PutObject action',
      `Allow s3:PutObject on ${OBJECT} to role Deploy in the policy of the VPC endpoint that this runner goes through: no VPC endpoint policy allows it.`,
    ],
    [
      'because no service control policy allows the s3:PutObject action',
      `Allow s3:PutObject on ${OBJECT} to role Deploy in the service control policy of the AWS organization: no service control policy allows it.`,
    ],
    [
      'because no session policy allows the s3:PutObject action',
      `Allow s3:PutObject on ${OBJECT} to role Deploy in the session policy of role Deploy (inline-session-policy or managed-session-policies): no session policy allows it.`,
    ],
    [
      'because no permissions boundary allows the s3:PutObject action',
      `Allow s3:PutObject on ${OBJECT} to role Deploy in the permissions boundary of role Deploy: no permissions boundary allows it.`,
    ],
    [
      'with an explicit deny in an identity-based policy',
      `Remove the explicit deny of s3:PutObject on ${OBJECT} from the policies of role Deploy: it denies that to role Deploy, whatever other policies allow.`,
    ],
    [
      'with an explicit deny in a resource-based policy',
      `Remove the explicit deny of s3:PutObject on ${OBJECT} from the policy of the bucket: it denies that to role Deploy, whatever other policies allow.`,
    ],
    [
      'with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-x/service_control_policy/p-y',
      `Remove the explicit deny of s3:PutObject on ${OBJECT} from the service control policy of the AWS organization: it denies that to role Deploy, whatever other policies allow.`,
    ],
    [
      'with an explicit deny in a resource control policy',
      `Remove the explicit deny of s3:PutObject on ${OBJECT} from the resource control policy of the AWS organization: it denies that to role Deploy, whatever other policies allow.`,
    ],
    ['', `Allow s3:PutObject on ${OBJECT} to role Deploy: the service denies it.`],
  ])('%s', (rest, advice) => {
    expect(adviceFor(said(rest))).toBe(advice)
  })

  it.each(['s3:GetObjectTagging', 's3:PutObjectTagging', 's3:GetObjectVersionTagging'])(
    'who may not %s may leave tags behind',
    (action) => {
      const advice = adviceFor(said('because no resource-based policy allows it', action))
      expect(advice).toMatch(/Or leave tags behind by tags: drop\.$/)
    },
  )

  it('of a KMS key, with or without its ARN', () => {
    expect(
      adviceFor(said('because no resource-based policy allows it', 'kms:GenerateDataKey', KEY)),
    ).toBe(
      `Allow kms:GenerateDataKey on ${KEY} to role Deploy in the policy of the KMS key: no resource-based policy allows it.`,
    )
    const unnamed = `User: ${ROLE} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`
    expect(adviceFor(unnamed)).toBe(
      'Allow kms:Decrypt on the KMS key of the object to role Deploy: the service denies it.',
    )
  })

  it('of all objects of a place, where one was refused that stands for them, but of the very one where it is denied', () => {
    const all = 'arn:aws:s3:::dst/copy/*'
    const open = denialIn(said('because no identity-based policy allows it'))
    const closed = denialIn(said('with an explicit deny in an identity-based policy'))
    if (!open || !closed) throw new Error('not understood')
    expect(adviceOf(open, all)).toContain(`s3:PutObject on ${all} to`)
    expect(titleOfDenial(open, all)).toBe('s3:PutObject denied on s3://dst/copy/')
    expect(adviceOf(closed, all)).toContain(OBJECT)
    expect(titleOfDenial(closed, all)).toBe('s3:PutObject denied on s3://dst/copy/a b.csv')
  })

  it.each([
    ['arn:aws:iam::123456789012:user/path/mateo', 'user mateo'],
    ['arn:aws:iam::123456789012:role/path/Deploy', 'role Deploy'],
    ['arn:aws-cn:sts::1:assumed-role/Deploy/a/b', 'role Deploy'],
    ['arn:aws:iam::123456789012:root', 'the root user of the account'],
    ['somebody', 'this identity'],
  ])('names who was refused as people look for it: %s', (arn, name) => {
    const message = `User: ${arn} is not authorized to perform: s3:GetObject on resource: x`
    expect(denialIn(message)?.access).toBe(name)
  })

  it.each(['Access Denied', 'Forbidden', '', 'not authorized to perform: s3:GetObject'])(
    'is not made up where it is not said: %j',
    (message) => {
      expect(denialIn(message)).toBeUndefined()
    },
  )

  it('takes no longer the more of it there is', () => {
    const long = `User: x is not authorized to perform: ${'s3:a on '.repeat(100_000)}`
    const startedMs = performance.now()
    denialIn(long)
    expect(performance.now() - startedMs).toBeLessThan(1000)
  })
})

describe('a message for people', () => {
  it.each([
    ['AccessDenied: No. status code: 403, request id: 0A1, host id:', 'No'],
    ['AccessDenied: No. status code: 403, request id: 0A1, host id: x/y=', 'No'],
    ['No, status code: 503, request id: 1', 'No'],
    ['SlowDown: it says so', 'SlowDown: it says so'],
    ['the status code: is a word', 'the status code: is a word'],
  ])('has no code twice, and no ids: %s', (message, bare) => {
    expect(bareMessage('AccessDenied', message)).toBe(bare)
  })
})
