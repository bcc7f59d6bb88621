import { generateKeyPairSync, sign } from 'node:crypto'
import {
  CopyObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput,
  GetCallerIdentityCommand,
} from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PolicyDocument } from '../iam/policy.ts'
import { startTestkit, type Testkit, trustGitHub } from '../testkit.ts'
import { failureOf, s3Client, stsClient } from './clients.ts'

const SYNC: PolicyDocument = {
  Statement: [
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::dst' },
    { Effect: 'Allow', Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::src/*' },
    { Effect: 'Allow', Action: ['s3:PutObject'], Resource: 'arn:aws:s3:::dst/*' },
    { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::dst/locked/*' },
  ],
}

let kit: Testkit
let role: string
beforeAll(async () => {
  kit = await startTestkit()
  role = kit.iam.addRole({
    name: 'Sync',
    trust: trustGitHub(kit.issuer, 'repo:o/r:ref:refs/heads/main', 'repo:o@1/r@?:*'),
    policies: [SYNC],
  })
  kit.store.createBucket('dst')
  kit.store.put('src', 'key', { body: 'data' })
  kit.store.put('src', 'tagged', { body: 'data', tags: { a: 'b' } })
})
afterAll(() => kit.close())

type Extra = Partial<AssumeRoleWithWebIdentityCommandInput>

async function requestToken(audience = 'sts.amazonaws.com'): Promise<string> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } =
    kit.idTokenEnv
  const headers = { authorization: `Bearer ${bearer}` }
  const reply = await fetch(`${url}&audience=${encodeURIComponent(audience)}`, { headers })
  const { value } = (await reply.json()) as { value: string }
  return value
}

const assume = (WebIdentityToken: string, extra: Extra = {}) =>
  stsClient(kit).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: role,
      RoleSessionName: 'session',
      WebIdentityToken,
      ...extra,
    }),
  )

async function sessionOf(extra: Extra = {}) {
  const { Credentials: keys } = await assume(await requestToken(), extra)
  return {
    accessKeyId: keys?.AccessKeyId ?? '',
    secretAccessKey: keys?.SecretAccessKey ?? '',
    sessionToken: keys?.SessionToken ?? '',
  }
}

describe('AssumeRoleWithWebIdentity', () => {
  test('gives a session for the old and the immutable subject', async () => {
    kit.issuer.subject = 'repo:o@1/r@2:ref:refs/heads/main'
    const immutable = await assume(await requestToken())
    expect(immutable.SubjectFromWebIdentityToken).toBe('repo:o@1/r@2:ref:refs/heads/main')
    kit.issuer.subject = 'repo:o/r:ref:refs/heads/main'
    const reply = await assume(await requestToken(), { DurationSeconds: 900 })
    expect(reply.AssumedRoleUser?.Arn).toBe('arn:aws:sts::123456789012:assumed-role/Sync/session')
    expect(reply.Audience).toBe('sts.amazonaws.com')
    const { Credentials } = reply
    expect(Credentials?.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/)
    const leftMs = (Credentials?.Expiration?.getTime() ?? 0) - Date.now()
    expect(leftMs).toBeGreaterThan(890_000)
    expect(leftMs).toBeLessThanOrEqual(900_000)
  })

  test('refuses other subjects, audiences and roles', async () => {
    const denied = 'AccessDenied 403'
    const sub = 'repo:o/fork:ref:refs/heads/main'
    expect(await failureOf(assume(kit.issuer.sign({ sub })))).toBe(denied)
    expect(await failureOf(assume(kit.issuer.sign({ sub: 'repo:o@1/r@22:x' })))).toBe(denied)
    const audience = await requestToken('https://github.com/o')
    expect(await failureOf(assume(audience))).toBe('InvalidIdentityTokenException 400')
    const RoleArn = 'arn:aws:iam::123456789012:role/Nobody'
    expect(await failureOf(assume(await requestToken(), { RoleArn }))).toBe(denied)
    expect(await failureOf(assume(await requestToken(), { RoleArn: 'Sync' }))).toContain('400')
    const token = await requestToken()
    expect(await failureOf(assume(token, { DurationSeconds: 899 }))).toBe('ValidationError 400')
    expect(await failureOf(assume(token, { DurationSeconds: 7200 }))).toBe('ValidationError 400')
  })

  test('refuses expired, premature, unsigned and forged tokens', async () => {
    const now = Math.floor(Date.now() / 1000)
    const { sign: mint } = kit.issuer
    const invalid = 'InvalidIdentityTokenException 400'
    expect(await failureOf(assume(mint({ exp: now - 1 })))).toBe('ExpiredTokenException 400')
    expect(await failureOf(assume(mint({ exp: undefined })))).toBe(invalid)
    expect(await failureOf(assume(mint({ nbf: now + 60 })))).toBe(invalid)
    expect(await failureOf(assume(mint({ iss: 'https://elsewhere' })))).toBe(invalid)
    expect(await failureOf(assume(mint({}, { kid: 'other' })))).toBe(invalid)
    expect(await failureOf(assume(mint({}, { alg: 'none' })))).toBe(invalid)
    const unsigned = mint({}, { alg: 'none' }).replace(/[^.]+$/, '')
    expect(await failureOf(assume(unsigned))).toBe(invalid)
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const signed = mint().replace(/\.[^.]+$/, '')
    const forged = sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')
    expect(await failureOf(assume(`${signed}.${forged}`))).toBe(invalid)
    expect(await failureOf(assume('garbage'))).toBe(invalid)
  })
})

test('a session is its role, and AccessDenied speaks as AWS', async () => {
  const session = await sessionOf()
  const identity = await stsClient(kit, session).send(new GetCallerIdentityCommand({}))
  expect(identity.Arn).toBe('arn:aws:sts::123456789012:assumed-role/Sync/session')
  const client = s3Client(kit, session)
  const copy = (Key: string, CopySource: string) =>
    client.send(new CopyObjectCommand({ Bucket: 'dst', Key, CopySource }))
  await copy('key', 'src/key')
  await expect(copy('locked/key', 'src/key')).rejects.toThrow(
    'with an explicit deny in an identity',
  )
  await expect(copy('tagged', 'src/tagged')).rejects.toThrow('s3:GetObjectTagging')
  const put = client.send(new PutObjectCommand({ Bucket: 'src', Key: 'key', Body: 'x' }))
  await expect(put).rejects.toThrow(
    'User: arn:aws:sts::123456789012:assumed-role/Sync/session is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::src/key" because no identity-based policy allows the s3:PutObject action',
  )
})

test('who may not list a bucket cannot tell absent keys from forbidden ones', async () => {
  const session = await sessionOf()
  const head = (Bucket: string) =>
    failureOf(s3Client(kit, session).send(new HeadObjectCommand({ Bucket, Key: 'absent' })))
  expect(await head('src')).toContain('403')
  const list = s3Client(kit, session).send(new ListObjectsV2Command({ Bucket: 'src' }))
  expect(await failureOf(list)).toBe('AccessDenied 403')
  expect(
    await failureOf(s3Client(kit).send(new HeadObjectCommand({ Bucket: 'src', Key: 'absent' }))),
  ).toContain('404')
})

test('session policies narrow, inline and managed, with s3:prefix', async () => {
  const inline = await sessionOf({
    Policy: JSON.stringify({
      Statement: {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: '*',
        Condition: { StringLike: { 's3:prefix': ['a/*', 'b/'] } },
      },
    }),
  })
  const list = (Prefix: string) =>
    s3Client(kit, inline).send(new ListObjectsV2Command({ Bucket: 'dst', Prefix }))
  expect((await list('a/1')).KeyCount).toBe(0)
  expect(await failureOf(list('b/1'))).toBe('AccessDenied 403')
  const put = (credentials: typeof inline) =>
    s3Client(kit, credentials).send(new PutObjectCommand({ Bucket: 'dst', Key: 'x', Body: 'x' }))
  await expect(put(inline)).rejects.toThrow('because no session policy allows the s3:PutObject')
  const arn = kit.iam.addPolicy('Writer', {
    Statement: { Effect: 'Allow', Action: 's3:Put*', Resource: '*' },
  })
  const managed = await sessionOf({ PolicyArns: [{ arn }] })
  await put(managed)
  const read = s3Client(kit, managed).send(new HeadObjectCommand({ Bucket: 'src', Key: 'key' }))
  expect(await failureOf(read)).toContain('403')
})

test('AssumeRole checks the caller and the external id, and chains for an hour at most', async () => {
  const outsider = kit.iam.addUser('outsider', [])
  const RoleArn = kit.iam.addRole({
    name: 'Chained',
    policies: [SYNC],
    maxSessionSeconds: 7200,
    trust: {
      Statement: {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: [role] },
        Condition: { StringEquals: { 'sts:ExternalId': 'ticket' } },
      },
    },
  })
  const session = await sessionOf()
  const chain = (credentials: typeof outsider, more: object) =>
    stsClient(kit, credentials).send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: 'chained', ...more }),
    )
  const reply = await chain(session, { ExternalId: 'ticket' })
  expect(reply.AssumedRoleUser?.Arn).toContain('assumed-role/Chained/chained')
  expect(await failureOf(chain(session, {}))).toBe('AccessDenied 403')
  expect(await failureOf(chain(outsider, { ExternalId: 'ticket' }))).toBe('AccessDenied 403')
  const long = chain(session, { ExternalId: 'ticket', DurationSeconds: 7200 })
  expect(await failureOf(long)).toBe('ValidationError 400')
})

test('keys, tokens, signatures and clocks are checked', async () => {
  const list = (credentials: Awaited<ReturnType<typeof sessionOf>> | typeof kit.iam.admin) =>
    failureOf(s3Client(kit, credentials).send(new ListObjectsV2Command({ Bucket: 'dst' })))
  const { admin } = kit.iam
  const secretAccessKey = 'wrong'
  expect(await list({ ...admin, secretAccessKey })).toBe('SignatureDoesNotMatch 403')
  expect(await list({ ...admin, accessKeyId: 'AKIANOBODY' })).toBe('InvalidAccessKeyId 403')
  const session = await sessionOf()
  expect(await list({ ...session, sessionToken: 'wrong' })).toBe('InvalidToken 400')
  const identity = stsClient(kit, { ...admin, secretAccessKey }).send(
    new GetCallerIdentityCommand({}),
  )
  expect(await failureOf(identity)).toBe('SignatureDoesNotMatch 403')
  const fast = await startTestkit({ now: () => Date.now() + 20 * 60_000 })
  fast.store.createBucket('dst')
  const skewed = s3Client(fast).send(new ListObjectsV2Command({ Bucket: 'dst' }))
  expect(await failureOf(skewed)).toBe('RequestTimeTooSkewed 403')
  await fast.close()
  expect((await fetch(`${kit.endpoint}/dst?list-type=2`)).status).toBe(403)
})

test('a session really ends', async () => {
  kit.iam.sessionLifetimeMs = 60
  const session = await sessionOf()
  kit.iam.sessionLifetimeMs = undefined
  await new Promise((resolve) => setTimeout(resolve, 80))
  const put = s3Client(kit, session).send(
    new PutObjectCommand({ Bucket: 'dst', Key: 'x', Body: 'x' }),
  )
  expect(await failureOf(put)).toBe('ExpiredToken 400')
  const identity = stsClient(kit, session).send(new GetCallerIdentityCommand({}))
  expect(await failureOf(identity)).toMatch(/^ExpiredToken(Exception)? 403$/)
})
