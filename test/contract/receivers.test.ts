import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import net, { type AddressInfo, type Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Agents, agentsFor, closeAgents } from '../../src/adapters/agents.ts'
import { listen } from '../../src/adapters/told.ts'
import { ask, type WireRequest } from '../../src/adapters/wire.ts'
import { serviceFailure } from '../../src/errors/service-failure.ts'
import type { ByteSink, Written } from '../../src/model/byte-sink.ts'
import { Crc64Nvme } from '../../src/model/crc64nvme.ts'
import type { RangeSumName } from '../../src/model/range-sum.ts'

const MIB = 2 ** 20
/** More than is received without a thread. */
const MANY_BYTES = 40 * MIB

/** Answers a request on its connection. */
type Serve = (socket: Socket, head: string) => void

let serve: Serve
let server: net.Server
let agents: Agents
let folder: string
let file: string
let handle: number
const sockets = new Set<Socket>()

beforeEach(async () => {
  server = net
    .createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {}).on('data', (bytes) => serve(socket, bytes.toString('latin1')))
    })
    .listen(0, '127.0.0.1')
  await once(server, 'listening')
  agents = agentsFor({ maxSockets: 4, env: {} })
  folder = mkdtempSync(path.join(os.tmpdir(), 'receivers-'))
  file = path.join(folder, 'file')
  handle = openSync(file, 'w+')
})
afterEach(() => {
  closeAgents(agents)
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  server.close()
  closeSync(handle)
  rmSync(folder, { recursive: true })
})

/** A place in the file that is lent, and must be: nothing may be added to it here. */
function place(
  at: number,
  { to = handle, summed }: { to?: number; summed?: RangeSumName | undefined } = { summed: 'CRC32' },
) {
  const { promise: over, resolve } = Promise.withResolvers<Written>()
  let isLent = false
  const sink: ByteSink = {
    add: () => {
      throw new Error('It was not lent.')
    },
    lend: () => {
      isLent = true
      return {
        ...{ handle: to, at, summed, over: resolve },
        unwritable: (error) => new Error(`unwritable: ${(error as NodeJS.ErrnoException).code}`),
      }
    },
  }
  return { sink, over, isLent: () => isLent }
}

function read(into: ByteSink, request: Partial<WireRequest> = {}, signal?: AbortSignal) {
  const base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const get = { base, method: 'GET', target: '/b/k', headers: {}, mostBytes: MANY_BYTES, into }
  return ask({ ...get, ...request }, agents, { timeoutMs: 20_000, signal })
}

const outcomeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'answered',
    (error) => serviceFailure(error).code,
  )

