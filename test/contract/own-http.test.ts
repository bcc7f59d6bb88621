import { spawn } from 'node:child_process'
import { hash, randomBytes } from 'node:crypto'
import dns from 'node:dns'
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { listenOnLoopback, loopbackTls, webServer } from 's3-direct-sync-testkit/web-server.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Agents, agentsFor, closeAgents } from '../../src/adapters/agents.ts'
import { ask, type WireRequest } from '../../src/adapters/wire.ts'
import { serviceFailure } from '../../src/errors/service-failure.ts'

/** Told of each connection and its bytes, as they come. */
type Serve = (socket: Socket, request: string, connection: number) => void

let serve: Serve
let connections = 0
let requests: string[] = []
let server: net.Server
let base: URL
let own: Agents

/** Requests without a body, one after the other on each connection. */
function answerEach(socket: Socket, connection: number): void {
  let text = ''
  socket
    .on('error', () => {})
    .on('data', (bytes) => {
      text += bytes.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(0, end)
        text = text.slice(end + 4)
        requests.push(request)
        serve(socket, request, connection)
      }
    })
}

beforeEach(async () => {
  connections = 0
  requests = []
  server = net.createServer((socket) => answerEach(socket, ++connections)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  own = agentsFor({ maxSockets: 2, env: {} })
})
afterEach(() => {
  closeAgents(own)
  server.close()
})

const get: Pick<WireRequest, 'method' | 'target' | 'headers'> = {
  method: 'GET',
  target: '/x',
  headers: {},
}

/** What is made of an answer, or of what there is instead. */
async function outcomeOf(
  request: Partial<WireRequest> = {},
  agents: Agents = own,
): Promise<string> {
  try {
    const answer = await ask({ ...get, base, ...request }, agents, { timeoutMs: 2000 })
    const { etag, date, 'x-two': two } = answer.headers
    return JSON.stringify([answer.status, etag, date, two, answer.body.toString('latin1')])
  } catch (error) {
    return serviceFailure(error).code
  }
}

/** An answer in two halves that the reader sees apart. */
async function inTwo(socket: Socket, answer: string, at: number): Promise<void> {
  socket.setNoDelay().write(answer.slice(0, at), 'latin1')
  await new Promise((resolve) => setTimeout(resolve, 2))
  socket.end(answer.slice(at), 'latin1')
}

const OK = 'HTTP/1.1 200 OK\r\n'
const FIELDS = 'ETag: "a"\r\ndate:  x \r\nX-Two: 1\r\nx-two: 2\r\netag: "b"\r\n'

const ANSWERS: Readonly<Record<string, string>> = {
  'a length': `${OK}${FIELDS}Content-Length: 4\r\n\r\nbody`,
  'an empty body': `${OK}content-length: 0\r\n\r\n`,
  'no reason': 'HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok',
  'bytes beyond ASCII': `${OK}etag: \xe9\r\ncontent-length: 1\r\n\r\n\xff`,
  chunks: `${OK}${FIELDS}Transfer-Encoding: chunked\r\n\r\n3\r\nbod\r\n1\r\ny\r\n0\r\n\r\n`,
  'chunks with what nobody knows': `${OK}transfer-encoding: chunked\r\n\r\nA;a=b\r\n0123456789\r\n0\r\nx: y\r\n\r\n`,
  'an end by the connection': `${OK}${FIELDS}\r\nbody`,
  'an old protocol': `HTTP/1.0 200 OK\r\n${FIELDS}\r\nbody`,
  'a status without a body': `HTTP/1.1 204 No\r\n${FIELDS}\r\n`,
  'a redirect': `HTTP/1.1 301 Moved\r\n${FIELDS}content-length: 5\r\n\r\nmoved`,
  'a refusal': `HTTP/1.1 412 No\r\n${FIELDS}content-length: 2\r\n\r\nno`,
  'that it goes on, and then more': `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\na: b\r\n\r\n${OK}content-length: 2\r\n\r\nok`,
  'a length that is none': `${OK}content-length: 4x\r\n\r\nbody`,
  'a length below nothing': `${OK}content-length: -4\r\n\r\nbody`,
  'two lengths': `${OK}content-length: 4\r\ncontent-length: 2\r\n\r\nbody`,
  'a length and chunks': `${OK}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'a chunk without a length': `${OK}transfer-encoding: chunked\r\n\r\nxyz\r\nbod\r\n0\r\n\r\n`,
  'a chunk that is longer than it says': `${OK}transfer-encoding: chunked\r\n\r\n1\r\nbod\r\n0\r\n\r\n`,
  'chunks without an end': `${OK}transfer-encoding: chunked\r\n\r\n3\r\nbod\r\n`,
  'a cut head': `${OK}ETag: "a`,
  'a cut body': `${OK}content-length: 40\r\n\r\nbody`,
  'another protocol': '220 smtp.example ESMTP\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n',
  'a field without a colon': `${OK}etag\r\ncontent-length: 0\r\n\r\n`,
  'a field without a name': `${OK}: x\r\ncontent-length: 0\r\n\r\n`,
  'a blank before a colon': `${OK}etag : "a"\r\ncontent-length: 0\r\n\r\n`,
  'a zero byte': `${OK}etag: "a\0"\r\ncontent-length: 0\r\n\r\n`,
  'a return within a line': `${OK}etag: "a\rb"\r\ncontent-length: 0\r\n\r\n`,
  'a header in two lines': `${OK}etag: "a"\r\n b\r\ncontent-length: 0\r\n\r\n`,
  'bare line ends': 'HTTP/1.1 200 OK\ncontent-length: 0\n\n',
  'a head without end': `${OK}a: ${'x'.repeat(17_000)}\r\ncontent-length: 0\r\n\r\n`,
}

describe.each(Object.keys(ANSWERS))('an answer with %s', (what) => {
  const answer = ANSWERS[what] ?? ''

  it('is read as Node reads it', async () => {
    serve = (socket) => void socket.end(answer, 'latin1')
    const node: Agents = { ...agentsFor({ maxSockets: 1, env: {} }), connections: undefined }
    const byNode = await outcomeOf({}, node)
    closeAgents(node)
    expect(await outcomeOf()).toBe(byNode)
  })

  it('is the same wherever it is cut in two', async () => {
    const step = Math.ceil(answer.length / 40)
    const cuts = Array.from({ length: Math.ceil(answer.length / step) }, (_, i) => i * step)
    serve = (socket) => void socket.end(answer, 'latin1')
    const whole = await outcomeOf()
    const outcomes = new Set<string>()
    for (const at of cuts) {
      closeAgents(own)
      serve = (socket) => void inTwo(socket, answer, at)
      outcomes.add(await outcomeOf())
    }
    expect([...outcomes]).toEqual([whole])
  })
})

describe.each(['our own', 'Node’s'])(
  'a body that goes elsewhere than into memory, over %s connections',
  (whose) => {
    const agents = (): Agents =>
      whose === 'our own'
        ? own
        : { ...agentsFor({ maxSockets: 1, env: {} }), connections: undefined }
    const limit = { timeoutMs: 20_000 }

    it('is handed on as it comes, no faster than there is room for it', async () => {
      const whole = Buffer.alloc(8 * 2 ** 20, 'not all pieces are alike ')
      serve = (socket) => {
        socket.write(`${OK}content-length: ${whole.length}\r\n\r\n`)
        socket.end(whole)
      }
      const taken: Buffer[] = []
      let waiting = false
      let isCrowded = false
      const add = (bytes: Uint8Array): Promise<void> => {
        isCrowded ||= waiting
        waiting = true
        taken.push(Buffer.from(bytes))
        return new Promise((resolve) => {
          setImmediate(() => {
            waiting = false
            resolve()
          })
        })
      }
      const used = agents()
      const answer = await ask(
        { ...get, base, mostBytes: whole.length, into: { add } },
        used,
        limit,
      )
      closeAgents(used)
      expect(Buffer.concat(taken).equals(whole)).toBe(true)
      expect([answer.status, answer.body.length, isCrowded]).toEqual([200, 0, false])
    })

    it('stays in the answer where that tells of a failure', async () => {
      serve = (socket) => void socket.end(`HTTP/1.1 412 No\r\ncontent-length: 2\r\n\r\nno`)
      const add = () => {
        throw new Error('it is no content')
      }
      const used = agents()
      const answer = await ask({ ...get, base, into: { add } }, used, limit)
      closeAgents(used)
      expect([answer.status, answer.body.toString()]).toEqual([412, 'no'])
    })

    it('ends with what kept it from being taken, and nothing beyond what was asked for is handed on', async () => {
      serve = (socket) => void socket.write(`${OK}content-length: 9\r\n\r\nbody`)
      const used = agents()
      const full = () => Promise.reject(new Error('the disk is full'))
      const asked = ask({ ...get, base, into: { add: full } }, used, limit)
      await expect(asked).rejects.toThrow('the disk is full')
      const refuse = () => {
        throw new Error('the disk is gone')
      }
      const gone = ask({ ...get, base, into: { add: refuse } }, used, limit)
      await expect(gone).rejects.toThrow('the disk is gone')
      let bytes = 0
      const count = (some: Uint8Array) => {
        bytes += some.length
        return undefined
      }
      serve = (socket) =>
        void socket.end(
          `${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n9\r\ndefghijkl\r\n0\r\n\r\n`,
        )
      const long = ask({ ...get, base, mostBytes: 5, into: { add: count } }, used, limit)
      expect(serviceFailure(await long.catch((error: unknown) => error)).code).toBe('AnswerTooLong')
      expect(bytes).toBeLessThanOrEqual(5)
      closeAgents(used)
    })
  },
)

const KEPT = `${OK}content-length: 2\r\n\r\nok`

describe('a connection', () => {
  const two = async (between?: Promise<unknown>) => {
    const first = await outcomeOf()
    await between
    return [first, await outcomeOf()].map((text) => text.includes('"ok"'))
  }

  /** What the service does behind its first answer; ends once the connection is closed on both sides. */
  const closedBy = (behind: (socket: Socket) => void) =>
    new Promise<void>((resolve) => {
      serve = (socket, _request, connection) => {
        socket.write(KEPT)
        if (connection > 1) return
        socket.once('close', () => resolve())
        setTimeout(() => behind(socket), 5)
      }
    })

  it('carries one request after the other', async () => {
    serve = (socket) => void socket.write(KEPT)
    expect(await two()).toEqual([true, true])
    expect(connections).toBe(1)
    expect(requests[0]).toBe('GET /x HTTP/1.1\r\nconnection: keep-alive')
  })

  it.each([
    ['the service says that it closes it', 'connection: Close\r\n', ''],
    ['the service will close it within a second', 'keep-alive: timeout=1, max=9\r\n', ''],
    ['more comes than an answer', '', `${OK}content-length: 3\r\n\r\nbad`],
  ])('carries nothing more where %s', async (_why, field, more) => {
    serve = (socket) => void socket.write(KEPT.replace('content', `${field}content`) + more)
    expect(await two()).toEqual([true, true])
    expect(connections).toBe(2)
  })

  it.each([
    ['', 1],
    ['more', 2],
  ])(
    'reads a long body where it is to stand, and nothing else; with "%s" behind it',
    async (more, connected) => {
      const whole = randomBytes(2 ** 20)
      const memory = Buffer.alloc(whole.length + 100)
      let [filled, there] = [0, 0]
      const into = {
        get memory() {
          return memory.subarray(filled)
        },
        add: (bytes: Uint8Array) => {
          const isThere = bytes.buffer === memory.buffer
          if (isThere) there += bytes.length
          else memory.set(bytes, filled)
          filled += bytes.length
          return undefined
        },
      }
      serve = (socket) => {
        if (requests.length > 1) socket.write(KEPT)
        else {
          socket.cork()
          socket.write(`${OK}content-length: ${whole.length}\r\n\r\n`)
          socket.write(whole)
          socket.write(more)
          socket.uncork()
        }
      }
      const one = agentsFor({ maxSockets: 1, env: {} })
      const request = { ...get, base, mostBytes: whole.length, into }
      const asked = [request, { ...get, base }].map((each) => ask(each, one, { timeoutMs: 5000 }))
      const [, next] = await Promise.all(asked)
      closeAgents(one)
      expect(next?.body.toString()).toBe('ok')
      expect(connections).toBe(connected)
      expect(memory.subarray(0, filled).equals(whole)).toBe(true)
      expect(memory.subarray(filled).every((byte) => byte === 0)).toBe(true)
      expect(there).toBeGreaterThan(whole.length / 2)
    },
  )

  it('carries nothing more where something comes that nobody asked for', async () => {
    const closed = closedBy((socket) => void socket.write(`${OK}content-length: 3\r\n\r\nbad`))
    expect(await two(closed)).toEqual([true, true])
    expect(connections).toBe(2)
  })

  it('carries nothing more once the service closed it', async () => {
    const closed = closedBy((socket) => void socket.end())
    expect(await two(closed)).toEqual([true, true])
    expect(connections).toBe(2)
  })

  it('that is closed instead of an answer is no answer, and nothing is sent again', async () => {
    serve = (socket, _request, connection) => {
      if (requests.length === 1 || connection > 1) socket.write(KEPT)
      else socket.destroy()
    }
    expect(await two()).toEqual([true, false])
    expect(requests).toHaveLength(2)
  })
})

describe('connections to one host', () => {
  it('are no more than there may be: who finds none free waits for one', async () => {
    const held: Socket[] = []
    serve = (socket) => void held.push(socket)
    const answers = [1, 2, 3, 4].map(() => outcomeOf())
    while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    serve = (socket) => void socket.write(KEPT)
    for (const socket of held) socket.write(KEPT)
    expect((await Promise.all(answers)).every((text) => text.includes('"ok"'))).toBe(true)
    expect([connections, requests.length]).toEqual([2, 4])
  })

  it('make place for who waits when one of them breaks', async () => {
    serve = (socket, _request, connection) => {
      if (connection > 2) socket.write(KEPT)
      else socket.destroy()
    }
    const answers = [1, 2, 3, 4].map(() => outcomeOf())
    const whole = (await Promise.all(answers)).map((text) => text.includes('"ok"'))
    expect(whole).toEqual([false, false, true, true])
  })

  it('are not taken by a request that was cancelled while it waited', async () => {
    const held: Socket[] = []
    serve = (socket) => void held.push(socket)
    const waiting = [1, 2].map(() => outcomeOf())
    const cancel = new AbortController()
    const asked = ask({ ...get, base }, own, { timeoutMs: 2000, signal: cancel.signal })
    while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    cancel.abort(new Error('enough'))
    await expect(asked).rejects.toThrow('enough')
    for (const socket of held) socket.write(KEPT)
    await Promise.all(waiting)
    expect(requests).toHaveLength(2)
  })

  it('end what they carry, and what waits for them, when they are closed', async () => {
    const held: Socket[] = []
    serve = (socket) => void held.push(socket)
    const answers = [1, 2, 3].map(() => outcomeOf())
    while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    closeAgents(own)
    expect(await Promise.all(answers)).toEqual(['RequestError', 'RequestError', 'RequestError'])
  })
})

/** Takes no connection for a while, but for the two that it has room for: further ones get no answer until they knock again. */
const SLOW_SERVER = `
const server = require('node:net').createServer((socket) =>
  socket.on('error', () => {}).on('data', () => socket.write(${JSON.stringify('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')})))
server.listen({ port: 0, host: '127.0.0.2', backlog: 1 }, () => {
  require('node:fs').writeSync(1, String(server.address().port))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700)
})`

/** A process that asks a name with two addresses, and tells what would keep it alive. */
const ASKS_ONCE = `
import dns from 'node:dns'
import { agentsFor } from ${JSON.stringify(new URL('../../src/adapters/agents.ts', import.meta.url))}
import { ask } from ${JSON.stringify(new URL('../../src/adapters/wire.ts', import.meta.url))}
const found = ['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 }))
dns.lookup = (name, options, done) => process.nextTick(done, null, found)
const agents = agentsFor({ maxSockets: 2, env: {} })
const request = { method: 'GET', base: new URL(process.env.BASE), target: '/x', headers: {} }
const { body } = await ask(request, agents, { timeoutMs: 10_000 })
const open = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap')
console.log(JSON.stringify({ answer: String(body), open }))
process.exit()`

describe('a name with several addresses', () => {
  const lookup = dns.lookup
  const resolve = (...addresses: readonly string[]) => {
    const found = addresses.map((address) => ({ address, family: 4 }))
    const answer = (_name: string, _options: unknown, done: (error: null, all: unknown) => void) =>
      process.nextTick(done, null, found)
    dns.lookup = Object.assign(answer, { __promisify__: lookup.__promisify__ }) as typeof lookup
  }
  afterEach(() => {
    dns.lookup = lookup
  })

  it('keeps no process alive once it was answered, whichever of them it was', async () => {
    serve = (socket) => void socket.write(KEPT)
    const asking = spawn(process.execPath, ['--input-type=module', '-e', ASKS_ONCE], {
      env: { ...process.env, BASE: `http://two.example:${base.port}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [told] = await once(asking.stdout, 'data')
    expect([JSON.parse(String(told)), connections]).toEqual([{ answer: 'ok', open: [] }, 1])
  })

  it.skipIf(process.platform !== 'linux')(
    'is reached where the way takes longer than Node waits for one of them',
    async () => {
      const slow = spawn(process.execPath, ['-e', SLOW_SERVER])
      const room: Socket[] = []
      try {
        const [port] = await once(slow.stdout, 'data')
        for (let i = 0; i < 3; i++)
          room.push(net.connect({ port: Number(port), host: '127.0.0.2' }).on('error', () => {}))
        await once(room[0] as Socket, 'connect')
        resolve('127.0.0.2', '127.0.0.1')
        expect(await outcomeOf({ base: new URL(`http://far.example:${port}`) })).toContain('"ok"')
      } finally {
        for (const socket of room) socket.destroy()
        slow.kill('SIGKILL')
      }
    },
  )
})

describe('a request', () => {
  it.each<[string, Partial<WireRequest>]>([
    ['a value with a line end', { headers: { a: 'b\r\nc: d' } }],
    ['a value beyond latin1', { headers: { a: 'ā' } }],
    ['a name with a blank', { headers: { 'a b': 'c' } }],
    ['a target with a blank', { target: '/a b' }],
    ['a target with a line end', { target: '/a\r\nb: c' }],
    ['a target beyond latin1', { target: '/ā' }],
    ['a method that is none', { method: 'GET /y' }],
  ])('is never sent that has %s', async (_what, wrong) => {
    serve = (socket) => void socket.write(KEPT)
    expect(await outcomeOf(wrong)).toBe('RequestNotSent')
    expect([connections, requests]).toEqual([0, []])
  })

  it('that is answered before all of it is sent leaves its connection to nobody', async () => {
    serve = (socket) => void socket.pause().write(KEPT)
    const body = Buffer.alloc(32 * 2 ** 20)
    expect(await outcomeOf({ method: 'PUT', body })).toContain('"ok"')
    serve = (socket) => void socket.write(KEPT)
    expect(await outcomeOf()).toContain('"ok"')
    expect(connections).toBe(2)
  })

  it.each([
    ['plain HTTP', false],
    ['TLS', true],
  ] as const)(
    'with a body of many pieces comes whole over %s, and its connection carries the next one',
    async (_scheme, isSecure) => {
      const came: Buffer[] = []
      const whole = webServer(isSecure).on('request', async (request, response) => {
        came.push(Buffer.concat(await request.toArray()))
        response.end('ok')
      })
      const carried: unknown[] = []
      whole.on(isSecure ? 'secureConnection' : 'connection', (socket) => void carried.push(socket))
      const { url, close } = await listenOnLoopback(whole)
      const trusting = agentsFor({ maxSockets: 2, env: { AWS_CA_BUNDLE: loopbackTls().caFile } })
      const bodies = [5_000_017, 300_000, 262_144, 262_145].map((length) => randomBytes(length))
      const put = { base: new URL(url), method: 'PUT', headers: { host: 'localhost' } }
      for (const body of bodies)
        expect(await outcomeOf({ ...put, body }, trusting)).toContain('"ok"')
      closeAgents(trusting)
      await close()
      expect(came.map((body) => hash('md5', body))).toEqual(bodies.map((body) => hash('md5', body)))
      expect(carried.length).toBe(1)
    },
  )

  it('that fails in the middle of its body is not written on', async () => {
    serve = (socket) => void socket.pause()
    const failing = new AbortController()
    const body = Buffer.alloc(64 * 2 ** 20)
    const sent = ask({ base, ...get, method: 'PUT', body }, own, {
      signal: failing.signal,
      timeoutMs: 60_000,
    })
    await vi.waitFor(() => expect(requests.length).toBe(1))
    failing.abort(new Error('enough'))
    await expect(sent).rejects.toThrow('enough')
    serve = (socket) => void socket.write(KEPT)
    expect(await outcomeOf()).toContain('"ok"')
    expect(connections).toBe(2)
  })

  it('tells how long its body is', async () => {
    serve = (socket) => void socket.write(KEPT)
    await outcomeOf({ method: 'PUT', body: 'körper' })
    expect(requests[0]).toContain('\r\ncontent-length: 7\r\n')
  })
})
