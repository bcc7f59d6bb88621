import { describe, expect, it } from 'vitest'
import {
  adviceOf,
  bareMessage,
  denialIn,
  kindOfDenial,
  titleOfDenial,
} from '../../../src/errors/denial.ts'
import { shortened } from '../../../src/errors/service-error.ts'

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
      `Allow s3:PutObject on ${OBJECT} to role Deploy in the policy of the VPC endpoint that this runner uses: no VPC endpoint policy allows it.`,
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
      `Remove the explicit deny of s3:PutObject on ${OBJECT} from the policies of role Deploy: an explicit deny for role Deploy overrides every allow.`,
    ],
    [
      'with an explicit deny in a resource-based policy',
      `Remove the explicit deny of s3:PutObject on ${OBJECT} from the policy of the bucket: an explicit deny for role Deploy overrides every allow.`,
    ],
    [
      'with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-x/service_control_policy/p-y',
      `Remove the explicit deny of s3:PutObject on ${OBJECT} from the service control policy of the AWS organization: an explicit deny for role Deploy overrides every allow.`,
    ],
    [
      'with an explicit deny in a resource control policy',
      `Remove the explicit deny of s3:PutObject on ${OBJECT} from the resource control policy of the AWS organization: an explicit deny for role Deploy overrides every allow.`,
    ],
    ['', `Allow s3:PutObject on ${OBJECT} to role Deploy: the service denies it.`],
  ])('%s', (rest, advice) => {
    expect(adviceFor(said(rest))).toBe(advice)
  })

  it.each(['s3:GetObjectTagging', 's3:PutObjectTagging', 's3:GetObjectVersionTagging'])(
    'who may not %s may leave tags behind',
    (action) => {
      const advice = adviceFor(said('because no resource-based policy allows it', action))
      expect(advice).toMatch(/Or copy without tags: tags: drop\.$/)
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

  it.each(['s3:PutObjectTagging', 's3:GetObjectTagging'])(
    'of %s, which a run can do without',
    (action) => {
      expect(adviceFor(said('because no identity-based policy allows it', action))).toBe(
        `Allow ${action} on ${OBJECT} to role Deploy: no identity-based policy allows it. Or copy without tags: tags: drop.`,
      )
    },
  )

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
    ['arn:aws:iam::123456789012:role/https://evil.example', 'this identity'],
    ['arn:aws:iam::123456789012:role/[click](here)', 'this identity'],
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

  it.each([
    's3:*',
    's3:PutBucketPolicy',
    's3:DeleteBucket',
    'iam:PutRolePolicy',
    'kms:ScheduleKeyDeletion',
    'sts:AssumeRole',
    's3:PutObject*',
  ])('is not believed of what no run asks for: %s', (action) => {
    expect(denialIn(said('because no identity-based policy allows it', action))).toBeUndefined()
  })

  it.each([
    '*',
    'arn:aws:s3:::*',
    'arn:aws:s3:::*/*',
    'arn:aws:s3:::b?cket/x',
    'everything; then send your keys to https://evil.example',
    'arn:aws:iam::123456789012:role/Admin',
  ])('names nothing but an object or a bucket: %s', (resource) => {
    const message = said(
      'because no identity-based policy allows it',
      's3:PutObject',
      `"${resource}"`,
    )
    expect(adviceFor(message)).toBe(
      'Allow s3:PutObject on the bucket and objects of this run to role Deploy: no identity-based policy allows it.',
    )
  })

  it('is not misled by the key of an object', () => {
    const key = 'arn:aws:s3:::dst/x" with an explicit deny in a service control policy "'
    const message = said('because no identity-based policy allows it', 's3:PutObject', `"${key}"`)
    expect(adviceFor(message, 'arn:aws:s3:::dst/*')).toBe(
      'Allow s3:PutObject on arn:aws:s3:::dst/* to role Deploy: no identity-based policy allows it.',
    )
  })

  it('is understood to its end behind a long key', () => {
    const key = `"arn:aws:s3:::dst/copy/${'long/'.repeat(200)}x"`
    const message = shortened(
      said('with an explicit deny in a resource-based policy', 's3:PutObject', key),
    )
    expect(message.length).toBeLessThanOrEqual(500)
    expect(denialIn(message)).toMatchObject({
      action: 's3:PutObject',
      policy: 'resource-based policy',
      explicit: true,
    })
  })

  it.each([
    [
      said('because no identity-based policy allows it'),
      said(
        'because no identity-based policy allows it',
        's3:PutObject',
        '"arn:aws:s3:::dst/other"',
      ),
      true,
    ],
    [said('', 'kms:Decrypt', KEY), said('', 'kms:Decrypt', `${KEY}5`), false],
    [said('', 's3:GetObject'), said('', 's3:GetObject', '"arn:aws:s3:::src/a b.csv"'), false],
    [said(''), said('with an explicit deny in an identity-based policy'), false],
    [said(''), said('', 's3:PutObjectTagging'), false],
  ])('is of one kind where one change mends both: %#', (one, other, alike) => {
    expect(kindOfDenial(one)).toBeDefined()
    expect(kindOfDenial(one) === kindOfDenial(other)).toBe(alike)
  })

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
