import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A program to measure. */
export interface Program {
  readonly command: string
  readonly args: readonly string[]
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
}

/** What one run took, its children included. */
export interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
  /** Highest resident memory of one of its processes. */
  readonly peakMegabytes: number
  readonly exitCode: number
}

// Only a parent learns what its child took, and Node does not tell: Python's wait4 does.
const WAIT4 = `
import json, os, sys, time
env = json.loads(sys.argv[1])
started = time.monotonic()
pid = os.fork()
if pid == 0:
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2): os.dup2(null, stream)
    os.execve(sys.argv[2], sys.argv[2:], env)
_, status, used = os.wait4(pid, 0)
print(json.dumps({
    'seconds': time.monotonic() - started,
    'cpuSeconds': used.ru_utime + used.ru_stime,
    'peakMegabytes': used.ru_maxrss / 1024,
    'exitCode': os.waitstatus_to_exitcode(status),
}))
`

/** Runs a program to its end and tells what it took. */
export async function measure({ command, args, env }: Program): Promise<Measured> {
  const child = spawn('python3', ['-c', WAIT4, JSON.stringify(env), command, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  await once(child, 'close')
  return JSON.parse(said) as Measured
}

/** The middle of some numbers; of an even count the upper one. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** On a busy machine a tool gives up on a connection now and then: that is told, and it may try once more. */
export async function twice<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    console.error(`Once more: ${error}`)
    return await work()
  }
}