const answering =
  (bytes: Buffer): Serve =>
  (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: ${bytes.length}\r\n\r\n`)
    socket.write(bytes)
  }

describe('an answer that goes into a file', () => {
  it('is written to its place by another thread, which tells its CRC-32', async () => {
    const bytes = randomBytes(3 * MIB + 77)
    serve = answering(bytes)
    const places = [5, 5 + bytes.length].map((at) => place(at))
    const answers = await Promise.all(places.map(({ sink }) => read(sink)))
    for (const { status, headers, body } of answers)
      expect([status, headers['etag'], body.length]).toEqual([200, '"e"', 0])
    const wrote = { bytes: bytes.length, sum: BigInt(crc32(bytes)) }
    expect(await Promise.all(places.map(({ over }) => over))).toEqual([wrote, wrote])
    expect(readFileSync(file).equals(Buffer.concat([Buffer.alloc(5), bytes, bytes]))).toBe(true)
  })

  it('has the checksum that is wanted, or none, and may have no bytes', async () => {
    for (const bytes of [randomBytes(300_000), Buffer.alloc(0)]) {
      serve = answering(bytes)
      const crc64 = new Crc64Nvme()
      crc64.add(bytes)
      const [by64, by32, byNone] = [
        place(0, { summed: 'CRC64NVME' }),
        place(0),
        place(0, { summed: undefined }),
      ]
      for (const { sink } of [by64, by32, byNone]) await read(sink)
      const sums = await Promise.all([by64, by32, byNone].map(({ over }) => over))
      expect(sums.map(({ sum }) => sum)).toEqual([crc64.value, BigInt(crc32(bytes)), 0n])
      expect(sums.every((written) => written.bytes === bytes.length)).toBe(true)
    }
  })

  it('is received without a thread until it is worth one', async () => {
    serve = answering(Buffer.from('four'))
    const few = place(0)
    expect(await outcomeOf(read(few.sink, { mostBytes: MIB }))).not.toBe('answered')
    expect(few.isLent()).toBe(false)
    const many = place(0)
    await read(many.sink)
    expect(many.isLent()).toBe(true)
  })

  it('is told of where it is an error, and is not written then', async () => {
    serve = (socket) => socket.write('HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\n<no/>')
    const { sink, over } = place(0)
    const { status, body } = await read(sink)
    expect([status, body.toString()]).toEqual([404, '<no/>'])
    expect(await over).toEqual({ bytes: 0, sum: 0n })
    expect(readFileSync(file).length).toBe(0)
  })

  it('may not be longer than what was asked for: what stands behind its place stays', async () => {
    serve = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      socket.write(`${MIB.toString(16)}\r\n`)
      socket.write(Buffer.alloc(MIB, 'x'))
      socket.write(`\r\n${MIB.toString(16)}\r\n`)
      socket.write(Buffer.alloc(MIB, 'y'))
      socket.write('\r\n0\r\n\r\n')
    }
    await read(place(0).sink)
    writeSync(handle, Buffer.alloc(2 * MIB, 'z'), 0, 2 * MIB, 0)
    const { sink, over } = place(0)
    expect(await outcomeOf(read(sink, { mostBytes: MIB }))).toBe('AnswerTooLong')
    expect((await over).bytes).toBeLessThanOrEqual(MIB)
    expect(readFileSync(file).subarray(MIB).equals(Buffer.alloc(MIB, 'z'))).toBe(true)
  })

  it('that breaks off fails, and so does one that is none', async () => {
    const answers = ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour', 'no HTTP\r\n\r\n']
    for (const answer of answers) {
      serve = (socket) => socket.end(answer)
      const { sink, over } = place(0)
      expect(await outcomeOf(read(sink)), answer).toBe('RequestError')
      await over
    }
  })

  it('fails as the file system does where it cannot be written', async () => {
    serve = answering(Buffer.alloc(MIB))
    const readOnly = openSync(file, 'r')
    const { sink, over } = place(0, { to: readOnly })
    await expect(read(sink)).rejects.toThrow('unwritable: EBADF')
    expect(await over).toMatchObject({ bytes: 0 })
    closeSync(readOnly)
  })

  it('that is given up fails at once, and nothing of it is written once its place is over', async () => {
    const { promise: began, resolve } = Promise.withResolvers<void>()
    const ender = new AbortController()
    serve = (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${MANY_BYTES}\r\n\r\n`)
      const more = (): boolean => socket.write(Buffer.alloc(MIB, 'x'))
      while (more());
      socket.on('drain', () => {
        resolve()
        more()
      })
    }
    const { sink, over } = place(0)
    const answer = read(sink, {}, ender.signal)
    await began
    ender.abort(new Error('given up'))
    await expect(answer).rejects.toThrow('given up')
    const { bytes } = await over
    const size = readFileSync(file).length
    expect(size).toBe(bytes)
    await new Promise((later) => setImmediate(later))
    expect(readFileSync(file).length).toBe(size)
  })

  it('ends with its thread when all connections are closed', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>()
    serve = () => resolve()
    const { sink, over } = place(0)
    const answer = outcomeOf(read(sink))
    await asked
    closeAgents(agents)
    expect(await answer).toBe('RequestError')
    expect(await over).toEqual({ bytes: 0, sum: 0n })
  })

  it('is told to who debugs as any other', async () => {
    serve = answering(Buffer.from('four'))
    const lines: string[] = []
    listen((level, text) =>
      lines.push(`${level} ${text.replace(/:\d+/, '').replace(/\d+ ms/, 'n ms')}`),
    )
    try {
      await read(place(0).sink)
    } finally {
      listen(undefined)
    }
    expect(lines).toEqual(['trace GET 127.0.0.1/b/k: 200, n ms'])
  })
})
