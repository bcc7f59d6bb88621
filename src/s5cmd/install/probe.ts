import { type CallPorts, call } from './call.ts'

const PROBE_MS = 10_000

/** What stands for a version that a binary does not tell: builds that are no releases say v0.0.0-dev. */
export const UNTOLD = '0.0.0'

/** What a binary says of itself. */
export interface Answers {
  /** The release it says it is, such as 2.3.0; 0.0.0 for one that somebody built. */
  readonly version: string
  /** Such as v2.3.0-991c9fb. */
  readonly reported: string
  /** Whether it knows `cp --metadata-directive`. */
  readonly metadataDirective: boolean
}

async function ask(path: string, args: readonly string[], ports: CallPorts): Promise<string> {
  const shown = `s5cmd ${args.join(' ')}`
  // Nothing of the job's environment is the business of a binary that only says its version.
  const answer = await call({ shown, command: path, args, env: {}, timeoutMs: PROBE_MS }, ports)
  if (answer === '') throw new Error(`\`${shown}\` printed nothing`)
  return answer
}

/**
 * Asks a binary for its version, and for its features unless it is known that it has them. Throws when it does not
 * answer: a binary of the right bytes may not run on this machine.
 */
export async function probe(path: string, ports: CallPorts, features?: 'known'): Promise<Answers> {
  const helping = features ? undefined : ask(path, ['cp', '--help'], ports)
  // What is wrong with a binary is told of the first question, whichever answer comes first.
  helping?.catch(() => {})
  const reported = (await ask(path, ['version'], ports)).split('\n')[0] ?? ''
  const help = await helping
  const version = /^v?(\d+\.\d+\.\d+)/.exec(reported)?.[1] ?? UNTOLD
  const metadataDirective = help?.includes('--metadata-directive') ?? true
  return { version, reported, metadataDirective }
}
