import { Agent, get } from 'node:https'
import { json } from 'node:stream/consumers'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as faults from '../faults.ts'
import { startTestkit, type Testkit } from '../testkit.ts'
import { loopbackTls } from '../web-server.ts'

let kit: Testkit
beforeAll(async () => {
  kit = await startTestkit({ tls: true })
  kit.store.put('src', 'a', { body: 'a' })
})
afterAll(() => kit.close())

const agent = (): Agent => new Agent({ ca: loopbackTls().ca, keepAlive: true, maxSockets: 1 })

const list = (httpsAgent: Agent) =>
  new S3Client({
    endpoint: kit.endpoint,
    region: 'us-east-1',
    credentials: kit.iam.admin,
    forcePathStyle: true,
    maxAttempts: 1,
    requestHandler: { httpsAgent },
  }).send(new ListObjectsV2Command({ Bucket: 'src' }))

test('the endpoint speaks HTTPS to those who trust its CA, many requests over one connection', async () => {
  expect(kit.endpoint).toMatch(/^https:/)
  await expect(list(new Agent())).rejects.toThrow('certificate')
  kit.counters.reset()
  const trusting = agent()
  for (let i = 0; i < 5; i++) expect((await list(trusting)).KeyCount).toBe(1)
  expect(kit.counters.connections()).toBe(1)
})

test('faults strike there too', async () => {
  kit.faults.add({ match: { operation: 'ListObjectsV2' }, times: 1, fault: faults.reset })
  await expect(list(agent())).rejects.toThrow('socket hang up')
})

test('the issuer speaks HTTPS as well', async () => {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer = '' } =
    kit.idTokenEnv
  const headers = { authorization: `Bearer ${bearer}` }
  const answer = await new Promise<object>((resolve, reject) =>
    get(url, { agent: agent(), headers }, (response) =>
      resolve(json(response) as Promise<object>),
    ).on('error', reject),
  )
  expect(answer).toMatchObject({ value: expect.stringMatching(/^ey/) })
})
