import {
  CopyObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { roleArn, type SeaweedFS, startSeaweedFS } from '../seaweedfs.ts'
import { type Issuer, startIssuer } from './issuer.ts'

let issuer: Issuer
let server: SeaweedFS

const identity = (subject: string) => ({
  issuer: { ...issuer, token: async () => issuer.token('repo:o@1/r@2:ref:refs/heads/main') },
  roles: [{ name: 'Sync', subject, policies: ['Sync'] }] as const,
  policies: {
    Sync: [
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:ListBucket'],
        Resource: ['arn:aws:s3:::src', 'arn:aws:s3:::src/*'],
      },
      { Effect: 'Allow', Action: ['s3:PutObject'], Resource: ['arn:aws:s3:::dst/*'] },
    ],
  } as const,
})

beforeAll(async () => {
  issuer = await startIssuer()
  server = await startSeaweedFS({
    buckets: ['src', 'dst'],
    identity: { ...identity('repo:o@1/r@2:*'), sessionSeconds: 5 },
  })
}, 30_000)

afterAll(async () => {
  await server?.close()
  await issuer?.[Symbol.asyncDispose]()
})

async function assumeRole(subject: string) {
  const sts = new STSClient({ endpoint: server.endpoint, region: 'us-east-1', maxAttempts: 1 })
  const { Credentials } = await sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn('Sync'),
      RoleSessionName: 'test',
      WebIdentityToken: issuer.token(subject),
    }),
  )
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
    expiresInMs: (Credentials?.Expiration?.getTime() ?? 0) - Date.now(),
  }
}

const client = (credentials: SeaweedFS['admin']) =>
  new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
  })

describe('SeaweedFS', () => {
  test('gives the role assumed by OIDC to the right subject', async () => {
    const { accessKeyId, expiresInMs } = await assumeRole('repo:o@1/r@2:ref:refs/heads/main')
    expect(accessKeyId).toMatch(/^ASIA/)
    expect(expiresInMs).toBeLessThan(6000)
  })

  test('refuses it to another one', async () => {
    await expect(assumeRole('repo:o@1/other@3:ref:refs/heads/main')).rejects.toMatchObject({
      name: 'AccessDenied',
    })
  })

  test('holds the role to its policy', async () => {
    const admin = client(server.admin)
    await admin.send(new PutObjectCommand({ Bucket: 'src', Key: 'a/k', Body: 'body' }))
    const role = client(await assumeRole('repo:o@1/r@2:environment:production'))
    const copy = { CopySource: 'src/a/k', Key: 'k' }
    await role.send(new CopyObjectCommand({ Bucket: 'dst', ...copy }))
    await expect(role.send(new CopyObjectCommand({ Bucket: 'src', ...copy }))).rejects.toThrow(
      'Access Denied',
    )
    const { Contents = [] } = await admin.send(new ListObjectsV2Command({ Bucket: 'dst' }))
    expect(Contents).toMatchObject([{ Key: 'k', Size: 4 }])
  })

  test('does not start when its first role cannot be assumed', { timeout: 20_000 }, async () => {
    const start = startSeaweedFS({ buckets: ['src'], identity: identity('repo:o@1/else@4:*') })
    await expect(start).rejects.toThrow('trust policy')
  })
})
