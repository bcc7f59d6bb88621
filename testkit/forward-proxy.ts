import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { listenOnLoopback, webServer } from './web-server.ts'

/** A forward proxy on loopback: the only one that knows where its hosts are. */
export interface ForwardProxy extends AsyncDisposable {
  /** With user and password, where it demands them. */
  readonly url: string
  /** Plain requests that went through, by host name. */
  readonly requests: Readonly<Record<string, number>>
  /** Tunnels that were opened, by host name. */
  readonly tunnels: Readonly<Record<string, number>>
}

/** What a proxy lets through, and whom. */
export interface ForwardProxyOptions {
  /** Origins of servers by the host names they have here; everything else is refused. */
  readonly hosts: Readonly<Record<string, string>>
  /** Basic authentication; anybody when not given. */
  readonly login?: { readonly user: string; readonly password: string }
}

const HOP_BY_HOP = /^(proxy-.*|connection|keep-alive)$/

function onwardHeaders({ headers }: IncomingMessage): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.test(name)))
}

/** What the client sent behind the authority, to the letter: signatures stand on it. */
const pathOf = (url: string): string => url.replace(/^http:\/\/[^/?]*/, '') || '/'

async function relay(
  incoming: IncomingMessage,
  response: ServerResponse,
  origin: URL,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const { method } = incoming
  const options = { method, path: pathOf(incoming.url ?? ''), headers: onwardHeaders(incoming) }
  const onward = forward(origin, options, resolve).on('error', reject)
  const answered = promise.then((answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    return pipeline(answer, response)
  })
  await Promise.all([pipeline(incoming, onward), answered])
}

async function tunnel(client: Duplex, head: Buffer, { port, hostname }: URL): Promise<void> {
  const server = connect(Number(port), hostname)
  client.write('HTTP/1.1 200 Connection established\r\n\r\n')
  server.write(head)
  await Promise.all([pipeline(client, server), pipeline(server, client)])
}

const DEMAND = 'Basic realm="proxy"'

function withLogin(url: string, login: ForwardProxyOptions['login']): string {
  if (!login) return url
  const { user, password } = login
  return url.replace('://', `://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`)
}

/** Starts a proxy for CONNECT and for requests with a whole URL. */
export async function startForwardProxy(options: ForwardProxyOptions): Promise<ForwardProxy> {
  const { login } = options
  const secret = login && Buffer.from(`${login.user}:${login.password}`).toString('base64')
  const requests: Record<string, number> = {}
  const tunnels: Record<string, number> = {}
  const open = new Set<Duplex>()

  /** The status that keeps a request out, or where it goes. */
  const decide = ({ headers }: IncomingMessage, host: string): number | URL => {
    if (secret && headers['proxy-authorization'] !== `Basic ${secret}`) return 407
    const origin = options.hosts[host]
    return origin === undefined ? 502 : new URL(origin)
  }
  const server = webServer(false)
  server.on('request', (request, response) => {
    const host = URL.parse(request.url ?? '')?.hostname ?? ''
    const to = decide(request, host)
    if (typeof to === 'number') {
      response.writeHead(to, to === 407 ? { 'proxy-authenticate': DEMAND } : {}).end()
      return
    }
    requests[host] = (requests[host] ?? 0) + 1
    relay(request, response, to).catch(() => response.destroy())
  })
  server.on('connect', (request, client, head) => {
    client.on('error', () => client.destroy())
    const host = (request.url ?? '').replace(/:\d+$/, '')
    const to = decide(request, host)
    if (typeof to === 'number') {
      client.end(`HTTP/1.1 ${to} No\r\nproxy-authenticate: ${DEMAND}\r\n\r\n`)
      return
    }
    tunnels[host] = (tunnels[host] ?? 0) + 1
    open.add(client)
    client.on('close', () => open.delete(client))
    tunnel(client, head, to).catch(() => client.destroy())
  })
  const { url, close } = await listenOnLoopback(server)
  server.unref()
  return {
    url: withLogin(url, login),
    requests,
    tunnels,
    [Symbol.asyncDispose]: async () => {
      for (const client of open) client.destroy()
      await close()
    },
  }
}
