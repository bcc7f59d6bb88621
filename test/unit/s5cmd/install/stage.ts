import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { vi } from 'vitest'
import { localFiles } from '../../../../src/adapters/files.ts'
import { childProcesses } from '../../../../src/adapters/processes.ts'
import { runnerTools } from '../../../../src/adapters/tools.ts'
import type { Toolchain } from '../../../../src/model/report.ts'
import type { InstallRequest } from '../../../../src/model/request.ts'
import type { Log, Tools } from '../../../../src/ports.ts'
import { CATALOG, type Catalog } from '../../../../src/s5cmd/install/catalog.ts'
import type { InstallPorts, SearchResult } from '../../../../src/s5cmd/install/sources.ts'
import { withoutDebugLines } from '../../../debug-lines.ts'

/** Name of the archive that the stage's machine takes. */
export const ASSET = 's5cmd_2.3.0_Linux-64bit.tar.gz'

/** A stand-in for s5cmd that answers the probes. */
export const scriptFor = (version: string, directive = true): string => `#!/bin/sh
case "$1" in
  version) echo ${version} ;;
  cp) echo "${directive ? '--metadata-directive value' : '--acl value'}" ;;
esac
`

export const sha256 = (data: string | Buffer): string =>
  createHash('sha256').update(data).digest('hex')

/** A release archive that holds one program. */
export async function archiveOf(program: string): Promise<Buffer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'archive-'))
  await writeFile(path.join(folder, 's5cmd'), program, { mode: 0o755 })
  execFileSync('tar', ['-czf', 'archive.tar.gz', 's5cmd'], { cwd: folder })
  const archive = await readFile(path.join(folder, 'archive.tar.gz'))
  await rm(folder, { recursive: true })
  return archive
}

/** An HTTP server on loopback that counts requests by path. */
export async function serve(answer: RequestListener) {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    server.close()
  }
  return { url, requests, [Symbol.asyncDispose]: close }
}

const noWheel: Tools['wheel'] = async () => {
  throw new Error('no pip here')
}

/** A machine (Linux x64) with a runner's folders of its own, the real adapters, a clock that does not wait, and no pip. */
export async function openStage() {
  const root = await mkdtemp(path.join(os.tmpdir(), 'install-'))
  const toolCache = path.join(root, 'cache')
  vi.stubEnv('RUNNER_TEMP', path.join(root, 'temp'))
  vi.stubEnv('RUNNER_TOOL_CACHE', toolCache)
  await mkdir(toolCache)
  const quiet = withoutDebugLines()
  const lines: string[] = []
  const log: Log = {
    line: (level, text) => lines.push(`${level}: ${text}`),
    group: () => () => {},
  }
  const cancel = new AbortController()
  const ports: InstallPorts = {
    tools: { ...runnerTools(), wheel: noWheel },
    files: localFiles,
    processes: childProcesses,
    system: { platform: 'linux', arch: 'x64' },
    clock: {
      now: () => 0,
      steadyMs: () => 0,
      sleep: async () => {},
      random: () => 0.5,
      within: (_limitMs, work) => work(),
    },
    host: { cancelled: cancel.signal, env: process.env },
  }
  const close = async (): Promise<void> => {
    quiet[Symbol.dispose]()
    vi.unstubAllEnvs()
    await chmod(toolCache, 0o755)
    await rm(root, { recursive: true, force: true })
  }
  const cached = path.join(toolCache, 's5cmd', '2.3.0', os.arch())
  return { root, cached, toolCache, lines, log, cancel, ports, [Symbol.asyncDispose]: close }
}

/** The catalog of a release server that pins one build. */
export const catalogOf = (serverUrl: string, archive: Buffer, binarySha256?: string): Catalog => ({
  ...CATALOG,
  releaseUrl: `${serverUrl}/release/v{version}/{asset}`,
  pinned: {
    '2.3.0': {
      'Linux-64bit.tar.gz': { sha256: sha256(archive), ...(binarySha256 && { binarySha256 }) },
    },
  },
})

/** A request for the default version. */
export const asking = (change: Partial<InstallRequest> = {}): InstallRequest => ({
  version: '2.3.0',
  method: 'auto',
  ...change,
})

/** What was found; throws the problem where nothing was. */
export function toolchainOf(found: SearchResult): Toolchain {
  if ('problem' in found) throw found.problem
  return found.toolchain
}
