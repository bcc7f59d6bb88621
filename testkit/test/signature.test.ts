import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestkit, type Testkit } from '../testkit.ts'
import { failureOf, s3Client } from './clients.ts'

let kit: Testkit
beforeAll(async () => {
  kit = await startTestkit()
  kit.store.createBucket('b')
})
afterAll(() => kit.close())

interface Sent {
  path: string
  body: unknown
  headers: Record<string, string>
  query: Record<string, string>
}

/** Changes a request after it was signed. */
function tamper(client: S3Client, change: (request: Sent) => void): S3Client {
  client.middlewareStack.add(
    (next) => async (args) => {
      change(args.request as Sent)
      return next(args)
    },
    { step: 'deserialize', priority: 'high' },
  )
  return client
}

const put = (change: (request: Sent) => void) =>
  tamper(s3Client(kit), change).send(
    new PutObjectCommand({ Bucket: 'b', Key: 'key', Body: 'body', Metadata: { a: 'b' } }),
  )

test('an untouched request is accepted', async () => {
  await put(() => undefined)
  expect(kit.store.bytes('b', 'key')?.toString()).toBe('body')
})

test.each<[string, (request: Sent) => void, string]>([
  ['path', (sent) => Object.assign(sent, { path: '/b/other' }), 'SignatureDoesNotMatch 403'],
  ['query', (sent) => Object.assign(sent.query, { x: '1' }), 'SignatureDoesNotMatch 403'],
  [
    'signed header',
    (sent) => Object.assign(sent.headers, { 'x-amz-meta-a': 'c' }),
    'SignatureDoesNotMatch 403',
  ],
  [
    'unsigned x-amz header',
    (sent) => Object.assign(sent.headers, { 'x-amz-acl': 'public-read' }),
    'AccessDenied 403',
  ],
  ['body', (sent) => Object.assign(sent, { body: 'evil' }), 'XAmzContentSHA256Mismatch 400'],
  [
    'authorization',
    (sent) => Object.assign(sent.headers, { authorization: 'AWS4-HMAC-SHA256 x' }),
    'AuthorizationHeaderMalformed 400',
  ],
])('a changed %s is refused', async (_what, change, expected) => {
  expect(await failureOf(put(change))).toBe(expected)
})

test('the token endpoint wants its bearer and can refuse', async () => {
  const url = `${kit.idTokenEnv['ACTIONS_ID_TOKEN_REQUEST_URL']}`
  expect((await fetch(url)).status).toBe(401)
  kit.issuer.refusals.push(503, 403)
  const bearer = kit.idTokenEnv['ACTIONS_ID_TOKEN_REQUEST_TOKEN']
  const headers = { authorization: `Bearer ${bearer}` }
  expect((await fetch(url, { headers })).status).toBe(503)
  expect((await fetch(url, { headers })).status).toBe(403)
  expect((await fetch(url, { headers })).status).toBe(200)
  const jwks = (await (await fetch(`${kit.issuer.url}/jwks`)).json()) as { keys: unknown[] }
  expect(jwks.keys).toHaveLength(1)
})
