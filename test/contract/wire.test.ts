import net, { type AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { agentsFor } from '../../src/adapters/agents.ts'
import { BodyMemory } from '../../src/adapters/body-memory.ts'
import { ask } from '../../src/adapters/wire.ts'
import { serviceFailure } from '../../src/errors/service-failure.ts'

/** A server that answers each connection with these bytes, and then ends it, or waits for ever. */
async function startServer(answer: string, end: boolean) {
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => (end ? socket.end(answer) : socket.write(answer)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { base: new URL(`http://127.0.0.1:${port}`), [Symbol.dispose]: () => server.close() }
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n'

async function outcome(
  answer: string,
  end: boolean,
  { mostBytes, ...limit }: { signal?: AbortSignal; mostBytes?: number } = {},
) {
  using server = await startServer(answer, end)
  const request = { base: server.base, method: 'GET', target: '/x', headers: {}, mostBytes }
  const agents = agentsFor({ maxSockets: 1, env: {} })
  try {
    const { status, body } = await ask(request, agents, { timeoutMs: 300, ...limit })
    return `${status} ${body}`
  } catch (error) {
    const { code, status } = serviceFailure(error)
    return `${code} ${status}`
  } finally {
    agents.http.destroy()
  }
}

it('gives a whole answer', async () => {
  expect(await outcome(`${HEAD}0123456789`, true)).toBe('200 0123456789')
})

it('reads bodies into memory that is given back, each into its own', async () => {
  const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(600_000))
  const memory = new BodyMemory()
  const answers = texts.map(async (text, at) => {
    // Without a length, as S3 sends a page, and with one.
    const head = at === 0 ? '' : `content-length: ${text.length}\r\n`
    using server = await startServer(`HTTP/1.1 200 OK\r\n${head}\r\n${text}`, true)
    const request = { base: server.base, method: 'GET', target: '/x', headers: {}, memory }
    const agents = agentsFor({ maxSockets: 1, env: {} })
    const { body } = await ask(request, agents, { timeoutMs: 5000 })
    agents.http.destroy()
    return body
  })
  const bodies = await Promise.all(answers)
  expect(bodies.map((body) => body.toString() === texts[bodies.indexOf(body)])).toEqual([
    ...[true, true, true],
  ])
  for (const body of bodies) memory.giveBack(body)
  const again = memory.take(1)
  expect(bodies.map(({ buffer }) => buffer)).toContain(again.buffer)
  expect(memory.take(1).buffer).not.toBe(again.buffer)
})

it('gives nothing for a body that is told of and cannot come', async () => {
  const length = 2 ** 20 + 1
  const server = `HTTP/1.1 204 No Content\r\ncontent-length: ${length}\r\n\r\n`
  expect(await outcome(server, true, { mostBytes: length })).toBe('204 ')
})

it.each([
  ['no answer at all', '', true],
  ['half a head', 'HTTP/1.1 200', true],
  ['a body that is cut', `${HEAD}01234`, true],
  [
    'a switch to another protocol',
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    false,
  ],
])('takes %s for none', async (_what, answer, end) => {
  expect(await outcome(answer, end)).toBe('RequestError undefined')
})

it.each([
  ['silence', ''],
  ['a body that does not come', `${HEAD}01234`],
])('ends %s at its limit', async (_what, answer) => {
  expect(await outcome(answer, false)).toBe('RequestTimeout undefined')
})

it('ends at a cancel, before and in the middle of a request', async () => {
  const cancelled = new DOMException('cancelled', 'AbortError')
  expect(await outcome(HEAD, false, { signal: AbortSignal.abort(cancelled) })).toBe(
    'Cancelled undefined',
  )
  const later = new AbortController()
  setTimeout(() => later.abort(cancelled), 50)
  expect(await outcome(HEAD, false, { signal: later.signal })).toBe('Cancelled undefined')
})
