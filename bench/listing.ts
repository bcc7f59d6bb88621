import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Asked } from './listing-server.ts'

/** The server of listings, in a process of its own. */
export interface ListingServer {
  readonly endpoint: string
  /** What it was asked since the last call. */
  asked(): Promise<Asked>
  close(): void
}

/** Starts the server with its arguments, as `listing-server.ts` tells them. */
export async function startListing(args: readonly (string | number)[]): Promise<ListingServer> {
  const script = path.join(import.meta.dirname, 'listing-server.ts')
  const server: ChildProcess = fork(script, args.map(String))
  const [port] = await once(server, 'message')
  return {
    endpoint: `http://127.0.0.1:${port}`,
    asked: async () => {
      server.send('')
      const [asked] = await once(server, 'message')
      return asked as Asked
    },
    close: () => server.disconnect(),
  }
}
