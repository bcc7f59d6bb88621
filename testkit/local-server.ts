import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const GUARD = path.join(import.meta.dirname, 'server-guard.ts')
const MAX_LIFE_MS = 10 * 60_000
const START_MS = 60_000
const MAX_LOG_CHARS = 1_000_000

// gRPC listens at the port plus 10,000, which has to stay below the ports that systems hand out by themselves.
const GRPC_OFFSET = 10_000
const FIRST_BLOCK = 15_000
const BLOCK_PORTS = 10
const BLOCKS = 700

/** What the guard is told. */
export interface GuardSpec {
  readonly command: string
  readonly args: readonly string[]
  /** Files and folders to remove when the server is gone. */
  readonly remove: readonly string[]
  readonly maxLifeMs: number
}

/** Where a server may listen and write. */
export interface Place {
  /** This port, the eight after it, and the same plus 10,000 are free. */
  readonly port: number
  /** An empty folder of its own, removed in the end. */
  readonly folder: string
}

/** A server to start. */
export interface ServerSpec {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Texts by name, written into its folder before it starts. */
  readonly files?: Readonly<Record<string, string>>
  /** Answers 200 when the server is ready. */
  readonly readyUrl: string
  /** What it leaves outside its folder. */
  readonly remove?: readonly string[]
}

/** A server on 127.0.0.1, ready. It dies with the process that started it, and after ten minutes. */
export interface LocalServer extends AsyncDisposable {
  readonly port: number
  /** What it has printed so far (the last million characters). */
  log(): string
  close(): Promise<void>
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer().unref()
  try {
    await once(server.listen({ port, host: '127.0.0.1', exclusive: true }), 'listening')
    return server
  } catch {
    return undefined
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port)
  server?.close()
  return server !== undefined
}

/** Takes a block of free ports; its last port is held open, so that no other test run takes the same block. */
async function takePorts(): Promise<{ readonly port: number; readonly hold: Server }> {
  const first = Math.floor(Math.random() * BLOCKS)
  for (let tried = 0; tried < BLOCKS; tried += 1) {
    const port = FIRST_BLOCK + ((first + tried) % BLOCKS) * BLOCK_PORTS
    const hold = await listen(port + BLOCK_PORTS - 1)
    if (!hold) continue
    const ports = Array.from({ length: BLOCK_PORTS - 1 }, (_, index) => port + index)
    const free = await Promise.all(ports.flatMap((one) => [isFree(one), isFree(one + GRPC_OFFSET)]))
    if (free.every(Boolean)) return { port, hold }
    hold.close()
  }
  throw new Error(`No ten free ports in a row from ${FIRST_BLOCK} on`)
}

function collectLog(guard: ChildProcess): () => string {
  let log = ''
  for (const stream of [guard.stdout, guard.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-MAX_LOG_CHARS)
    })
  }
  return () => log
}

function startGuard(spec: GuardSpec, cwd: string, env: ServerSpec['env']): ChildProcess {
  return spawn(process.execPath, [GUARD, JSON.stringify(spec)], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: 'pipe',
    // In a session of its own it outlives a killed process group, and then ends the server.
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
}

async function untilReady(url: string, guard: ChildProcess): Promise<void> {
  const deadlineMs = performance.now() + START_MS
  while (guard.exitCode === null && performance.now() < deadlineMs) {
    const answer = await fetch(url).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok) return
    await sleep(25)
  }
  throw new Error(guard.exitCode === null ? `not ready after ${START_MS} ms` : 'it ended')
}

/** Starts a server and waits until it answers. Throws with what it printed when it does not. */
export async function startServer(describe: (place: Place) => ServerSpec): Promise<LocalServer> {
  const { port, hold } = await takePorts()
  const folder = await mkdtemp(path.join(os.tmpdir(), 'server-'))
  const { command, args, env, files = {}, readyUrl, remove = [] } = describe({ port, folder })
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text)
  const spec = { command, args, remove: [folder, ...remove], maxLifeMs: MAX_LIFE_MS }
  const guard = startGuard(spec, folder, env)
  const ended = once(guard, 'exit')
  const log = collectLog(guard)
  const close = async (): Promise<void> => {
    guard.stdin?.destroy()
    await ended
    hold.close()
  }
  try {
    await untilReady(readyUrl, guard)
    return { port, log, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${path.basename(command)} did not start: ${reason}\n${log().slice(-4000)}`)
  }
}
