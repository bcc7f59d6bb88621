import type { LocalServer } from './local-server.ts'
import { startServer } from './local-server.ts'
import { parts } from './parts.ts'

/** moto: S3, STS, IAM and CloudWatch in one. It accepts any access keys and any web identity token. */
export interface Moto extends LocalServer {
  readonly endpoint: string
}

/** Starts an empty moto on 127.0.0.1. */
export async function startMoto(): Promise<Moto> {
  const server = await startServer(({ port, folder }) => ({
    command: parts().motoServer,
    args: ['-H', '127.0.0.1', '-p', String(port)],
    env: { HOME: folder },
    readyUrl: `http://127.0.0.1:${port}/moto-api/data.json`,
  }))
  return { ...server, endpoint: `http://127.0.0.1:${server.port}` }
}
