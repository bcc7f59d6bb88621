import {
  type ChildProcessWithoutNullStreams,
  type ExecFileException,
  execFile,
  spawn,
} from 'node:child_process'
import type { Writable } from 'node:stream'
import type { Child, Exit, Processes, ProcessSpec } from '../ports.ts'
import { deadline } from './deadline.ts'
import { lineSplitter } from './line-splitter.ts'

const MAX_OUTPUT_BYTES = 1024 * 1024

type OnLine = Parameters<Processes['spawn']>[1]

const run: Processes['run'] = ({ command, args, env }, limit) => {
  const signal = deadline(limit)
  const options = { env, maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true } as const
  return new Promise((resolve, reject) => {
    const settle = (error: ExecFileException | null, stdout: string, stderr: string): void => {
      signal.removeEventListener('abort', kill)
      const code = error ? (error.code ?? null) : 0
      if (signal.aborted) reject(signal.reason)
      else if (typeof code === 'string') reject(error)
      else resolve({ code, signal: error?.signal ?? null, stdout, stderr })
    }
    const child = execFile(command, args, options, settle)
    // execFile's own signal option asks with SIGTERM, which a process may ignore.
    const kill = () => {
      child.kill('SIGKILL')
      // What it had started may hold them open, and would be waited for.
      child.stdout?.destroy()
      child.stderr?.destroy()
    }
    signal.addEventListener('abort', kill, { once: true })
    if (signal.aborted) kill()
    child.stdin?.end()
  })
}

/** Writes with back-pressure; the end of the reader ends the waiting, without an error. */
function inputOf(stdin: Writable): Child['write'] {
  // Also a process that is gone before it was fed must not end this one (EPIPE).
  stdin.on('error', () => {})
  let drained: Promise<void> | undefined
  const untilDrained = (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const done = (): void => {
      stdin.off('drain', done).off('close', done)
      drained = undefined
      resolve()
    }
    stdin.on('drain', done).on('close', done)
    return promise
  }
  return async (text) => {
    if (!stdin.writable || stdin.write(text)) return
    drained ??= untilDrained()
    await drained
  }
}

function readLines(child: ChildProcessWithoutNullStreams, onLine: OnLine): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const splitter = lineSplitter()
    const tell = (lines: readonly string[]): void => {
      for (const line of lines) onLine(name, line)
    }
    child[name]
      .on('data', (chunk: Buffer) => tell(splitter.push(chunk)))
      .on('end', () => tell(splitter.end()))
  }
}

/** What stands for a process that the system refused to start. */
const stillborn: Child = {
  exit: Promise.resolve({ code: null, signal: null }),
  write: async () => {},
  endInput: () => {},
  kill: () => {},
}

function start(
  { command, args, env }: ProcessSpec,
  onLine: OnLine,
): ChildProcessWithoutNullStreams | undefined {
  try {
    return spawn(command, args, { env, windowsHide: true })
  } catch (error) {
    // Most refusals come as events; an environment or a command line that is too long throws.
    onLine('stderr', error instanceof Error ? error.message : String(error))
    return undefined
  }
}

function feed(spec: ProcessSpec, onLine: OnLine): Child {
  const child = start(spec, onLine)
  if (!child) return stillborn
  readLines(child, onLine)
  const exit = new Promise<Exit>((resolve) => {
    child.on('error', (error) => {
      onLine('stderr', error.message)
      if (child.pid === undefined) resolve({ code: null, signal: null })
    })
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  return {
    exit,
    write: inputOf(child.stdin),
    endInput: () => {
      child.stdin.end()
    },
    kill: (signal) => {
      child.kill(signal)
    },
  }
}

/** Child processes of this machine, started without a shell. */
export const childProcesses: Processes = { run, spawn: feed }
