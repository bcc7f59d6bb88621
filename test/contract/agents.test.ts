import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { ProxyEnv } from 'node:http'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { rootCertificates, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { startForwardProxy } from 's3-direct-sync-testkit/forward-proxy.ts'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { listenOnLoopback, loopbackTls, webServer } from 's3-direct-sync-testkit/web-server.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentsFor, closeAgents, wayTo } from '../../src/adapters/agents.ts'
import { proxiesOf } from '../../src/adapters/proxy-env.ts'
import { ask, getOf } from '../../src/adapters/wire.ts'
import { serviceFailure } from '../../src/errors/service-failure.ts'
import { explain } from '../../src/errors/sync-error.ts'

/** For what gives no answer. */
const WAIT_MS = 1000

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'agents-'))
})
afterAll(() => rm(folder, { recursive: true }))

const reasonOf = (attempt: () => unknown): string => {
  try {
    attempt()
    return 'none'
  } catch (error) {
    return explain(error, 'inputs').text
  }
}

describe('the proxies of an environment', () => {
  it.each<[string, NodeJS.ProcessEnv, ProxyEnv | undefined]>([
    ['none', {}, undefined],
    ['an empty one', { HTTP_PROXY: '', HTTPS_PROXY: ' ' }, undefined],
    ['NO_PROXY alone', { NO_PROXY: '*' }, undefined],
    ['upper case', { HTTP_PROXY: 'http://a.test:1' }, { http_proxy: 'http://a.test:1/' }],
    ['lower case', { https_proxy: 'http://a.test:1' }, { https_proxy: 'http://a.test:1/' }],
    [
      'both cases',
      { HTTP_PROXY: 'http://a.test', http_proxy: 'http://b.test' },
      { http_proxy: 'http://a.test/' },
    ],
    ['no scheme', { HTTPS_PROXY: 'a.test:3128' }, { https_proxy: 'http://a.test:3128/' }],
    [
      'credentials',
      { HTTPS_PROXY: 'http://u:p%40s@a.test' },
      { https_proxy: 'http://u:p%40s@a.test/' },
    ],
  ])('are understood: %s', (_case, env, expected) => {
    const found = proxiesOf(env)?.env
    if (expected) expect(found).toMatchObject(expected)
    else expect(found).toBeUndefined()
  })

  it.each([
    ['socks5://a.test:1080', 'socks5:'],
    ['http://', 'not a URL'],
    ['http://user:hush%@a.test', 'a % that is not part of an escape sequence'],
  ])('are refused where Node would go past them, or fail without a reason: %s', (url, why) => {
    const reason = reasonOf(() => agentsFor({ maxSockets: 1, env: { HTTPS_PROXY: url } }))
    expect(reason).toMatch(/^HTTPS_PROXY cannot be used: /)
    expect(reason).toContain(why)
    expect(reason).not.toContain('hush')
  })
})

type Asks = (target: URL, env: Readonly<Record<string, string>>) => Promise<unknown>

const byAgents: Asks = (target, env) =>
  ask(getOf(target), agentsFor({ maxSockets: 1, env }), { timeoutMs: WAIT_MS })

const byS5cmd: Asks = (target, env) =>
  promisify(execFile)(parts().s5cmd, ['--endpoint-url', target.origin, '-r', '0', 'ls', 's3://b'], {
    env: { ...env, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's', AWS_REGION: 'us-east-1' },
    timeout: WAIT_MS,
  })

/** Whether a host is asked past the proxy. */
async function passesBy(asks: Asks, host: string, NO_PROXY: string): Promise<boolean> {
  let asked = false
  const server = webServer(false).on('request', (_request, response) => {
    asked = true
    response.writeHead(403).end()
  })
  const { url, close } = await listenOnLoopback(server)
  // Nothing listens there, or there is no such host: only what the proxy sees counts.
  const target = new URL(`http://${host}:9`)
  await asks(target, { HTTP_PROXY: url, NO_PROXY }).catch(() => {})
  await close()
  return !asked
}

describe.each([
  ['the agents', byAgents],
  ['s5cmd', byS5cmd],
] as const)('NO_PROXY as %s understand it', (_who, asks) => {
  it.each([
    ['s3.test', '', false],
    ['s3.test', 'other.test', false],
    ['s3.test', 's3.test', true],
    ['s3.test', ' a.test , S3.TEST', true],
    ['eu.s3.test', 's3.test', true],
    ['eu.s3.test', '.s3.test', true],
    ['s3.test', '.s3.test', false],
    ['nots3.test', 's3.test', false],
    ['nots3.test', '.s3.test', false],
    ['s3.test', '*', true],
    ['s3.test', 's3.test:9', true],
    ['s3.test', 's3.test:443', false],
    ['127.0.0.1', '', true],
    ['localhost', '', true],
    ['127.9.9.9', '', true],
    ['127.0.0.1.test', '', false],
    ['192.0.2.77', '192.0.2.64/28', true],
    ['192.0.2.80', '192.0.2.64/28', false],
    ['192.0.2.80', '0.0.0.0/0', true],
    ['192.0.2.80', '192.0.2.80/32', true],
    ['192.0.2.80', '192.0.2.64/33', false],
    ['192.0.2.80', '192.0.2.80:9', true],
    ['192.0.2.80', '192.0.2.80:8', false],
    ['eu.s3.test', 's3.test:9', true],
    ['eu.s3.test', '.s3.test:9', true],
    ['eu.s3.test', '.s3.test:8', false],
    ['eu.s3.test', '*.s3.test', true],
    ['s3.test', '*.s3.test', false],
    ['s3.test', 'http://s3.test', false],
    ['s3.test', ',, s3.test,', true],
    ['s3.test', 'a.test s3.test', false],
    ['[fd00::1]', '', false],
    ['[fd00::1]', 'fd00::1', true],
    ['[fd00::1]', 'FD00:0::0:1', true],
    ['[fd00::1]', 'fd00::/8', true],
    ['[fd00::1]', 'fe80::/10', false],
    ['[fd00::1]', '[fd00::1]:9', true],
    ['[fd00::1]', '[fd00::1]:8', false],
    ['[::1]', '', true],
  ])('%s is asked directly with "%s": %s', async (host, noProxy, expected) => {
    expect(await passesBy(asks, host, noProxy)).toBe(expected)
  })
})

