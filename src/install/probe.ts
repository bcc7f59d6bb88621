import type { Exit, Host, Ports } from '../ports.ts'

const PROBE_MS = 10_000

/** What a binary says of itself. */
export interface Answers {
  /** The release it says it is, such as 2.3.0; 0.0.0 for one that somebody built. */
  readonly version: string
  /** Such as v2.3.0-991c9fb. */
  readonly reported: string
  /** Whether it knows `cp --metadata-directive`. */
  readonly metadataDirective: boolean
}

type Doors = Pick<Ports, 'processes'> & { readonly host: Pick<Host, 'cancelled'> }

async function ask(path: string, args: readonly string[], { processes, host }: Doors) {
  const answer: Exit & { stdout: string; stderr: string } = await processes.run(
    // Nothing of the job's environment is the business of a binary that only says its version.
    { command: path, args, env: {} },
    { timeoutMs: PROBE_MS, signal: host.cancelled },
  )
  if (answer.code === 0 && answer.stdout.trim() !== '') return answer.stdout.trim()
  const said = answer.stderr.trim().split('\n')[0] ?? ''
  const end = `ended with ${answer.signal ?? `exit code ${answer.code}`}`
  throw new Error(`\`s5cmd ${args.join(' ')}\` ${end}${said && `: ${said}`}`)
}

/** Asks a binary for its version and its features. Throws when it does not answer. */
export async function probe(path: string, doors: Doors): Promise<Answers> {
  const reported = (await ask(path, ['version'], doors)).split('\n')[0] ?? ''
  const help = await ask(path, ['cp', '--help'], doors)
  const version = /^v?(\d+\.\d+\.\d+)/.exec(reported)?.[1] ?? '0.0.0'
  return { version, reported, metadataDirective: help.includes('--metadata-directive') }
}
