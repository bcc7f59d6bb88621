import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import path from 'node:path'
import { type ChildPlace, childPlace } from './child-place.ts'
import { absoluteFolders, pathsOf, thisPlatform } from './platform.ts'

const MOST_OUTPUT_BYTES = 2 ** 20
/** What a command left behind may hold its pipe open after it has ended. */
const PATIENCE_MS = 1000

/** The system that command lines are run on. */
export interface ShellMachine {
  readonly platform: NodeJS.Platform
  readonly env: NodeJS.ProcessEnv
  spawn(program: string, args: readonly string[], options: SpawnOptions): ChildProcess
}

/** The inputs of this step, and what the runner gives to actions alone: no other command of the job has them. */
const OF_THIS_STEP = /^(INPUT_|ACTIONS_(RUNTIME|RESULTS|CACHE)_)/i

/** The environment that a command of the job gets, but for folders of the PATH that would lie where it is started. */
function commandEnv({ env, platform }: ShellMachine): Record<string, string> {
  const PATH = platform === 'win32' ? /^path$/i : /^PATH$/
  const { delimiter } = pathsOf(platform)
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => {
      if (value === undefined || OF_THIS_STEP.test(name)) return []
      const isPath = PATH.test(name)
      return [[name, isPath ? absoluteFolders(value, platform).join(delimiter) : value]]
    }),
  )
}

/** A program of Windows itself, wherever the PATH leads. */
const ofWindows = (name: string, { env }: ShellMachine): string =>
  path.win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', name)

/** As Node and the AWS SDK start one, but the shell is named by its whole path. */
function start(command: string, { cwd, env }: ChildPlace, machine: ShellMachine): ChildProcess {
  const onWindows = machine.platform === 'win32'
  const [shell, args] = onWindows
    ? [ofWindows('cmd.exe', machine), ['/d', '/s', '/c', `"${command}"`]]
    : ['/bin/sh', ['-c', command]]
  return machine.spawn(shell, args, {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
    // A group of its own: what the shell starts is ended with it.
    detached: !onWindows,
    windowsHide: true,
    windowsVerbatimArguments: true,
  })
}

/** Ends a shell and what it started, at once: another signal may be ignored. */
function endAll(child: ChildProcess, machine: ShellMachine): void {
  const { pid, exitCode, signalCode } = child
  if (pid === undefined) return
  if (machine.platform !== 'win32') {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // All have ended.
    }
  } else if (exitCode === null && signalCode === null)
    machine
      .spawn(ofWindows('taskkill.exe', machine), ['/pid', `${pid}`, '/t', '/f'], {
        stdio: 'ignore',
        windowsHide: true,
      })
      .on('error', () => child.kill())
}

/** How a shell ended: its exit code, or the signal. */
type Ended = number | NodeJS.Signals | null

/** Reads what a command prints, until it has ended and its pipe is closed, or it is ended. */
async function heard(child: ChildProcess, machine: ShellMachine, signal: AbortSignal) {
  const { promise: ended, resolve, reject } = Promise.withResolvers<Ended>()
  const chunks: Buffer[] = []
  let bytes = 0
  let patience: NodeJS.Timeout | undefined
  const end = (): void => {
    endAll(child, machine)
    child.stdout?.destroy()
  }
  child
    .on('error', reject)
    .on('exit', () => {
      patience = setTimeout(end, PATIENCE_MS)
    })
    .on('close', (code, by) => resolve(code ?? by))
  child.stdin?.on('error', () => {})
  child.stdout?.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= MOST_OUTPUT_BYTES) chunks.push(chunk)
    else end()
  })
  signal.addEventListener('abort', end)
  // Nobody hears of a process any more that is left when this one exits.
  process.on('exit', end)
  try {
    const how = await ended
    signal.throwIfAborted()
    if (bytes > MOST_OUTPUT_BYTES)
      throw new Error(`it printed more than ${MOST_OUTPUT_BYTES} bytes`)
    return { how, stdout: Buffer.concat(chunks).toString() }
  } finally {
    clearTimeout(patience)
    signal.removeEventListener('abort', end)
    process.off('exit', end)
    end()
  }
}

/**
 * Runs a command line by the shell of the system, in a fresh folder, with the job's environment but for the inputs of
 * this step; gives its exit code or signal, and what it printed to stdout. Nothing that it started outlives it, but
 * what left its process group. Throws when it cannot be started or prints more than 1 MiB, and the signal's reason.
 */
export async function runCommand(
  command: string,
  signal: AbortSignal,
  machine: ShellMachine = { platform: thisPlatform, env: process.env, spawn },
): Promise<{ readonly how: Ended; readonly stdout: string }> {
  signal.throwIfAborted()
  const place = childPlace(commandEnv(machine), machine.platform)
  try {
    return await heard(start(command, place, machine), machine, signal)
  } finally {
    place.remove()
  }
}
