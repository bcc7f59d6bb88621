import http from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { headerOf, type Recorder, startRecorder } from '../recorder.ts'
import { loopbackTls } from '../web-server.ts'

let recorder: Recorder
beforeAll(async () => {
  recorder = await startRecorder(loopbackTls(), ({ method }) => ({
    status: 200,
    headers: { 'x-method': method },
    body: 'said',
  }))
})
afterAll(() => recorder[Symbol.asyncDispose]())

const at = (path: string, more: https.RequestOptions = {}): https.RequestOptions => ({
  host: '127.0.0.1',
  port: recorder.port,
  path,
  ...more,
})

async function answerTo(request: http.ClientRequest, ...chunks: readonly string[]) {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
  request.on('response', resolve).on('error', reject)
  for (const chunk of chunks) request.write(chunk)
  request.end()
  const answer = await promise
  return `${answer.headers['x-method']} ${await text(answer)}`
}

test('what comes is kept as it came', async () => {
  const headers = ['X-Odd', '  a  b ', 'x-latin', Buffer.from('à').toString('latin1')]
  const sent = http.request(at('//a/../b%2f?flag&x=', { method: 'PUT', headers }))
  expect(await answerTo(sent, 'one', 'two')).toBe('PUT said')
  const [request, ...more] = recorder.take()
  expect(more).toEqual([])
  expect(request).toMatchObject({ method: 'PUT', target: '//a/../b%2f?flag&x=' })
  expect(request?.headers).toContainEqual(['X-Odd', 'a  b'])
  expect(request?.headers).toContainEqual(['x-latin', 'Ã\xa0'])
  expect(request && headerOf(request, 'transfer-encoding')).toBe('chunked')
  expect(request?.body.toString()).toBe('onetwo')
})

test('one connection takes many requests, and a body that waits to be asked for', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const headers = { expect: '100-continue', 'content-length': '3' }
  for (let i = 0; i < 3; i++)
    expect(
      await answerTo(http.request(at(`/${i}`, { method: 'PUT', agent, headers })), 'abc'),
    ).toBe('PUT said')
  expect(recorder.take().map(({ target, body }) => `${target} ${body}`)).toEqual([
    '/0 abc',
    '/1 abc',
    '/2 abc',
  ])
  agent.destroy()
})

test('the same port speaks TLS', async () => {
  const { ca } = loopbackTls()
  expect(await answerTo(https.request(at('/secret', { method: 'HEAD', ca })))).toBe('HEAD ')
  expect(recorder.take()).toMatchObject([{ method: 'HEAD', target: '/secret' }])
})
