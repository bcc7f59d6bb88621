import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Agents } from './agents.ts'

/** A GET by hand. */
export interface GetOptions {
  readonly agents: Agents
  readonly headers?: Readonly<Record<string, string>>
  /** For the connection alone, through a proxy to the far end. */
  readonly connectMs: number
  /** For the whole, the body included. */
  readonly signal: AbortSignal
}

/** Gives the answer, of any status, once its head is there; the body has to be read or destroyed. Follows nothing. */
export function get(url: URL, options: GetOptions): Promise<IncomingMessage> {
  const { agents, connectMs, signal } = options
  signal.throwIfAborted()
  const secure = url.protocol === 'https:'
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = { 'user-agent': 's3-direct-sync', ...options.headers }
  const request = secure
    ? https.get(url, { headers, agent: agents.https }, resolve)
    : http.get(url, { headers, agent: agents.http }, resolve)
  // A request whose proxy keeps silent tells no error when it is destroyed: so the promise is ended by hand.
  const fail = (reason: unknown): void => {
    reject(reason)
    request.destroy()
  }
  signal.addEventListener('abort', () => fail(signal.reason), { once: true })
  const late = Object.assign(new Error(`no connection to ${url.host}`), { code: 'ETIMEDOUT' })
  const timer = setTimeout(() => fail(late), connectMs)
  const connected = (): void => clearTimeout(timer)
  request
    .on('error', reject)
    .on('close', connected)
    .on('socket', (socket) => {
      if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', connected)
      else connected()
    })
  return promise
}
