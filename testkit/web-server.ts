import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { parts } from './parts.ts'

/** A certificate of `TLS_NAMES`, and the CA that signed it; as PEM. */
export interface LoopbackTls {
  readonly key: string
  readonly cert: string
  readonly ca: string
  /** The CA as a file. */
  readonly caFile: string
}

/** The certificate that `npm run parts` made. Throws when the parts are missing. */
export function loopbackTls(): LoopbackTls {
  const { tlsKey, tlsCertificate, tlsCa } = parts()
  const read = (file: string): string => readFileSync(file, 'utf8')
  return { key: read(tlsKey), cert: read(tlsCertificate), ca: read(tlsCa), caFile: tlsCa }
}

/** A server that does not listen yet; with TLS it shows the loopback certificate. */
export function webServer(tls: boolean, options: http.ServerOptions = {}): http.Server {
  if (!tls) return http.createServer(options)
  const { key, cert } = loopbackTls()
  return https.createServer({ ...options, key, cert })
}

/** A server that listens. */
export interface Listening {
  readonly url: string
  /** Ends it and its connections. */
  readonly close: () => Promise<void>
}

/** Lets a server listen on a free loopback port. */
export async function listenOnLoopback(server: http.Server): Promise<Listening> {
  await new Promise<void>((resolve) =>
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, resolve),
  )
  const scheme = server instanceof https.Server ? 'https' : 'http'
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
