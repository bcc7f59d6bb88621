import http, { type ProxyEnv } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContext } from 'node:tls'
import { MOST_ERROR_BYTES, tooLong } from './bounded.ts'
import { Connections } from './connections.ts'
import { proxiesOf } from './proxy-env.ts'
import { Receivers } from './receivers.ts'
import { ownTrust, trustOfNode } from './trust.ts'
import { ADDRESS_MS, type Target, targetOf } from './wire-request.ts'

/** What carries requests by one way: connections of our own, or one of Node's two agents, which its URL decides. */
interface Way {
  readonly http: http.Agent
  readonly https: https.Agent
  /** They take half the time of Node's; undefined: it leads through proxies, to which Node knows the way. */
  readonly connections: Connections | undefined
  /** Threads for what goes into files; undefined: as above. */
  readonly receivers: Receivers | undefined
}

/** What carries requests. */
export interface Agents extends Way {
  /** The hosts that are asked past the proxies, and by what; undefined: there are no proxies. */
  readonly past: { readonly takes: (target: Target) => boolean; readonly way: Way } | undefined
}

/** What carries requests to a URL. */
export const wayTo = (agents: Agents, base: URL): Way =>
  agents.past?.takes(targetOf(base)) ? agents.past.way : agents

function closeWay({ http, https, connections, receivers }: Way): void {
  http.destroy()
  https.destroy()
  connections?.close()
  receivers?.close()
}

/** Closes all that is open. */
export function closeAgents(agents: Agents): void {
  closeWay(agents)
  if (agents.past) closeWay(agents.past.way)
}

/** What agents are made from. */
export interface AgentOptions {
  /** Connections at a time to one host. */
  readonly maxSockets: number
  /** Names proxies and CAs; that of this process when not given. */
  readonly env?: NodeJS.ProcessEnv
}

/**
 * Keeps a tunnel from growing without end while it is asked for: with each piece of the proxy's answer Node listens
 * twice as often as before, and a proxy that answers in thirty pieces would end the process.
 */
function boundTunnel(socket: Socket): void {
  const add = socket.on.bind(socket)
  let settled = false
  const settle = (event: string | symbol): void => {
    settled ||= event === 'readable'
  }
  add('removeListener', settle)
  const on = (event: string, listener: (...args: unknown[]) => void): Socket => {
    if (event !== 'readable') return add(event, listener)
    if (settled || socket.listeners(event).includes(listener)) {
      if (!settled && socket.bytesRead > MOST_ERROR_BYTES) socket.destroy(tooLong())
      return socket
    }
    return add(event, listener)
  }
  Object.assign(socket, { on })
}

/** Sockets are told apart by where they lead: all else is the same for all requests of an agent, and Node would put it into words for each. */
const nameOf = ({ host, port }: http.ClientRequestArgs): string => `${host}:${port}`

class PlainAgent extends http.Agent {
  override getName(options: http.ClientRequestArgs = {}): string {
    return nameOf(options)
  }
}

/** An agent whose tunnels through a proxy are bounded. */
class TunnelAgent extends https.Agent {
  override getName(options: http.ClientRequestArgs = {}): string {
    return nameOf(options)
  }

  override createConnection(
    ...args: Parameters<https.Agent['createConnection']>
  ): Duplex | null | undefined {
    const socket = super.createConnection(...args)
    if (this.options.proxyEnv) boundTunnel(socket as Socket)
    return socket
  }
}

/** Agents that keep connections alive and use the last one first. */
function wayOf(
  maxSockets: number,
  trust: SecureContext | undefined,
  proxyEnv: ProxyEnv | undefined,
): Way {
  const options = {
    keepAlive: true,
    maxSockets,
    autoSelectFamilyAttemptTimeout: ADDRESS_MS,
    ...(proxyEnv ? { proxyEnv } : {}),
  }
  return {
    http: new PlainAgent(options),
    https: new TunnelAgent({ ...options, ...(trust ? { secureContext: trust } : {}) }),
    connections: proxyEnv
      ? undefined
      : new Connections({ most: maxSockets, trust: () => trust ?? trustOfNode() }),
    receivers: proxyEnv ? undefined : new Receivers({ mostConnections: maxSockets }),
  }
}

/**
 * Agents that honour HTTP_PROXY, HTTPS_PROXY, NO_PROXY and AWS_CA_BUNDLE as s5cmd does; of these, Node does none by
 * itself. Throws SyncError when one of them cannot be used.
 */
export function agentsFor({ maxSockets, env = process.env }: AgentOptions): Agents {
  const proxies = proxiesOf(env)
  const trust = ownTrust(env)
  const direct = wayOf(maxSockets, trust, undefined)
  if (!proxies) return { ...direct, past: undefined }
  const past = { takes: proxies.isPassedBy, way: direct }
  return { ...wayOf(maxSockets, trust, proxies.env), past }
}
