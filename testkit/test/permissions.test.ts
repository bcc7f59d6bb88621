import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compilePolicy } from '../iam/policy.ts'
import { startTestkit, type Testkit } from '../testkit.ts'
import { s3Client } from './clients.ts'

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1'
const ENCRYPTED = {
  'x-amz-server-side-encryption': 'aws:kms',
  'x-amz-server-side-encryption-aws-kms-key-id': KEY,
}

let kit: Testkit
beforeAll(async () => {
  kit = await startTestkit()
  kit.store.createBucket('b')
  kit.store.createBucket('kms', { encryption: 'aws:kms', kmsKey: KEY })
  kit.store.put('b', 'plain', { body: 'x' })
  kit.store.put('b', 'secret', { body: 'x', encryption: ENCRYPTED })
})
afterAll(() => kit.close())

/** What the caller who may only do this is told. */
const refused = (
  actions: readonly string[],
  send: (client: ReturnType<typeof s3Client>) => Promise<unknown>,
) => {
  const statement = { Effect: 'Allow', Action: actions, Resource: '*' } as const
  return send(s3Client(kit, kit.iam.addUser('u', [{ Statement: statement }]))).then(
    () => 'done',
    (error: Error) => /perform: (\S+)/.exec(error.message)?.[1],
  )
}

test('conditions on an ETag need the right to read', async () => {
  const put = new PutObjectCommand({ Bucket: 'b', Key: 'plain', Body: 'y', IfMatch: '"0"' })
  expect(await refused(['s3:PutObject'], (client) => client.send(put))).toBe('s3:GetObject')
  const remove = new DeleteObjectCommand({ Bucket: 'b', Key: 'plain', IfMatch: '"0"' })
  expect(await refused(['s3:DeleteObject'], (client) => client.send(remove))).toBe('s3:GetObject')
})

test("a customer's key is needed to read and to write", async () => {
  const get = new GetObjectCommand({ Bucket: 'b', Key: 'secret' })
  expect(await refused(['s3:*'], (client) => client.send(get))).toBe('kms:Decrypt')
  const copy = new CopyObjectCommand({ Bucket: 'kms', Key: 'to', CopySource: 'b/plain' })
  expect(await refused(['s3:*'], (client) => client.send(copy))).toBe('kms:GenerateDataKey')
  const start = new CreateMultipartUploadCommand({ Bucket: 'kms', Key: 'to' })
  const half = ['s3:*', 'kms:GenerateDataKey']
  expect(await refused(half, (client) => client.send(start))).toBe('kms:Decrypt')
  expect(await refused([...half, 'kms:Decrypt'], (client) => client.send(copy))).toBe('done')
})

test('a policy can name the characters that are patterns', () => {
  const literal = (character: string) => `\${${character}}`
  const Resource = `a${literal('*')}b${literal('?')}${literal('$')}*`
  const policy = compilePolicy({
    Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource },
  })
  const may = (resource: string) => policy({ action: 's3:GetObject', resource })
  expect(may('a*b?$c')).toBe('Allow')
  expect(may('axb?$c')).toBeUndefined()
})
