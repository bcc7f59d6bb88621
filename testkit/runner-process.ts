import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { type OtherMachine, onWine } from './machines.ts'

// The runner's own waits, milliseconds.
const AFTER_SIGINT_MS = 7500
const AFTER_SIGTERM_MS = 2500
const PIPES_AFTER_EXIT_MS = 5000

// Not a variable: a step would see it.
const COMPILE_CACHE = path.join(import.meta.dirname, 'compile-cache.mjs')

const OWN_NODE = [process.execPath, '--import', pathToFileURL(COMPILE_CACHE).href] as const

// A child that was told to end may need a moment; longer, and it is left over.
const LEFTOVER_GRACE_MS = 1000

/** What a process is told first when it is to end. */
export type FirstSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGKILL'

/** How a step's process is started. */
export interface ProcessSpec {
  readonly script: string
  /** Another machine than that of the tests. */
  readonly machine?: OtherMachine | undefined
  readonly cwd: string
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void
}

/** A process of the step that was still there when the step had ended; it has been killed. */
export interface Leftover {
  readonly pid: number
  readonly command: string
}

/** How a step's process ended. */
export interface ProcessEnd {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly durationMs: number
  /** From the first signal until the process was gone and its pipes were closed; undefined when none was sent. */
  readonly exitedWithinMs: number | undefined
  /** Always empty but on Linux. */
  readonly leftovers: readonly Leftover[]
}

/** A step's process that runs. */
export interface StepProcess {
  /** As the runner does it: SIGINT, 7.5 s, SIGTERM, 2.5 s, SIGKILL; to the process alone, not to its children. Another first signal is for what ends processes beside the runner. */
  cancel(first?: FirstSignal): void
  readonly end: Promise<ProcessEnd>
}

// The runner ends a line at \n, \r and \r\n.
const LINE_END = /\r\n|\r|\n/

function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new TextDecoder()
  let rest = ''
  stream.on('data', (bytes: Buffer) => {
    rest += decoder.decode(bytes, { stream: true })
    // A \r at the very end may be the first half of \r\n.
    const complete = rest.endsWith('\r') ? rest.slice(0, -1) : rest
    const lines = complete.split(LINE_END)
    rest = (lines.pop() ?? '') + rest.slice(complete.length)
    lines.forEach(onLine)
  })
  stream.on('end', () => {
    const lines = (rest + decoder.decode()).split(LINE_END)
    if (lines.at(-1) === '') lines.pop()
    lines.forEach(onLine)
  })
}

/** Where a process prints that cannot print into our pipes: it is read when the process has ended. */
function printedFiles(onLine: ProcessSpec['onLine']) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'printed-'))
  const streams = ['stdout', 'stderr'] as const
  const files = streams.map((stream) => path.join(folder, stream))
  const [out = 0, err = 0] = files.map((file) => openSync(file, 'w'))
  return {
    out,
    err,
    read: (): void => {
      for (const file of [out, err]) closeSync(file)
      for (const [index, stream] of streams.entries()) {
        const lines = readFileSync(files[index] ?? '', 'utf8').split(LINE_END)
        if (lines.at(-1) === '') lines.pop()
        for (const line of lines) onLine(stream, line)
      }
      rmSync(folder, { recursive: true })
    },
  }
}

function leftover(pid: number, session: number, tracking: string): Leftover[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, , , ownSession] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
    const ours = Number(ownSession) === session || environment.split('\0').includes(tracking)
    if (!ours || state === 'Z' || pid === session) return []
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return [{ pid, command: command.replaceAll('\0', ' ').trim() }]
  } catch {
    // It has ended in the meantime.
    return []
  }
}

/**
 * The runner finds them by its tracking id; ours also by their session, for those started without that variable. Nothing
 * here waits: to read two short files of each process that there is costs four times as much by promises.
 */
function findLeftovers(session: number, tracking: string): readonly Leftover[] {
  if (process.platform !== 'linux') return []
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => leftover(Number(pid), session, tracking))
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended in the meantime.
  }
}

async function endLeftovers(session: number, tracking: string): Promise<readonly Leftover[]> {
  const patientUntil = performance.now() + LEFTOVER_GRACE_MS
  let found = findLeftovers(session, tracking)
  while (found.length > 0 && performance.now() < patientUntil) {
    await sleep(25)
    found = findLeftovers(session, tracking)
  }
  for (const { pid } of found) kill(pid)
  return found
}

/** Resolves when the process is gone and its pipes are closed, or stay open for too long. */
function gone(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
    child.once('exit', () => {
      const closePipes = setTimeout(() => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }, PIPES_AFTER_EXIT_MS)
      child.once('close', () => clearTimeout(closePipes))
    })
  })
}

async function cancelLadder(
  child: ChildProcess,
  ended: Promise<void>,
  first: FirstSignal,
): Promise<void> {
  let running = true
  const end = ended.then(() => {
    running = false
  })
  child.kill(first)
  await Promise.race([end, sleep(AFTER_SIGINT_MS, undefined, { ref: false })])
  if (running) child.kill('SIGTERM')
  if (running) await Promise.race([end, sleep(AFTER_SIGTERM_MS, undefined, { ref: false })])
  if (running) child.kill('SIGKILL')
}

/** Starts a script the way the runner starts one, with the Node that runs the tests unless another is given. */
export function startProcess({ script, machine, cwd, env, onLine }: ProcessSpec): StepProcess {
  const startedMs = performance.now()
  let signalledMs: number | undefined
  // Its own session makes its descendants findable, whatever their environment.
  const [program, ...before] = machine?.node ?? OWN_NODE
  const printed = machine?.isWindows ? printedFiles(onLine) : undefined
  const child = spawn(program, [...before, machine?.isWindows ? onWine(script) : script], {
    cwd,
    env,
    stdio: ['ignore', printed?.out ?? 'pipe', printed?.err ?? 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  if (child.stdout) readLines(child.stdout, (line) => onLine('stdout', line))
  if (child.stderr) readLines(child.stderr, (line) => onLine('stderr', line))
  const ended = gone(child).then(() => printed?.read())
  const end = async (): Promise<ProcessEnd> => {
    await ended
    const endedMs = performance.now()
    const tracking = `RUNNER_TRACKING_ID=${env['RUNNER_TRACKING_ID']}`
    return {
      exitCode: child.exitCode,
      signal: child.signalCode,
      durationMs: endedMs - startedMs,
      exitedWithinMs: signalledMs === undefined ? undefined : endedMs - signalledMs,
      leftovers: await endLeftovers(child.pid ?? -1, tracking),
    }
  }
  const cancel = (first: FirstSignal = 'SIGINT'): void => {
    if (signalledMs !== undefined) return
    signalledMs = performance.now()
    void cancelLadder(child, ended, first).catch(() => undefined)
  }
  return { cancel, end: end() }
}
