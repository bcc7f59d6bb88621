import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { ToldObject } from './upload-server.ts'

/**
 * What the objects of a server are: small ones; medium ones as S3 stores them today; or large ones that were put in one request
 * (`md5`; `crc64nvme`: as S3 stores them today) or in parts of 8 MiB (`parts`; `parts-crc32`: as this action uploads them).
 */
export type DownloadShape = 'small' | 'medium' | 'md5' | 'crc64nvme' | 'parts' | 'parts-crc32'

/** What a server was asked since the last time that it told. */
export interface ToldDownloads {
  readonly requests: number
  readonly heads: number
  readonly connections: number
}

/** Objects to be served. */
export interface DownloadLoad {
  readonly shape: DownloadShape
  readonly count: number
  /** Of each; small ones have 1 to 16 KB. */
  readonly bytes: number
}

/** The server that is downloaded from, in a process of its own. */
export interface DownloadServer extends AsyncDisposable {
  readonly endpoint: string
  /** What it holds below `s3://src/`. */
  readonly objects: readonly ToldObject[]
  /** What it was asked since the last call. */
  told(): Promise<ToldDownloads>
}

/** Starts the server. */
export async function startDownloads(
  scheme: 'tls' | 'http',
  latencyMs: number,
  { shape, count, bytes }: DownloadLoad,
): Promise<DownloadServer> {
  const script = path.join(import.meta.dirname, 'download-server.ts')
  const server: ChildProcess = fork(script, [
    ...[scheme, String(latencyMs), shape, String(count), String(bytes)],
  ])
  const [{ port, objects }] = await once(server, 'message')
  return {
    endpoint: `${scheme === 'tls' ? 'https' : 'http'}://127.0.0.1:${port}`,
    objects,
    told: async () => {
      server.send('tell')
      const [told] = await once(server, 'message')
      return told as ToldDownloads
    },
    [Symbol.asyncDispose]: async () => {
      server.disconnect()
      await once(server, 'exit')
    },
  }
}
