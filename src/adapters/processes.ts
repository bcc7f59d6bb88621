import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { basename } from 'node:path'
import type { Writable } from 'node:stream'
import type { Child, Exit, Processes, ProcessSpec } from '../ports.ts'
import { type ChildPlace, childPlace } from './child-place.ts'
import { lineSplitter } from './line-splitter.ts'
import { thisPlatform } from './platform.ts'
import { programsOn } from './run-program.ts'
import { tellLine } from './told.ts'

type OnLine = Parameters<Processes['spawn']>[1]

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

/** A process, and the folder that it runs in. */
interface Started {
  readonly child: ChildProcessWithoutNullStreams
  readonly place: ChildPlace
}

function start(
  { command, args, env }: ProcessSpec,
  onLine: OnLine,
  platform: NodeJS.Platform,
): Started | undefined {
  let place: ChildPlace | undefined
  try {
    place = childPlace(env, platform)
    const options = { cwd: place.cwd, env: place.env, windowsHide: true }
    return { child: spawn(command, args, options), place }
  } catch (error) {
    // Most refusals come as events; an environment or a command line that is too long throws.
    onLine('stderr', error instanceof Error ? error.message : String(error))
    place?.remove()
    return undefined
  }
}

function feed(spec: ProcessSpec, tell: OnLine, platform: NodeJS.Platform): Child {
  const program = basename(spec.command)
  const onLine: OnLine = (stream, line) => {
    tellLine(program, line)
    tell(stream, line)
  }
  tellLine(program, `started with ${spec.args.join(' ')}`)
  const started = start(spec, onLine, platform)
  if (!started) return stillborn
  const { child, place } = started
  readLines(child, onLine)
  const exit = new Promise<Exit>((resolve) => {
    child.on('error', (error) => {
      onLine('stderr', error.message)
      if (child.pid !== undefined) return
      place.remove()
      resolve({ code: null, signal: null })
    })
    child.on('close', (code, signal) => {
      place.remove()
      tellLine(program, `ended with ${signal ?? `code ${code}`}`)
      resolve({ code, signal })
    })
  })
  return {
    exit,
    write: inputOf(child.stdin),
    endInput: () => {
      child.stdin.end()
    },
    kill: (signal) => {
      // Windows knows no other end than the hard one: there the end of the input is what asks a process to end.
      if (platform === 'win32' && signal === 'SIGTERM') child.stdin.end()
      else child.kill(signal)
    },
  }
}

/** Child processes, started without a shell, each in a fresh folder. */
export const processesOn = (platform: NodeJS.Platform): Processes => ({
  run: programsOn(platform),
  spawn: (spec, onLine) => feed(spec, onLine, platform),
})

/** Child processes of this machine. */
export const childProcesses: Processes = processesOn(thisPlatform)
