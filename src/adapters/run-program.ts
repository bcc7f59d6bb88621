import { AsyncLocalStorage } from 'node:async_hooks'
import type { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { exec } from '@actions/exec'
import type { Limit } from '../model/limit.ts'
import type { Processes, ProcessSpec } from '../ports.ts'
import { childPlace } from './child-place.ts'
import { deadline } from './deadline.ts'
import { absoluteFolders, pathsOf } from './platform.ts'

const MAX_OUTPUT_BYTES = 1024 * 1024
/** What a program started and left behind may hold its pipes open, and what hangs in the kernel is not gone at once. */
const PATIENCE_MS = 1000

/** What is heard of a program that runs, and the way to end it. */
class Running {
  readonly #chunks: Readonly<Record<'stdout' | 'stderr', Buffer[]>> = { stdout: [], stderr: [] }
  readonly #ended = Promise.withResolvers<never>()
  #bytes = 0
  #child: ChildProcess | undefined
  #isStopped = false

  /** Rejects with the reason when the program is stopped. */
  get stopped(): Promise<never> {
    return this.#ended.promise
  }

  get child(): ChildProcess | undefined {
    return this.#child
  }

  /** The process, before it is started. */
  take(child: ChildProcess): void {
    this.#child = child
    child.once('error', (error) => this.stop(error))
    child.once('spawn', () => {
      child.stdin?.on('error', () => {}).end()
      if (this.#isStopped) this.kill()
    })
  }

  hear(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > MAX_OUTPUT_BYTES)
      this.stop(new Error(`It printed more than ${MAX_OUTPUT_BYTES} bytes.`))
    else this.#chunks[stream].push(chunk)
  }

  said(stream: 'stdout' | 'stderr'): string {
    return Buffer.concat(this.#chunks[stream]).toString()
  }

  /** Ends it, and waits a moment until it is gone. */
  stop(reason: unknown): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.kill()
    const child = this.#child
    const isAlive = child?.pid !== undefined && child.exitCode === null && child.signalCode === null
    if (!child || !isAlive) {
      this.#ended.reject(reason)
      return
    }
    const gone = (): void => {
      clearTimeout(timer)
      this.#ended.reject(reason)
    }
    const timer = setTimeout(gone, PATIENCE_MS)
    child.once('exit', gone)
  }

  /** Ends it at once: another signal may be ignored, and what it had started may hold the pipes open. */
  kill(): void {
    this.#child?.kill('SIGKILL')
    this.#child?.stdout?.destroy()
    this.#child?.stderr?.destroy()
  }
}

// @actions/exec hands out no process, so that one which does not end could not be ended.
const beginning = new AsyncLocalStorage<Running>()
subscribe('child_process', (message) => {
  beginning.getStore()?.take((message as { readonly process: ChildProcess }).process)
})

const isProgram = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}

/** What a program is looked for on. */
interface Machine {
  readonly platform: NodeJS.Platform
  /** Whether there is a file of this path that can be run. */
  readonly isProgram: (file: string) => Promise<boolean>
}

/** Endings that make a file a program; none but on Windows. */
const endingsIn = (
  { PATHEXT = '.COM;.EXE;.BAT;.CMD' }: ProcessSpec['env'],
  platform: NodeJS.Platform,
): readonly string[] =>
  platform === 'win32' ? PATHEXT.split(';').filter((ending) => ending !== '') : ['']

/**
 * The file of a program: in the PATH that it gets, and there in absolute folders alone, for others would lie in the
 * checkout. Throws where there is none.
 */
export async function located(
  { command, env }: Pick<ProcessSpec, 'command' | 'env'>,
  { platform, isProgram }: Machine,
): Promise<string> {
  const { isAbsolute, join } = pathsOf(platform)
  if (isAbsolute(command)) return command
  for (const folder of absoluteFolders(env['PATH'] ?? '', platform))
    for (const ending of endingsIn(env, platform)) {
      const file = join(folder, command + ending)
      if (await isProgram(file)) return file
    }
  throw new Error(`spawn ${command} ENOENT`)
}

/** As exec reads a command line. */
const quoted = (command: string): string => `"${command.replaceAll('"', '\\"')}"`

async function runOn(
  platform: NodeJS.Platform,
  spec: ProcessSpec,
  limit: Limit,
): ReturnType<Processes['run']> {
  const signal = deadline(limit)
  const file = await located(spec, { platform, isProgram })
  await access(file, constants.X_OK)
  // From here to the call of exec nothing is awaited, so that no end of the limit is missed.
  signal.throwIfAborted()
  const place = childPlace(spec.env, platform)
  const running = new Running()
  const stop = () => running.stop(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  const options = {
    cwd: place.cwd,
    env: place.env,
    silent: true,
    ignoreReturnCode: true,
    delay: PATIENCE_MS,
    listeners: {
      stdout: (chunk: Buffer) => running.hear('stdout', chunk),
      stderr: (chunk: Buffer) => running.hear('stderr', chunk),
    },
  }
  try {
    const ended = beginning.run(running, () => exec(quoted(file), [...spec.args], options))
    // After a signal there is none, whatever the type of exec says.
    const code: number | null = await Promise.race([ended, running.stopped])
    const stdout = running.said('stdout')
    return {
      code,
      signal: running.child?.signalCode ?? null,
      stdout,
      stderr: running.said('stderr'),
    }
  } finally {
    signal.removeEventListener('abort', stop)
    running.kill()
    place.remove()
  }
}

/** Runs programs to their end by @actions/exec: without a shell, in a fresh folder, silent, within the limit. */
export const programsOn =
  (platform: NodeJS.Platform): Processes['run'] =>
  (spec, limit) =>
    runOn(platform, spec, limit)
