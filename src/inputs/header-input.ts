import type { HeaderRule } from '../model/header-rules.ts'
import type { Origin } from '../model/request.ts'
import type { Files, Host } from '../ports.ts'
import type { Problem } from './problem.ts'
import { readWorkspaceFile } from './workspace-file.ts'

/** The input `headers` as it was given. */
export interface GivenHeaders {
  readonly text: string
  readonly origin: Origin
}

/** What it says; undefined where it was not given. */
export interface HeaderInput {
  readonly rules: readonly HeaderRule[] | undefined
  readonly problems: readonly Problem[]
}

/** A list begins with a dash or a bracket; one word that ends so is the path of a file. */
const isPath = (text: string): boolean => /^[^-[\n][^\n]*\.ya?ml$/i.test(text)

const problemOf = (text: string): Problem => ({ input: 'headers', text })

/** Reads the rules of the input `headers`, which stand there or in a file that it names. */
export async function readHeaders(
  given: GivenHeaders | undefined,
  env: Host['env'],
  files: Pick<Files, 'join' | 'readText' | 'realPath'>,
): Promise<HeaderInput> {
  if (!given) return { rules: undefined, problems: [] }
  const { text, origin } = given
  const inFile = isPath(text)
  const read = inFile ? await readWorkspaceFile(text, env, files) : { text }
  if ('problem' in read) return { rules: undefined, problems: [problemOf(read.problem)] }
  // Only who has rules needs the YAML reader.
  const { readHeaderRules } = await import('./header-rules.ts')
  const { rules, problems } = readHeaderRules({
    text: read.text,
    name: inFile ? text : '',
    isWorkflow: (origin === 'input' || origin === 'transfer') && !inFile,
  })
  return { rules, problems: problems.map(problemOf) }
}