describe('a host that is asked past a proxy', () => {
  it('may stand in brackets, as addresses do in URLs', async () => {
    expect(await passesBy(byAgents, '[fd00::1]', '[fd00::1]')).toBe(true)
  })

  it.each([
    { HTTPS_PROXY: 'http://proxy.test:1' },
    { HTTP_PROXY: 'http://proxy.test:1', NO_PROXY: '127.0.0.1' },
  ])('is asked by connections of our own: %j', async (env) => {
    const server = webServer(false).on('request', (_request, response) => response.end('ok'))
    const { url, close } = await listenOnLoopback(server)
    const agents = agentsFor({ maxSockets: 1, env })
    const answer = await ask(getOf(new URL(url)), agents, { timeoutMs: WAIT_MS })
    expect(answer.body.toString()).toBe('ok')
    expect(wayTo(agents, new URL(url)).connections).toBeDefined()
    expect(wayTo(agents, new URL('https://elsewhere.test')).connections).toBe(
      'HTTPS_PROXY' in env ? undefined : wayTo(agents, new URL(url)).connections,
    )
    closeAgents(agents)
    await close()
  })
})

describe('a proxy', () => {
  /** A proxy that answers to CONNECT as it likes. */
  async function through(answer: (socket: net.Socket) => void, timeoutMs: number) {
    const server = net.createServer((socket) => {
      socket.on('error', () => {}).once('data', () => answer(socket))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as net.AddressInfo
    const agents = agentsFor({ maxSockets: 1, env: { HTTPS_PROXY: `http://127.0.0.1:${port}` } })
    try {
      const asked = ask(getOf(new URL('https://far.test/')), agents, { timeoutMs })
      return serviceFailure(await asked.catch((error: unknown) => error))
    } finally {
      server.close()
    }
  }

  it('that answers in many pieces costs no more than its answer', async () => {
    let pieces = 0
    const failure = await through((socket) => {
      socket.setNoDelay().write('HTTP/1.1 403 No\r\n')
      const piece = (): void => {
        pieces++
        if (pieces === 60) socket.end('\r\n')
        else socket.write(`x${pieces}: y\r\n`)
        if (pieces < 60) setTimeout(piece, 5)
      }
      piece()
    }, 30_000)
    expect(pieces).toBe(60)
    expect(failure.code).toBe('ProxyRefused')
  })

  it('that answers without end is not heard to its end', async () => {
    const failure = await through((socket) => {
      const piece = Buffer.alloc(2 ** 16, 'x')
      const more = (): void => {
        while (socket.writable && socket.write(piece));
        if (socket.writable) socket.once('drain', more)
      }
      more()
    }, 30_000)
    expect(failure.code).toBe('AnswerTooLong')
  })
})

describe('AWS_CA_BUNDLE', () => {
  const fileWith = async (content: string): Promise<string> => {
    const file = path.join(folder, `${Math.random()}.pem`)
    await writeFile(file, content)
    return file
  }

  it.each([
    ['is not there', undefined, 'ENOENT'],
    ['is empty', '', 'no certificate'],
    ['holds something else', 'not a PEM', 'no certificate'],
    [
      'holds a broken certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'asn1',
    ],
  ])('that %s is refused by name', async (_case, content, why) => {
    const file = content === undefined ? path.join(folder, 'none') : await fileWith(content)
    const reason = reasonOf(() => agentsFor({ maxSockets: 1, env: { AWS_CA_BUNDLE: file } }))
    expect(reason).toContain(`AWS_CA_BUNDLE cannot be used: ${file}: `)
    expect(reason).toContain(why)
    expect(reason).toMatch(/\n.*PEM/)
  })

  it('is trusted beside the roots of Node, with and without a proxy, and sessions are resumed', async () => {
    const resumed: boolean[] = []
    const server = webServer(true).on('request', (request, response) => {
      resumed.push((request.socket as TLSSocket).isSessionReused())
      response.setHeader('connection', 'close').end('ok')
    })
    const { url, close } = await listenOnLoopback(server)
    await using proxy = await startForwardProxy({ hosts: { 's3.internal.test': url } })
    const [root = ''] = rootCertificates
    const file = await fileWith(`# ours\n${loopbackTls().ca}\n${root}\n`)
    const env = { AWS_CA_BUNDLE: file, HTTPS_PROXY: proxy.url }
    const agents = agentsFor({ maxSockets: 1, env })
    for (const target of [url, url, 'https://s3.internal.test', 'https://s3.internal.test']) {
      const { body } = await ask(getOf(new URL(target)), agents, { timeoutMs: 5000 })
      expect(body.toString()).toBe('ok')
    }
    // Node resumes none in a tunnel.
    expect(resumed.slice(0, 2)).toEqual([false, true])
    expect(proxy.tunnels).toEqual({ 's3.internal.test': 2 })
    await close()
  })
})
