import type { Host, Ports, ProcessSpec } from '../../ports.ts'

/** The ports that a call goes through. */
export type CallPorts = Pick<Ports, 'processes'> & { readonly host: Pick<Host, 'cancelled'> }

/** A program to run, and how long it may take. */
export interface Call extends ProcessSpec {
  /** The command as messages name it. */
  readonly shown: string
  readonly timeoutMs: number
}

/** Go and Homebrew tell on stderr what they are doing, before they tell what went wrong. */
const PROGRESS = /^(go: downloading |==> |Warning: |\s*$)/

/** Runs a program to its end and gives what it printed. Throws with the first thing that it complained of. */
export async function call(
  { shown, timeoutMs, ...spec }: Call,
  { processes, host }: CallPorts,
): Promise<string> {
  const ended = await processes.run(spec, { timeoutMs, signal: host.cancelled })
  if (ended.code === 0) return ended.stdout.trim()
  const complaint = ended.stderr.split('\n').find((line) => !PROGRESS.test(line))
  const end = `ended with ${ended.signal ?? `exit code ${ended.code}`}`
  throw new Error(`\`${shown}\` ${end}${complaint ? `: ${complaint.trim()}` : ''}`)
}
