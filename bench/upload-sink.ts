import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { ToldUploads } from './upload-server.ts'

/** The server that is uploaded to, in a process of its own. */
export interface UploadServer extends AsyncDisposable {
  readonly endpoint: string
  /** What it was asked since the last call, and what it holds. */
  told(): Promise<ToldUploads>
  /** Takes all objects away. */
  forget(): Promise<void>
}

/** Starts the server. */
export async function startUploads(
  scheme: 'tls' | 'http',
  latencyMs: number,
): Promise<UploadServer> {
  const script = path.join(import.meta.dirname, 'upload-server.ts')
  const server: ChildProcess = fork(script, [scheme, String(latencyMs)])
  const [port] = await once(server, 'message')
  const ask = async (what: string): Promise<ToldUploads> => {
    server.send(what)
    const [told] = await once(server, 'message')
    return told as ToldUploads
  }
  return {
    endpoint: `${scheme === 'tls' ? 'https' : 'http'}://127.0.0.1:${port}`,
    told: () => ask('tell'),
    forget: async () => void (await ask('forget')),
    [Symbol.asyncDispose]: async () => {
      server.disconnect()
      await once(server, 'exit')
    },
  }
}
